import { sql as raw, type RawBuilder, type Selectable, type SqlBool } from 'kysely';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { Gathering } from '../database/gathering.ts';
import type { Jobs } from '../database/jobs.ts';
import type { Schema, Sql } from '../database/schema.ts';
import { changeSetting, dropSetting, putSetting, readSetting } from '../database/settings.ts';
import type { Transact, Work } from '../database/work.ts';
import type { Notice } from '../texts/alertTexts.ts';
import type { Texts } from '../texts/texts.ts';

/**
 * The port to where people read: sends them a text in Teams, each in their language. People are as ringdown.yaml names
 * them. May be asked twice.
 *
 * @returns who of them was told
 */
export type TellPeople = (
  people: readonly string[],
  text: (texts: Texts) => string,
) => Promise<{ name: string; told: boolean }[]>;

export interface LaneParts {
  sql: Sql;
  transact: Transact;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  /** Those of the file as it is now. */
  operators: () => readonly string[];
  /** Without it they are told through the log only. */
  tellPeople?: TellPeople | undefined;
}

/** How a lane is called in the database, and how it goes. */
interface Lane {
  due: 'operators.due' | 'operators.urgentDue';
  tell: 'operators.tell' | 'operators.urgentTell';
  setting: string;
  /** From one message to the next. */
  pauseMs: number;
  /** When Teams did not take it. */
  retryMs: number;
  /** So many wait at most, the newest; null for all of them. */
  most: number | null;
  kinds: readonly string[];
}

/** Whether somebody in need goes without help until the operators know of it. */
const urgent: Readonly<Record<Notice['kind'], boolean>> = {
  exhausted: true,
  intakeFailed: true,
  policyMissing: true,
  jobStuck: true,
  paused: true,
  resumed: true,
  intakeRejected: false,
  intakeOfStrangers: false,
  unreachable: false,
  webhookFailing: false,
  webhookGivenUp: false,
  notInDirectory: false,
  gone: false,
  fileRefused: false,
};

function kindsThat(areUrgent: boolean): string[] {
  return Object.entries(urgent).flatMap(([kind, isUrgent]) => (isUrgent === areUrgent ? [kind] : []));
}

export function concernsSomebodyInNeed({ kind }: Notice): boolean {
  return urgent[kind];
}

/** Told within a minute: its pause is shorter than that, and no other notice stands before it. */
export const URGENT: Lane = {
  due: 'operators.urgentDue',
  tell: 'operators.urgentTell',
  setting: 'operatorsToldUrgent',
  pauseMs: 30_000,
  retryMs: 10_000,
  most: null,
  kinds: kindsThat(true),
};

/** People who get messages all the time read none. */
export const ORDINARY: Lane = {
  due: 'operators.due',
  tell: 'operators.tell',
  setting: 'operatorsTold',
  pauseMs: 5 * 60_000,
  retryMs: 30_000,
  most: 1000,
  kinds: kindsThat(false),
};

/** What comes shortly after another goes with it. */
const GATHER_MS = 10_000;
/** More than that go with the next message. */
const AT_ONCE = 1000;
const MAX_LINES = 15;
/** What of a notice goes into the log: of whom it tells is in the database. */
const LOGGED: ReadonlySet<string> = new Set([
  'kind',
  'policy',
  'id',
  'host',
  'sender',
  'why',
  'what',
  'where',
]);

type Untold = Pick<Selectable<Schema['operator_notices']>, 'id' | 'subject' | 'notice' | 'count'>;

/** The right to write to them, until the pause after it is over. */
interface Turn {
  /** ISO 8601: the end of the pause. It names the turn. */
  until: string;
  rows: Untold[];
}

/**
 * The way of some kinds of notices to the operators: merged, with a pause after each message. Lanes share nothing, so
 * however many notices there are in one, and however badly their delivery goes, the other one's go on.
 *
 * Each notice has a deadline, so that none is lost. Of the pause there is one row, of all replicas together, and with it
 * one deadline that deletes it and then looks what there is. As long as the row is there that one is still to come: of
 * many notices none has to do anything else.
 */
export class NoticeLane {
  readonly #parts: LaneParts;
  readonly #lane: Lane;
  /** What this process has counted of a subject, and not written. */
  readonly #takeCount: (subject: string) => number;

