import { setImmediate } from 'node:timers/promises';
import { sql as raw, type Insertable, type Kysely, type RawBuilder, type Selectable } from 'kysely';
import type { Logger } from 'pino';
import type { Checkpoint } from '../database/checkpoint.ts';
import type { Clock } from '../clock.ts';
import { isDatabaseAway } from '../database/away.ts';
import { Gathering } from '../database/gathering.ts';
import type { Jobs } from '../database/jobs.ts';
import { asRequest } from '../database/lanes.ts';
import type { Schema } from '../database/schema.ts';
import type { Transact, Work } from '../database/work.ts';
import { storableJson } from '../database/storable.ts';
import { RingdownError } from '../errors.ts';
import type { AlertTexts } from '../texts/alertTexts.ts';
import { textsFor } from '../texts/texts.ts';
import type { AlertService, Received } from './alertService.ts';
import { lockPolicy, lockWaiting } from './alertStore.ts';
import { isFormat, readAlert, type Format } from './formats.ts';

/** One request of a sender, as it came. */
export interface Incoming {
  format: Format;
  /** Alerts of one source are told apart by their keys. */
  source: string;
  /** For people. */
  sender: string;
  policy: string;
  /** JSON text, without any key. */
  body: string;
}

interface Parts {
  sql: Kysely<Schema>;
  transact: Transact;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  checkpoint: Checkpoint;
  alerts: Pick<AlertService, 'takeAllIn'>;
  /** That of a policy; undefined if it has none. */
  languageOf: (policy: string) => string | undefined;
  /** Origin of the Azure portal. */
  portalUrl: string;
  /** What was taken could not be worked on: the operators are told, in the transaction that gives it up. */
  failed: (work: Work, sender: string) => Promise<void>;
}

const JOB = 'alerts.workOff';
/** Bodies that come together are stored together, so many at most: each has up to half a megabyte. */
const STORED_AT_ONCE = 50;
/** Of one transaction; the embedded database's own process goes on between them. */
const BATCH = 200;
const SWEEP_MS = 5_000;
/** Work is set off by whoever stores; what waits longer was left by a process that died. */
const LEFT_BEHIND_MS = 3_000;

/**
 * The intake of alerts: a body is stored in one statement, and only then answered and worked on. What waits in the table
 * is the queue itself; any process works it off, in the order in which it came, all policies in one transaction. A policy
 * that another transaction is handling gets a job of its own, which waits.
 */
export class Intake {
  readonly #parts: Parts;
  readonly #storing: Gathering<Incoming>;
  #sweep: unknown = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#storing = new Gathering(
      async (incoming) => await asRequest(async () => await this.#store(incoming)),
      { most: STORED_AT_ONCE },
    );
    parts.jobs.handle(JOB, {
      run: async ({ policy }) => await (policy === undefined ? this.workOff() : this.#workOffPolicy(policy)),
    });
  }

  /** Also takes up what another process left behind. */
  async start(): Promise<void> {
    const { clock } = this.#parts;
    this.#sweep ??= clock.setInterval(() => void this.#takeUp(clock.now() - LEFT_BEHIND_MS), SWEEP_MS);
    // A process before this one may have died over it.
    await this.#takeUp(clock.now());
  }

