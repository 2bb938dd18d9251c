import type { LRUCache } from 'lru-cache';
import { createCache, type CacheLimits } from '../cache.ts';
import type { Clock } from '../clock.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';

interface Kept<V> {
  /** The file that was in force. */
  ringdown: RingdownYaml;
  answer: Promise<V>;
}

/** Answers that last for a while, or until ringdown.yaml is read again. Concurrent callers share one. */
export class KeptAnswers<V> {
  readonly #kept: LRUCache<string, Kept<V>>;
  readonly #ringdown: () => RingdownYaml;
  readonly #isAnswer: (error: unknown) => boolean;

  /** @param isAnswer whether an error is kept as well: others are forgotten at once */
  constructor(
    clock: Pick<Clock, 'now'>,
    limits: CacheLimits,
    ringdown: () => RingdownYaml,
    isAnswer: (error: unknown) => boolean = () => false,
  ) {
    this.#kept = createCache(clock, limits);
    this.#ringdown = ringdown;
    this.#isAnswer = isAnswer;
  }

  async get(key: string, make: () => Promise<V>): Promise<V> {
    const ringdown = this.#ringdown();
    const known = this.#kept.get(key);
    if (known?.ringdown === ringdown) return await known.answer;
    const kept = { ringdown, answer: make() };
    this.#kept.set(key, kept);
    kept.answer.catch((error: unknown) => {
      if (!this.#isAnswer(error) && this.#kept.get(key) === kept) this.#kept.delete(key);
    });
    return await kept.answer;
  }
}
