import { TeamsInfo, type TeamsChannelAccount, type TurnContext } from 'botbuilder';
import type { Requester } from '../../calls/call.ts';
import type { Clock } from '../../clock.ts';
import type { Kysely } from 'kysely';
import type { Crowd, Going } from '../../database/crowd.ts';
import { CARDS, REQUESTS } from '../../database/jobKinds.ts';
import type { Database } from '../../database/open.ts';
import type { Schema } from '../../database/schema.ts';
import type { Work } from '../../database/transaction.ts';
import type { Texts } from '../../texts/texts.ts';
import type { Incoming } from './activity.ts';
import { RingdownError } from '../../errors.ts';
import {
  activitiesQuestion,
  forgetActivity,
  isTaken,
  refuseActivity,
  takeActivity,
  takenActivities,
  toldRefusal,
} from './activityStore.ts';
import { placeOf, type Place } from '../connector/place.ts';
import type { Rendered } from '../cards/renderers/elements.ts';
import { conversationKey, requestKeyOf } from './identity.ts';
import { give, type Answer, type AnswerRetries } from '../connector/answerRetries.ts';
import { messageOf, showsCards, textMessage } from '../connector/messages.ts';
import type { Pace } from '../connector/pace.ts';
import { ConnectorFault } from '../connector/connectorFault.ts';

interface Parts {
  incoming: Incoming;
  asker: Requester;
  texts: Texts;
  database: Database;
  crowd: Pick<Crowd, 'enter'>;
  clock: Clock;
  pace: Pace;
  /** The request asks for nothing that would change anything. */
  changesNothing: boolean;
  retries: Pick<AnswerRetries, 'add'>;
}

/** A member of a conversation, as Teams lists them. */
export type RosterEntry = Partial<
  Pick<TeamsChannelAccount, 'aadObjectId' | 'userPrincipalName' | 'tenantId' | 'userRole'>
>;

/** Work that takes longer than this shows "… is typing". */
const TYPING_AFTER_MS = 700;

/** One message or press, and the ways to answer it. Do not use it after the turn has ended. */
export class ChatTurn {
  readonly incoming: Incoming;
  readonly asker: Requester;
  readonly texts: Texts;
  readonly conversationKey: string;
  /** Identifies the request; redeliveries have the same key. Null if the activity has no id. */
  readonly requestKey: string | null;
  readonly #context: TurnContext;
  readonly #parts: Parts;
  /** Whether this is the first delivery, and the transaction that records it, if any. */
  #first: { answer: Promise<boolean>; sql: Kysely<Schema> | null } | null = null;
  #nothingDone: boolean;
  /** In the crowd, if it has entered it. */
  #going: Going | null = null;
  readonly #roster = new Map<string, Promise<RosterEntry | null>>();

  constructor(context: TurnContext, parts: Parts) {
    this.#context = context;
    this.#parts = parts;
    this.incoming = parts.incoming;
    this.asker = parts.asker;
    this.texts = parts.texts;
    this.conversationKey = conversationKey(parts.incoming);
    this.requestKey = requestKeyOf(parts.incoming);
    this.#nothingDone = parts.changesNothing;
  }

  /** The message has no effect, and the asker reads why. They may edit it. Call this before the activity is taken. */
  markNoEffect(): void {
    this.#nothingDone = true;
  }

  get nothingDone(): boolean {
    return this.#nothingDone;
  }

  /** Whether others besides the asker see the answers. */
  get shared(): boolean {
    return this.incoming.conversation.kind === 'group';
  }

  get showsCards(): boolean {
    return showsCards(this.incoming.channelId);
  }

