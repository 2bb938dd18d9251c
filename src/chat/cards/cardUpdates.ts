import type { Activity } from 'botbuilder';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { Jobs } from '../../database/jobRunner.ts';
import { LeaseLost, TryAgainLater } from '../../database/tryAgain.ts';
import type { OwnJob } from '../../database/jobStore.ts';
import type { Database } from '../../database/open.ts';
import type { Transact } from '../../database/transaction.ts';
import type { ChatAdapter } from '../connector/adapter.ts';
import { judge, pauseOf, type Failing } from '../connector/connectorAnswers.ts';
import {
  cardsOf,
  doubtShown,
  loadCard,
  rememberingShown,
  LEFT,
  TURN_GRACE_MS,
  type Card,
} from './cardStore.ts';
import type { Rendered } from './renderers/elements.ts';
import { messageOf, showsCards } from '../connector/messages.ts';
import type { Pace } from '../connector/pace.ts';
import { referenceOf } from '../connector/place.ts';
import { ConnectorFault } from '../connector/connectorFault.ts';

/** How a subject looks now. */
export interface Shown {
  revision: number;
  /** The name of its state. */
  state: string;
  /** Whether no more changes will come. */
  final: boolean;
  rendered: Rendered;
  /** The escalation's revision, which an acknowledgement on this card covers. */
  covers?: number;
  /** Another message has replaced it: this one is updated if it still exists, and never sent again. */
  isContinued?: boolean;
}

/** Observes card updates, for metrics. */
export interface CardObserver {
  /** @param merged the number of changes that were merged into this update */
  shown(merged: number): void;
  /** An update had to wait for the conversation's rate limit. */
  paced(): void;
}

/** Renders the newest state of a card's subject (`call:<id>`, `escalation:<id>`); null if it no longer exists. */
export type Show = (card: Card) => Promise<Shown | null>;

/** The cards of a subject, and what they showed at the same time. */
export interface Look {
  cards: readonly Card[];
  show: Show;
}

interface Parts {
  jobs: Pick<Jobs, 'handle' | 'finish' | 'isTakenOver'>;
  adapter: Pick<ChatAdapter, 'resume'>;
  database: Database;
  transact: Transact;
  clock: Clock;
  log: Logger;
  pace: Pace;
  failing: Failing;
  observer: CardObserver;
  /** Reads the cards together with their subject; null if that takes two statements. */
  look: (subject: string) => Promise<Look | null>;
  show: Show;
  /** Whether a token may be sent to this address. */
  allowed: (serviceUrl: string) => boolean;
  /** Turns that began before this time are over. Epoch milliseconds. */
  turnsSince: number;
}

const ALL = 'card.show';
const ONE = 'card.showOne';
/** The jobs that update cards. */
export const CARD_JOBS = [ALL, ONE] as const;
/** After a day of failed updates, nobody looks at the card any more. */
const USEFUL_MS = 86_400_000;

/**
 * Registers the job `card.show`, which updates every card of a subject. It reads the state right before it sends, so
 * several changes become one update. The last change always arrives, because a job that is enqueued while it runs runs
 * again. If a subject has several cards, each gets its own job, so an unreachable conversation blocks no other.
 */
export function registerCards(parts: Parts): void {
  const { jobs, database, transact, log } = parts;
  const useful = {
    forMs: USEFUL_MS,
    over: async (data: { subject: string } | { card: string }, error: unknown) => {
      log.error({ err: error, ...data }, 'a card could not be updated');
    },
  };
  jobs.handle(ALL, {
    run: async ({ subject }, job) => {
      const look = await parts.look(subject);
      const cards = look?.cards ?? (await cardsOf(database.sql, subject));
      const [first, ...more] = cards;
      if (first && more.length === 0) return await bringUpToDate(parts, first, job, look?.show);
      await transact((work) => {
        for (const { id } of cards) work.enqueue({ name: ONE, data: { card: id } });
      });
    },
    useful,
  });
  jobs.handle(ONE, {
    run: async ({ card: id }, job) => {
      const card = await loadCard(database.sql, id);
      if (card) await bringUpToDate(parts, card, job);
    },
    useful,
  });
}

