import type { Activity } from 'botbuilder';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import { TryAgainLater } from '../../database/tryAgain.ts';
import type { ChatAdapter } from './adapter.ts';
import { referenceOf, type Place } from './place.ts';
import { judge, pauseOf, type Failing } from './connectorAnswers.ts';
import type { Pace } from './pace.ts';
import { ConnectorFault } from './connectorFault.ts';

/** What is needed to write into a conversation outside a turn. */
export interface SendParts {
  clock: Pick<Clock, 'now'>;
  adapter: Pick<ChatAdapter, 'resume'>;
  log: Logger;
  pace: Pace;
  failing: Failing;
  /** Whether a token may be sent to this address. */
  allowed: (serviceUrl: string) => boolean;
}

export interface OneTimeMessage {
  /** Identifies the message. */
  id: string;
  place: Place;
  conversationKey: string;
  message: Partial<Activity>;
  /** Records that it is sent. @returns false if it was sent before */
  take(): Promise<boolean>;
  /** Undoes `take` after sending failed. */
  forget(): Promise<void>;
}

/**
 * Sends a message into a conversation from a job, unless it was sent before.
 *
 * @throws TryAgainLater
 */
export async function sendOnce(
  { adapter, clock, log, pace, failing, allowed }: SendParts,
  what: OneTimeMessage,
): Promise<void> {
  const { place, conversationKey, message } = what;
  if (!allowed(place.serviceUrl)) return;
  await pace.inTurn(conversationKey, async () => {
    const wait = pace.waitFor(conversationKey);
    if (wait > 0) throw new TryAgainLater(wait);
    if (!(await what.take())) return;
    pace.count(conversationKey);
    try {
      await adapter.resume(referenceOf(place), async (context) => {
        await context.sendActivity(message);
      });
      failing.over(what.id);
    } catch (error) {
      if (!(error instanceof ConnectorFault)) throw error;
      log.warn(
        { err: error, conversation: conversationKey },
        'a message to a conversation could not be sent',
      );
      if (judge(error, 'message').kind !== 'again') return;
      await what.forget();
      throw new TryAgainLater(pauseOf(error, failing.failed(what.id, clock.now())), { cause: error });
    }
  });
}
