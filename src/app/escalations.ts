import { Callees } from '../escalations/callees.ts';
import { EscalationService } from '../escalations/escalationService.ts';
import { restsInQuietHours } from '../escalations/quietHours.ts';
import { Targets } from '../escalations/targets.ts';
import { logEscalations } from '../operations/eventLog.ts';
import { watchEscalations } from '../operations/metrics/watchCalls.ts';
import { Pause } from '../operations/pause.ts';
import type { Calls } from './calls.ts';
import type { Current } from './parts.ts';
import type { Storage } from './storage.ts';

export type Escalations = ReturnType<typeof openEscalations>;

/** Escalations, whom they call, and the operators' stop of all calls. */
export function openEscalations(
  { log, database, sql, clock, metrics, commits, tracing, transact }: Storage,
  { calls, directory, optOuts, permissions }: Calls,
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
  escalations.listen(watchEscalations(metrics, commits));
  escalations.listen(logEscalations(log, commits));
  const quietUntil = permissions.quietUntil.bind(permissions);
  calls.listen(restsInQuietHours({ escalations, quietUntil, clock }));
  const targets = new Targets({ sql, directory, clock, plan: () => dutyPlan(current) });
  const callees = new Callees({
    targets,
    optedOut: async (ids) => await optOuts.among(ids),
    presence: async (ids) => await directory.presence(ids),
  });
  const pause = new Pause({ transact, clock, calls, escalations, sql });
  return { escalations, targets, callees, pause };
}

/** Rotations without a time zone of their own have the file's. */
function dutyPlan({ ringdown: { voiceApps, rotations, timeZone } }: Current) {
  return {
    voiceApps,
    rotations: Object.fromEntries(
      Object.entries(rotations).map(([name, rotation]) => [
        name,
        { ...rotation, timeZone: rotation.timeZone ?? timeZone },
      ]),
    ),
  };
}
