import type { Progress } from '../../properties/finding.js';
import { count, harmless } from '../text.js';

/** Where progress goes: standard error, so that standard output holds the result alone. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Seconds of a campaign between two lines where nothing can be rewritten. */
const PLAIN_INTERVAL = 10;
/** Seconds of a campaign between two rewritings of the line. */
const LIVE_INTERVAL = 0.1;

/**
 * Shows how a campaign goes on: one line that is rewritten on a terminal; elsewhere a line now and then, and one for
 * every new finding. Its clock is the campaign's own.
 */
export class ProgressLine {
  #last: Progress | undefined;
  #shown = false;

  constructor(private readonly stream: ProgressStream) {}

  update(progress: Progress): void {
    // Nothing to tell yet; the command may still fail.
    if (!this.stream.isTTY && progress.traces === 0) return;
    const last = this.#last;
    const news = progress.findings !== (last?.findings ?? 0) || progress.shrinking !== last?.shrinking;
    const interval = this.stream.isTTY ? LIVE_INTERVAL : PLAIN_INTERVAL;
    if (last !== undefined && !news && progress.seconds - last.seconds < interval) return;
    this.#last = progress;
    const line = progressText(progress);
    if (this.stream.isTTY) {
      // One less than the width: a full line would scroll on some terminals.
      const width = Math.max((this.stream.columns || 80) - 1, 20);
      this.stream.write(`\r\x1b[2K${line.slice(0, width)}`);
      this.#shown = true;
    } else {
      this.stream.write(`${line}\n`);
    }
  }

  /** Take the live line away, so that other text can follow. */
  clear(): void {
    if (this.#shown) this.stream.write('\r\x1b[2K');
    this.#shown = false;
  }
}

/** The numbers of a moment in one line. */
export function progressText(p: Progress): string {
  const rate = p.seconds > 0 ? Math.round(p.steps / p.seconds) : 0;
  const parts = [
    `${Math.floor(p.seconds)} s`,
    count(p.traces, 'trace'),
    `${count(rate, 'step')} a second`,
    count(p.transitions, 'transition'),
    count(p.findings, 'finding'),
  ];
  if (p.shrinking !== undefined) parts.push(`shrinking ${harmless(p.shrinking)}`);
  return parts.join(' · ');
}
