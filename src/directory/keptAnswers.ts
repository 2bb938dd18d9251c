import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';

const nothingMs = 30_000;

/** So many answers of the directory, kept for a while; those not used for longest go first. */
export class KeptAnswers<V extends object> {
  readonly #cache: LRUCache<string, V>;
  readonly #isNothing: (answer: V) => boolean;
  readonly #asking = new Map<string, Promise<V>>();

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

  /**
   * The kept answer, or a new one, which is kept unless it fails. Who asks meanwhile shares it; a failure is not shared,
   * because it may be due to the time limit of whoever asked.
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
