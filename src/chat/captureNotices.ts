import type { Logger } from 'pino';
import { isCaptureNote } from '../calls/captures.ts';
import type { CallService } from '../calls/callService.ts';
import { TryAgainLater, type Jobs } from '../database/jobs.ts';
import type { Database } from '../database/open.ts';
import { textsFor } from '../texts/texts.ts';
import type { ChatAdapter } from './adapter.ts';
import { subjectOf } from './callCards.ts';
import { cardsOf, forgetActivity, takeActivity, type Card } from './cardStore.ts';
import { referenceOf } from './conversations.ts';
import { escalationSubject } from './escalationCards.ts';
import { textMessage } from './messages.ts';
import type { Pace } from './pace.ts';
import { ConnectorFault } from './transport.ts';
import type { Clock } from '../clock.ts';

interface Parts {
  adapter: Pick<ChatAdapter, 'resume'>;
  calls: CallService;
  database: Database;
  jobs: Pick<Jobs, 'handle'>;
  clock: Clock;
  log: Logger;
  pace: Pace;
  /** The address may be sent a token. */
  allowed: (serviceUrl: string) => boolean;
}

const JOB = 'chat.captured';
const RETRY_MS = 2_000;

/**
 * Tells everybody who sees a call's card that it is being recorded or transcribed, or is no more: a message of its own,
 * because a card that changes in place is easily missed. Each conversation reads it once.
 */
export function registerCaptureNotices(parts: Parts): void {
  const { calls, database, jobs } = parts;
  calls.listen({
    captured: (work, call, notes) => {
      for (const { type, at } of notes) {
        work.enqueue({ name: JOB, data: { callId: call.id, type, at }, priority: 10 });
      }
    },
  });
  jobs.handle(JOB, {
    run: async (data) => {
      const [type, at] = [String(data['type']), String(data['at'])];
      const call = await calls.get(String(data['callId']));
      if (!call || !isCaptureNote(type)) return;
      const ofEscalation =
        call.purpose.kind === 'escalate'
          ? await cardsOf(database.sql, escalationSubject(call.purpose.escalationId))
          : [];
      const cards = [...(await cardsOf(database.sql, subjectOf(call.id))), ...ofEscalation];
      const places = new Map(cards.map((card) => [card.conversationKey, card]));
      const tellings = [...places.values()].map(async (card) => {
        const text = textsFor(card.locale).chat.captured(type, call.target.displayName);
        await tell(parts, card, `captured|${call.id}|${type}|${at}|${card.conversationKey}`, text);
      });
      // One conversation that cannot be reached must not keep another from it.
      await Promise.allSettled(tellings);
      await Promise.all(tellings);
    },
    gaveUp: async (data, error) => {
      parts.log.error({ err: error, callId: data['callId'] }, 'a recording could not be told of');
    },
  });
}

async function tell(parts: Parts, card: Card, key: string, text: string): Promise<void> {
  const { adapter, database, clock, log, pace } = parts;
  if (!parts.allowed(card.place.serviceUrl)) return;
  await pace.inTurn(card.conversationKey, async () => {
    const wait = pace.waitFor(card.conversationKey);
    if (wait > 0) throw new TryAgainLater(wait);
    if (!(await takeActivity(database.sql, key, new Date(clock.now())))) return;
    pace.count(card.conversationKey);
    try {
      await adapter.resume(referenceOf(card.place), async (context) => {
        await context.sendActivity(textMessage(text));
      });
    } catch (error) {
      if (!(error instanceof ConnectorFault)) throw error;
      log.warn({ err: error, card: card.id }, 'a conversation was not told of a recording');
      if (!error.mayPass) return;
      // Told twice is better than never.
      await forgetActivity(database.sql, key);
      throw new TryAgainLater(error.retryAfterMs ?? RETRY_MS, { cause: error });
    }
  });
}
