import type { Requester } from '../calls/call.ts';
import type { PauseState } from '../calls/pause.ts';
import type { Audit } from '../permissions/audit.ts';
import type { Pause } from './pause.ts';

export type AuditedPause = ReturnType<typeof auditedPause>;

/** The pause of all calls for people, in chat and in the console: the audit records who changed it. */
export function auditedPause(pause: Pause, audit: Audit) {
  type Done = { state: PauseState; changed: boolean };
  const recorded = async (what: 'paused' | 'resumed', who: Requester, done: Done): Promise<Done> => {
    if (done.changed) await audit.record(what, who);
    return done;
  };
  return {
    state: async () => await pause.state(),
    pause: async (who: Requester) => await recorded('paused', who, await pause.pause(who.name)),
    resume: async (who: Requester) => await recorded('resumed', who, await pause.resume(who.name)),
    /** Records that somebody who is not an operator tried it. */
    refused: async (who: Requester) => await audit.record('mayNotPause', who),
  };
}
