import type { z } from 'zod';
import { limits } from '../limits.js';
import { UserError } from '../user-error.js';
import { checkTrace } from './check.js';
import { type Loaded, load, type Path, PlacedError } from './nodes.js';
import { checkArgs } from './reference-args.js';
import { headerKeys, headerSchema, stepSchemas } from './schema.js';
import type { Step } from './step.js';
import { didYouMean } from './suggest.js';
import { shown } from './text.js';
import type { TraceFile } from './trace-file.js';
import { isVerb, verbs } from './verbs.js';

export { checkTrace, type Problem } from './check.js';
export { printStep, printSteps, printTraceFile } from './print.js';
export { FORMAT, type TraceFile } from './trace-file.js';

/**
 * Read a corpus file (see `format.md`). It may come from a stranger: it is data, bounded, and names neither paths nor
 * commands. @param fileName for errors. @throws UserError with file, line, and what was expected.
 */
export function parseTraceFile(text: string, fileName: string): TraceFile {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof PlacedError)) throw error;
    throw new UserError(`${fileName}:${error.line}: ${shown(error.message)}`);
  }
}

function parse(text: string): TraceFile {
  if (Buffer.byteLength(text) > limits.file.bytes)
    throw new PlacedError(1, `expected at most ${limits.file.bytes} bytes`);
  const loaded = load(text);
  const { format: _, steps: raw, backend, ...header } = headerOf(loaded);
  const problem = backend?.args === undefined ? undefined : checkArgs(backend.name, backend.args);
  if (problem !== undefined) fail(loaded, ['backend', 'args'], problem);
  if (header.verdict === 'fail' && header.clause === undefined) {
    fail(loaded, ['verdict'], 'expected a clause: with verdict fail it says which one does');
  }
  const steps = raw.map((step, index) => stepOf(loaded, step, index));
  const wrong = checkTrace(steps);
  if (wrong !== undefined) {
    const place = wrong.argument === undefined ? ['steps', wrong.step] : ['steps', wrong.step, wrong.argument];
    fail(loaded, place, wrong.message);
  }
  const comments = loaded.comments('steps');
  return clean({
    ...header,
    backend: backend === undefined ? undefined : clean(backend),
    steps,
    comments: Object.keys(comments).length === 0 ? undefined : comments,
  }) as unknown as TraceFile;
}

function headerOf(loaded: Loaded): z.infer<typeof headerSchema> {
  if (typeof loaded.data !== 'object' || loaded.data === null || Array.isArray(loaded.data)) {
    throw new PlacedError(1, 'expected a trace file: format, title, verdict and steps');
  }
  const result = headerSchema.safeParse(loaded.data);
  if (!result.success) failWith(loaded, [], result.error, headerKeys);
  return result.data;
}

function stepOf(loaded: Loaded, raw: unknown, index: number): Step {
  const path: Path = ['steps', index];
  const written = typeof raw === 'string' ? { [raw]: undefined } : raw;
  if (typeof written !== 'object' || written === null || Array.isArray(written)) {
    return fail(loaded, path, 'expected a step, such as {call: GET_FEATURES}');
  }
  const keys = Object.keys(written);
  const verb = keys.find(isVerb);
  if (verb === undefined) {
    const [word = ''] = keys;
    return fail(loaded, path, `unknown step ${word.slice(0, 64)}${didYouMean(word, Object.keys(verbs))}`);
  }
  const result = stepSchemas[verb].safeParse(written);
  const [main, ...others] = verbs[verb];
  if (!result.success) return failWith(loaded, path, result.error, [verb, ...others]);
  const { [verb]: first, ...rest } = result.data as Record<string, unknown>;
  return clean({ do: verb, [main]: first, ...rest }) as unknown as Step;
}

/** Report what stands first among the issues of a schema. @param known the keys that could have been meant. */
function failWith(loaded: Loaded, path: Path, error: z.ZodError, known: readonly string[]): never {
  const found = error.issues.map((issue) => {
    const inside = issue.path.filter((key) => typeof key !== 'symbol');
    const key = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
    const place = [...path, ...inside, ...(key === undefined ? [] : [key])];
    if (key !== undefined) return { place, message: `unknown key ${key}${didYouMean(key, known)}` };
    const name = inside.filter((part) => typeof part === 'string').join('.');
    return { place, message: name === '' ? issue.message : `${name}: ${issue.message}` };
  });
  found.sort((a, b) => loaded.line(a.place) - loaded.line(b.place));
  return fail(loaded, found[0]!.place, found[0]!.message);
}

function fail(loaded: Loaded, path: Path, message: string): never {
  const place = path[0] === 'steps' && typeof path[1] === 'number' ? `step ${path[1] + 1}: ` : '';
  throw new PlacedError(loaded.line(path), `${place}${message}`);
}

/** Without the keys that are undefined. */
function clean(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
