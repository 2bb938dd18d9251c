import type { Activity } from 'botbuilder';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { Jobs } from '../../database/jobs.ts';
import { TryAgainLater } from '../../database/tryAgain.ts';
import type { OwnJob } from '../../database/jobStore.ts';
import type { Database } from '../../database/open.ts';
import type { Transact } from '../../database/work.ts';
import type { ChatAdapter } from '../connector/adapter.ts';
import { judge, pauseOf, type Failing } from '../connector/connectorAnswers.ts';
import { cardsOf, loadCard, rememberingShown, LEFT, TURN_GRACE_MS, type Card } from './cardStore.ts';
import type { Rendered } from './renderers/elements.ts';
import { messageOf, showsCards } from '../connector/messages.ts';
import type { Pace } from '../connector/pace.ts';
import { referenceOf } from '../connector/place.ts';
import { ConnectorFault } from '../connector/connectorFault.ts';

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
  jobs: Pick<Jobs, 'handle' | 'finish'>;
  adapter: Pick<ChatAdapter, 'resume'>;
  database: Database;
  transact: Transact;
  clock: Clock;
  log: Logger;
  pace: Pace;
  failing: Failing;
  observer: CardObserver;
  show: Show;
  /** The address may be sent a token. */
  allowed: (serviceUrl: string) => boolean;
  /** A turn that began before this is over: epoch milliseconds. */
  turnsSince: number;
}

const ALL = 'card.show';
const ONE = 'card.showOne';
/** The jobs that bring cards up to date. */
export const CARD_JOBS = [ALL, ONE] as const;
/** Nobody looks at a card that could not be changed for a day. */
const USEFUL_MS = 86_400_000;

/**
 * Registers the job `card.show`: brings every card of a subject up to date. Several changes make one update, because the newest
 * state is read when the turn to send has come; the last one always arrives, because what is wanted while the job runs is
 * done once more. Of a subject with several cards each has a job of its own: a conversation that cannot be reached does
 * not keep another from its update.
 */
export function registerCards(parts: Parts): void {
  const { jobs, database, transact, log } = parts;
  const useful = {
    forMs: USEFUL_MS,
    over: async (data: { subject: string } | { card: string }, error: unknown) => {
      log.error({ err: error, ...data }, 'a card could not be brought up to date');
    },
  };
  jobs.handle(ALL, {
    run: async ({ subject }, job) => {
      const cards = await cardsOf(database.sql, subject);
      const [first, ...more] = cards;
      if (first && more.length === 0) return await bringUpToDate(parts, first, job);
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

async function bringUpToDate(parts: Parts, card: Card, job: OwnJob): Promise<void> {
  const { clock, pace, show, observer } = parts;
  // Where every change is shown there is nearly always one, and `send` looks at it anyway.
  if (!canChange(card)) {
    const shown = await show(card);
    if (!shown || !isDue(card, shown)) return;
  }
  if (card.activityId === null) {
    const age = clock.now() - card.createdAt.getTime();
    const mayBeInTurn = card.createdAt.getTime() >= parts.turnsSince || card.shownState === LEFT;
    if (mayBeInTurn && age < TURN_GRACE_MS) throw new TryAgainLater(TURN_GRACE_MS - age);
  }
  await pace.inTurn(card.conversationKey, async () => {
    const wait = pace.waitFor(card.conversationKey);
    if (wait > 0) {
      observer.paced();
      throw new TryAgainLater(wait);
    }
    await send(parts, card, job);
  });
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

/** Sends what is newest now. */
async function send(parts: Parts, card: Card, job: OwnJob): Promise<void> {
  const { jobs, pace, show } = parts;
  const shown = await show(card);
  if (!shown || !isDue(card, shown)) return;
  pace.count(card.conversationKey);
  const { activityId, isSeen } = await deliver(parts, card, shown);
  const { revision, state } = shown;
  // What did not reach people is not what they act on.
  const covers = isSeen ? shown.covers : undefined;
  await jobs.finish(job, {
    name: 'shown',
    write: rememberingShown(card.id, { activityId, revision, state, covers }),
  });
  // A card that was never shown had nothing to miss.
  parts.observer.shown(card.activityId === null ? 0 : Math.max(0, revision - card.shownRevision - 1));
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
