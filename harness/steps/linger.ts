import { cpuOf } from '../facts.js';
import { drain } from '../incoming.js';
import { limits } from '../limits.js';
import { noticeExit } from '../process-watch.js';
import type { Run } from '../run-state.js';
import type { LingerStep } from '../trace/step.js';

/** Do nothing, watch, and measure how much processor time the back-ends use meanwhile. */
export async function linger(run: Run, step: LingerStep): Promise<void> {
  const begin = performance.now();
  const sessions = [...run.sessions.values()];
  const before = sessions.map((session) => cpuOf(session.instance));
  for (let pause = 1; ; pause = Math.min(pause * 2, limits.lookPauseMs)) {
    for (const session of sessions) {
      await drain(run, session);
      noticeExit(run, session);
    }
    run.monitors.look();
    const left = step.ms - (performance.now() - begin);
    if (left <= 0) break;
    await new Promise((resolve) => setTimeout(resolve, Math.min(pause, left)));
  }
  const elapsed = performance.now() - begin;
  run.lingered += elapsed;
  for (const [index, session] of sessions.entries()) {
    const then = before[index];
    const now = cpuOf(session.instance);
    if (then !== undefined && now !== undefined && elapsed > 0) session.facts.idleCpu = (now - then) / elapsed;
  }
}
