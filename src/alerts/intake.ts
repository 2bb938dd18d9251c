import { setImmediate } from 'node:timers/promises';
import { sql as raw, type Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Checkpoint } from '../database/checkpoint.ts';
import type { Clock } from '../clock.ts';
import { isDatabaseAway } from '../database/away.ts';
import { Gathering } from '../database/gathering.ts';
import type { Jobs } from '../database/jobs.ts';
import { asRequest } from '../database/lanes.ts';
import type { Schema } from '../database/schema.ts';
import type { Transact, Work } from '../database/work.ts';
import { RingdownError } from '../errors.ts';
import type { AlertTexts } from '../texts/alertTexts.ts';
import { textsFor } from '../texts/texts.ts';
import type { AlertService, Received } from './alertService.ts';
import { lockPolicy } from './alertStore.ts';
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
  alerts: Pick<AlertService, 'takeIn'>;
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
/** Policies that are worked on side by side: a lock that another process holds must not keep the others. */
const AT_ONCE = 4;
const SWEEP_MS = 5_000;
/** Work is set off by whoever stores; what waits longer was left by a process that died. */
const LEFT_BEHIND_MS = 3_000;

/**
 * The intake of alerts: a body is stored in one statement, and only then answered and worked on. What waits in the table
 * is the queue itself; any process works it off, policy by policy, in the order in which it came.
 */
export class Intake {
  readonly #parts: Parts;
  readonly #storing: Gathering<Incoming>;
  #waking: Promise<void> | null = null;
  #working: Promise<void> | null = null;
  /** There may be something that the one who works has not seen. */
  #isWanted = false;
  #sweep: unknown = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#storing = new Gathering(
      async (incoming) => await asRequest(async () => await this.#insert(incoming)),
      { most: STORED_AT_ONCE },
    );
    parts.jobs.handle(JOB, { run: async () => await this.workOff() });
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
    await this.#wake();
  }

  /**
   * Works off all that waits. One at a time in a process: of many, each would go through all policies, and wait at each
   * for those before it, only to find nothing left there.
   */
  async workOff(): Promise<void> {
    this.#isWanted = true;
    this.#working ??= this.#workOffAll();
    await this.#working;
  }

  async #insert(incoming: readonly Incoming[]): Promise<void> {
    const { sql, clock } = this.#parts;
    const receivedAt = new Date(clock.now());
    await sql
      .insertInto('intake')
      .values(
        incoming.map(({ format, source, sender, policy, body }) => ({
          received_at: receivedAt,
          ...{ format, source, source_name: sender, policy, body },
        })),
      )
      .execute();
  }

  async #workOffAll(): Promise<void> {
    try {
      // What was stored while it looked was perhaps not seen.
      while (this.#isWanted) {
        this.#isWanted = false;
        const policies = await this.#waiting();
        const next = policies.values();
        const worker = async (): Promise<void> => {
          for (const policy of next) {
            await this.#workOff(policy);
            await setImmediate();
          }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, worker));
        if (policies.length > 0) this.#isWanted = true;
      }
    } finally {
      this.#working = null;
    }
  }

  async #waiting(): Promise<string[]> {
    const rows = await this.#parts.sql
      .selectFrom('intake')
      .select('policy')
      .distinct()
      .where('status', '=', 'waiting')
      .execute();
    return rows.map(({ policy }) => policy);
  }

  async #workOff(policy: string): Promise<void> {
    try {
      await this.#batch(policy);
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

  /** @param only this one; what waits if not given */
  async #batch(policy: string, only?: number): Promise<void> {
    const { transact, alerts, clock, languageOf } = this.#parts;
    const words = textsFor(languageOf(policy)).alerts;
    await transact(
      async (work) => {
        // Before reading what waits: so two processes do not work on the same, nor out of order.
        await lockPolicy(work.sql, policy);
        let waiting = work.sql
          .selectFrom('intake')
          .select(['seq', 'format', 'source', 'source_name', 'body'])
          .where('status', '=', 'waiting')
          .where('policy', '=', policy)
          .orderBy('seq')
          .limit(BATCH);
        if (only !== undefined) waiting = waiting.where('seq', '=', only);
        const rows = await waiting.execute();
        if (rows.length === 0) return;
        const received = rows.map((row): Received => ({
          source: row.source,
          sender: row.source_name,
          signals: signalsOf(row, words, this.#parts.portalUrl),
        }));
        await alerts.takeIn(work, policy, received);
        await work.sql
          .updateTable('intake')
          .set({ status: 'done', worked_at: new Date(clock.now()) })
          .where(
            'seq',
            'in',
            rows.map(({ seq }) => seq),
          )
          .execute();
      },
      [`alerts ${policy}`],
    );
  }

  /**
   * Wants the job that works off. All that is stored meanwhile shares it. Should it fail, the row is there all the
   * same, and is taken up later.
   */
  async #wake(): Promise<void> {
    const { transact, log } = this.#parts;
    this.#waking ??= transact((work) => work.enqueue({ name: JOB, data: {}, priority: 10 }))
      .catch((error: unknown) => log.warn({ err: error }, 'the intake is worked off later'))
      .finally(() => {
        this.#waking = null;
      });
    await this.#waking;
  }

  /** @param before epoch milliseconds: what was stored until then */
  async #takeUp(before: number): Promise<void> {
    const { sql, log } = this.#parts;
    try {
      const left = await sql
        .selectFrom('intake')
        .select(raw<number>`1`.as('one'))
        .where('status', '=', 'waiting')
        .where('received_at', '<=', new Date(before))
        .limit(1)
        .executeTakeFirst();
      if (left) await this.#wake();
    } catch (error) {
      log.debug({ err: error }, 'what waits could not be looked up');
    }
  }
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
