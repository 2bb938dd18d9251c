import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { JobHandler, Jobs } from '../database/jobs.ts';
import type { Database } from '../database/open.ts';
import type { Transact } from '../database/work.ts';
import type { Call, CallEvent, Telephony } from './call.ts';
import type { CallService, OwnEvent } from './callService.ts';
import { loadCall, type StoredCall } from './callStore.ts';
import { takeTurn, urgentWait } from './dialPace.ts';
import { isSpeechContext, mayDial, REPEATABILITY_WINDOW_MS, view } from './lifecycle.ts';
import { Together } from './together.ts';

interface Parts {
  database: Database;
  transact: Transact;
  jobs: Jobs;
  calls: CallService;
  telephony: Telephony;
  clock: Clock;
  log: Pick<Logger, 'warn'>;
  /** Each in a transaction of its own, so that each has its own trace. */
  apart?: boolean;
  /** How many `createCall` requests a second all replicas together may send. */
  createCallsPerSecond: number;
  /** A call has to wait for its turn. */
  paced?: () => void;
}

/** Takes what became of an effect, or a deadline; of many calls at once together. */
type Settle = (callId: string, event: CallEvent) => Promise<void>;

/** A turn this near is waited for; a later one is left to a deadline, so that no worker is held. */
const MAX_WAIT_MS = 1_000;

/** Registers what carries out the effects of calls. Each may run more than once and must not do harm then. */
export function registerCallEffects(parts: Parts): void {
  const { jobs, calls, telephony, database, transact, clock } = parts;
  const settle = settling(parts);
  const now = (): string => new Date(clock.now()).toISOString();
  const load = async (data: Record<string, string | number>): Promise<StoredCall | null> =>
    await loadCall(database.sql, String(data['callId']));

  const whileOpen = (
    act: (call: Call, callConnectionId: string, data: Record<string, string | number>) => Promise<void>,
  ): JobHandler => ({
    run: async (data) => {
      const stored = await load(data);
      if (!stored?.call.callConnectionId || view(stored.call).status === 'ended') return;
      await act(stored.call, stored.call.callConnectionId, data);
    },
  });

  jobs.handle('call.dial', {
    run: async (data) => await dial(parts, settle, String(data['callId']), data['turn'] === 1),
  });
  // A dial that had to wait its turn, and has it now: a deadline, because its handler does nothing but hand it on.
  jobs.handle('call.dialAt', {
    run: async (data) =>
      await transact(async (work) =>
        work.enqueue({ name: 'call.dial', data: { callId: String(data['callId']), turn: 1 } }),
      ),
  });
  jobs.handle('call.makeWay', { run: async (data) => await calls.makeWay(String(data['callId'])) });
  jobs.handle('call.leavePhone', {
    run: async (data) => await calls.leavePhone(String(data['callId']), data['anyhow'] === 1),
  });
  jobs.handle('call.wake', {
    run: async (data) => await settle(String(data['callId']), { type: 'wake', at: now() }),
  });

  jobs.handle(
    'call.speak',
    whileOpen(async (call, callConnectionId, data) => {
      const context = String(data['context']);
      if (!isSpeechContext(context)) return;
      const step = call.facts.plays?.[context];
      if (step?.acceptedAt || step?.completedAt || step?.failed || call.facts.hangUp) return;
      const outcome = await telephony.speak(call, callConnectionId, context);
      await settle(
        call.id,
        outcome.kind === 'accepted'
          ? { type: 'speakAccepted', at: now(), context }
          : { type: 'speakRefused', at: now(), context, result: outcome.result },
      );
    }),
  );
  jobs.handle(
    'call.listen',
    whileOpen(async (call, callConnectionId) => {
      if (call.facts.listen?.acceptedAt || call.facts.listen?.failed) return;
      const outcome = await telephony.listen(call, callConnectionId);
      await settle(
        call.id,
        outcome.kind === 'accepted'
          ? { type: 'listenAccepted', at: now() }
          : { type: 'listenRefused', at: now(), result: outcome.result },
      );
    }),
  );
  jobs.handle(
    'call.transfer',
    whileOpen(async (call, callConnectionId) => {
      const { transfer } = call.facts;
      if (call.purpose.kind !== 'connect' || transfer?.acceptedAt || transfer?.failed || call.facts.hangUp)
        return;
      const outcome = await telephony.transfer(call, callConnectionId, call.purpose.to);
      await settle(
        call.id,
        outcome.kind === 'accepted'
          ? { type: 'transferRequested', at: now() }
          : { type: 'transferRefused', at: now(), result: outcome.result },
      );
    }),
  );
  jobs.handle('call.hangUp', {
    run: async (data) => {
      const stored = await load(data);
      if (!stored?.call.callConnectionId || stored.call.facts.hangUp?.confirmedAt) return;
      const { ended } = stored.call.facts;
      if (ended && ended.by !== 'gone') return;
      try {
        await telephony.hangUp(stored.call.callConnectionId);
      } catch (error) {
        // A call that we gave up: should it live after all, it is ended, but that is not tried for ever.
        if (!ended) throw error;
        return;
      }
      await settle(stored.call.id, { type: 'hangUpConfirmed', at: now() });
    },
  });
  jobs.handle('call.probe', {
    run: async (data) => {
      const stored = await load(data);
      if (!stored?.call.callConnectionId || stored.call.facts.ended) return;
      const state = await telephony.probe(stored.call.callConnectionId).catch(() => 'unknown' as const);
      await settle(stored.call.id, { type: 'probed', at: now(), state });
    },
  });
}

