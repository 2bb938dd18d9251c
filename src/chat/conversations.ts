import type { Activity, TurnContext } from 'botbuilder';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { TryAgainLater, type JobHandler } from '../database/jobs.ts';
import type { Database } from '../database/open.ts';
import type { ChatAdapter } from './adapter.ts';
import { judge, pauseOf, type Failing } from './connectorAnswers.ts';
import { leaseCard, leaseCards, releaseCard, rememberShown, TURN_GRACE_MS } from './cardStore.ts';
import type { Card, Lease, Place } from './cardStore.ts';
import type { Rendered } from './cards/elements.ts';
import { messageOf, showsCards } from './messages.ts';
import type { Pace } from './pace.ts';
import { ConnectorFault } from './transport.ts';

/** What a subject looks like now. */
export interface Shown {
  revision: number;
  /** A word for its state. */
  state: string;
  /** Nothing more is to come. */
  final: boolean;
  rendered: Rendered;
  /** Of an escalation: its revision, which an acknowledgement on this card covers. */
  covers?: number;
  /** Another message has taken its place: this one is changed if it is there, and never sent anew. */
  isContinued?: boolean;
}

/** Sees what is sent to cards. */
export interface CardObserver {
  /** @param merged changes that were never shown by themselves */
  shown(merged: number): void;
  /** The conversation takes no more at the moment. */
  paced(): void;
}

/** Shows the newest state of a subject (`call:<id>`, `escalation:<id>`) on a card; null if there is no such thing any more. */
export type Show = (card: Card) => Promise<Shown | null>;

interface Parts {
  adapter: Pick<ChatAdapter, 'resume'>;
  database: Database;
  clock: Clock;
  log: Logger;
  pace: Pace;
  failing: Failing;
  observer?: CardObserver | undefined;
  show: Show;
  /** The address may be sent a token. */
  allowed: (serviceUrl: string) => boolean;
}

/** A request to the chat service takes no longer. */
const REQUEST_MS = 20_000;
const LEASE_MS = 2 * REQUEST_MS;
/** Nobody looks at a card that could not be changed for a day. */
const USEFUL_MS = 86_400_000;

/**
 * The job `card.show`: brings every card of a subject up to date. Several changes make one update, because the newest
 * state is read when the turn to send has come; the last one always arrives, because each change wants its own job.
 */
export function showCards(parts: Parts): JobHandler {
  const cards = new CardUpdates(parts);
  return {
    run: async (data) => await cards.bringUpToDate(String(data['subject'])),
    useful: {
      forMs: USEFUL_MS,
      over: async (data, error) => {
        parts.log.error({ err: error, subject: data['subject'] }, 'a card could not be brought up to date');
      },
    },
  };
}

/** A card whose update has begun, and the right to send it, if this process has it already. */
interface Begun {
  card: Card;
  lease: Lease | null;
}

class CardUpdates {
  readonly #parts: Parts;
  /** Subjects whose cards are being loaded: what changes meanwhile is shown with them. */
  readonly #loading = new Map<string, Promise<void>>();
  /** Cards whose turn to be sent has not come yet: further changes go with them. */
  readonly #waiting = new Map<string, Promise<void>>();
  /** What updates under way have loaded; those of one card take their right to it one after the other. */
  readonly #busy = new Set<Card>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async bringUpToDate(subject: string): Promise<void> {
    const known = this.#loading.get(subject);
    if (known) return await known;
    const own = this.#update(subject, () => this.#loading.delete(subject));
    this.#loading.set(subject, own);
    await own;
  }

  async #update(subject: string, loaded: () => void): Promise<void> {
    const { database, clock } = this.#parts;
    const lease = leaseFrom(clock.now());
    let updates: Promise<void>[];
    try {
      const busy = [...this.#busy].filter((card) => card.subject === subject).map(({ id }) => id);
      const cards = await leaseCards(database.sql, subject, lease, busy);
      updates = cards.map((card) => {
        const own = card.leased ? lease : null;
        return this.#waiting.get(card.id) ?? this.#begin({ card, lease: own });
      });
    } finally {
      loaded();
    }
    // One conversation that cannot be reached must not keep another from its update, nor hide its own fault.
    await Promise.allSettled(updates);
    await Promise.all(updates);
  }

  #begin(begun: Begun): Promise<void> {
    const { card } = begun;
    const { id } = card;
    this.#busy.add(card);
    const own = bringUpToDate(this.#parts, begun, () => this.#waiting.delete(id)).finally(() => {
      if (this.#waiting.get(id) === own) this.#waiting.delete(id);
      this.#busy.delete(card);
    });
    this.#waiting.set(id, own);
    return own;
  }
}

