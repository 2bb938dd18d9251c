/** Documented limits of Teams per bot and thread: number of requests and window in milliseconds. */
const windows = {
  send: [
    [7, 1000],
    [8, 2000],
    [60, 30_000],
    [1800, 3_600_000],
  ],
  members: [
    [14, 1000],
    [16, 2000],
    [120, 30_000],
    [3600, 3_600_000],
  ],
} as const;

export type LimitedOperation = keyof typeof windows;

/** Counts a bot's requests in each conversation. */
export class ConversationLimits {
  enabled = true;
  readonly #now: () => number;
  readonly #times = new Map<string, number[]>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** False if the request exceeds the limit; it is not counted then. */
  allow(operation: LimitedOperation, conversationId: string): boolean {
    if (!this.enabled) return true;
    const now = this.#now();
    const key = `${operation} ${conversationId}`;
    const times = (this.#times.get(key) ?? []).filter((at) => now - at < 3_600_000);
    const over = windows[operation].some(
      ([most, windowMs]) => times.filter((at) => now - at < windowMs).length >= most,
    );
    if (!over) times.push(now);
    this.#times.set(key, times);
    return !over;
  }
}
