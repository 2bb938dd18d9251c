import type { Logger } from 'pino';
import type { Call } from '../../calls/call.ts';
import { view } from '../../calls/lifecycle/lifecycle.ts';
import { targetKey } from '../../calls/callStore.ts';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/open.ts';
import type { Transact, Work } from '../../database/transaction.ts';
import type { LinkToConsole } from '../../config/consoleLink.ts';
import type { Sql } from '../../database/schema.ts';
import type { Escalation } from '../../escalations/escalation.ts';
import type { EscalationService } from '../../escalations/escalationService.ts';
import type { WholeEscalation } from '../../escalations/escalationStore.ts';
import { textsFor } from '../../texts/texts.ts';
import { cardsIn, cardsQuestion, insertCard, newCardId } from '../cards/cardStore.ts';
import type { Card } from '../cards/cardStore.ts';
import type { Rendered } from '../cards/renderers/elements.ts';
import { continuedCard, escalationCard, type Audience } from '../cards/renderers/escalationCard.ts';
import type { Look, Shown } from '../cards/cardUpdates.ts';
import { sendInTurn } from '../cards/sendInTurn.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts {
  escalations: EscalationService;
  database: Database;
  transact: Transact;
  clock: Clock;
  log: Logger;
  canSpeak: boolean;
  linkToConsole: LinkToConsole;
}

/** The subject of an escalation's cards. */
export function escalationSubject(id: string): string {
  return `escalation:${id}`;
}

/** Null if the subject is not an escalation. */
export function escalationIdOf(subject: string): string | null {
  return subject.startsWith('escalation:') ? subject.slice('escalation:'.length) : null;
}

/** The state of a message that another one has replaced. */
const CONTINUED = 'continued';

/** The audience of the card in the policy's channel. */
export const CHANNEL = 'channel';

/** The audience of a callee's card. */
export function calleeAudience(target: Call['target']): string {
  return targetKey(target);
}

/** The audience of a card that tells somebody that nobody acknowledged. */
export function toldAudience(run: number, objectId: string): string {
  return `told:${run}:teamsUser:${objectId.toLowerCase()}`;
}

/** The object id of the person who got a card unasked; null for a channel and for cards from turns. */
export function personOf(audience: string | null): string | null {
  return /^(?:told:\d+:)?teamsUser:(.+)$/.exec(audience ?? '')?.[1] ?? null;
}

/** Who got a card unasked, by escalation: object ids in lower case. */
export async function sentCardsTo(sql: Sql, ids: readonly string[]): Promise<Map<string, Set<string>>> {
  if (ids.length === 0) return new Map();
  const rows = await sql
    .selectFrom('cards')
    .select(['subject', 'audience'])
    .where('subject', 'in', ids.map(escalationSubject))
    .where('audience', 'is not', null)
    .execute();
  const bySubject = Map.groupBy(rows, ({ subject }) => subject);
  return new Map(
    ids.map((id) => {
      const sent = bySubject.get(escalationSubject(id)) ?? [];
      return [id, new Set(sent.flatMap(({ audience }) => personOf(audience) ?? []))];
    }),
  );
}

