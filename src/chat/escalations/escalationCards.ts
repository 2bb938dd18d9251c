import type { Logger } from 'pino';
import type { Call } from '../../calls/call.ts';
import { view } from '../../calls/lifecycle/lifecycle.ts';
import { targetKey } from '../../calls/callStore.ts';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/open.ts';
import type { Transact, Work } from '../../database/work.ts';
import type { Escalation } from '../../escalations/escalation.ts';
import type { EscalationService } from '../../escalations/escalationService.ts';
import { textsFor } from '../../texts/texts.ts';
import { insertCard, leaveToJob, newCardId, rememberSent } from '../cards/cardStore.ts';
import type { Card } from '../cards/cardStore.ts';
import type { Rendered } from '../cards/renderers/elements.ts';
import { continuedCard, escalationCard, type Audience } from '../cards/renderers/escalationCard.ts';
import { judge, pauseOf } from '../connector/connectorAnswers.ts';
import type { Shown } from '../cards/cardUpdates.ts';
import { ConnectorFault } from '../connector/connectorFault.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts {
  escalations: EscalationService;
  database: Database;
  transact: Transact;
  clock: Clock;
  log: Logger;
  canSpeak: boolean;
}

/** What the cards of an escalation are filed under. */
export function escalationSubject(id: string): string {
  return `escalation:${id}`;
}

/** Null for what is no escalation. */
export function escalationIdOf(subject: string): string | null {
  return subject.startsWith('escalation:') ? subject.slice('escalation:'.length) : null;
}

/** Of a message whose place another has taken. */
const CONTINUED = 'continued';

/** The channel of the policy. */
export const CHANNEL = 'channel';

/** Whom a callee's card was sent to; `told:<run>:` comes before those who are told that nobody acknowledged. */
export function calleeAudience(target: Call['target']): string {
  return targetKey(target);
}

export function toldAudience(run: number, objectId: string): string {
  return `told:${run}:teamsUser:${objectId.toLowerCase()}`;
}

/** The object id of the person whom a card was sent to; null for a channel and for cards of turns. */
export function personOf(audience: string | null): string | null {
  return /^(?:told:\d+:)?teamsUser:(.+)$/.exec(audience ?? '')?.[1] ?? null;
}

/** The cards of escalations: rendered anew whenever the escalation, or one of its calls, changes. */
export class EscalationCards {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Stores a card for this turn's conversation, in the transaction of what it shows. @returns its id */
  async add(work: Work, turn: ChatTurn, escalationId: string): Promise<string> {
    const id = newCardId();
    await insertCard(work.sql, {
      id,
      subject: escalationSubject(escalationId),
      place: turn.place,
      conversationKey: turn.conversationKey,
      locale: turn.incoming.locale,
      activityId: null,
      createdAt: new Date(this.#parts.clock.now()),
    });
    return id;
  }

  /**
   * Sends a new card in the turn. What changes meanwhile is shown afterwards. What fails here is no failure of the
   * escalation, which runs: nobody may be told that nothing was placed. The next change shows the card.
   */
  async send(turn: ChatTurn, cardId: string, escalationId: string): Promise<void> {
    try {
      await this.#show(turn, cardId, escalationId);
    } catch (error) {
      const about = { card: cardId, escalationId };
      this.#parts.log.warn(
        { err: error, ...about },
        'the card of an escalation that runs is left to its job',
      );
    }
  }

  async #show(turn: ChatTurn, cardId: string, escalationId: string): Promise<void> {
    const { database, clock, log } = this.#parts;
    const shown = await this.render({ cardId, escalationId, audience: null, locale: turn.incoming.locale });
    if (!shown) return;
    const { revision, state, covers } = shown;
    try {
      const activityId = (await turn.showCard(shown.rendered)) ?? '';
      const isFirst = await rememberSent(database.sql, cardId, { activityId, revision, state, covers });
      // The turn took so long that the job has sent another.
      if (!isFirst && activityId) await turn.remove(activityId);
    } catch (error) {
      if (!(error instanceof ConnectorFault)) throw error;
      log.warn({ err: error, card: cardId, escalationId }, 'the card was not sent in the turn');
      if (judge(error, 'card').kind === 'again') {
        await leaveToJob(database.sql, cardId, new Date(clock.now() + pauseOf(error, 0)));
      } else {
        await rememberSent(database.sql, cardId, { activityId: '', revision, state });
      }
    }
    await this.refresh(escalationId);
  }

  /** Wants every card of the escalation brought up to date. */
  async refresh(escalationId: string): Promise<void> {
    await this.#parts.transact((work) => wantEscalationCards(work, escalationId));
  }

  /** The newest state, as this card shows it. `note` is told to the reader alone. */
  async show(card: Card, note: string | null = null): Promise<Shown | null> {
    const escalationId = escalationIdOf(card.subject);
    if (escalationId === null) return null;
    const { id: cardId, audience, locale } = card;
    const shown = await this.render({ cardId, escalationId, audience, locale, note });
    return shown && card.continuedAt ? await this.#continued(card, escalationId, shown) : shown;
  }

  /** A message whose place another has taken says so, once. What it has shown before is all that it covers. */
  async #continued(card: Card, escalationId: string, { revision }: Shown): Promise<Shown | null> {
    const escalation = await this.#parts.escalations.get(escalationId);
    if (!escalation || !card.continuedAt) return null;
    return {
      revision: card.shownState === CONTINUED ? card.shownRevision : revision + 1,
      state: CONTINUED,
      final: false,
      isContinued: true,
      rendered: continuedCard(escalation, card.continuedAt.toISOString(), textsFor(card.locale)),
    };
  }

  async render(what: {
    cardId: string;
    escalationId: string;
    audience: string | null;
    locale: string | undefined;
    note?: string | null;
  }): Promise<Shown | null> {
    const { escalations, canSpeak } = this.#parts;
    const { cardId, escalationId, note = null } = what;
    const escalation = await escalations.get(escalationId);
    if (!escalation) return null;
    const [calls, timeline] = await Promise.all([
      escalations.callsOf(escalationId),
      escalations.timeline(escalationId),
    ]);
    const audience = audienceOf(what.audience, escalation, calls);
    const rendered: Rendered = escalationCard(
      { cardId, escalation, timeline, calls, audience, canSpeak, note },
      textsFor(what.locale),
    );
    return {
      // Both grow, and so does their sum.
      revision: calls.reduce((sum, call) => sum + call.revision, escalation.revision),
      state: escalation.ladder.status,
      // Where messages cannot be changed, people are told whenever it is taken, ends, or goes on.
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
