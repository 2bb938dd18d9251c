import type { Call, CallEvent } from '../calls/call.ts';
import type { CallService } from '../calls/callService.ts';
import { view } from '../calls/lifecycle.ts';
import { timeNow, type Clock } from '../clock.ts';
import type { Jobs } from '../database/jobs.ts';
import type { Callees } from './callees.ts';
import type { Escalation } from './escalation.ts';
import type { EscalationService } from './escalationService.ts';

/**
 * The port to where people read: tells them in Teams that nobody acknowledged. `people` are those whom `onExhausted`
 * names, as the policy has them; with none it is the operators' turn. May be asked twice for one `run`.
 *
 * @returns who of them was told
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
  tellPeople?: TellPeople;
}

/** That nobody acknowledged is news for so long. */
const TELLING_MS = 3_600_000;

/** Where nobody can be told, the timeline says so. */
const tellNobody: TellPeople = async (_escalation, people) => people.map((name) => ({ name, told: false }));

/** Registers what carries out the effects of escalations. Each may run more than once and must not do harm then. */
export function registerEscalationEffects(parts: Parts): void {
  const { jobs, calls, escalations, callees, clock, tellPeople = tellNobody } = parts;
  const now = (): string => timeNow(clock);

  jobs.handle('escalation.wake', {
    run: async ({ id, dueAt }, job) => await escalations.wake(id, dueAt, job),
  });
  jobs.handle('escalation.callEnded', {
    run: async ({ id, callId }, job) => await escalations.callEnded(id, callId, job),
  });

  // Should it fail for good, the ladder's own deadline moves on.
  jobs.handle('escalation.resolveStep', {
    run: async ({ id, run, round, step }, job) => {
      const isAsked = (escalation: Escalation | null): escalation is Escalation => {
        const { ladder } = escalation ?? {};
        return (
          ladder?.phase === 'resolving' &&
          ladder.runs === run &&
          ladder.round === round &&
          ladder.step === step
        );
      };
      const recent = escalations.takeRecent(id);
      const escalation = isAsked(recent) ? recent : await escalations.get(id);
      const frozen = escalation?.steps[step];
      if (!isAsked(escalation) || !frozen) return;
      const { overruled, ...found } = await callees.ofStep(escalation, frozen);
      const told = overruled.map(({ displayName: name }) => ({ type: 'optOutOverruled', data: { name } }));
      if (told.length > 0) await escalations.note(escalation.id, told);
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
        told.map(({ name, told: done }) => ({ type: done ? 'told' : 'notTold', data: { name } })),
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

/** A call that was given up may yet be found. */
function isOver(call: Call): boolean {
  const { status, cause } = view(call);
  return status === 'ended' && (cause !== 'outcomeUnknown' || call.facts.hangUp !== undefined);
}

/**
 * What becomes of a call when its escalation has been taken or stopped: the unanswered is hung up, and who is on the
 * phone hears one sentence first.
 */
function lastWord(call: Call, ladder: Escalation['ladder'], at: string): CallEvent | null {
  const { status, acknowledgedBy, endedBy } = ladder;
  const by = status === 'acknowledged' ? acknowledgedBy : endedBy;
  if (!by || (status !== 'acknowledged' && status !== 'resolved' && status !== 'cancelled')) return null;
  if (view(call).status !== 'connected') {
    return { type: 'hangUpRequested', at, by: 'escalation', byName: by.name };
  }
  if (status === 'acknowledged' && call.target.id.toLowerCase() === by.key.toLowerCase()) {
    return { type: 'acknowledged', at };
  }
  return { type: 'takenOver', at, by: by.name, how: status };
}
