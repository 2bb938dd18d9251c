import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';

const nothingMs = 30_000;

/** So many answers of the directory, kept for a while; those not used for longest go first. */
export class KeptAnswers<V extends object> {
  readonly #cache: LRUCache<string, V>;
  readonly #isNothing: (answer: V) => boolean;

  /** @param isNothing whether an answer tells of nobody: it is kept for half a minute, as somebody may be added. */
  constructor(
    clock: Clock,
    { most, milliseconds }: { most: number; milliseconds: number },
    isNothing: (answer: V) => boolean = () => false,
  ) {
    // With a resolution of its own the cache would start timers.
    this.#cache = new LRUCache({
      max: most,
      ttl: milliseconds,
      ttlResolution: 0,
      perf: { now: () => clock.now() },
    });
    this.#isNothing = isNothing;
  }

  get(key: string): V | undefined {
    return this.#cache.get(key);
  }

  set(key: string, answer: V): void {
    this.#cache.set(key, answer, this.#isNothing(answer) ? { ttl: nothingMs } : {});
  }

  /** The kept answer, or a new one, which is kept unless it fails. */
  async getOr(key: string, ask: () => Promise<V>): Promise<V> {
    const known = this.get(key);
    if (known !== undefined) return known;
    const answer = await ask();
    this.set(key, answer);
    return answer;
  }
}
