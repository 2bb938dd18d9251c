import { useSyncExternalStore } from 'react';

/** One timer for all times on the page. */
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = 0;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const each of listeners) each();
    }, 1_000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/**
 * The time, which changes with each step.
 *
 * @param stepMs whole seconds; a component renders again only at a new step
 */
export function useNow(stepMs: number): number {
  return useSyncExternalStore(subscribe, () => {
    const at = timer === undefined ? Date.now() : now;
    return Math.floor(at / stepMs) * stepMs;
  });
}
