/**
 * What must not outlive this process: children and private directories. Disposing of a target removes them in an orderly
 * way; this is the net below it, for an exit or a signal in between.
 */
import { rmSync } from 'node:fs';

/** Something that can be ended at once, without waiting for anything. Must not throw. */
export type Ending = () => void;

const endings = new Set<Ending>();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function endAll(): void {
  // The latest first: a process before the directory that it writes into.
  for (const ending of [...endings].reverse()) ending();
  endings.clear();
}

/**
 * A listener of ours takes away the default action of the signal. So where nobody else listens we give it back: end
 * everything, then let the signal do what it would have done. Where somebody does, ending is their business.
 */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  endAll();
  unhook();
  process.kill(process.pid, signal);
}

function hook(): void {
  process.on('exit', endAll);
  for (const signal of signals) process.on(signal, onSignal);
}

function unhook(): void {
  process.off('exit', endAll);
  for (const signal of signals) process.off(signal, onSignal);
}

/** Have `ending` called should this process end before `settle` does. @returns settle: the thing is gone by itself. */
export function atExit(ending: Ending): () => void {
  if (endings.size === 0) hook();
  endings.add(ending);
  return () => {
    if (endings.delete(ending) && endings.size === 0) unhook();
  };
}

/** Have a directory of ours removed at exit. @returns a function that removes it now; it does nothing the second time. */
export function ownDirectory(path: string): () => void {
  const remove = () => {
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 2, retryDelay: 1 });
    } catch {
      // A directory that cannot be removed (made read-only by the back-end, say) is no reason to fail what is being ended.
    }
  };
  const settle = atExit(remove);
  let gone = false;
  return () => {
    if (gone) return;
    gone = true;
    settle();
    remove();
  };
}