  stop(): void {
    if (this.#sweep !== null) this.#parts.clock.clearInterval(this.#sweep);
    this.#sweep = null;
  }

  /** Resolves when it is stored for good. Throws TurnTimeout or the database's error if it cannot be. */
  async store(incoming: Incoming): Promise<void> {
    await this.#storing.write(incoming);
    this.#parts.checkpoint('after alert stored');
  }

  /** Works off all that waits, but what is left to jobs. */
  async workOff(): Promise<void> {
    while ((await this.#workOffTogether()) > 0) await setImmediate();
  }

  /** Stores what has come, and wants it worked off. */
  async #store(incoming: readonly Incoming[]): Promise<void> {
    const { transact, clock } = this.#parts;
    const rows = incoming.map(({ sender: source_name, ...one }) => ({
      ...{ ...one, source_name, received_at: new Date(clock.now()) },
    }));
    await transact((work) => {
      work.last('intake', addingIntake(rows));
      want(work);
    });
  }

  /** @returns how much was worked off */
  async #workOffTogether(): Promise<number> {
    let policies: string[] = [];
    try {
      return await this.#parts.transact(async (work) => {
        const { locked, missed } = await lockWaiting(work.sql);
        policies = locked;
        const rows = locked.length > 0 ? await this.#read(work, locked) : [];
        const held = await this.#take(work, rows, false);
        for (const policy of [...missed, ...held]) want(work, policy);
        return rows.filter(({ policy }) => !held.has(policy)).length;
      });
    } catch (error) {
      if (isDatabaseAway(error) || policies.length === 0) throw error;
      this.#parts.log.error({ err: error }, 'alerts could not be worked on together; by policy now');
      for (const policy of policies) await this.#workOffPolicy(policy);
      return 1;
    }
  }

  /** Works off what waits for a policy, and waits for who is at it. */
  async #workOffPolicy(policy: string): Promise<void> {
    try {
      while ((await this.#batch(policy)) > 0) await setImmediate();
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      this.#parts.log.error({ err: error, policy }, 'alerts could not be worked on together; one by one now');
      await this.#oneByOne(policy);
    }
  }

  /** One that cannot be worked on must not keep the others. */
  async #oneByOne(policy: string): Promise<void> {
    const { sql, transact, clock, log, failed } = this.#parts;
    const rows = await sql
      .selectFrom('intake')
      .select(['seq', 'source_name'])
      .where('status', '=', 'waiting')
      .where('policy', '=', policy)
      .orderBy('seq')
      .limit(BATCH)
      .execute();
    for (const { seq, source_name: sender } of rows) {
      try {
        await this.#batch(policy, seq);
      } catch (error) {
        if (isDatabaseAway(error)) throw error;
        log.error({ err: error, policy, sender, seq }, 'an alert could not be worked on');
        await transact(async (work) => {
          const given = await work.sql
            .updateTable('intake')
            .set({ status: 'failed', worked_at: new Date(clock.now()) })
            .where('seq', '=', seq)
            .where('status', '=', 'waiting')
            .returning('seq')
            .executeTakeFirst();
          if (given) await failed(work, sender);
        });
      }
    }
  }

  /** @param only this one; what waits if not given. @returns how much was worked off */
  async #batch(policy: string, only?: number): Promise<number> {
    return await this.#parts.transact(async (work) => {
      // Before reading what waits: so two processes do not work on the same, nor out of order.
      await lockPolicy(work.sql, policy);
      const rows = await this.#read(work, [policy], only);
      await this.#take(work, rows, true);
      return rows.length;
    });
  }

  async #read(work: Work, policies: readonly string[], only?: number): Promise<Row[]> {
    let waiting = work.sql
      .selectFrom('intake')
      .select(['seq', 'policy', 'format', 'source', 'source_name', 'body'])
      .where('status', '=', 'waiting')
      .where('policy', 'in', policies)
      .orderBy('seq')
      .limit(BATCH);
    if (only !== undefined) waiting = waiting.where('seq', '=', only);
    return await waiting.execute();
  }

  /** @returns the skipped policies: without waiting, those with an escalation that another transaction has locked */
  async #take(work: Work, rows: readonly Row[], waits: boolean): Promise<ReadonlySet<string>> {
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
    const held = await alerts.takeAllIn(work, new Map(byPolicy), waits);
    const done = rows.filter(({ policy }) => !held.has(policy)).map(({ seq }) => seq);
    work.last(
      'worked',
      raw`UPDATE intake SET status = 'done', worked_at = ${new Date(clock.now())} WHERE seq = ANY(${done}::bigint[])`,
    );
    return held;
  }

  /** @param before epoch milliseconds: what was stored until then */
  async #takeUp(before: number): Promise<void> {
    const { sql, log, transact } = this.#parts;
    try {
      const left = await sql
        .selectFrom('intake')
        .select(raw<number>`1`.as('one'))
        .where('status', '=', 'waiting')
        .where('received_at', '<=', new Date(before))
        .limit(1)
        .executeTakeFirst();
      if (left) await transact((work) => want(work));
    } catch (error) {
      log.debug({ err: error }, 'what waits could not be looked up');
    }
  }
}

type Row = Pick<
  Selectable<Schema['intake']>,
  'seq' | 'policy' | 'format' | 'source' | 'source_name' | 'body'
>;

/** Stores bodies, as part of a statement. */
function addingIntake(rows: readonly Insertable<Schema['intake']>[]): RawBuilder<unknown> {
  const columns = raw.raw('received_at, format, source, source_name, policy, body');
  return raw`INSERT INTO intake (${columns})
    SELECT ${columns} FROM json_populate_recordset(NULL::intake, ${storableJson(rows)}::json)`;
}

/** @param policy the one that another transaction is handling; without it, all that waits */
function want(work: Work, policy?: string): void {
  work.enqueue({ name: JOB, data: policy === undefined ? {} : { policy } });
}

/**
 * It was read before it was stored; another version of the code may have read it otherwise.
 *
 * @throws RingdownError for what cannot be read: its sender was told that it is taken
 */
function signalsOf(
  { format, body }: { format: string; body: string },
  words: AlertTexts,
  portalUrl: string,
): Received['signals'] {
  const reading = isFormat(format)
    ? readAlert(format, JSON.parse(body), words, portalUrl)
    : { problem: 'unknown format' };
  if ('signals' in reading) return reading.signals;
  throw new RingdownError('internal', { detail: reading.problem });
}