  /** Those that are due together share a job. One that comes while it is written has not been seen, and has the next. */
  readonly #due = new Gathering<void>(async () => await this.#wantToTell(), {
    most: Number.POSITIVE_INFINITY,
  });

  constructor(parts: LaneParts, lane: Lane, takeCount: (subject: string) => number) {
    this.#parts = parts;
    this.#lane = lane;
    this.#takeCount = takeCount;
    parts.jobs.handle(lane.due, {
      run: async ({ until }) => {
        if (until !== undefined) await this.#endPause(until);
        await this.#due.write();
      },
    });
    parts.jobs.handle(lane.tell, { run: async () => await this.#tell() });
  }

  /** A notice of this lane was stored. */
  want(work: Work): void {
    this.#wake(work, { at: this.#parts.clock.now() + GATHER_MS });
  }

  #wake(work: Work, { at, until }: { at: number; until?: string }): void {
    work.enqueue({ name: this.#lane.due, data: until === undefined ? {} : { until }, dueAt: at });
  }

  async #wantToTell(): Promise<void> {
    const { sql, transact, clock } = this.#parts;
    const { setting, tell: name } = this.#lane;
    const { until, at } = (await readSetting(sql, setting)) ?? {};
    // With a deadline, which looks what there is.
    const isPausing = until !== undefined && typeof at === 'string' && at > this.#startOfPause(clock.now());
    if (!isPausing) await transact((work) => work.enqueue({ name, data: {} }));
  }

  async #tell(): Promise<void> {
    const { sql, clock, log, operators, tellPeople } = this.#parts;
    const now = clock.now();
    const turn = await this.#takeTurn(now);
    if (!turn) return;
    const { rows } = turn;

    const merged = rows.map(({ notice, count, subject }) => ({
      notice,
      count: count + this.#takeCount(subject),
    }));
    const people = operators();
    const text = (texts: Texts): string =>
      texts.operators.message(merged.slice(0, MAX_LINES), merged.length - MAX_LINES).join('\n');
    let told: { told: boolean }[] = [];
    try {
      if (people.length > 0 && tellPeople) told = await tellPeople(people, text);
    } catch (error) {
      log.warn({ err: error }, 'the operators are told later');
      await this.#shorten(turn);
      return;
    }
    if (!told.some((one) => one.told)) {
      // Of whom it tells is in the database, not in the log.
      const unheard = merged.map(({ notice, count }) => ({
        ...Object.fromEntries(Object.entries(notice).filter(([name]) => LOGGED.has(name))),
        count,
      }));
      log.error({ unheard, operators: people.length }, 'nobody could be told in Teams');
    }
    await sql
      .updateTable('operator_notices')
      .set({ told_at: new Date(now) })
      .where(
        'id',
        'in',
        rows.map(({ id }) => id),
      )
      .execute();
  }

  /** One message at a time, of all replicas together. @returns null: there is nothing to tell, or it goes later */
  async #takeTurn(now: number): Promise<Turn | null> {
    const { setting, pauseMs } = this.#lane;
    return await this.#parts.transact(async (work) => {
      if ((await this.#untold(work, 1)).length === 0) return null;
      const { until, value } = this.#pauseUntil(now + pauseMs);
      const taken = await putSetting(
        work.sql,
        setting,
        value,
        (before) => raw`${before} ->> 'at' <= ${this.#startOfPause(now)}`,
      );
      if (!taken) {
        await this.#awaitOlder(work, now);
        return null;
      }
      this.#wake(work, { at: Date.parse(until), until });
      // Only now: what another turn had was told, and is not here any more.
      await this.#merge(work);
      return { until, rows: await this.#untold(work, AT_ONCE) };
    });
  }

  /** Leaves one notice of each subject, and no more subjects than may wait: while nobody can be told they pile up. */
  async #merge({ sql }: Work): Promise<void> {
    const { most, kinds } = this.#lane;
    await raw`
      WITH waiting AS (
        SELECT id, max(id) OVER same AS newest, sum(count) OVER same AS total
        FROM operator_notices WHERE told_at IS NULL AND notice ->> 'kind' IN (${raw.join(kinds)})
        WINDOW same AS (PARTITION BY subject)
      ),
      merged AS (
        DELETE FROM operator_notices AS old USING waiting WHERE old.id = waiting.id AND waiting.id < newest
      )
      UPDATE operator_notices AS kept SET count = least(total, 1000000000)
      FROM waiting WHERE kept.id = waiting.id AND waiting.id = newest AND kept.count <> total`.execute(sql);
    if (most === null) return;
    await raw`
      DELETE FROM operator_notices WHERE id IN (
        SELECT id FROM operator_notices WHERE told_at IS NULL AND notice ->> 'kind' IN (${raw.join(kinds)})
        ORDER BY id DESC OFFSET ${most}
      )`.execute(sql);
  }

  /** What has not been told: the first of each policy, then the second of each. So none is hidden by another one's many. */
  async #untold({ sql }: Work, most: number): Promise<Untold[]> {
    const { kinds } = this.#lane;
    return await sql
      .selectFrom('operator_notices')
      .select(['id', 'subject', 'notice', 'count'])
      .where('told_at', 'is', null)
      .where(raw<string>`notice ->> 'kind'`, 'in', kinds)
      .orderBy(
        // An escalation that was started without a policy is told by its id: all of those are one.
        raw`row_number() OVER (
          PARTITION BY notice ->> 'kind', nullif(notice ->> 'policy', notice ->> 'id') ORDER BY id
        )`,
      )
      .orderBy('id')
      .limit(most)
      .execute();
  }

  /** A pause that was begun by an older version of the code has no deadline of its own. */
  async #awaitOlder(work: Work, now: number): Promise<void> {
    const { setting, pauseMs } = this.#lane;
    const { until, at } = (await readSetting(work.sql, setting)) ?? {};
    if (until !== undefined) return;
    const last = typeof at === 'string' ? Date.parse(at) : now - pauseMs;
    this.#wake(work, { at: last + pauseMs });
  }

  /** Nobody has read anything: the next message may go soon. Until then all wait for that. */
  async #shorten(turn: Turn): Promise<void> {
    const { transact, clock } = this.#parts;
    const { until, value } = this.#pauseUntil(clock.now() + this.#lane.retryMs);
    await transact(async (work) => {
      await changeSetting(work.sql, this.#lane.setting, value, isUntil(turn.until));
      this.#wake(work, { at: Date.parse(until), until });
    });
  }

  /** If it has not ended otherwise. */
  async #endPause(until: string): Promise<void> {
    await dropSetting(this.#parts.sql, this.#lane.setting, isUntil(until));
  }

  /** Older versions of the code, which may run beside this one, know when it began only. */
  #pauseUntil(end: number): { until: string; value: object } {
    const until = new Date(end).toISOString();
    return { until, value: { at: this.#startOfPause(end), until } };
  }

  #startOfPause(end: number): string {
    return new Date(end - this.#lane.pauseMs).toISOString();
  }
}

function isUntil(until: string) {
  return (value: RawBuilder<unknown>): RawBuilder<SqlBool> => raw`${value} ->> 'until' = ${until}`;
}
