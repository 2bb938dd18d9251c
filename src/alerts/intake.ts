import { setImmediate } from 'node:timers/promises';
import { sql as raw, type Insertable, type RawBuilder, type Selectable } from 'kysely';
import type { Logger } from 'pino';
import type { Checkpoint } from '../database/checkpoint.ts';
import type { Clock } from '../clock.ts';
import { isDatabaseAway } from '../database/away.ts';
import { GroupCommit } from '../database/groupCommit.ts';
import type { Jobs } from '../database/jobRunner.ts';
import type { Schema, Sql } from '../database/schema.ts';
import type { Transact, Work } from '../database/transaction.ts';
import { storableJson } from '../database/storable.ts';
import { RingdownError } from '../errors.ts';
import type { Messages } from '../texts/messages.ts';
import { textsFor } from '../texts/texts.ts';
import type { AlertService, Received } from './alertService.ts';
import { isFormat, readAlert, type Format } from './formats.ts';
import { lockPolicy, lockWaiting } from './policyLocks.ts';

/** One request of a sender, as it arrived. */
export interface Incoming {
  format: Format;
  /** Tells senders apart: the same dedup key from another source is another alert. */
  source: string;
  /** The sender's name, for people. */
  sender: string;
  policy: string;
  /** JSON text, without the sender's API key. */
  body: string;
}

interface Parts {
  sql: Sql;
  transact: Transact;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  checkpoint: Checkpoint;
  alerts: Pick<AlertService, 'applyAllIn'>;
  /** The language of a policy, or of the file; undefined if neither names one. */
  languageOf: (policy: string) => string | undefined;
  /** Origin of the Azure portal, in this cloud. */
  portalUrl: string;
  /** Tells the operators, in the transaction that gives up on a stored body. */
  failed: (work: Work, sender: string) => Promise<void>;
}

const JOB = 'alerts.workOff';
/** One transaction processes at most this many bodies; in between, the process does other work. */
const BATCH_SIZE = 200;
const SWEEP_MS = 5_000;
/** The process that stores a body also processes it. A body that waits longer was left behind by one that died. */
const LEFT_BEHIND_MS = 3_000;

/**
 * The intake of alerts: it stores a body, then the sender gets an answer, then it processes the body. The table is the
 * queue. Any process takes the waiting bodies in order of arrival, for all policies in one transaction. A policy that
 * another transaction has locked gets a job of its own, which waits for the lock.
 */