  /** Where to write to this conversation later. */
  get place(): Place {
    return placeOf(this.#context, this.shared);
  }

  /**
   * Whether this is the first delivery of the activity. If it is a redelivery, do nothing. The first call records the
   * delivery, so call this right before anything that must not happen twice.
   *
   * @param sql the transaction to record it in, if there is one. If the transaction is retried, ask again with the new
   *   one; if it fails for good, call `undone`.
   */
  async isFirstDelivery(sql?: Kysely<Schema>): Promise<boolean> {
    const { requestKey } = this;
    if (requestKey === null) return true;
    const known = this.#knownIn(sql);
    if (known) return await known;
    const { database, clock } = this.#parts;
    const answer = takeActivity(sql ?? database.sql, requestKey, new Date(clock.now()), {
      nothingDone: this.#nothingDone,
    });
    this.#first = { answer, sql: sql ?? null };
    return await answer;
  }

  /** The answer so far. A different transaction means that the earlier one was rolled back with its record. */
  #knownIn(sql?: Kysely<Schema>): Promise<boolean> | null {
    if (sql && this.#first?.sql && this.#first.sql !== sql) this.#first = null;
    return this.#first?.answer ?? null;
  }

  /** What a granting transaction must ask about this delivery; pass the answer to `grant`. */
  get deliveryQuestion(): { question: { key: string; ask: typeof activitiesQuestion } } | null {
    return this.requestKey === null ? null : { question: { key: this.requestKey, ask: activitiesQuestion } };
  }

  /**
   * Like `isFirstDelivery`, but in the transaction that grants the request.
   *
   * @param refused the answer to `deliveryQuestion`
   * @throws RingdownError unavailable if the request was refused before; the asker may have read that already
   */
  async grant(work: Work, refused: unknown): Promise<boolean> {
    const { requestKey } = this;
    if (requestKey === null || this.#knownIn(work.sql) !== null) return await this.isFirstDelivery(work.sql);
    if (refused === true) throw new RingdownError('unavailable');
    const isFirst = refused === undefined;
    this.#first = { answer: Promise.resolve(isFirst), sql: work.sql };
    if (isFirst) takenActivities.add(work, [{ key: requestKey, at: new Date(this.#parts.clock.now()) }]);
    return isFirst;
  }

  /** Whether a transaction has committed the record of this delivery, and with it the request's effects. */
  async wasCommitted(): Promise<boolean> {
    const { requestKey } = this;
    if (requestKey === null || !this.#first?.sql) return false;
    return await isTaken(this.#parts.database.sql, requestKey);
  }

  /** Call this after a transaction failed: its record of the delivery is gone too. */
  undone(): void {
    if (this.#first?.sql) this.#first = null;
  }

  /**
   * Whether to send a refusal. From now on nothing is granted for this message. Redeliveries are refused again until
   * `refusalTold` is called.
   */
  async mayRefuse(): Promise<boolean> {
    const { requestKey } = this;
    if (requestKey === null) return true;
    // If this turn was the first delivery, it may apologise for what it started.
    if (this.#first !== null) return await this.#first.answer;
    const { database, clock } = this.#parts;
    return await refuseActivity(database.sql, requestKey, new Date(clock.now()));
  }

  /** The refusal was sent: redeliveries get no answer. */
  async refusalTold(): Promise<void> {
    if (this.requestKey === null || this.#first !== null) return;
    // If this fails, the asker may read the refusal twice.
    await toldRefusal(this.#parts.database.sql, this.requestKey).catch(() => undefined);
  }

  /** The activity was taken but the asker got no answer: let the redelivery count as the first. */
  async forgetDelivery(): Promise<void> {
    if (this.requestKey === null || this.#first === null) return;
    this.#first = null;
    // If this fails, the redelivery gets no answer and the asker has to ask again.
    await forgetActivity(this.#parts.database.sql, this.requestKey).catch(() => undefined);
  }

  async say(text: string): Promise<void> {
    await this.#give({ kind: 'send', message: textMessage(text) });
  }

  /**
   * Says something that must not be stored, such as a secret. So no job retries it.
   *
   * @throws ConnectorFault if the chat service did not accept it
   */
  async sayUnstored(text: string): Promise<void> {
    this.#parts.pace.count(this.conversationKey);
    await give(this.#context, { kind: 'send', message: textMessage(text) });
  }

  /** Says something unless this is a redelivery. For answers that need no transaction. */
  async sayOnce(text: string): Promise<void> {
    if (await this.isFirstDelivery()) await this.say(text);
  }

  async show(rendered: Rendered): Promise<void> {
    await this.#give({ kind: 'send', message: messageOf(rendered, this.incoming.channelId) });
  }

  /**
   * Shows a card that is kept up to date. Failures are the caller's to handle, because the card has its own job.
   *
   * @returns the id of the message, if the channel gives one
   * @throws ConnectorFault
   */
  async showCard(rendered: Rendered): Promise<string | null> {
    this.#parts.pace.count(this.conversationKey);
    return await give(this.#context, {
      kind: 'send',
      message: messageOf(rendered, this.incoming.channelId),
    });
  }

  async replace(activityId: string, rendered: Rendered): Promise<void> {
    const message = messageOf(rendered, this.incoming.channelId);
    await this.#give({ kind: 'replace', activityId, message });
  }

  async remove(activityId: string): Promise<void> {
    await this.#give({ kind: 'remove', activityId });
  }

  /** Sends an answer. If the chat service may accept it later, a job retries. */
  async #give(answer: Answer): Promise<void> {
    const { pace, retries } = this.#parts;
    pace.count(this.conversationKey);
    try {
      await give(this.#context, answer);
    } catch (error) {
      if (!(error instanceof ConnectorFault)) throw error;
      // If a job cannot retry either, report the fault of the chat service.
      await retries.add(this.place, this.conversationKey, answer, error).catch(() => {
        throw error;
      });
    }
  }

  /** Runs work that leads to a call: in a crowd, in the order in which people asked. */
  async inCrowd(work: () => Promise<void>): Promise<void> {
    this.#going = await this.#parts.crowd.enter(REQUESTS, true);
    await work().finally(this.#going.leave);
  }

  /** What is left to do wakes nobody: in a crowd, the calls of others go first. */
  async othersFirst(): Promise<void> {
    await this.#going?.turnTo(CARDS);
  }

  /** Runs work that may take a while, and shows "… is typing" meanwhile. */
  async working<T>(work: () => Promise<T>): Promise<T> {
    if (!this.showsCards || this.incoming.type !== 'message') return await work();
    const { clock } = this.#parts;
    let typing: Promise<unknown> = Promise.resolve();
    const timer = clock.setTimeout(() => {
      // Only a courtesy, so failures are ignored.
      typing = this.#context.sendActivity({ type: 'typing' }).catch(() => undefined);
    }, TYPING_AFTER_MS);
    try {
      return await work();
    } finally {
      clock.clearTimeout(timer);
      await typing;
    }
  }

  /** The object id for the id of a mention (`29:…`), which only Teams can resolve; null if it does not. */
  async objectIdOfMention(id: string): Promise<string | null> {
    // Null for people outside this conversation; then the mentioned name is looked up instead.
    return (await this.#rosterEntry(id))?.aadObjectId ?? null;
  }

  /** The asker's entry in the roster of this conversation; null if Teams has none. */
  async ownRosterEntry(): Promise<RosterEntry | null> {
    return await this.#rosterEntry(this.incoming.from.id);
  }

  async #rosterEntry(id: string): Promise<RosterEntry | null> {
    if (this.incoming.channelId !== 'msteams') return null;
    const asked = this.#roster.get(id) ?? TeamsInfo.getMember(this.#context, id).catch(() => null);
    this.#roster.set(id, asked);
    return await asked;
  }
}
