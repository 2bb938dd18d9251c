import type { Clock } from '../../clock.ts';

/** Teams' limits for a bot in one conversation: at most this many messages and updates in this time. */
const WINDOWS: readonly (readonly [most: number, ms: number])[] = [
  [7, 1_000],
  [8, 2_000],
  [60, 30_000],
];
const LONGEST_MS = 30_000;
/** Above this number, or twice as many as are not idle, idle conversations are dropped. */
const MOST_KNOWN = 1_000;

interface Line {
  tail: Promise<void>;
  waiting: number;
  sentAt: number[];
}

/** Sends to each conversation one message at a time, and no faster than the chat service allows. */
export class Pace {
  readonly #clock: Clock;
  readonly #lines = new Map<string, Line>();
  #most = MOST_KNOWN;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether somebody sends to this conversation now. */
  isSending(conversation: string): boolean {
    return (this.#lines.get(conversation)?.waiting ?? 0) > 0;
  }

  /** Runs `send` after all earlier ones for this conversation. */
  async inTurn<T>(conversation: string, send: () => Promise<T>): Promise<T> {
    const line = this.#line(conversation);
    line.waiting += 1;
    const before = line.tail;
    let done: () => void = () => undefined;
    line.tail = new Promise((resolve) => {
      done = resolve;
    });
    try {
      await before;
      return await send();
    } finally {
      line.waiting -= 1;
      done();
    }
  }

  /** Counts a message that is about to be sent. */
  count(conversation: string): void {
    const line = this.#line(conversation);
    const now = this.#clock.now();
    line.sentAt = [...line.sentAt.filter((at) => now - at < LONGEST_MS), now];
  }

  /** Milliseconds until the next message may be sent; 0 if it may be sent now. */
  waitFor(conversation: string): number {
    const now = this.#clock.now();
    const { sentAt } = this.#line(conversation);
    const waits = WINDOWS.map(([most, ms]) => {
      const nth = sentAt.at(-most);
      return nth === undefined ? 0 : nth + ms - now;
    });
    return Math.max(0, ...waits);
  }

  #line(conversation: string): Line {
    const known = this.#lines.get(conversation);
    if (known) return known;
    if (this.#lines.size >= this.#most) this.#forget();
    const line: Line = { tail: Promise.resolve(), waiting: 0, sentAt: [] };
    this.#lines.set(conversation, line);
    return line;
  }

  #forget(): void {
    const now = this.#clock.now();
    for (const [conversation, { waiting, sentAt }] of this.#lines) {
      if (waiting === 0 && now - (sentAt.at(-1) ?? 0) >= LONGEST_MS) this.#lines.delete(conversation);
    }
    this.#most = Math.max(MOST_KNOWN, this.#lines.size * 2);
  }
}
