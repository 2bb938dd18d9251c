import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { Call, TimelineEntry } from '../../calls/call.ts';
import type { CallService } from '../../calls/callService.ts';
import { personIdOf } from '../../calls/callee.ts';
import { view } from '../../calls/lifecycle/lifecycle.ts';
import { inTime, type Clock } from '../../clock.ts';
import type { JobRequest } from '../../database/jobRequests.ts';
import type { Database } from '../../database/open.ts';
import type { Transact, Work } from '../../database/transaction.ts';
import type { Directory } from '../../directory/directory.ts';
import { textsFor, type Texts } from '../../texts/texts.ts';
import { callCard, stateWord } from '../cards/renderers/callCard.ts';
import type { LinkToConsole } from '../../config/consoleLink.ts';
import type { Rendered } from '../cards/renderers/elements.ts';
import {
  cardsIn,
  cardsQuestion,
  newCards,
  leaveToJob,
  newCardId,
  rememberSent,
  TURN_GRACE_MS,
  type Card,
} from '../cards/cardStore.ts';
import { judge, pauseOf } from '../connector/connectorAnswers.ts';
import type { Look, Shown } from '../cards/cardUpdates.ts';
import { dataUri } from '../people/looks.ts';
import { ConnectorFault } from '../connector/connectorFault.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts {
  calls: CallService;
  directory: Pick<Directory, 'photo'>;
  database: Database;
  transact: Transact;
  clock: Clock;
  log: Logger;
  canSpeak: boolean;
  acsResourceId: string;
  /** Origin of links into Teams. */
  teamsUrl: string;
  talk: TalkLinks;
  linkToConsole: LinkToConsole;
}

/** Links to the browser page. */
export interface TalkLinks {
  /** Whether people may talk from a browser. */
  readonly isOn: boolean;
  linkIn(work: Work, callId: string): void;
  /** Null if this process does not know the link, or it has expired. */
  addressOf(callId: string): string | null;
  /** Replaces the link by a new one, unless it was used. */
  renew(callId: string): Promise<void>;
}

/** A card waits at most this long for the photo. */
const PHOTO_WAIT_MS = 500;

/** The subject of a call's cards. */
export function subjectOf(callId: string): string {
  return `call:${callId}`;
}

/** Null if the subject is not a call. */
export function callIdOf(subject: string): string | null {
  return subject.startsWith('call:') ? subject.slice('call:'.length) : null;
}

