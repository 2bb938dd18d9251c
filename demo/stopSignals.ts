/** npm passes on a signal that the terminal has sent to every process already: both arrive within this time. */
const SAME_SIGNAL_MS = 1_000;

/**
 * Calls `stop` at the first SIGINT or SIGTERM. A second one ends this process at once.
 *
 * @returns a function that stops listening
 */
export function onStopSignal(stop: () => void): () => void {
  let first: number | null = null;
  const handle = (): void => {
    const now = performance.now();
    if (first === null) {
      first = now;
      stop();
    } else if (now - first > SAME_SIGNAL_MS) process.exit(130);
  };
  process.on('SIGINT', handle).on('SIGTERM', handle);
  return () => void process.off('SIGINT', handle).off('SIGTERM', handle);
}
