import { cpuOf } from '../facts.js';
import { drain } from '../incoming.js';
import { limits } from '../limits.js';
import { noticeExit } from '../process-watch.js';
import type { Run } from '../run-state.js';
import type { Session } from '../session.js';
import type { LingerStep } from '../trace/step.js';

/** What was used up to a moment, in milliseconds: processor time undefined where there is no process to look at. */
interface Sample {
  readonly at: number;
  readonly cpu: number | undefined;
}

/** Do nothing, watch, and measure how much processor time the back-ends use meanwhile. */
export async function linger(run: Run, step: LingerStep): Promise<void> {
  const begin = performance.now();
  const sessions = [...run.sessions.values()];
  const samples = sessions.map((session): Sample[] => [sample(session)]);
  let halved = false;
  for (let pause = 1; ; pause = Math.min(pause * 2, limits.lookPauseMs)) {
    for (const session of sessions) {
      await drain(run, session);
      noticeExit(run, session);
    }
    run.monitors.look();
    const left = step.ms - (performance.now() - begin);
    if (left <= 0) break;
    if (!halved && left <= step.ms / 2) {
      halved = true;
      for (const [index, session] of sessions.entries()) samples[index]!.push(sample(session));
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(pause, left)));
  }
  run.lingered += performance.now() - begin;
  for (const [index, session] of sessions.entries()) {
    const idle = idleShare([...samples[index]!, sample(session)]);
    if (idle !== undefined) session.facts.idleCpu = idle;
  }
}

const sample = ({ instance }: Session): Sample => ({ at: performance.now(), cpu: cpuOf(instance) });

/**
 * Share of a processor in the quieter half: what was still to be done when we began to linger fills the first one only,
 * what never rests fills both. Undefined where the halves are too short to tell.
 */
function idleShare([first, middle, last]: readonly Sample[]): number | undefined {
  if (first === undefined || middle === undefined || last === undefined) return undefined;
  const shares = [share(first, middle), share(middle, last)];
  return shares.includes(undefined) ? undefined : Math.min(...(shares as number[]));
}

function share(from: Sample, to: Sample): number | undefined {
  const elapsed = to.at - from.at;
  if (from.cpu === undefined || to.cpu === undefined || elapsed < limits.idleHalfMs) return undefined;
  return (to.cpu - from.cpu) / elapsed;
}
