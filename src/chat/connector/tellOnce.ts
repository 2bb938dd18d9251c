import type { Activity } from 'botbuilder';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import { TryAgainLater } from '../../database/tryAgain.ts';
import type { ChatAdapter } from './adapter.ts';
import { referenceOf, type Place } from './place.ts';
import { judge, pauseOf, type Failing } from './connectorAnswers.ts';
import type { Pace } from './pace.ts';
import { ConnectorFault } from './connectorFault.ts';

/** The way into conversations, outside a turn. */
export interface Telling {
  clock: Pick<Clock, 'now'>;
  adapter: Pick<ChatAdapter, 'resume'>;
  log: Logger;
  pace: Pace;
  failing: Failing;
  /** The address may be sent a token. */
  allowed: (serviceUrl: string) => boolean;
}

export interface ToTell {
  /** Names it, among all that is told. */
  id: string;
  place: Place;
  conversationKey: string;
  message: Partial<Activity>;
  /** Remembers that it is told. @returns false if it was told before */
  take(): Promise<boolean>;
  /** It could not be told after all. */
  forget(): Promise<void>;
}

/**
 * Sends a message into a conversation, from a job, unless it was sent before.
 *
 * @throws TryAgainLater
 */
export async function tellOnce(
  { adapter, clock, log, pace, failing, allowed }: Telling,
  what: ToTell,
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
      log.warn({ err: error, conversation: conversationKey }, 'a conversation was not told of something');
      if (judge(error, 'message').kind !== 'again') return;
      await what.forget();
      throw new TryAgainLater(pauseOf(error, failing.failed(what.id, clock.now())), { cause: error });
    }
  });
}
