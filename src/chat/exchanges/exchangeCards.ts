import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/open.ts';
import type { Work } from '../../database/transaction.ts';
import { exchangeIdOf, exchangeSubject, isSettled, type Exchange } from '../../schedules/exchange.ts';
import { RETURN_WEEKS } from '../../schedules/exchangedSpans.ts';
import { loadExchange } from '../../schedules/exchangeStore.ts';
import { textsFor } from '../../texts/texts.ts';
import { insertCard, newCardId, TURN_GRACE_MS, type Card } from '../cards/cardStore.ts';
import type { Shown } from '../cards/cardUpdates.ts';
import { exchangeCard, type Viewer } from '../cards/renderers/exchangeCard.ts';
import { sendInTurn } from '../cards/sendInTurn.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts {
  database: Database;
  clock: Clock;
  log: Logger;
}

/** The audience of the card of the person who was asked. */
export const ASKED = 'asked';

/** The id of the question to the asked person. It follows from the offer's, so a question that is sent again has it too. */
export function questionCardId(exchangeId: string): string {
  return exchangeId.replace('exchange_', 'card_');
}

/** The cards of an offer: the asker's, and the question to the other person. */
export class ExchangeCards {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Stores the asker's card, in the transaction that stores the offer. If the turn cannot send it, a job does.
   *
   * @param activityId the message that the card replaces; null if the turn will send it; empty if nobody knows its id
   * @returns its id
   */
  async addIn(work: Work, turn: ChatTurn, exchangeId: string, activityId: string | null): Promise<string> {
    const id = newCardId();
    const now = this.#parts.clock.now();
    const subject = exchangeSubject(exchangeId);
    const card = { id, subject, activityId, createdAt: new Date(now) };
    await insertCard(work.sql, {
      ...card,
      place: turn.place,
      conversationKey: turn.conversationKey,
      locale: turn.texts.format.locale,
    });
    const notBefore = activityId === null ? now + TURN_GRACE_MS : now;
    if (activityId !== '') work.enqueue({ name: 'card.show', data: { subject }, notBefore });
    return id;
  }

  /** Sends the asker's card as the answer of the turn. Later changes follow as updates. */
  async send(turn: ChatTurn, cardId: string, exchangeId: string): Promise<void> {
    try {
      const subject = exchangeSubject(exchangeId);
      const shown = await this.inTurn(turn, cardId, exchangeId);
      if (shown) await sendInTurn(this.#parts, turn, { id: cardId, subject }, shown);
    } catch (error) {
      this.#parts.log.warn({ err: error, exchangeId }, 'a job will send the card of an offer');
    }
  }

  /** Renders the asker's card for the conversation of the turn. */
  async inTurn(turn: ChatTurn, cardId: string, exchangeId: string): Promise<Shown | null> {
    const viewer = turn.shared ? 'everybody' : 'asker';
    return await this.#shown(exchangeId, cardId, viewer, turn.texts.format.locale);
  }

  /** Renders the newest state for this card; null if it is not of an offer, or the offer is gone. */
  async show({ id, subject, audience, place, locale }: Card): Promise<Shown | null> {
    const exchangeId = exchangeIdOf(subject);
    if (exchangeId === null) return null;
    const viewer = audience === ASKED ? 'asked' : place.shared ? 'everybody' : 'asker';
    return await this.#shown(exchangeId, id, viewer, locale);
  }

  /** Renders the question to the person who is asked. */
  question(exchange: Exchange, locale: string | undefined): Shown {
    return shownOf(exchange, questionCardId(exchange.id), 'asked', locale);
  }

  async #shown(
    exchangeId: string,
    cardId: string,
    viewer: Viewer,
    locale: string | undefined,
  ): Promise<Shown | null> {
    const exchange = await loadExchange(this.#parts.database.sql, exchangeId);
    return exchange && shownOf(exchange, cardId, viewer, locale);
  }
}

function shownOf(exchange: Exchange, cardId: string, viewer: Viewer, locale: string | undefined): Shown {
  const { revision, state } = exchange;
  return {
    revision,
    state: state.kind,
    final: isSettled(state),
    rendered: exchangeCard({ cardId, exchange, viewer, weeks: RETURN_WEEKS }, textsFor(locale)),
  };
}
