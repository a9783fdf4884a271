import { expect, test } from 'vitest';
import type { MessageStep, Trace } from '../../../harness/trace/step.js';
import type { Sighting } from '../../../properties/campaign/confirm.js';
import type { Outcome } from '../../../properties/campaign/lab.js';
import { failsOtherwise } from '../../../properties/campaign/otherwise.js';
import { judgement, violation } from '../shrink/fake.js';
import { history } from './support.js';

const call = (more: Partial<MessageStep> = {}): MessageStep => ({ do: 'call', message: 'GET_FEATURES', ...more });
const cutTrace: Trace = [call({ glue: true }), call({ cut: [3, 5] }), call(), call()];
const pieces = { ...violation('pieces', 2), clause: 'fragments.whole-stream', on: 'a' };
const sighting = (what = pieces, trace: Trace = cutTrace): Sighting => ({
  trace,
  violation: what,
  outcome: { history: history(), judgement: judgement(what) },
  originalSteps: 4,
});

function lab(...violations: (typeof pieces)[]) {
  const runs: Trace[] = [];
  const run = async (one: Trace): Promise<Outcome> => {
    runs.push(one);
    return { history: history(), judgement: judgement(...violations) };
  };
  return { runs, run };
}

test('the trace is run with every message in one piece, up to the step that fails', async () => {
  const { runs, run } = lab();
  expect(await failsOtherwise(sighting(), run)).toBeUndefined();
  expect(runs).toEqual([[call(), call(), call()]]);
});

test('what it shows then is what is wrong', async () => {
  const other = { ...violation('other', 2), clause: 'communication.close', on: 'a' };
  expect(await failsOtherwise(sighting(), lab(other).run)).toMatchObject({
    violation: other,
    trace: [call(), call(), call()],
  });
});

test('another session, or a process that fares badly, proves nothing', async () => {
  const elsewhere = { ...violation('other', 2), clause: 'communication.close', on: 'b' };
  const robust = { ...violation('held', 2), clause: 'robust.no-fd-leak', level: 'robust' as const, on: 'a' };
  expect(await failsOtherwise(sighting(), lab(elsewhere, robust).run)).toBeUndefined();
});

test('only a failure that is laid to the pieces is looked at', async () => {
  const { runs, run } = lab(pieces);
  expect(await failsOtherwise(sighting({ ...pieces, clause: 'communication.close' }), run)).toBeUndefined();
  expect(runs).toEqual([]);
});

test('a source that is gone behind a save is asked right behind it', async () => {
  const check = (on?: string) => call({ message: 'CHECK_DEVICE_STATE', ...(on === undefined ? {} : { on }) });
  const gone = { ...violation('gone', 3), clause: 'outcome.resume-source', on: 'a' };
  const trace = [check(), check('b'), call({ message: 'SET_OWNER' })];
  const { runs, run } = lab(gone);
  expect(await failsOtherwise(sighting(gone, trace), run)).toBeUndefined();
  expect(runs).toEqual([[trace[0], call(), trace[1], trace[2]]]);
  const other = { ...violation('other', 3), clause: 'communication.close', on: 'a' };
  expect(await failsOtherwise(sighting(gone, trace), lab(other).run)).toMatchObject({ violation: other });
});

test('of several messages the one that ends the process is found by a question behind each', async () => {
  const crash = (signature: string) => ({
    ...violation(signature, 2),
    clause: 'robust.no-crash',
    level: 'robust' as const,
    on: 'a',
  });
  const owner: MessageStep = { do: 'send', message: 'SET_OWNER' };
  const trace = [owner, { do: 'open', name: 'p', kind: 'pipe' } as const, owner];
  const { runs, run } = lab(crash('second'));
  expect(await failsOtherwise(sighting(crash('first'), trace), run)).toMatchObject({ violation: crash('second') });
  expect(runs).toEqual([[owner, call(), trace[1], owner]]);
  expect(await failsOtherwise(sighting(crash('second'), trace), lab(crash('second')).run)).toBeUndefined();
});
