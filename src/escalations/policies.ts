import type { Requester } from '../calls/call.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { Escalation, FrozenStep, Link, Severity, TargetSpec } from './escalation.ts';
import type { StartEscalation } from './starting.ts';
import type { CalendarBook } from '../schedules/calendarDuty.ts';
import type { CalendarSource } from '../schedules/ical/source.ts';
import type { DutyPlan } from './targets.ts';

export type Policy = RingdownYaml['policies'][string];

/** What to call people about, and who asks for it. */
export interface EscalationRequest {
  summary: string;
  details?: string | null;
  /** `critical` if not given. */
  severity?: Severity;
  links?: Link[];
  dedupKey?: string | null;
  /** Everybody sees and hears that it is a test, and it never joins a real alert. */
  test?: boolean;
  /** Who may join by dedup key: an integration or API key, or `chat`. */
  source: string;
  startedBy: Requester;
  /** If people are named instead of a policy: the language of the asker, or of the file. English if not given. */
  language?: string | undefined;
}

/** Freezes a policy, or the steps of the request: a new ringdown.yaml does not change an escalation that runs. */
export function startFromPolicy(
  ladder: { name: string; policy: Policy } | { steps: Policy['steps'] },
  request: EscalationRequest,
): StartEscalation {
  const { name = null, policy = null } = 'policy' in ladder ? ladder : {};
  const test = request.test ?? false;
  const steps = 'steps' in ladder ? ladder.steps : test ? testSteps(ladder.policy) : ladder.policy.steps;
  return {
    policy: name,
    steps: steps.map((step) => frozen(step, policy?.ways)),
    // A test has one round and ends by itself: see ladder/endings.ts.
    repeat: test ? 0 : (policy?.repeat ?? 0),
    acknowledgeTimeoutMs: test ? null : (policy?.acknowledgeTimeout ?? null),
    ...(policy?.stepOver ? { stepOver: [...policy.stepOver] } : {}),
    notify: [...(policy?.onExhausted?.notify ?? [])],
    channel: policy?.channel ?? null,
    language: (policy ? policy.language : request.language) ?? 'en',
    voice: policy?.voice ?? null,
    source: request.source,
    dedupKey: test ? null : (request.dedupKey ?? null),
    summary: request.summary,
    details: request.details ?? null,
    severity: request.severity ?? 'critical',
    links: [...(request.links ?? [])],
    test,
    startedBy: request.startedBy,
  };
}

/** A PIN stays in the file: an escalation stores only that there is one. */
export function frozen({ pin, ...step }: Policy['steps'][number], policyWays?: Policy['ways']): FrozenStep {
  const ways = step.ways ?? policyWays;
  return structuredClone({ ...step, ...(ways && { ways }), ...(pin !== undefined && { pin: 'inFile' }) });
}

/** Whom a test calls: the policy's `test`, or its first step. */
function testSteps({ test, steps }: Policy): Policy['steps'] {
  return test ? [{ targets: test, mode: 'sequence', tries: 1, pauseSeconds: 0 }] : steps.slice(0, 1);
}

/**
 * The part of the file that says who is on duty.
 *
 * @param calendars what is known of the calendars
 */
export function dutyPlanOf({ rotations, voiceApps, timeZone }: RingdownYaml, calendars: Calendars): DutyPlan {
  return {
    voiceApps,
    rotations: Object.fromEntries(
      Object.entries(rotations).map(([name, rotation]) => [
        name,
        'ical' in rotation
          ? { calendar: calendars.bookOf(rotation, timeZone) }
          : { ...rotation, timeZone: rotation.timeZone ?? timeZone },
      ]),
    ),
  };
}

/** The port to what is known of calendars. */
export interface Calendars {
  /** @param timeZone the file's */
  bookOf(source: CalendarSource, timeZone: string): CalendarBook;
}

/** Whether somebody can cover: only rotations can be covered. */
export function canBeCovered({ steps }: Pick<Policy | Escalation, 'steps'>): boolean {
  return steps.some(({ targets }) => targets.some(isCovered));
}

/** Whether a cover counts for this target. */
export function isCovered(target: TargetSpec): boolean {
  return rotationOf(target) !== null;
}

/** The rotation that a target names, also in place of Shifts; null if it names none. */
export function rotationOf(target: TargetSpec): string | null {
  if ('rotation' in target) return target.rotation;
  return 'shifts' in target && target.fallback ? rotationOf(target.fallback) : null;
}
