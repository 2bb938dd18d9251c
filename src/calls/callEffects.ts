import { timeNow, type Clock } from '../clock.ts';
import type { JobHandler } from '../database/jobHandler.ts';
import type { Jobs } from '../database/jobRunner.ts';
import { TryAgainLater } from '../database/tryAgain.ts';
import type { JobName, JobPayload } from '../database/jobKinds.ts';
import type { OwnJob } from '../database/jobStore.ts';
import type { Database } from '../database/open.ts';
import type { Call, CallEvent, ServiceResult } from './call.ts';
import type { RequestOutcome, Telephony } from './telephony.ts';
import type { CallService } from './callService.ts';
import { JustStored, loadCall, type StoredCall } from './callStore.ts';
import { REPEATABILITY_WINDOW_MS } from './lifecycle/deadlines.ts';
import { playOf } from './lifecycle/facts.ts';
import { mayDial, view } from './lifecycle/lifecycle.ts';
import { loadWithPhone } from './phones.ts';
import { readSpeech } from './lifecycle/speech.ts';

interface Parts {
  database: Database;
  jobs: Jobs;
  calls: CallService;
  telephony: Telephony;
  clock: Clock;
}

type JobsOfCalls = Extract<JobName, `call.${string}`>;

/** A job that runs later than this after it was requested looks its call up. Milliseconds. */
const JUST_STORED_MS = 500;
/** How long to wait for the event that explains an answer, before Ringdown asks the service. */
const EVENT_MS = 3_000;

/** Registers the jobs that carry out the effects of calls. Each may run more than once, and must do no harm then. */
export function registerCallEffects(parts: Parts): void {
  const { jobs, calls, telephony, database, clock } = parts;
  const now = (): string => timeNow(clock);
  const load = async ({ callId }: { callId: string }, job: OwnJob): Promise<Call | null> =>
    justStored(job, clock)?.call ?? (await loadCall(database.sql, callId))?.call ?? null;

  const whileOpen = <Name extends JobsOfCalls>(
    act: (call: Call, callConnectionId: string, job: OwnJob, data: JobPayload<Name>) => Promise<void>,
  ): JobHandler<Name> => ({
    run: async (data, job) => {
      const call = await load(data, job);
      if (!call?.callConnectionId || view(call).status === 'ended') return;
      await act(call, call.callConnectionId, job, data);
    },
  });

  jobs.handle('call.dial', { run: async (data, job) => await dial(parts, data.callId, job) });
  jobs.handle('call.makeWay', { run: async ({ callId }) => await calls.dialling.makeWay(callId) });
  jobs.handle('call.leavePhone', {
    run: async ({ callId, anyhow }) => await calls.dialling.leavePhone(callId, anyhow === 1),
  });
  jobs.handle('call.wake', {
    run: async ({ callId }, job) => void (await calls.apply(callId, { type: 'wake', at: now() }, job)),
  });

  /**
   * Sends a request to the service, and stores the answer. "Not found" and "conflict" tell only the state of the call, not
   * whether the request succeeded: wait a while for the event that explains it. Then ask for the state of the call, and if
   * it lives, send the request once more.
   */
  const ask = async (
    call: Call,
    callConnectionId: string,
    send: () => Promise<RequestOutcome>,
    {
      accepted,
      refused,
      job,
    }: { accepted: () => CallEvent; refused: (result: ServiceResult) => CallEvent; job: OwnJob },
  ): Promise<void> => {
    const isDoubted = call.facts.doubtedAt !== undefined;
    if (isDoubted && (await telephony.probe(callConnectionId)) === 'gone') {
      await calls.apply(call.id, { type: 'probed', at: now(), state: 'gone' }, job);
      return;
    }
    const outcome = await send();
    if (outcome.kind === 'unknown' && !isDoubted) {
      await calls.apply(call.id, { type: 'doubted', at: now() });
      throw new TryAgainLater(EVENT_MS);
    }
    // Unknown again, but the call lives: the request is being carried out. Its event or the deadline tells the result.
    await calls.apply(call.id, outcome.kind === 'refused' ? refused(outcome.result) : accepted(), job);
  };

  jobs.handle(
    'call.speak',
    whileOpen(async (call, callConnectionId, job, { context }) => {
      const speech = readSpeech(context);
      if (!speech) return;
      const step = playOf(call.facts, speech);
      if (step?.acceptedAt || step?.completedAt || step?.failed || call.facts.hangUp) return;
      const send = async () => await telephony.speak(call, callConnectionId, speech);
      await ask(call, callConnectionId, send, {
        job,
        accepted: () => ({ type: 'speakAccepted', at: now(), speech }),
        refused: (result) => ({ type: 'speakRefused', at: now(), speech, result }),
      });
    }),
  );
  jobs.handle(
    'call.listen',
    whileOpen(async (call, callConnectionId, job) => {
      if (call.facts.listen?.acceptedAt || call.facts.listen?.failed) return;
      const send = async () => await telephony.listen(call, callConnectionId);
      await ask(call, callConnectionId, send, {
        job,
        accepted: () => ({ type: 'listenAccepted', at: now() }),
        refused: (result) => ({ type: 'listenRefused', at: now(), result }),
      });
    }),
  );
  jobs.handle(
    'call.transfer',
    whileOpen(async (call, callConnectionId, job) => {
      const { purpose, facts } = call;
      const { transfer } = facts;
      if (purpose.kind !== 'connect' || facts.hangUp) return;
      if (transfer?.acceptedAt || transfer?.completedAt || transfer?.failed) return;
      const send = async () => await telephony.transfer(call, callConnectionId, purpose.to);
      await ask(call, callConnectionId, send, {
        job,
        accepted: () => ({ type: 'transferRequested', at: now() }),
        refused: (result) => ({ type: 'transferRefused', at: now(), result }),
      });
    }),
  );
  jobs.handle('call.hangUp', {
    run: async (data, job) => {
      const call = await load(data, job);
      if (!call?.callConnectionId || call.facts.hangUp?.confirmedAt) return;
      const { ended } = call.facts;
      if (ended && ended.by !== 'gone') return;
      try {
        await telephony.hangUp(call.callConnectionId);
      } catch (error) {
        // The call was given up. If it lives after all, this ends it, but does not retry for ever.
        if (!ended) throw error;
        return;
      }
      await calls.apply(call.id, { type: 'hangUpConfirmed', at: now() }, job);
    },
  });
  jobs.handle('call.probe', {
    run: async (data, job) => {
      const call = await load(data, job);
      if (!call?.callConnectionId || call.facts.ended) return;
      const state = await telephony.probe(call.callConnectionId).catch(() => 'unknown' as const);
      await calls.apply(call.id, { type: 'probed', at: now(), state }, job);
    },
  });
}

