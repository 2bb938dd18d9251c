import type { RingdownError } from '../../errors.ts';
import type { Notice } from '../../texts/alertTexts.ts';
import { codedError } from '../problem.ts';

/** Tells the operators; written at most every so often. */
export type TellOperators = (subject: string, notice: Notice, everyMs?: number) => Promise<void>;

const PREFIX = '/api/v1/alerts/';
/** So much of an address, and of what was wrong, is told. Characters. */
const ADDRESS_SHOWN = 120;
const DETAIL_SHOWN = 500;
/** Strangers can send as much as they like: it is one counter, told in fixed words, and no more often. */
const STRANGERS_EVERY_MS = 60 * 60_000;

/**
 * An alert that is refused is one that nobody hears of, unless the operators do. Of a sender with a right key they hear what
 * it did wrong; of all others that there are some.
 */
export class AlertRefusals {
  readonly #notice: TellOperators;

  constructor(notice: TellOperators) {
    this.#notice = notice;
  }

  /**
   * Does what a sender whose key was right asks for.
   *
   * @param sender as the configuration names it: there are few
   * @param where what it asked for, as it wrote it
   */
  async forSender<T>(sender: string, where: string, doing: () => Promise<T>): Promise<T> {
    try {
      return await doing();
    } catch (thrown) {
      const error = codedError(thrown);
      const { code, detail = error.kind.title } = error;
      // What may be sent again is not lost.
      if (!error.kind.retry) {
        await this.#notice(`intake ${code} ${sender}`, {
          kind: 'intakeRejected',
          code,
          detail: detail.slice(0, DETAIL_SHOWN),
          sender: `${sender} (${where.slice(0, ADDRESS_SHOWN)})`,
        });
      }
      throw error;
    }
  }

  /** Somebody without a right key may be a sender that is set up wrongly. */
  async ofStranger({ kind }: RingdownError, path: string): Promise<void> {
    if (kind.retry || !path.startsWith(PREFIX)) return;
    await this.#notice('intake of strangers', { kind: 'intakeOfStrangers' }, STRANGERS_EVERY_MS);
  }
}