/** The cards of calls: created in the turn that asks for the call, and rendered again whenever it changes. */
export class CallCards {
  readonly #parts: Parts;
  /**
   * Calls whose only card a turn of this process is sending: until when (epoch milliseconds), and the newest revision
   * that this process has stored; 0 if none since.
   */
  readonly #inTurn = new LRUCache<string, { until: number; revision: number }>({ max: 1_000 });

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Stores a card for this turn's conversation, in the transaction that places the call.
   *
   * @param activityId the message that becomes the card; null if the turn sends a new one
   * @returns its id
   */
  add(work: Work, turn: ChatTurn, callId: string, activityId: string | null = null): string {
    const id = newCardId();
    const card = {
      id,
      subject: subjectOf(callId),
      place: turn.place,
      conversationKey: turn.conversationKey,
      locale: turn.texts.format.locale,
      activityId,
      createdAt: new Date(this.#parts.clock.now()),
    };
    newCards.add(work, [card]);
    return id;
  }

  /** Lets the update job wait, because the turn is about to send the call's only card. */
  leaveToTurn(callId: string): void {
    this.#inTurn.set(callId, { until: this.#parts.clock.now() + TURN_GRACE_MS, revision: 0 });
  }

  /** Updates the cards whenever a call from a chat changes. */
  listen(): void {
    this.#parts.calls.listen({
      moved: (work, before, call) => {
        if (call.requestedBy.kind === 'chat' && isNews(before, call)) this.#want(work, call);
      },
    });
  }

  /** Enqueues the update of a call's cards, to run after the turn has sent the first one. */
  #want(work: Work, { id: callId, revision }: Call): void {
    const sending = this.#inTurn.get(callId);
    if (!sending) return wantCards(work, callId);
    work.enqueue({ ...updateOf(callId), notBefore: sending.until });
    work.afterCommit(() => {
      sending.revision = Math.max(sending.revision, revision);
      // The turn is over and did not see this change. If this fails, the update that waits shows it.
      if (!this.#inTurn.has(callId)) void this.refresh(callId).catch(() => undefined);
    });
  }

  /**
   * Sends a new card in the turn; later changes follow as updates. An error here is only logged: the call has been
   * placed, so the asker must not read that nothing was placed. The next change sends the card.
   */
  async send(turn: ChatTurn, cardId: string, call: Call): Promise<void> {
    const about = { card: cardId, callId: call.id };
    try {
      await this.#show(turn, cardId, call);
    } catch (error) {
      this.#parts.log.warn({ err: error, ...about }, 'a job will send the card of a placed call');
    } finally {
      this.#inTurn.delete(call.id);
    }
  }

  async #show(turn: ChatTurn, cardId: string, call: Call): Promise<void> {
    const { database } = this.#parts;
    const { dialSentAt } = call.facts;
    const timeline: TimelineEntry[] = [
      { at: call.createdAt, type: 'queued' },
      ...(dialSentAt === undefined ? [] : [{ at: dialSentAt, type: 'dialing' }]),
    ];
    const rendered = await this.#render({ id: cardId, place: turn.place }, call, timeline, turn.texts);
    const shown = { revision: call.revision, state: stateWord(call) };
    const activityId = await this.#sendInTurn(turn, rendered, cardId, call.id);
    if (
      activityId !== null &&
      !(await rememberSent(database.sql, cardId, { activityId, ...shown })) &&
      activityId
    ) {
      // The turn took so long that the job has sent another card.
      await turn.remove(activityId);
    }
    const hasChangedHere = (this.#inTurn.get(call.id)?.revision ?? 0) > call.revision;
    // From here on the job shows changes.
    this.#inTurn.delete(call.id);
    if (activityId === null || hasChangedHere || (await this.#hasChangedElsewhere(call)))
      await this.refresh(call.id);
  }

  /** Whether another process has changed the call meanwhile. No other one uses an embedded database. */
  async #hasChangedElsewhere(call: Call): Promise<boolean> {
    const { calls, database } = this.#parts;
    if (database.kind === 'pglite') return false;
    const newest = await calls.get(call.id);
    return newest !== null && isNews(call, newest);
  }

  /** @returns the id of the message; empty if it may have been sent; null if the job will send it */
  async #sendInTurn(
    turn: ChatTurn,
    rendered: Rendered,
    card: string,
    callId: string,
  ): Promise<string | null> {
    try {
      return (await turn.showCard(rendered)) ?? '';
    } catch (error) {
      if (!(error instanceof ConnectorFault)) throw error;
      const { database, clock, log } = this.#parts;
      log.warn({ err: error, card, callId }, 'the card was not sent in the turn');
      if (judge(error, 'card').kind !== 'again') return '';
      await leaveToJob(database.sql, card, new Date(clock.now() + pauseOf(error, 0)));
      return null;
    }
  }

  /** Enqueues an update of every card of the call. */
  async refresh(callId: string): Promise<void> {
    await this.#parts.transact((work) => wantCards(work, callId));
  }

  /** The cards of a call and what they show, in one statement; null if the subject is not a call, or there is none. */
  async look(subject: string): Promise<Look | null> {
    const callId = callIdOf(subject);
    const found =
      callId === null ? null : await this.#parts.calls.withTimeline(callId, cardsQuestion(subject));
    return (
      found && { cards: cardsIn(found.also), show: async (card: Card) => await this.#shown(card, found) }
    );
  }

  /** Renders the call's newest state for this card. */
  async show(card: Card): Promise<Shown | null> {
    const callId = callIdOf(card.subject);
    const found = callId === null ? null : await this.#parts.calls.withTimeline(callId);
    return found && (await this.#shown(card, found));
  }

  async #shown(
    card: Card,
    { call, timeline }: { call: Call; timeline: readonly TimelineEntry[] },
  ): Promise<Shown> {
    const rendered = await this.#render(card, call, timeline, textsFor(card.locale));
    return {
      revision: call.revision,
      state: stateWord(call),
      final: view(call).status === 'ended',
      rendered,
    };
  }

  async #render(
    { id: cardId, place }: Pick<Card, 'id' | 'place'>,
    call: Call,
    timeline: readonly TimelineEntry[],
    texts: Texts,
  ): Promise<Rendered> {
    const { canSpeak, acsResourceId, talk, teamsUrl, linkToConsole } = this.#parts;
    const { shared, channelId } = place;
    const photo = await this.#photo(call);
    const talkAddress = call.purpose.kind === 'talk' ? talk.addressOf(call.id) : null;
    const consoleAddress = linkToConsole({ kind: 'call', id: call.id }, channelId);
    const shown = { cardId, call, timeline, photo, shared, canSpeak };
    return callCard({ ...shown, acsResourceId, talkAddress, teamsUrl, consoleAddress }, texts);
  }

  async #photo({ target }: Call): Promise<string | null> {
    const person = personIdOf(target);
    if (person === null) return null;
    const { clock, directory } = this.#parts;
    const wanted = directory.photo(person).catch(() => null);
    return dataUri(await inTime(wanted, PHOTO_WAIT_MS, () => null, clock));
  }
}

/**
 * Whether a change of a call is worth an update of its cards. That the service accepted a call which is already shown as
 * sent is only a line of the folded details: it comes with the next update, and each call has one when it ends. Pure.
 */
function isNews(before: Call, call: Call): boolean {
  if (call.revision <= before.revision) return false;
  const { dialAcceptedAt, ...others } = call.facts;
  const isAccepted = before.facts.dialSentAt !== undefined && dialAcceptedAt !== undefined;
  return !(isAccepted && isDeepStrictEqual(others, before.facts));
}

export function wantCards(work: Work, callId: string): void {
  work.enqueue(updateOf(callId));
}

function updateOf(callId: string): JobRequest {
  return { name: 'card.show', data: { subject: subjectOf(callId) } };
}
