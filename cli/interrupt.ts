const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Call `stop` on the first interrupt or request to end. From then on, and after the returned function was called, the
 * signals do what they always do: a second one ends the process at once. */
export function onInterrupt(stop: () => void): () => void {
  const undo = () => {
    for (const signal of SIGNALS) process.off(signal, first);
  };
  const first = () => {
    // Not at once: others that listen count the listeners to see whether anybody else will end the process.
    setImmediate(undo);
    stop();
  };
  for (const signal of SIGNALS) process.on(signal, first);
  return undo;
}