/** @param showNow what the card was found to show a moment ago */
async function bringUpToDate(parts: Parts, card: Card, job: OwnJob, showNow = parts.show): Promise<void> {
  const { clock, pace, observer } = parts;
  // Cards that can be updated are nearly always due, and `send` checks it anyway.
  if (!canChange(card)) {
    const shown = await showNow(card);
    if (!shown || !isDue(card, shown)) return;
  }
  if (card.activityId === null) {
    const age = clock.now() - card.createdAt.getTime();
    const mayBeInTurn = card.createdAt.getTime() >= parts.turnsSince || card.shownState === LEFT;
    if (mayBeInTurn && age < TURN_GRACE_MS) throw new TryAgainLater(TURN_GRACE_MS - age);
  }
  // After others the state may be a newer one.
  const show = pace.isSending(card.conversationKey) ? parts.show : showNow;
  await pace.inTurn(card.conversationKey, async () => {
    const wait = pace.waitFor(card.conversationKey);
    if (wait > 0) {
      observer.paced();
      throw new TryAgainLater(wait);
    }
    await send({ ...parts, show }, card, job);
  });
}

/** Whether to send an update. Where messages cannot be updated, people only get a message about the end. */
function isDue(card: Card, shown: Shown): boolean {
  if (shown.revision <= card.shownRevision) return false;
  if (shown.isContinued && !canChange(card)) return false;
  return card.activityId === null || canChange(card) || (shown.final && shown.state !== card.shownState);
}

/** Whether the channel allows updates and returned the message's id. */
function canChange(card: Card): card is Card & { activityId: string } {
  return showsCards(card.place.channelId) && card.activityId !== null && card.activityId !== '';
}

/** Sends the newest state. */
async function send(parts: Parts, card: Card, job: OwnJob): Promise<void> {
  const { jobs, transact, pace, show } = parts;
  const shown = await show(card);
  if (!shown || !isDue(card, shown)) return;
  if (jobs.isTakenOver) throw new LeaseLost();
  pace.count(card.conversationKey);
  const delivered = await deliver(parts, card, shown).catch((error: unknown) => {
    if (jobs.isTakenOver) return null;
    throw error;
  });
  if (!delivered || jobs.isTakenOver) {
    // The other process may have shown a newer state, which this one has now replaced.
    await transact(async (work) => {
      await doubtShown(work.sql, card.id, delivered?.activityId);
      work.enqueue({ name: ONE, data: { card: card.id } });
      work.finish(job);
    });
    return;
  }
  const { activityId, isSeen } = delivered;
  const { revision, state } = shown;
  // People do not act on what did not reach them.
  const covers = isSeen ? shown.covers : undefined;
  await jobs.finish(job, {
    name: 'shown',
    write: rememberingShown(card.id, { activityId, revision, state, covers }),
  });
  // The first update of a card merges nothing.
  parts.observer.shown(card.activityId === null ? 0 : Math.max(0, revision - card.shownRevision - 1));
}

interface Delivered {
  /** The id of the message; empty if it is unknown or no message could be sent. */
  activityId: string;
  /** Whether people certainly see it. */
  isSeen: boolean;
}

async function deliver(parts: Parts, card: Card, shown: Shown): Promise<Delivered> {
  const { log } = parts;
  const fields = { card: card.id, subject: card.subject };
  if (!parts.allowed(card.place.serviceUrl)) {
    log.warn(fields, 'the service URL of a conversation is no longer allowed');
    return { activityId: '', isSeen: false };
  }
  const message = messageOf(shown.rendered, card.place.channelId);
  if (canChange(card)) {
    const updated = await update(parts, card, { ...message, id: card.activityId });
    if (updated !== 'messageGone' || shown.isContinued) {
      return { activityId: card.activityId, isSeen: updated === 'updated' };
    }
    log.info(fields, 'the message is gone; sending a new one');
  }
  return await create(parts, card, message);
}

/** Updates the message. Retries as long as it may help, because until then the card is outdated. */
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
      // The bot was removed from the conversation or is blocked there, or a retry will not help.
      parts.log.warn({ err: fault, card: card.id, subject: card.subject }, 'gave up updating a card');
      return 'givenUp';
  }
}

/** Sends a new message; not again if it may have arrived. (The end gets a message of its own in any case.) */
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

/** @returns the fault if the chat service rejects the request */
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
