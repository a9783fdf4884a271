import type { ReplayDocument } from '../json.js';
import type { Style } from '../style.js';
import { count, harmless } from '../text.js';

type FileResult = ReplayDocument['files'][number];

/** What came of one file: a line, and one more for every violation that its header does not name. */
export function replayLine(result: FileResult, style: Style): string {
  const { file, runs, shown, outcome } = result;
  const runsText = `${runs} ${runs === 1 ? 'run' : 'runs'}`;
  const words = {
    passes: style.good(`passes (${runsText})`),
    'shows-again': style.bad(`shows again ${shown}/${runs}`),
    'no-longer-shows': style.good(`no longer shows (${runsText})`),
    'new-violation': style.bad(`new violation (${runsText})`),
  }[outcome];
  const others = result.others.map(
    (other) =>
      `   ${style.warn(other.clause)} (${other.level}) at step ${other.step + 1}, ${other.runs}/${runs}: ${harmless(other.observed)}`,
  );
  return [`${harmless(file)}: ${words}`, ...others].join('\n');
}

/** The counts at the end. */
export function replaySummary(results: readonly FileResult[], expect: boolean, style: Style): string {
  const number = (outcome: FileResult['outcome']) => results.filter((r) => r.outcome === outcome).length;
  const parts = [
    [number('passes'), 'pass'],
    [number('shows-again'), 'show again'],
    [number('no-longer-shows'), 'no longer show'],
    [number('new-violation'), 'with a new violation'],
  ].flatMap(([n, words]) => (n === 0 ? [] : [`${n} ${words}`]));
  const lines = [`${count(results.length, 'file')}: ${parts.join(', ')}`];
  if (expect) {
    const wrong = results.filter((r) => !r.asExpected);
    lines.push(
      wrong.length === 0
        ? style.good('all as their headers say')
        : style.bad(`not as their headers say: ${wrong.map((r) => harmless(r.file)).join(', ')}`),
    );
  }
  return `${lines.join('\n')}\n`;
}
