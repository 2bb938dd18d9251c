import { sql as raw, type RawBuilder } from 'kysely';
import type { CallEvent } from '../calls/call.ts';
import { callNamed, namesOf } from '../calls/callQueries.ts';
import type { CallService } from '../calls/callService.ts';
import type { Clock } from '../clock.ts';
import type { Jobs } from '../database/jobRunner.ts';
import type { Sql } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import type { Transact, Work } from '../database/transaction.ts';
import { readGridEvents, type GridEvent } from './gridEvents.ts';

interface Parts {
  transact: Transact;
  calls: CallService;
  jobs: Pick<Jobs, 'handle'>;
  clock: Pick<Clock, 'now'>;
  /** Whether Event Grid is configured. If not, calls do not look for grid events. */
  isOn: boolean;
}

const JOB = 'grid.join';
const AGAIN = 'grid.again';
/**
 * If an event and the ids of its call are stored at the same moment, neither sees the other. So look again after this
 * delay.
 */
const AGAIN_MS = 30_000;

/**
 * Stores each Event Grid event once and links it to its call: by the service's ids of the call, or by the identity
 * that a browser page calls with. Event Grid and Call Automation do not wait for each other, so an event may arrive
 * before the ids of its call are known; it is linked as soon as they are. Events that are never linked stay for the
 * audit, for `retentionDays`.
 */
export class GridEvents {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { calls, jobs, isOn } = parts;
    jobs.handle(JOB, { run: async ({ callId }) => await this.#linkWaiting(callId) });
    jobs.handle(AGAIN, {
      run: async ({ source, id }) => await this.#linkAgain(source, id),
    });
    if (!isOn) return;
    calls.listen({
      moved: (work, before, call) => {
        const isNamed =
          before.serverCallId !== call.serverCallId || before.correlationId !== call.correlationId;
        if (isNamed) work.enqueue({ name: JOB, data: { callId: call.id } });
      },
    });
  }

  /**
   * Stores the events of one Event Grid request, in one transaction.
   *
   * @returns the validation code to echo if this is a handshake; null for events
   */
  async store(body: unknown): Promise<{ validationCode: string | null }> {
    const now = this.#parts.clock.now();
    const { events, validationCode } = readGridEvents(body, now);
    if (events.length > 0) {
      await this.#parts.transact(async (work) => {
        for (const event of events) {
          const callId = (await callNamed(work.sql, event)) ?? (await talkOf(work.sql, event));
          if (!(await insert(work.sql, event, callId, new Date(now)))) continue;
          if (callId) await this.#apply(work, callId, event);
          else if (event.serverCallId !== null || event.correlationId !== null) {
            const { source, id } = event;
            work.enqueue({ name: AGAIN, data: { source, id }, dueAt: now + AGAIN_MS });
          }
        }
      });
    }
    return { validationCode };
  }

  async #linkAgain(source: string, id: string): Promise<void> {
    await this.#parts.transact(async (work) => {
      const row = await work.sql
        .selectFrom('grid_events')
        .select(['server_call_id as serverCallId', 'correlation_id as correlationId'])
        .where('source', '=', source)
        .where('event_id', '=', id)
        .where('call_id', 'is', null)
        .executeTakeFirst();
      const callId = row ? await callNamed(work.sql, row) : null;
      if (callId) work.enqueue({ name: JOB, data: { callId } });
    });
  }

  async #linkWaiting(callId: string): Promise<void> {
    await this.#parts.transact(async (work) => {
      const call = await namesOf(work.sql, callId);
      if (!call) return;
      const waiting = await work.sql
        .updateTable('grid_events')
        .set({ call_id: callId })
        .where('call_id', 'is', null)
        .where((where) =>
          where.or([
            where('server_call_id', '=', call.serverCallId),
            where('correlation_id', '=', call.correlationId),
          ]),
        )
        .returning('body')
        .execute();
      for (const { body } of waiting) {
        for (const event of readGridEvents(body, this.#parts.clock.now()).events) {
          await this.#apply(work, callId, event);
        }
      }
    });
  }

  /** Applies an event to its call. */
  async #apply(work: Work, callId: string, event: GridEvent): Promise<void> {
    const { calls } = this.#parts;
    const { line, recording } = event;
    if (line) await calls.noteIn(work, callId, [{ at: event.at, ...line }]);
    if (recording) await this.#applyRecording(work, callId, recording);
    // If the call's own end event got lost, ask the service about the call.
    if (event.type === 'CallEnded') await calls.doubtIn(work, callId);
  }

  /** A recording file proves that the call was recorded, even if the recording events got lost. */
  async #applyRecording(
    work: Work,
    callId: string,
    { id, from, until }: NonNullable<GridEvent['recording']>,
  ): Promise<void> {
    const tell = async (at: string, on: boolean): Promise<void> => {
      const event: CallEvent = {
        type: 'capture',
        what: 'recording',
        at,
        id,
        on,
        callConnectionId: null,
        serverCallId: null,
        correlationId: null,
      };
      await this.#parts.calls.decideIn(work, callId, ({ facts }) =>
        facts.captures?.some((one) => one.id === id && one.on === on) ? null : event,
      );
    };
    await tell(from, true);
    if (until !== null) await tell(until, false);
  }
}

/** The browser call that uses this identity. */
async function talkOf(sql: Sql, { startedBy }: GridEvent): Promise<string | null> {
  if (startedBy === null) return null;
  const row = await sql
    .selectFrom('talk_identities')
    .select('call_id')
    .where('acs_id', '=', startedBy)
    .executeTakeFirst();
  return row?.call_id ?? null;
}

/** @returns false if it was already stored */
async function insert(sql: Sql, event: GridEvent, callId: string | null, receivedAt: Date): Promise<boolean> {
  const result = await sql
    .insertInto('grid_events')
    .values({
      source: event.source,
      event_id: event.id,
      type: event.type,
      at: event.at,
      received_at: receivedAt,
      server_call_id: event.serverCallId,
      correlation_id: event.correlationId,
      call_id: callId,
      body: storableJson(event.body),
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Deletes up to `most` events that arrived before `before`. */
export function oldGridEvents(before: Date, most: number): RawBuilder<unknown> {
  return raw`DELETE FROM grid_events WHERE (source, event_id) IN
    (SELECT source, event_id FROM grid_events WHERE received_at < ${before} LIMIT ${most})`;
}