async function bringUpToDate(parts: Parts, begun: Begun, starts: () => void): Promise<void> {
  const { clock, pace, show, database, log } = parts;
  const { card } = begun;
  let { lease } = begun;
  try {
    // Where every change is shown there is nearly always one, and `send` looks at it anyway.
    if (!canChange(card)) {
      const shown = await show(card);
      if (!shown || !isDue(card, shown)) return;
    }
    if (card.activityId === null) {
      const age = clock.now() - card.createdAt.getTime();
      if (age < TURN_GRACE_MS) throw new TryAgainLater(TURN_GRACE_MS - age);
    }
    await pace.inTurn(card.conversationKey, async () => {
      const wait = pace.waitFor(card.conversationKey);
      if (wait > 0) {
        parts.observer?.paced();
        throw new TryAgainLater(wait);
      }
      starts();
      if (lease && clock.now() > lease.until.getTime() - REQUEST_MS) throw new TryAgainLater(0);
      const fresh = lease ? null : leaseFrom(clock.now());
      const current = fresh ? await leaseCard(database.sql, card.id, fresh) : card;
      if (!current) throw new TryAgainLater(1_000);
      lease ??= fresh;
      if (await send(parts, current)) lease = null;
    });
  } finally {
    if (lease) {
      await releaseCard(database.sql, card.id, lease).catch((error: unknown) =>
        log.warn({ err: error, card: card.id }, 'the lease of a card runs out by itself'),
      );
    }
  }
}

function leaseFrom(now: number): Lease {
  return { now: new Date(now), until: new Date(now + LEASE_MS) };
}

/** Where messages cannot be changed, people are told of the end only. */
function isDue(card: Card, shown: Shown): boolean {
  if (shown.revision <= card.shownRevision) return false;
  if (shown.isContinued && !canChange(card)) return false;
  return card.activityId === null || canChange(card) || (shown.final && shown.state !== card.shownState);
}

/** The channel lets messages be changed, and has said which one it is. */
function canChange(card: Card): card is Card & { activityId: string } {
  return showsCards(card.place.channelId) && card.activityId !== null && card.activityId !== '';
}

/** Sends what is newest now, of a card that is held against other replicas. @returns whether it is not held any more */
async function send(parts: Parts, card: Card): Promise<boolean> {
  const { database, pace, show } = parts;
  const shown = await show(card);
  if (!shown || !isDue(card, shown)) return false;
  pace.count(card.conversationKey);
  const { activityId, isSeen } = await deliver(parts, card, shown);
  const { revision, state } = shown;
  // What did not reach people is not what they act on.
  const covers = isSeen ? shown.covers : undefined;
  await rememberShown(database.sql, card.id, { activityId, revision, state, covers });
  // A card that was never shown had nothing to miss.
  parts.observer?.shown(card.activityId === null ? 0 : Math.max(0, revision - card.shownRevision - 1));
  return true;
}

interface Delivered {
  /** The message; empty if it is not known, or there is none to be had. */
  activityId: string;
  /** People surely see it. */
  isSeen: boolean;
}

