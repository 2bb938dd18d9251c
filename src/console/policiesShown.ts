import type { Target } from '../calls/call.ts';
import { personIdOf } from '../calls/callee.ts';
import { targetKey } from '../calls/callStore.ts';
import { isMobile } from '../calls/callee.ts';
import { lookUp } from '../config/lookUp.ts';
import { asksFirst, type Presence } from '../directory/presence.ts';
import type { Escalation, StepPeople } from '../escalations/escalation.ts';
import type { DryRun } from '../escalations/ladder/dryRun.ts';
import { nameOnPhone } from '../texts/escalationCalls.ts';
import { whyNot } from '../texts/escalationTimeline.ts';
import type { Texts } from '../texts/texts.ts';
import type { DryRunPerson, DryRunStep, PolicyDetail, PresenceStatus } from './model.ts';

/** Whom a step means, with those who are called although they opted out. */
export type Found = StepPeople & { overruled: Target[] };

/** What is known about the steps of a policy. */
export interface Known {
  found: readonly Found[];
  /** By object id, in lower case; null if presence cannot be read. */
  presences: ReadonlyMap<string, Presence> | null;
  /** For steps that set none. */
  ringTimeoutSeconds: number;
}

/** The steps of a dry run, as a page shows them. */
export function stepsShown(
  escalation: Escalation,
  run: DryRun,
  { found, presences, ringTimeoutSeconds }: Known,
  texts: Texts,
): DryRunStep[] {
  const seconds = secondsAfter(escalation.createdAt);
  const words = texts.timeline.escalation;
  return escalation.steps.map((step, index): DryRunStep => {
    const { people, skipped, remembered, overruled } = found[index] ?? nobody;
    const calls = run.calls.filter((call) => call.round === 0 && call.step === index);
    const begins = run.begun.find((one) => one.round === 0 && one.step === index);
    const optedOut = new Set(overruled.map(targetKey));
    return {
      number: index + 1,
      mode: step.mode,
      startsAfter: begins ? seconds(begins.at) : null,
      ringSeconds: step.ringTimeoutSeconds ?? ringTimeoutSeconds,
      tries: step.tries,
      pauseSeconds: step.pauseSeconds,
      people: [
        ...people.flatMap(({ key, target: first, phones = [first] }) =>
          phones.map((target): DryRunPerson => ({
            name: nameOnPhone(target, texts),
            rings: calls
              .filter((call) => call.key === key && call.target.kind === target.kind)
              .map(({ ringsAt }) => seconds(ringsAt)),
            isSkipped: false,
            note:
              target === first && optedOut.has(key)
                ? words.optOutOverruled({ name: target.displayName })
                : isMobile(target)
                  ? texts.console.policies.ifNumber
                  : null,
            presence: target === first ? presenceOf(target, presences) : null,
          })),
        ),
        ...skipped.map(({ name, reason }): DryRunPerson => ({
          name,
          rings: [],
          isSkipped: true,
          note: texts.console.policies.skipped({ why: whyNot(reason, texts) }),
          presence: null,
        })),
      ],
      notes: [
        ...remembered.map((name) => words.remembered({ name })),
        ...(people.length === 0 ? [words.nobodyInStep({ step: String(index + 1) })] : []),
      ],
    };
  });
}

const nobody: Found = { people: [], skipped: [], remembered: [], overruled: [] };

/** When the later rounds of a dry run begin, and when it is over. */
export function roundsShown(
  { createdAt }: Pick<Escalation, 'createdAt'>,
  { begun, overAt }: DryRun,
): Pick<PolicyDetail, 'repeatsAfter' | 'overAfter'> {
  const seconds = secondsAfter(createdAt);
  return {
    repeatsAfter: begun.filter(({ round, step }) => round > 0 && step === 0).map(({ at }) => seconds(at)),
    overAfter: overAt === null ? null : seconds(overAt),
  };
}

/** @returns the whole seconds from one ISO 8601 time to another */
function secondsAfter(start: string): (at: string) => number {
  return (at) => Math.round((Date.parse(at) - Date.parse(start)) / 1000);
}

const dots: Readonly<Record<string, PresenceStatus>> = {
  available: 'available',
  availableidle: 'available',
  away: 'away',
  berightback: 'away',
  busy: 'busy',
  busyidle: 'busy',
  donotdisturb: 'doNotDisturb',
  offline: 'offline',
};

/** The presence as the dot in Teams shows it; null for voice apps, and if it cannot be read. */
function presenceOf(target: Target, presences: ReadonlyMap<string, Presence> | null): PresenceStatus | null {
  const presence = presences?.get(personIdOf(target)?.toLowerCase() ?? '');
  if (!presence) return null;
  const disturbance = asksFirst(presence);
  if (disturbance === 'outOfOffice' || disturbance === 'doNotDisturb') return disturbance;
  return lookUp(dots, presence.availability.toLowerCase()) ?? 'unknown';
}
