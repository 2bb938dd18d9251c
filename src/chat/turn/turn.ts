import { TeamsInfo, type TeamsChannelAccount, type TurnContext } from 'botbuilder';
import type { Requester } from '../../calls/call.ts';
import type { Clock } from '../../clock.ts';
import type { Kysely, RawBuilder } from 'kysely';
import type { Database } from '../../database/open.ts';
import type { Schema } from '../../database/schema.ts';
import type { Work } from '../../database/work.ts';
import type { Texts } from '../../texts/texts.ts';
import type { Incoming } from './activity.ts';
import { RingdownError } from '../../errors.ts';
import {
  activityQuestion,
  forgetActivity,
  isTaken,
  refuseActivity,
  takeActivity,
  takingActivity,
  toldRefusal,
} from './activityStore.ts';
import { placeOf, type Place } from '../connector/place.ts';
import type { Rendered } from '../cards/renderers/elements.ts';
import { conversationKey, requestKeyOf } from './identity.ts';
import { give, type Answer, type LeftAnswers } from '../connector/leftAnswers.ts';
import { messageOf, showsCards, textMessage } from '../connector/messages.ts';
import type { Pace } from '../connector/pace.ts';
import { ConnectorFault } from '../connector/connectorFault.ts';

interface Parts {
  incoming: Incoming;
  asker: Requester;
  texts: Texts;
  database: Database;
  clock: Clock;
  pace: Pace;
  /** Nothing is asked for that would change anything. */
  changesNothing: boolean;
  left: Pick<LeftAnswers, 'leave'>;
}

/** Somebody in a conversation, as Teams lists them. */
export type RosterEntry = Partial<
  Pick<TeamsChannelAccount, 'aadObjectId' | 'userPrincipalName' | 'tenantId' | 'userRole'>
>;

/** A lookup that takes longer than this is accompanied by "… is typing". */
const TYPING_AFTER_MS = 700;

/** One message or press of somebody, and the ways to answer it. It must not be used after its turn has ended. */
export class ChatTurn {
  readonly incoming: Incoming;
  readonly asker: Requester;
  readonly texts: Texts;
  readonly conversationKey: string;
  /** Names what was asked for; the same when it is delivered again. Null if it cannot be told. */
  readonly requestKey: string | null;
  readonly #context: TurnContext;
  readonly #parts: Parts;
  /** Whether it is the first delivery, and the transaction that remembers so, if one does. */
  #first: { answer: Promise<boolean>; sql: Kysely<Schema> | null } | null = null;
  #nothingDone: boolean;
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

  /** Nothing comes of it, and the asker is told so: they may edit the message. To be called before it is taken. */
  nothingComesOfIt(): void {
    this.#nothingDone = true;
  }

  get nothingDone(): boolean {
    return this.#nothingDone;
  }

  /** Others than the asker see the answers. */
  get shared(): boolean {
    return this.incoming.conversation.kind === 'group';
  }

  get showsCards(): boolean {
    return showsCards(this.incoming.channelId);
  }