function justStored({ justStored: known, wantedAt }: OwnJob, clock: Clock): JustStored | null {
  return known instanceof JustStored && clock.now() - wantedAt < JUST_STORED_MS ? known : null;
}

function isBegunHere({ justStored: known }: OwnJob): boolean {
  return known instanceof JustStored && known.begun !== null;
}

/**
 * Sends `createCall` once for each call. After a crash it is repeated with the same repeatability id, which the service
 * does not execute twice. It promises that only for a while; after that the outcome is unknown.
 */
async function dial(parts: Parts, callId: string, job: OwnJob): Promise<void> {
  const { calls, telephony, clock } = parts;
  const now = (): string => timeNow(clock);

  const known = justStored(job, clock)?.begun;
  const begun = known ? { stored: known, isRepeated: false } : await begin(parts, callId, isBegunHere(job));
  if (!begun) return;
  const { stored, isRepeated } = begun;
  const { call } = stored;
  const firstSent = new Date(call.facts.dialSentAt ?? now());
  if (clock.now() - firstSent.getTime() >= REPEATABILITY_WINDOW_MS) {
    await calls.apply(callId, { type: 'dialUnknown', at: now() }, job);
    return;
  }
  const outcome = await telephony.dial({
    call,
    repeatabilityId: stored.repeatabilityId,
    firstSent,
    isRepeated,
    callbackSecret: stored.callbackSecret,
  });
  switch (outcome.kind) {
    case 'accepted': {
      const { callConnectionId, correlationId } = outcome;
      const at = now();
      await calls.apply(callId, { type: 'dialAccepted', at, callConnectionId, correlationId }, job);
      return;
    }
    case 'refused':
      await calls.apply(callId, { type: 'dialRefused', at: now(), result: outcome.result }, job);
      return;
    case 'unknown':
      await calls.apply(callId, { type: 'dialUnknown', at: now() }, job);
  }
}

/**
 * Stores the time of the first sending before the request leaves, unless it is stored already.
 *
 * @param isUnsent this process has stored it, and has not sent the request yet
 * @returns null if the call is not to be sent, or not now
 * @throws TryAgainLater if the call's turn has not come yet
 */
async function begin(
  { calls, database }: Parts,
  callId: string,
  isUnsent: boolean,
): Promise<{ stored: StoredCall; isRepeated: boolean } | null> {
  const known = await loadWithPhone(database.sql, callId);
  if (!known || !mayDial(known.call)) return null;
  if (known.call.facts.dialSentAt !== undefined) return { stored: known, isRepeated: !isUnsent };
  // While another call has the phone, a turn would be lost.
  const waitMs = known.phoneIsTaken ? 0 : await calls.dialling.turnIn(known.call);
  if (waitMs > 0) throw new TryAgainLater(waitMs);
  const stored = await calls.dialling.beginDial(callId);
  return stored && { stored, isRepeated: false };
}
