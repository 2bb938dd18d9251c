import { LRUCache } from 'lru-cache';
import type { Clock } from './clock.ts';

export interface CacheLimits {
  /** The least recently used entries are dropped first. */
  most: number;
  /** How long an entry lasts. */
  milliseconds: number;
}

/** A cache whose entries expire by this clock. */
export function createCache<V extends object | true>(
  clock: Pick<Clock, 'now'>,
  { most, milliseconds }: CacheLimits,
): LRUCache<string, V> {
  return new LRUCache({
    max: most,
    ttl: milliseconds,
    // With any other resolution, the cache would start timers.
    ttlResolution: 0,
    perf: { now: () => clock.now() },
  });
}