async function deliver(parts: Parts, card: Card, shown: Shown): Promise<Delivered> {
  const { log } = parts;
  const fields = { card: card.id, subject: card.subject };
  if (!parts.allowed(card.place.serviceUrl)) {
    log.warn(fields, 'the service address of a conversation is not allowed any more');
    return { activityId: '', isSeen: false };
  }
  const message = messageOf(shown.rendered, card.place.channelId);
  if (canChange(card)) {
    const updated = await update(parts, card, { ...message, id: card.activityId });
    if (updated !== 'messageGone' || shown.isContinued) {
      return { activityId: card.activityId, isSeen: updated === 'updated' };
    }
    log.info(fields, 'the message is gone; another takes its place');
  }
  return await create(parts, card, message);
}

/** The last update is tried for as long as it takes: until then the card tells what is not true any more. */
async function update(
  parts: Parts,
  card: Card,
  message: Partial<Activity>,
): Promise<'updated' | 'messageGone' | 'givenUp'> {
  const fault = await faultOf(parts, card, async (context) => {
    await context.updateActivity(message);
  });
  if (!fault) return 'updated';
  switch (judge(fault, 'change').kind) {
    case 'again':
      throw later(parts, card, fault);
    case 'gone':
      return 'messageGone';
    default:
      // The bot has been taken out of the conversation, or is blocked there; or waiting will not fix it.
      parts.log.warn({ err: fault, card: card.id, subject: card.subject }, 'a card is given up');
      return 'givenUp';
  }
}

/** Where it may have been sent it is not sent again. The end is told anew in any case. */
async function create(parts: Parts, card: Card, message: Partial<Activity>): Promise<Delivered> {
  let id: string | undefined;
  const fault = await faultOf(parts, card, async (context) => {
    id = (await context.sendActivity(message))?.id;
  });
  if (!fault) return { activityId: id ?? '', isSeen: true };
  if (judge(fault, 'card').kind === 'again') throw later(parts, card, fault);
  parts.log.warn({ err: fault, card: card.id, subject: card.subject }, 'a card could not be sent');
  return { activityId: '', isSeen: false };
}

/** @returns what the chat service has against it */
async function faultOf(
  { adapter, failing }: Parts,
  card: Card,
  turn: Parameters<ChatAdapter['resume']>[1],
): Promise<ConnectorFault | null> {
  try {
    await adapter.resume(referenceOf(card.place), turn);
    failing.over(card.id);
    return null;
  } catch (error) {
    if (error instanceof ConnectorFault) return error;
    throw error;
  }
}

function later({ failing, clock }: Parts, { id }: Card, fault: ConnectorFault): TryAgainLater {
  return new TryAgainLater(pauseOf(fault, failing.failed(id, clock.now())), { cause: fault });
}

type Reference = Parameters<ChatAdapter['resume']>[0];

/** As the SDK wants it. */
export function referenceOf(place: Place): Reference {
  const { channelId, serviceUrl, conversation, bot, user } = place;
  return {
    channelId,
    serviceUrl,
    conversation: {
      id: conversation.id,
      name: '',
      isGroup: conversation.isGroup ?? false,
      // The SDK wants a word; an empty one is refused by the Agents Playground as Web Chat, which gives none.
      conversationType: conversation.conversationType ?? (conversation.isGroup ? 'groupChat' : 'personal'),
      ...(conversation.tenantId === undefined ? {} : { tenantId: conversation.tenantId }),
    },
    bot: { name: '', ...bot },
    user: { name: '', ...user },
  };
}

/** How to come back to where this turn is. */
export function placeOf(context: TurnContext, shared: boolean): Place {
  const { channelId, serviceUrl, conversation, recipient, from } = context.activity;
  return {
    channelId,
    serviceUrl,
    conversation: {
      id: conversation.id,
      ...(conversation.tenantId ? { tenantId: conversation.tenantId } : {}),
      ...(conversation.conversationType ? { conversationType: conversation.conversationType } : {}),
      ...(conversation.isGroup ? { isGroup: true } : {}),
    },
    bot: { id: recipient.id, ...(recipient.name ? { name: recipient.name } : {}) },
    user: { id: from.id, ...(from.name ? { name: from.name } : {}) },
    shared,
  };
}
