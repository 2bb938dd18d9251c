import type { Call } from '../calls/call.ts';
import type { Barred, CallListener } from '../calls/callListener.ts';
import { phoneCallsIn } from '../calls/callQueries.ts';
import { lockKeys } from '../calls/phones.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import { ask } from '../database/ask.ts';
import type { Work } from '../database/transaction.ts';
import { PHONE_CALLS, phoneLimitUntil, phoneQuestion } from './callLimits.ts';
import { refusalOfNumber } from './rules.ts';

interface Parts {
  ringdown: () => Pick<RingdownYaml, 'permissions' | 'limits'>;
  clock: { now(): number };
}

/** Calls to phone numbers that this transaction sends, and those that were sent in the hour before. */
interface Counted {
  sent: readonly number[];
  granted: number;
}

/**
 * Bars calls to phone numbers that cost too much: more than `limits.phoneCallsPerHour`, or a number that may no longer be
 * called. Every call is checked when it is about to be sent, those of escalations too. All replicas agree: they count
 * under one lock, in the transaction that stores that the call is sent.
 */
export function barsPhoneCalls({ ringdown, clock }: Parts): CallListener {
  const counts = new WeakMap<Work, Counted>();

  async function countedIn(work: Work, now: number): Promise<Counted> {
    const known = counts.get(work);
    if (known) return known;
    await lockKeys(work, { limits: [PHONE_CALLS], phones: [] }, { limits: true, phones: false });
    const { limits } = ringdown();
    const answers = await ask(work.sql, { phoneCalls: phoneQuestion(limits, now, false) });
    const counted = { sent: phoneCallsIn(answers['phoneCalls']), granted: 0 };
    counts.set(work, counted);
    return counted;
  }

  return {
    async mayDial(work: Work, { target }: Call): Promise<true | Barred> {
      if (target.kind !== 'phone') return true;
      const { permissions, limits } = ringdown();
      if (refusalOfNumber(permissions, target.id)) return { barred: 'phoneRule' };
      const now = clock.now();
      const counted = await countedIn(work, now);
      if (phoneLimitUntil(limits, counted.sent, counted.granted, now) !== null)
        return { barred: 'phoneLimit' };
      // This transaction writes its calls at its end, where no question sees them.
      counted.granted += 1;
      return true;
    },
  };
}