  /** How to come back to this conversation later. */
  get place(): Place {
    return placeOf(this.#context, this.shared);
  }

  /**
   * Whether this activity is here for the first time; otherwise it is a redelivery, and nothing is to be done. It is
   * remembered with the first question, so that comes right before what must not be done twice.
   *
   * @param sql the transaction to remember it in, if there is one, of one that runs again each time; should it fail
   *   for good, call `undone`
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

  /** What is known already. Another transaction means that the database undid the one before, and what it remembered. */
  #knownIn(sql?: Kysely<Schema>): Promise<boolean> | null {
    if (sql && this.#first?.sql && this.#first.sql !== sql) this.#first = null;
    return this.#first?.answer ?? null;
  }

  /**
   * What the transaction that grants what is asked for must ask about this delivery: `grant` is given the answer. Null if
   * there is nothing to ask.
   */
  deliveryQuestion(work: Work): RawBuilder<unknown> | null {
    return this.requestKey === null || this.#knownIn(work.sql) !== null
      ? null
      : activityQuestion(this.requestKey);
  }

  /**
   * The same as `isFirstDelivery`, in the transaction that grants what is asked for.
   *
   * @param refused what `deliveryQuestion` was answered
   * @throws RingdownError unavailable if it was refused before, which may have been told
   */
  async grant(work: Work, refused: unknown): Promise<boolean> {
    const { requestKey } = this;
    if (requestKey === null || this.#knownIn(work.sql) !== null) return await this.isFirstDelivery(work.sql);
    if (refused === true) throw new RingdownError('unavailable');
    const isFirst = refused === null;
    this.#first = { answer: Promise.resolve(isFirst), sql: work.sql };
    if (isFirst) work.last('taken', takingActivity(requestKey, new Date(this.#parts.clock.now())));
    return isFirst;
  }

  /** Whether a transaction has remembered this delivery, together with what it did. */
  async wasCommitted(): Promise<boolean> {
    const { requestKey } = this;
    if (requestKey === null || !this.#first?.sql) return false;
    return await isTaken(this.#parts.database.sql, requestKey);
  }

  /** A transaction failed: what was to be remembered in it was not. */
  undone(): void {
    if (this.#first?.sql) this.#first = null;
  }

  /**
   * Whether a refusal is to be told. From now on nothing is granted for this message; a redelivery is told again until
   * `say` has succeeded and `refusalTold` was called.
   */
  async mayRefuse(): Promise<boolean> {
    const { requestKey } = this;
    if (requestKey === null) return true;
    // What this turn has begun itself it may end with an apology.
    if (this.#first !== null) return await this.#first.answer;
    const { database, clock } = this.#parts;
    return await refuseActivity(database.sql, requestKey, new Date(clock.now()));
  }

  /** It was told: the next delivery of the same is met with silence. */
  async refusalTold(): Promise<void> {
    if (this.requestKey === null || this.#first !== null) return;
    // Where that fails it is told twice.
    await toldRefusal(this.#parts.database.sql, this.requestKey).catch(() => undefined);
  }

  /** It was taken and nobody was answered: the same, delivered again, is to be the first. */
  async forgetDelivery(): Promise<void> {
    if (this.requestKey === null || this.#first === null) return;
    this.#first = null;
    // Where that fails the asker hears nothing of the next delivery, and asks anew.
    await forgetActivity(this.#parts.database.sql, this.requestKey).catch(() => undefined);
  }

  async say(text: string): Promise<void> {
    await this.#give({ kind: 'send', message: textMessage(text) });
  }

  /** Says something that needs no transaction of its own; not again for a redelivery. */
  async sayOnce(text: string): Promise<void> {
    if (await this.isFirstDelivery()) await this.say(text);
  }

  async show(rendered: Rendered): Promise<void> {
    await this.#give({ kind: 'send', message: messageOf(rendered, this.incoming.channelId) });
  }

  /**
   * Shows a card that is kept up to date. What fails is for the card's own job to know.
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

  /** What the chat service does not take now, and may take later, is left to a job. */
  async #give(answer: Answer): Promise<void> {
    const { pace, left } = this.#parts;
    pace.count(this.conversationKey);
    try {
      await give(this.#context, answer);
    } catch (error) {
      if (!(error instanceof ConnectorFault)) throw error;
      // Where that is not possible either, it is the way to the person that is broken.
      await left.leave(this.place, this.conversationKey, answer, error).catch(() => {
        throw error;
      });
    }
  }

  /** Does something that may take a while, and shows that it is being worked on. */
  async working<T>(work: () => Promise<T>): Promise<T> {
    if (!this.showsCards || this.incoming.type !== 'message') return await work();
    const { clock } = this.#parts;
    let typing: Promise<unknown> = Promise.resolve();
    const timer = clock.setTimeout(() => {
      // Only a courtesy: that it failed is of no interest.
      typing = this.#context.sendActivity({ type: 'typing' }).catch(() => undefined);
    }, TYPING_AFTER_MS);
    try {
      return await work();
    } finally {
      clock.clearTimeout(timer);
      await typing;
    }
  }

  /** The object id behind the id of a mention (`29:…`), which only Teams knows; null if it does not tell. */
  async objectIdOfMention(id: string): Promise<string | null> {
    // Of who is no member of this conversation the name that was mentioned is looked for instead.
    return (await this.#rosterEntry(id))?.aadObjectId ?? null;
  }

  /** What the roster of this conversation says of the asker; null if Teams does not tell. */
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
