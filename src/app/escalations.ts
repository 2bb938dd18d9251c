import { dirname } from 'node:path';
import { Callees } from '../escalations/callees.ts';
import { DutyBoard } from '../escalations/dutyBoard.ts';
import { DutyCalendars } from '../escalations/dutyCalendars.ts';
import { EscalationService } from '../escalations/escalationService.ts';
import { dutyPlanOf } from '../escalations/policies.ts';
import { restsInQuietHours } from '../escalations/quietHours.ts';
import type { PhoneRules } from '../escalations/phoneTargets.ts';
import { Targets, type DutyPlan } from '../escalations/targets.ts';
import { Calendars } from '../schedules/calendars.ts';
import { logEscalations } from '../operations/eventLog.ts';
import { watchEscalations } from '../operations/metrics/watchCalls.ts';
import { Pause } from '../operations/pause.ts';
import { barsPhoneCalls } from '../permissions/phoneCalls.ts';
import { CalendarLinks } from '../schedules/calendarLinks.ts';
import type { Calls } from './calls.ts';
import type { Current } from './parts.ts';
import type { Storage } from './storage.ts';

export type Escalations = ReturnType<typeof openEscalations>;

/** Escalations, their targets, who is on duty, and the pause of all calls. */
export function openEscalations(
  { config, log, database, sql, clock, metrics, tracing, transact }: Storage,
  { calls, directory, optOuts, permissions, languages }: Calls,
  current: Current,
) {
  const escalations = new EscalationService({
    transact,
    calls,
    clock,
    sql,
    autoResolveMs: () => current.ringdown.autoResolve,
    patienceMs: database.patienceMs,
    log,
    apart: tracing.isOn,
  });
  escalations.listen(watchEscalations(metrics));
  escalations.listen(logEscalations(log));
  const quietUntil = permissions.quietUntil.bind(permissions);
  calls.listen(restsInQuietHours({ escalations, quietUntil, clock }));
  const calendars = new Calendars({
    sql,
    transact,
    clock,
    log,
    directory,
    file: () => current.ringdown,
    folder: dirname(config.configFile ?? ''),
  });
  const plan = (): DutyPlan => dutyPlanOf(current.ringdown, calendars);
  // Last, as its lock is the last that a transaction takes.
  calls.listen(barsPhoneCalls({ ringdown: () => current.ringdown, clock }));
  const phones = (): PhoneRules => ({
    isOn: config.acs.phoneNumber !== undefined,
    countries: current.ringdown.permissions.phones.countries,
  });
  const duty = { sql, directory, clock, log, plan, phones };
  const calleesOf = (targets: Targets): Callees =>
    new Callees({
      targets,
      optedOut: async (ids) => await optOuts.among(ids),
      presence: async (ids) => await directory.presence(ids),
    });
  const targets = new Targets(duty);
  const callees = calleesOf(targets);
  /** For pages that show whom a policy would call: a look stores nothing. */
  const calleesShown = calleesOf(new Targets({ ...duty, remembers: false }));
  const calendarLinks = new CalendarLinks({ sql, transact, clock });
  const dutyBoard = new DutyBoard({ sql, directory, clock, ringdown: () => current.ringdown, plan });
  const dutyCalendars = new DutyCalendars({
    sql,
    links: calendarLinks,
    plan,
    board: dutyBoard,
    directory,
    permissions,
    languages,
    clock,
    ringdown: () => current.ringdown,
    publicUrl: () => current.publicUrl,
  });
  const pause = new Pause({ transact, clock, calls, escalations, sql });
  return {
    escalations,
    calendars,
    plan,
    targets,
    callees,
    calleesShown,
    pause,
    dutyBoard,
    dutyCalendars,
    calendarLinks,
  };
}