function settling({ calls, log, apart = false }: Parts): Settle {
  const alone = async ({ callId, event }: OwnEvent): Promise<true> => {
    await (event.type === 'wake' ? calls.wake(callId) : calls.apply(callId, event));
    return true;
  };
  const together = new Together<OwnEvent, true>({
    together: async (own) => (await calls.applyTogether(own)).map((taken) => taken || null),
    alone,
    what: 'what became of calls',
    log,
  });
  return async (callId, event) => {
    await (apart ? alone({ callId, event }) : together.take({ callId, event }));
  };
}

/**
 * Sends `createCall` once for each call. After a crash it is sent again with the same repeatability id, which the
 * service does not execute twice, but only while the service keeps that promise; then the outcome is unknown.
 */
async function dial(parts: Parts, settle: Settle, callId: string, hasTurn: boolean): Promise<void> {
  const { calls, telephony, clock } = parts;
  const now = (): string => new Date(clock.now()).toISOString();

  const known = await calls.look(callId);
  if (!known || !mayDial(known.call)) return;
  // While another call is at the phone no turn is taken: it would be lost.
  const isFirst = !known.call.facts.dialSentAt && !known.phoneIsTaken;
  const needsTurn = isFirst && !(hasTurn && (await keepsTurn(parts, known.call)));
  if (needsTurn && !(await waitForTurn(parts, known.call))) return;

  // The time of the first sending is stored before the request leaves.
  const stored = await calls.beginDial(callId);
  if (!stored) return;
  const { call } = stored;
  const firstSent = new Date(call.facts.dialSentAt ?? now());
  if (clock.now() - firstSent.getTime() >= REPEATABILITY_WINDOW_MS) {
    await settle(callId, { type: 'dialUnknown', at: now() });
    return;
  }
  const outcome = await telephony.dial({
    call,
    repeatabilityId: stored.repeatabilityId,
    firstSent,
    callbackSecret: stored.callbackSecret,
  });
  switch (outcome.kind) {
    case 'accepted': {
      const { callConnectionId, correlationId } = outcome;
      await settle(callId, { type: 'dialAccepted', at: now(), callConnectionId, correlationId });
      return;
    }
    case 'refused':
      await settle(callId, { type: 'dialRefused', at: now(), result: outcome.result });
      return;
    case 'unknown':
      await settle(callId, { type: 'dialUnknown', at: now() });
  }
}

/**
 * Waits for the call's turn to be sent.
 *
 * @returns false if it is too far off to wait for; the dial comes again at its time
 */
async function waitForTurn(parts: Parts, { id, purpose }: Call): Promise<boolean> {
  const { database, transact, clock, createCallsPerSecond } = parts;
  const now = clock.now();
  const wish = { now, interval: 1000 / createCallsPerSecond };
  const wait = (await takeTurn(database.sql, wish, purpose.kind === 'escalate')) - now;
  if (wait <= 1) return true;
  parts.paced?.();
  if (wait > MAX_WAIT_MS) {
    await transact(async (work) =>
      work.enqueue({ name: 'call.dialAt', data: { callId: id }, dueAt: now + wait }),
    );
    return false;
  }
  await new Promise<void>((resolve) => clock.setTimeout(resolve, wait));
  return true;
}

/** Whether a call that had to wait for its turn may go now: not if an alert's call has to wait meanwhile. */
async function keepsTurn(
  { database, clock, createCallsPerSecond }: Parts,
  { purpose }: Call,
): Promise<boolean> {
  const wish = { now: clock.now(), interval: 1000 / createCallsPerSecond };
  return purpose.kind === 'escalate' || !(await urgentWait(database.sql, wish));
}
