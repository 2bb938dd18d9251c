/** A line that something was told with, and when that happened: epoch milliseconds. */
interface Line {
  at: number;
  who: string;
  words: string;
}

/**
 * Puts lines in order of time that are heard of in another one: what a bot answers is heard at once, what its API tells
 * with the next question. Lines are held for a moment, so that an earlier one can still come.
 */
export class InOrder {
  readonly #holdMs: number;
  readonly #print: (line: Line, place: number) => void;
  /** In order. */
  #held: Line[] = [];
  #printedTo = Number.NEGATIVE_INFINITY;

  /**
   * @param print `place` is the line's own time, or that of the line before it, if it was heard of too late to stand in
   *   front of that
   */
  constructor(holdMs: number, print: (line: Line, place: number) => void) {
    this.#holdMs = holdMs;
    this.#print = print;
  }

  add(line: Line): void {
    this.#held = [...this.#held, line].toSorted((a, b) => a.at - b.at);
  }

  /** All that happened before this time has been added, but for what takes longer than it should. */
  heardUntil(time: number): void {
    this.#printTo(time - this.#holdMs);
  }

  /** Nothing more comes. */
  end(): void {
    this.#printTo(Number.POSITIVE_INFINITY);
  }

  #printTo(time: number): void {
    const due = this.#held.filter(({ at }) => at <= time);
    this.#held = this.#held.slice(due.length);
    for (const line of due) {
      this.#printedTo = Math.max(line.at, this.#printedTo);
      this.#print(line, this.#printedTo);
    }
  }
}
