import type { Format } from '../../alerts/formats.ts';
import type { RingdownError } from '../../errors.ts';
import type { Notice } from '../../texts/alertTexts.ts';
import { codedError } from '../problem.ts';

/** Tells the operators; written at most every so often. */
export type TellOperators = (subject: string, notice: Notice, everyMs?: number) => Promise<void>;

const PREFIX = '/api/v1/alerts/';
/** So much of an address is told. */
const PATH_SHOWN = 120;
/** Strangers can send as much as they like: it is told in fixed words, a line for each code, and no more often. */
const STRANGERS_EVERY_MS = 60 * 60_000;

/**
 * An alert that is refused is one that nobody hears of, unless the operators do. What a sender with a key did wrong is told
 * with its address; of anybody else nothing is repeated.
 */
export class AlertRefusals {
  readonly #notice: TellOperators;
  /** What was thrown at senders whose key was right. */
  readonly #ofSenders = new WeakSet<RingdownError>();

  constructor(notice: TellOperators) {
    this.#notice = notice;
  }

  /** Does what a sender whose key was right asks for. */
  async forSender<T>(doing: () => Promise<T>): Promise<T> {
    try {
      return await doing();
    } catch (error) {
      throw this.ofSender(codedError(error));
    }
  }

  /** Marks what a sender whose key was right did wrong. */
  ofSender(error: RingdownError): RingdownError {
    this.#ofSenders.add(error);
    return error;
  }

  async tell(format: Format, error: RingdownError, path: string): Promise<void> {
    const { code, detail, kind } = error;
    // What may be sent again is not lost.
    if (kind.retry) return;
    // A key that is not for this is a key all the same.
    if (this.#ofSenders.has(error) || code === 'forbidden') {
      const sender = path.replace(PREFIX, '').slice(0, PATH_SHOWN);
      const notice = { kind: 'intakeRejected', sender, code, detail: detail ?? kind.title } as const;
      return await this.#notice(`intake ${code} ${sender}`, notice);
    }
    const notice = { kind: 'intakeRejected', sender: format, code, detail: kind.title } as const;
    await this.#notice(`intake refused ${code}`, notice, STRANGERS_EVERY_MS);
  }

  /** Nothing takes what was sent there. */
  async unrouted({ code }: RingdownError, path: string): Promise<void> {
    if (!path.startsWith(PREFIX)) return;
    await this.#notice('intake unrouted', { kind: 'intakeUnrouted', code }, STRANGERS_EVERY_MS);
  }
}
