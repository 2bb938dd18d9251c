import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { Call, TimelineEntry } from '../../calls/call.ts';
import type { CallService } from '../../calls/callService.ts';
import { view } from '../../calls/lifecycle/lifecycle.ts';
import { inTime, type Clock } from '../../clock.ts';
import type { JobRequest } from '../../database/jobRequests.ts';
import type { Database } from '../../database/open.ts';
import type { Transact, Work } from '../../database/work.ts';
import type { Directory } from '../../directory/directory.ts';
import { textsFor, type Texts } from '../../texts/texts.ts';
import { callCard, stateWord } from '../cards/renderers/callCard.ts';
import type { Rendered } from '../cards/renderers/elements.ts';
import {
  addingCard,
  leaveToJob,
  newCardId,
  rememberSent,
  TURN_GRACE_MS,
  type Card,
} from '../cards/cardStore.ts';
import { judge, pauseOf } from '../connector/connectorAnswers.ts';
import type { Shown } from '../cards/cardUpdates.ts';
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
}

/** Links to the browser page. */
export interface TalkLinks {
  /** Whether anybody may talk from a browser. */
  readonly isOn: boolean;
  linkIn(work: Work, callId: string): void;
  /** Null if it is not known here, or too old. */
  addressOf(callId: string): string | null;
  /** A new one in place of the old, as long as that was not used. */
  renew(callId: string): Promise<void>;
}

/** A card is not kept waiting for a picture. */
const PHOTO_WAIT_MS = 500;

/** What the cards of a call are filed under. */
export function subjectOf(callId: string): string {
  return `call:${callId}`;
}

/** Null for what is no call. */
export function callIdOf(subject: string): string | null {
  return subject.startsWith('call:') ? subject.slice('call:'.length) : null;
}

/** The cards of calls: made in the turn that asks for the call, and rendered anew whenever it changes. */
export class CallCards {
  readonly #parts: Parts;
  /** Calls whose only card is being sent by a turn of this process, and until when. Epoch milliseconds. */
  readonly #inTurn = new LRUCache<string, number>({ max: 1_000 });

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Stores a card for this turn's conversation, in the transaction of what it shows.
   *
   * @param activityId a message that becomes the card; otherwise the turn sends one
   * @returns its id
   */
  add(work: Work, turn: ChatTurn, callId: string, activityId: string | null = null): string {
    const id = newCardId();
    const card = {
      id,
      subject: subjectOf(callId),
      place: turn.place,
      conversationKey: turn.conversationKey,
      locale: turn.incoming.locale,
      activityId,
      createdAt: new Date(this.#parts.clock.now()),
    };
    work.last('card', addingCard(card));
    return id;
  }

  /** The turn is about to send the only card of a call: the job that shows changes can wait for it. */
  leaveToTurn(callId: string): void {
    this.#inTurn.set(callId, this.#parts.clock.now() + TURN_GRACE_MS);
  }

  /** Brings cards up to date whenever a call changes that was asked for in a chat. */
  listen(): void {
    this.#parts.calls.listen({
      changed: (work, call) => {
        if (call.requestedBy.kind === 'chat') this.#want(work, call.id);
      },
    });
  }

  /** Enqueues the update of the cards of a call, for after the turn that sends the first one. */
  #want(work: Work, callId: string): void {
    const notBefore = this.#inTurn.get(callId);
    if (notBefore === undefined) wantCards(work, callId);
    else work.enqueue({ ...updateOf(callId), notBefore });
  }

  /**
   * Sends a new card in the turn. What changes meanwhile is shown afterwards. What fails here is no failure of the call,
   * which is placed: nobody may be told that nothing was placed. The next change shows the card.
   */
  async send(turn: ChatTurn, cardId: string, call: Call): Promise<void> {
    const about = { card: cardId, callId: call.id };
    try {
      await this.#show(turn, cardId, call);
    } catch (error) {
      this.#parts.log.warn({ err: error, ...about }, 'the card of a call that was placed is left to its job');
    } finally {
      this.#inTurn.delete(call.id);
    }
  }

  async #show(turn: ChatTurn, cardId: string, call: Call): Promise<void> {
    const { calls, database } = this.#parts;
    const { dialSentAt } = call.facts;
    const timeline: TimelineEntry[] = [
      { at: call.createdAt, type: 'queued' },
      ...(dialSentAt === undefined ? [] : [{ at: dialSentAt, type: 'dialing' }]),
    ];
    const rendered = await this.#render(cardId, call, timeline, turn.texts, turn.shared);
    const shown = { revision: call.revision, state: stateWord(call) };
    const activityId = await this.#sendInTurn(turn, rendered, cardId, call.id);
    if (
      activityId !== null &&
      !(await rememberSent(database.sql, cardId, { activityId, ...shown })) &&
      activityId
    ) {
      // The turn took so long that the job has sent another.
      await turn.remove(activityId);
    }
    // From here on the job shows changes; those from before are looked up.
    this.#inTurn.delete(call.id);
    const newest = await calls.afterChanges(call.id);
    if (activityId === null || (newest && newest.revision > call.revision)) await this.refresh(call.id);
  }

  /** @returns the message; empty if it is not known whether it was sent; null if the job is to send it */
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

  /** Wants every card of the call brought up to date. */
  async refresh(callId: string): Promise<void> {
    await this.#parts.transact((work) => wantCards(work, callId));
  }

  /** The call's newest state, as this card shows it. */
  async show(card: Card): Promise<Shown | null> {
    const callId = callIdOf(card.subject);
    const found = callId === null ? null : await this.#parts.calls.withTimeline(callId);
    if (!found) return null;
    const { call, timeline } = found;
    const rendered = await this.#render(card.id, call, timeline, textsFor(card.locale), card.place.shared);
    return {
      revision: call.revision,
      state: stateWord(call),
      final: view(call).status === 'ended',
      rendered,
    };
  }

  async #render(
    cardId: string,
    call: Call,
    timeline: readonly TimelineEntry[],
    texts: Texts,
    shared: boolean,
  ): Promise<Rendered> {
    const { canSpeak, acsResourceId, talk, teamsUrl } = this.#parts;
    const photo = await this.#photo(call);
    const talkAddress = call.purpose.kind === 'talk' ? talk.addressOf(call.id) : null;
    const model = { cardId, call, timeline, photo, shared, canSpeak, acsResourceId, talkAddress, teamsUrl };
    return callCard(model, texts);
  }

  async #photo({ target }: Call): Promise<string | null> {
    if (target.kind !== 'teamsUser') return null;
    const { clock, directory } = this.#parts;
    const wanted = directory.photo(target.id).catch(() => null);
    return dataUri(await inTime(wanted, PHOTO_WAIT_MS, () => null, clock));
  }
}

export function wantCards(work: Work, callId: string): void {
  work.enqueue(updateOf(callId));
}

function updateOf(callId: string): JobRequest {
  return { name: 'card.show', data: { subject: subjectOf(callId) } };
}
