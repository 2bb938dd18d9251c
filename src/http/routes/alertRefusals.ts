import type { RingdownError } from '../../errors.ts';
import type { Notice } from '../../operations/notice.ts';
import { codedError } from '../problem.ts';

/** Tells the operators, at most once per `everyMs`. */
export type TellOperators = (subject: string, notice: Notice, everyMs?: number) => Promise<void>;

const PREFIX = '/api/v1/alerts/';
/** How much of a path and of a problem is told. Characters. */
const ADDRESS_SHOWN = 120;
const DETAIL_SHOWN = 500;
/** Strangers can send any number of requests: they share one counter and one fixed text, told more rarely. */
const STRANGERS_EVERY_MS = 60 * 60_000;

/**
 * Tells the operators about refused alerts, because otherwise nobody hears of them. For a sender with a valid key the
 * notice says what it did wrong; for all others it only says that there are some.
 */
export class AlertRefusals {
  readonly #notice: TellOperators;

  constructor(notice: TellOperators) {
    this.#notice = notice;
  }

  /**
   * Runs the request of an authenticated sender, and reports a refusal.
   *
   * @param sender its name in the configuration: there are few
   * @param where the path that it asked for, as sent
   */
  async forSender<T>(sender: string, where: string, doing: () => Promise<T>): Promise<T> {
    try {
      return await doing();
    } catch (thrown) {
      const error = codedError(thrown);
      const { code, detail = error.kind.title } = error;
      // The sender may retry, so nothing is lost.
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

  /** A sender without a valid key may be one that is misconfigured. */
  async ofStranger({ kind }: RingdownError, path: string): Promise<void> {
    if (kind.retry || !path.startsWith(PREFIX)) return;
    await this.#notice('intake of strangers', { kind: 'intakeOfStrangers' }, STRANGERS_EVERY_MS);
  }
}
