import type { LRUCache } from 'lru-cache';
import { createCache, type CacheLimits } from '../cache.ts';
import type { Clock } from '../clock.ts';

/** Somebody who is missing now may be added soon. */
const emptyMs = 30_000;

/** A cache for answers of the directory. The least recently used ones are dropped first. */
export class AnswerCache<V extends object> {
  readonly #cache: LRUCache<string, V>;
  readonly #isEmpty: (answer: V) => boolean;
  readonly #asking = new Map<string, Promise<V>>();

  /** @param isEmpty whether an answer names nobody: such answers expire after half a minute */
  constructor(clock: Clock, limits: CacheLimits, isEmpty: (answer: V) => boolean = () => false) {
    this.#cache = createCache(clock, limits);
    this.#isEmpty = isEmpty;
  }

  get(key: string): V | undefined {
    return this.#cache.get(key);
  }

  set(key: string, answer: V): void {
    this.#cache.set(key, answer, this.#isEmpty(answer) ? { ttl: emptyMs } : {});
  }

  /**
   * The cached answer, or a new one. Concurrent callers share one request, but not its failure, which may be due to the
   * time limit of the first caller.
   */
  async getOr(key: string, ask: () => Promise<V>): Promise<V> {
    const shared = this.#asking.get(key);
    const known = this.get(key) ?? (shared && (await shared.catch(() => undefined)));
    if (known !== undefined) return known;
    const asking = ask();
    this.#asking.set(key, asking);
    try {
      const answer = await asking;
      this.set(key, answer);
      return answer;
    } finally {
      if (this.#asking.get(key) === asking) this.#asking.delete(key);
    }
  }
}