/** The cards of escalations, rendered again whenever the escalation or one of its calls changes. */
export class EscalationCards {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Stores a card for this turn's conversation, in the transaction that starts the escalation. @returns its id */
  async add(work: Work, turn: ChatTurn, escalationId: string): Promise<string> {
    const id = newCardId();
    await insertCard(work.sql, {
      id,
      subject: escalationSubject(escalationId),
      place: turn.place,
      conversationKey: turn.conversationKey,
      locale: turn.texts.format.locale,
      activityId: null,
      createdAt: new Date(this.#parts.clock.now()),
    });
    return id;
  }

  /**
   * Sends a new card in the turn; later changes follow as updates. An error here is only logged: the escalation is
   * running, so the asker must not read that nothing was placed. The next change sends the card.
   */
  async send(turn: ChatTurn, cardId: string, escalationId: string): Promise<void> {
    try {
      await this.#show(turn, cardId, escalationId);
    } catch (error) {
      const about = { card: cardId, escalationId };
      this.#parts.log.warn({ err: error, ...about }, 'a job will send the card of a running escalation');
    }
  }

  async #show(turn: ChatTurn, cardId: string, escalationId: string): Promise<void> {
    const whole = await this.#parts.escalations.whole(escalationId);
    if (!whole) return;
    const shown = this.render(whole, {
      cardId,
      audience: null,
      locale: turn.texts.format.locale,
      channelId: turn.place.channelId,
    });
    await sendInTurn(this.#parts, turn, { id: cardId, subject: escalationSubject(escalationId) }, shown);
    await this.refresh(escalationId);
  }

  /** Enqueues an update of every card of the escalation. */
  async refresh(escalationId: string): Promise<void> {
    await this.#parts.transact((work) => wantEscalationCards(work, escalationId));
  }

  /** The cards of an escalation and what they show, in one statement; null if the subject is no escalation, or there is none. */
  async look(subject: string): Promise<Look | null> {
    const id = escalationIdOf(subject);
    const found = id === null ? null : await this.#parts.escalations.whole(id, cardsQuestion(subject));
    return (
      found && {
        cards: cardsIn(found.also),
        show: async (card) => await Promise.resolve(this.#shown(card, found)),
      }
    );
  }

  /** Renders the newest state for this card. `note` is shown only to the person who pressed a button. */
  async show(card: Card, note: string | null = null): Promise<Shown | null> {
    const id = escalationIdOf(card.subject);
    const whole = id === null ? null : await this.#parts.escalations.whole(id);
    return whole && this.#shown(card, whole, note);
  }

  #shown(card: Card, whole: WholeEscalation, note: string | null = null): Shown {
    const { id: cardId, audience, locale, place } = card;
    const shown = this.render(whole, { cardId, audience, locale, channelId: place.channelId, note });
    if (!card.continuedAt) return shown;
    // A replaced message says so, once. It keeps covering only what it has shown before.
    return {
      revision: card.shownState === CONTINUED ? card.shownRevision : shown.revision + 1,
      state: CONTINUED,
      final: false,
      isContinued: true,
      rendered: continuedCard(whole.escalation, card.continuedAt.toISOString(), textsFor(locale)),
    };
  }

  render(
    { escalation, calls, timeline }: WholeEscalation,
    what: {
      cardId: string;
      audience: string | null;
      locale: string | undefined;
      /** Where it is shown: `msteams`, … */
      channelId: string;
      note?: string | null;
    },
  ): Shown {
    const { canSpeak, linkToConsole } = this.#parts;
    const { cardId, channelId, note = null } = what;
    const audience = audienceOf(what.audience, escalation, calls);
    const consoleAddress = linkToConsole({ kind: 'escalation', id: escalation.id }, channelId);
    const rendered: Rendered = escalationCard(
      { cardId, escalation, timeline, calls, audience, canSpeak, note, consoleAddress },
      textsFor(what.locale),
    );
    return {
      // All these revisions only grow, and so does their sum.
      revision: calls.reduce((sum, call) => sum + call.revision, escalation.revision),
      state: escalation.ladder.status,
      // Where messages cannot be updated, people get a new message when it is acknowledged, ends or continues.
      final: escalation.ladder.status !== 'open',
      rendered,
      covers: escalation.revision,
    };
  }
}

function audienceOf(stored: string | null, escalation: Escalation, calls: readonly Call[]): Audience {
  if (stored === null || stored === CHANNEL) return { kind: 'everybody' };
  if (stored.startsWith('told:')) return { kind: 'told' };
  const own = calls.findLast(({ target }) => targetKey(target) === stored);
  return {
    kind: 'callee',
    key: stored,
    step: own?.purpose.kind === 'escalate' ? own.purpose.step : escalation.ladder.step,
    isCalled: own !== undefined && view(own).status !== 'ended',
  };
}

export function wantEscalationCards(work: Work, escalationId: string): void {
  work.enqueue({
    name: 'card.show',
    data: { subject: escalationSubject(escalationId) },
  });
}
