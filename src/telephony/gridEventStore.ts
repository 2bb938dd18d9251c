import { sql as raw, type RawBuilder } from 'kysely';
import type { CallEvent } from '../calls/call.ts';
import { callNamed, namesOf } from '../calls/callQueries.ts';
import type { CallService } from '../calls/callService.ts';
import type { Clock } from '../clock.ts';
import type { Jobs } from '../database/jobs.ts';
import type { Sql } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import type { Transact, Work } from '../database/work.ts';
import { readGridEvents, type GridEvent } from './gridEvents.ts';

interface Parts {
  transact: Transact;
  calls: CallService;
  jobs: Pick<Jobs, 'handle'>;
  clock: Pick<Clock, 'now'>;
  /** Nothing can come without an address that takes it: then no call looks for events of its own. */
  isOn: boolean;
}

const JOB = 'grid.join';
const AGAIN = 'grid.again';
/** A call may get its name in the very moment in which an event of it is stored: it is looked for once more. */
const AGAIN_MS = 30_000;

/**
 * Keeps what Event Grid sends, each event once, and joins it to the call that it is about, by the service's own names
 * of the call, or by the identity that a browser page calls with. Event Grid and Call Automation do not wait for each other: what comes before the call's name is known is
 * joined when it is; what never is stays for the audit, as long as `retentionDays` say.
 */
export class GridEvents {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { calls, jobs, isOn } = parts;
    jobs.handle(JOB, { run: async ({ callId }) => await this.#joinWaiting(callId) });
    jobs.handle(AGAIN, {
      run: async ({ source, id }) => await this.#lookAgain(source, id),
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
   * Takes one request of Event Grid, in one transaction.
   *
   * @returns the code of a handshake, which is to be sent back; null for events
   */
  async take(body: unknown): Promise<{ validationCode: string | null }> {
    const now = this.#parts.clock.now();
    const { events, validationCode } = readGridEvents(body, now);
    if (events.length > 0) {
      await this.#parts.transact(async (work) => {
        for (const event of events) {
          const callId = (await callNamed(work.sql, event)) ?? (await talkOf(work.sql, event));
          if (!(await insert(work.sql, event, callId, new Date(now)))) continue;
          if (callId) await this.#tell(work, callId, event);
          else if (event.serverCallId !== null || event.correlationId !== null) {
            const { source, id } = event;
            work.enqueue({ name: AGAIN, data: { source, id }, dueAt: now + AGAIN_MS });
          }
        }
      });
    }
    return { validationCode };
  }

  async #lookAgain(source: string, id: string): Promise<void> {
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

  async #joinWaiting(callId: string): Promise<void> {
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
          await this.#tell(work, callId, event);
        }
      }
    });
  }

  /** What an event says of its call. */
  async #tell(work: Work, callId: string, event: GridEvent): Promise<void> {
    const { calls } = this.#parts;
    const { line, recording } = event;
    if (line) await calls.noteIn(work, callId, [{ at: event.at, ...line }]);
    if (recording) await this.#tellRecording(work, callId, recording);
    // Should the service's own event of the end be lost, its answer tells.
    if (event.type === 'CallEnded') await calls.doubtIn(work, callId);
  }

  /** A file proves that there was a recording, should its own events have been lost. */
  async #tellRecording(
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

/** The call from a browser page that is made with this identity. */
async function talkOf(sql: Sql, { startedBy }: GridEvent): Promise<string | null> {
  if (startedBy === null) return null;
  const row = await sql
    .selectFrom('talk_identities')
    .select('call_id')
    .where('acs_id', '=', startedBy)
    .executeTakeFirst();
  return row?.call_id ?? null;
}

/** @returns false if it was there already */
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

/** Deletes events that came before that, some at a time. */
export function oldGridEvents(before: Date, most: number): RawBuilder<unknown> {
  return raw`DELETE FROM grid_events WHERE (source, event_id) IN
    (SELECT source, event_id FROM grid_events WHERE received_at < ${before} LIMIT ${most})`;
}
