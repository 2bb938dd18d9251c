import type { Reader } from './reader.ts';

export type ViewName = 'now' | 'call' | 'escalation' | 'duty';

/** A view that can be live: the stream loads it again after changes. */
export interface View {
  name: ViewName;
  /**
   * @param id of what it shows; empty if there is only one
   * @param round what its other readers need too is loaded once: `round.once('board', …)`
   * @returns null if there is none, or if the reader may not see it: both answer 404
   */
  load(reader: Reader, id: string, round: Round): Promise<object | null>;
}

/** One look at the stored state, which several readers share. */
export class Round {
  readonly #made = new Map<string, Promise<unknown>>();

  /** Runs `make` for the first caller, and gives its result to the others. A key has one type. */
  async once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#made.get(key) ?? make();
    this.#made.set(key, known);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return (await known) as T;
  }
}