export class Intake {
  readonly #parts: Parts;
  readonly #storing: GroupCommit<Incoming, true>;
  #sweep: unknown = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#storing = new GroupCommit({
      commit: async (incoming) => await this.#store(incoming),
      what: 'alerts',
      log: parts.log,
      asRequests: true,
      inOrder: true,
    });
    parts.jobs.handle(JOB, {
      run: async ({ policy }) => await (policy === undefined ? this.process() : this.#processPolicy(policy)),
    });
  }

  /** Begins to process bodies that other processes left behind, now and every few seconds. */
  async start(): Promise<void> {
    const { clock } = this.#parts;
    this.#sweep ??= clock.setInterval(() => void this.#resume(clock.now() - LEFT_BEHIND_MS), SWEEP_MS);
    // The process before this one may have died while it processed them.
    await this.#resume(clock.now());
  }

  stop(): void {
    if (this.#sweep !== null) this.#parts.clock.clearInterval(this.#sweep);
    this.#sweep = null;
  }

  /**
   * Resolves when the body is stored for good.
   *
   * @throws TurnTimeout, or the database's error
   */
  async store(incoming: Incoming): Promise<void> {
    await this.#storing.take(incoming);
    this.#parts.checkpoint('after alert stored');
  }

  /** Processes all waiting bodies, except those that it leaves to jobs. */
  async process(): Promise<void> {
    while ((await this.#processTogether()) > 0) await setImmediate();
  }

  async #store(incoming: readonly Incoming[]): Promise<true[]> {
    const { transact, clock } = this.#parts;
    const rows = incoming.map(({ sender: source_name, ...one }) => ({
      ...one,
      source_name,
      received_at: new Date(clock.now()),
    }));
    await transact((work) => {
      work.last('intake', addingIntake(rows));
      enqueueProcessing(work);
    });
    return incoming.map(() => true);
  }

  /** @returns the number of bodies */
  async #processTogether(): Promise<number> {
    let policies: string[] = [];
    try {
      return await this.#parts.transact(async (work) => {
        const { locked, missed } = await lockWaiting(work.sql);
        policies = locked;
        const rows = locked.length > 0 ? await this.#readWaiting(work, locked) : [];
        const skipped = await this.#apply(work, rows, false);
        for (const policy of [...missed, ...skipped]) enqueueProcessing(work, policy);
        return rows.filter(({ policy }) => !skipped.has(policy)).length;
      });
    } catch (error) {
      if (isDatabaseAway(error) || policies.length === 0) throw error;
      this.#parts.log.error(
        { err: error },
        'processing the alerts of several policies together failed; processing each policy by itself',
      );
      for (const policy of policies) await this.#processPolicy(policy);
      return 1;
    }
  }

  /** Processes the bodies of one policy, and waits for its locks. */
  async #processPolicy(policy: string): Promise<void> {
    try {
      while ((await this.#processBatch(policy)) > 0) await setImmediate();
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      this.#parts.log.error(
        { err: error, policy },
        'processing the alerts of a policy together failed; processing them one by one',
      );
      await this.#processOneByOne(policy);
    }
  }

  /** One body that cannot be processed must not block the others. */
  async #processOneByOne(policy: string): Promise<void> {
    const { sql, transact, clock, log, failed } = this.#parts;
    const rows = await sql
      .selectFrom('intake')
      .select(['seq', 'source_name'])
      .where('status', '=', raw.lit('waiting'))
      .where('policy', '=', policy)
      .orderBy('seq')
      .limit(BATCH_SIZE)
      .execute();
    for (const { seq, source_name: sender } of rows) {
      try {
        await this.#processBatch(policy, seq);
      } catch (error) {
        if (isDatabaseAway(error)) throw error;
        log.error({ err: error, policy, sender, seq }, 'an alert cannot be processed');
        await transact(async (work) => {
          const failedRow = await work.sql
            .updateTable('intake')
            .set({ status: 'failed', worked_at: new Date(clock.now()) })
            .where('seq', '=', seq)
            .where('status', '=', raw.lit('waiting'))
            .returning('seq')
            .executeTakeFirst();
          if (failedRow) await failed(work, sender);
        });
      }
    }
  }

  /** @param only the `seq` of one body; all waiting ones if not given. @returns the number of bodies */
  async #processBatch(policy: string, only?: number): Promise<number> {
    return await this.#parts.transact(async (work) => {
      // Lock first, then read: otherwise two processes could read the same bodies, or apply them out of order.
      await lockPolicy(work.sql, policy);
      const rows = await this.#readWaiting(work, [policy], only);
      await this.#apply(work, rows, true);
      return rows.length;
    });
  }

  async #readWaiting(work: Work, policies: readonly string[], only?: number): Promise<Row[]> {
    let waiting = work.sql
      .selectFrom('intake')
      .select(['seq', 'policy', 'format', 'source', 'source_name', 'body'])
      .where('status', '=', raw.lit('waiting'))
      .where('policy', 'in', policies)
      .orderBy('seq')
      .limit(BATCH_SIZE);
    if (only !== undefined) waiting = waiting.where('seq', '=', only);
    return await waiting.execute();
  }

  /** @param waits whether to wait for locked escalations. @returns the policies that were skipped because it did not */
  async #apply(work: Work, rows: readonly Row[], waits: boolean): Promise<ReadonlySet<string>> {
    if (rows.length === 0) return new Set();
    const { alerts, clock, languageOf, portalUrl } = this.#parts;
    const byPolicy = [...Map.groupBy(rows, ({ policy }) => policy)].map(
      ([policy, own]): [string, Received[]] => {
        const words = textsFor(languageOf(policy)).alerts;
        return [
          policy,
          own.map((row) => ({
            source: row.source,
            sender: row.source_name,
            signals: signalsOf(row, words, portalUrl),
          })),
        ];
      },
    );
    const skipped = await alerts.applyAllIn(work, new Map(byPolicy), waits);
    const done = rows.filter(({ policy }) => !skipped.has(policy)).map(({ seq }) => seq);
    work.last(
      'worked',
      raw`UPDATE intake SET status = 'done', worked_at = ${new Date(clock.now())} WHERE seq = ANY(${done}::bigint[])`,
    );
    return skipped;
  }

  /** Enqueues a job if a body stored before this time (epoch milliseconds) still waits. */
  async #resume(before: number): Promise<void> {
    const { sql, log, transact } = this.#parts;
    try {
      const left = await sql
        .selectFrom('intake')
        .select(raw<number>`1`.as('one'))
        .where('status', '=', raw.lit('waiting'))
        .where('received_at', '<=', new Date(before))
        .limit(1)
        .executeTakeFirst();
      if (left) await transact((work) => enqueueProcessing(work));
    } catch (error) {
      log.debug({ err: error }, 'looking for waiting alerts failed');
    }
  }
}

type Row = Pick<
  Selectable<Schema['intake']>,
  'seq' | 'policy' | 'format' | 'source' | 'source_name' | 'body'
>;

/** Inserts bodies, as part of a statement. */
function addingIntake(rows: readonly Insertable<Schema['intake']>[]): RawBuilder<unknown> {
  const columns = raw.raw('received_at, format, source, source_name, policy, body');
  return raw`INSERT INTO intake (${columns})
    SELECT ${columns} FROM json_populate_recordset(NULL::intake, ${storableJson(rows)}::json)`;
}

/** @param policy one that another transaction has locked; if not given, all policies */
function enqueueProcessing(work: Work, policy?: string): void {
  work.enqueue({ name: JOB, data: policy === undefined ? {} : { policy } });
}

/**
 * Parses a stored body. It was parsed before it was stored, but perhaps by another version of the code.
 *
 * @throws RingdownError internal if it cannot be parsed: its sender was told that it is accepted
 */
function signalsOf(
  { format, body }: { format: string; body: string },
  words: Messages['alerts'],
  portalUrl: string,
): Received['signals'] {
  const reading = isFormat(format)
    ? readAlert(format, JSON.parse(body), words, portalUrl)
    : { problem: 'unknown format' };
  if ('signals' in reading) return reading.signals;
  throw new RingdownError('internal', { detail: reading.problem });
}
