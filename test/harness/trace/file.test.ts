import { expect } from 'vitest';
import { checkTrace, parseTraceFile, printStep, printTraceFile } from '../../../harness/trace/file.js';
import { fileArbitrary, traceArbitrary } from '../arbitrary.js';
import { prop } from '../prop.js';

prop('what was printed reads back as it was', fileArbitrary, (file) => {
  expect(parseTraceFile(printTraceFile(file), 'x.yaml')).toEqual(file);
});

prop('a step is one line', traceArbitrary(), (trace) => {
  expect(checkTrace(trace)).toBeUndefined();
  for (const step of trace) expect(printStep(step)).toMatch(/^\S.*\S$/);
});
