import { isCaptureNote } from '../../calls/captures.ts';
import type { CallService } from '../../calls/callService.ts';
import type { Jobs } from '../../database/jobRunner.ts';
import type { Database } from '../../database/open.ts';
import { textsFor } from '../../texts/texts.ts';
import { subjectOf } from './callCards.ts';
import { cardsOf } from '../cards/cardStore.ts';
import { forgetActivity, takeActivity } from '../turn/activityStore.ts';
import { escalationSubject } from '../escalations/escalationCards.ts';
import { textMessage } from '../connector/messages.ts';
import { sendOnce, type SendParts } from '../connector/sendOnce.ts';
import type { Clock } from '../../clock.ts';

interface Parts extends SendParts {
  calls: CallService;
  database: Database;
  jobs: Pick<Jobs, 'handle'>;
  clock: Clock;
}

const JOB = 'chat.captured';
/** People must learn that a call was recorded, even late. */
const USEFUL_MS = 86_400_000;

/**
 * Tells every conversation with a card of the call when recording or transcription starts or ends. This is a separate
 * message, because a card that changes in place is easy to miss. Each conversation gets it once.
 */
export function registerCaptureNotices(parts: Parts): void {
  const { calls, database, jobs, clock } = parts;
  calls.listen({
    captured: (work, call, notes) => {
      for (const { type, at } of notes) {
        work.enqueue({ name: JOB, data: { callId: call.id, type, at } });
      }
    },
  });
  jobs.handle(JOB, {
    run: async ({ callId, type, at }) => {
      const call = await calls.get(callId);
      if (!call || !isCaptureNote(type)) return;
      const ofEscalation =
        call.purpose.kind === 'escalate'
          ? await cardsOf(database.sql, escalationSubject(call.purpose.escalationId))
          : [];
      const cards = [...(await cardsOf(database.sql, subjectOf(call.id))), ...ofEscalation];
      const places = new Map(cards.map((card) => [card.conversationKey, card]));
      const tellings = [...places.values()].map(async (card) => {
        const text = textsFor(card.locale).chat.captured[type]({ callee: call.target.displayName });
        const { place, conversationKey } = card;
        const key = `captured|${call.id}|${type}|${at}|${conversationKey}`;
        await sendOnce(parts, {
          id: key,
          place,
          conversationKey,
          message: textMessage(text),
          take: async () => await takeActivity(database.sql, key, new Date(clock.now())),
          forget: async () => await forgetActivity(database.sql, key),
        });
      });
      // An unreachable conversation must not block the others.
      await Promise.allSettled(tellings);
      await Promise.all(tellings);
    },
    useful: {
      forMs: USEFUL_MS,
      over: async ({ callId }, error) => {
        parts.log.error({ err: error, callId }, 'a recording notice could not be sent');
      },
    },
  });
}
