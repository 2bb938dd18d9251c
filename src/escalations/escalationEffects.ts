import type { Call, CallEvent } from '../calls/call.ts';
import type { CallService } from '../calls/callService.ts';
import { calleeIdOf } from '../calls/callee.ts';
import { view } from '../calls/lifecycle/lifecycle.ts';
import { timeNow, type Clock } from '../clock.ts';
import type { Jobs } from '../database/jobRunner.ts';
import type { Callees } from './callees.ts';
import type { Escalation } from './escalation.ts';
import type { EscalationService } from './escalationService.ts';

/**
 * Port to chat: tells people in Teams that nobody acknowledged. May be asked twice for one `run`.
 *
 * @param people those of `onExhausted.notify`, as the policy names them; if there are none, the operators are told
 * @returns who got the message
 */
export type TellPeople = (
  escalation: Escalation,
  people: readonly string[],
  run: number,
) => Promise<{ name: string; told: boolean }[]>;

interface Parts {
  jobs: Jobs;
  calls: CallService;
  escalations: EscalationService;
  callees: Callees;
  clock: Clock;
  tellPeople: TellPeople;
}

/** After this, it is too late to tell people that nobody acknowledged. */
const TELLING_MS = 3_600_000;

/** Registers the jobs of escalations. A job may run more than once, so each is idempotent. */
export function registerEscalationEffects(parts: Parts): void {
  const { jobs, calls, escalations, callees, clock, tellPeople } = parts;
  const now = (): string => timeNow(clock);

  jobs.handle('escalation.wake', {
    run: async ({ id, dueAt }, job) => await escalations.wake(id, dueAt, job),
  });
  jobs.handle('escalation.callEnded', {
    run: async ({ id, callId }, job) => await escalations.callEnded(id, callId, job),
  });

  // If this fails for good, the ladder goes on at its own deadline.
  jobs.handle('escalation.resolveStep', {
    run: async ({ id, run, round, step }, job) => {
      const isAsked = (escalation: Escalation | null): escalation is Escalation => {
        const { ladder } = escalation ?? {};
        return (
          ladder?.phase.kind === 'resolving' &&
          ladder.runs === run &&
          ladder.round === round &&
          ladder.step === step
        );
      };
      const recent = escalations.takeRecent(id);
      const escalation = isAsked(recent) ? recent : await escalations.get(id);
      const frozen = escalation?.steps[step];
      if (!isAsked(escalation) || !frozen) return;
      const { overruled, ...found } = await callees.ofStep(escalation, frozen, undefined, 'lookedUp');
      const notes = overruled.map(({ displayName: name }) => ({
        type: 'optOutOverruled' as const,
        data: { name },
      }));
      if (notes.length > 0) await escalations.note(escalation.id, notes);
      const event = { type: 'stepResolved' as const, at: now(), run, round, step, ...found };
      await escalations.take(escalation.id, event, job);
    },
  });

  jobs.handle('escalation.hangUp', {
    run: async ({ callId }) => {
      await calls.hangUp(callId, 'escalation');
    },
  });

  jobs.handle('escalation.tellOver', {
    run: async ({ id: over }) => {
      const escalation = await escalations.get(over);
      if (!escalation) return;
      const placed = await calls.ofEscalation(escalation.id);
      const running = placed.filter((call) => !isOver(call));
      await Promise.all(
        running.map(
          async ({ id }) => await calls.decide(id, (call) => lastWord(call, escalation.ladder, now())),
        ),
      );
    },
  });

  jobs.handle('escalation.exhausted', {
    run: async ({ id, run }) => {
      const escalation = await escalations.get(id);
      if (escalation?.ladder.status !== 'exhausted' || escalation.ladder.runs !== run) return;
      const told = await tellPeople(escalation, escalation.notify, run);
      await escalations.note(
        escalation.id,
        told.map(({ name, told: isTold }) => ({ type: isTold ? 'told' : 'notTold', data: { name } })),
      );
    },
    useful: {
      forMs: TELLING_MS,
      over: async ({ id }) => {
        const escalation = await escalations.get(id);
        const notify = escalation?.notify ?? [];
        await escalations.note(
          id,
          notify.map((name) => ({ type: 'notTold', data: { name } })),
        );
      },
    },
  });
}

/** A call that was given up may still be found. */
function isOver(call: Call): boolean {
  const { status, cause } = view(call);
  return status === 'ended' && (cause !== 'outcomeUnknown' || call.facts.hangUp !== undefined);
}

/** Ends a call whose escalation is over: people on the phone hear one sentence first, unanswered calls are hung up. */
function lastWord(call: Call, ladder: Escalation['ladder'], at: string): CallEvent | null {
  const { status, acknowledgedBy, endedBy } = ladder;
  const by = status === 'acknowledged' ? acknowledgedBy : endedBy;
  if (!by || (status !== 'acknowledged' && status !== 'resolved' && status !== 'cancelled')) return null;
  if (view(call).status !== 'connected') {
    return { type: 'hangUpRequested', at, by: 'escalation', byName: by.name };
  }
  if (status === 'acknowledged' && calleeIdOf(call.target).toLowerCase() === by.key.toLowerCase()) {
    return { type: 'acknowledged', at };
  }
  return { type: 'takenOver', at, by: by.name, how: status };
}
