import { WireError } from '../../model/wire/index.js';
import { bytesOf } from '../bytes.js';
import { readAll, writeAll } from '../channel-io.js';
import type { Run } from '../run-state.js';
import type { ReadStep, WriteStep } from '../trace/step.js';
import { sessionOf, skip } from './common.js';

/** Do a `write` step. */
export async function write(run: Run, step: WriteStep): Promise<void> {
  const on = sessionOf(run, step.name);
  const end = run.ledger.use(step.name);
  if (typeof end === 'string') return skip(run, on, end);
  let bytes: Uint8Array | undefined;
  try {
    bytes = bytesOf(step, run.states);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return skip(run, on, error.message);
  }
  if (bytes === undefined) return skip(run, on, `there is no state ${step.state}`);
  const written = await writeAll(run, end.descriptor, bytes);
  run.recorder.add(on, { type: 'wrote', name: step.name, of: bytes.length, ...written });
}

/** Do a `read` step. */
export async function read(run: Run, step: ReadStep): Promise<void> {
  const on = sessionOf(run, step.name);
  const end = run.ledger.use(step.name);
  if (typeof end === 'string') return skip(run, on, end);
  const pieces: Uint8Array[] = [];
  const keep = step.into === undefined ? () => {} : (piece: Uint8Array) => pieces.push(piece);
  const got = await readAll(run, end.descriptor, step.bytes, keep);
  if (got.outcome === 'eof') end.finished = true;
  if (step.into !== undefined) run.states.set(step.into, joined(pieces, got.bytes));
  run.recorder.add(on, { type: 'read', name: step.name, ...got });
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
