import { sql as raw, type RawBuilder, type Selectable, type SqlBool } from 'kysely';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { GroupCommit } from '../database/groupCommit.ts';
import type { Jobs } from '../database/jobRunner.ts';
import type { Schema, Sql } from '../database/schema.ts';
import { changeSetting, dropSetting, putSetting, readSetting } from '../database/settings.ts';
import type { Transact, Work } from '../database/transaction.ts';
import type { Notice } from './notice.ts';
import { noticeMessage } from '../texts/notices.ts';
import type { Texts } from '../texts/texts.ts';

/**
 * The port to people in Teams: sends each a text in their language. People are given as in ringdown.yaml. May be
 * called twice for the same text.
 *
 * @returns for each person whether they were told
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
  /** The operators of the current file. */
  operators: () => readonly string[];
  /** Without it notices go to the log only. */
  tellPeople?: TellPeople | undefined;
}

/** The settings of a lane, and its names in the database. */
interface Lane {
  due: 'operators.due' | 'operators.urgentDue';
  tell: 'operators.tell' | 'operators.urgentTell';
  setting: string;
  /** Pause between messages. */
  pauseMs: number;
  /** Pause after Teams did not accept a message. */
  retryMs: number;
  /** How many notices may wait, the newest ones; null for no limit. */
  most: number | null;
  kinds: readonly string[];
}

/** Urgent: until the operators know, somebody in need may go without help. */
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
  pinRefused: false,
  webhookFailing: false,
  webhookGivenUp: false,
  notInDirectory: false,
  gone: false,
  fileRefused: false,
  calendarAway: true,
  calendarPerson: false,
  calendarEvents: false,
  calendarZones: false,
};

function kindsThat(areUrgent: boolean): string[] {
  return Object.entries(urgent).flatMap(([kind, isUrgent]) => (isUrgent === areUrgent ? [kind] : []));
}

export function concernsSomebodyInNeed({ kind }: Notice): boolean {
  return urgent[kind];
}

/** Told within a minute: the pause is shorter than that, and no other notice is ahead of it. */
export const URGENT: Lane = {
  due: 'operators.urgentDue',
  tell: 'operators.urgentTell',
  setting: 'operatorsToldUrgent',
  pauseMs: 30_000,
  retryMs: 10_000,
  most: null,
  kinds: kindsThat(true),
};

/** People who get messages all the time stop reading them. */
export const ORDINARY: Lane = {
  due: 'operators.due',
  tell: 'operators.tell',
  setting: 'operatorsTold',
  pauseMs: 5 * 60_000,
  retryMs: 30_000,
  most: 1000,
  kinds: kindsThat(false),
};

/** Wait this long, so that notices shortly after one another go in one message. */
const GATHER_MS = 10_000;
/** At most this many per message; the rest go in the next. */
const AT_ONCE = 1000;
const MAX_LINES = 15;
/** The members of a notice that may be logged. The person it is about stays in the database. */
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

/** The right to send one message. It ends with the pause after the message. */
interface Turn {
  /** ISO 8601: the end of the pause. Identifies the turn. */
  until: string;
  rows: Untold[];
}

/**
 * Sends some kinds of notices to the operators, merged, with a pause after each message. Lanes share nothing: many
 * notices or failed messages in one lane do not delay the other.
 *
 * Each notice enqueues a deadline, so that none is lost. All replicas share one row for the pause, and with it one
 * deadline that deletes the row and then looks for waiting notices. While the row exists that deadline is still
 * ahead, so the deadlines of single notices need not do anything.
 */
export class NoticeLane {
  readonly #parts: LaneParts;
  readonly #lane: Lane;
  /** Takes the count of a subject that this process has not stored yet. */
  readonly #takeCount: (subject: string) => number;

  /**
   * Notices that are due at the same time share a job. One that arrives while the job is being written gets the next.
   */
  readonly #due = new GroupCommit<null, true>({
    what: 'notices',
    inOrder: true,
    commit: async (due) => {
      await this.#wantToTell();
      return due.map(() => true);
    },
  });

  constructor(parts: LaneParts, lane: Lane, takeCount: (subject: string) => number) {
    this.#parts = parts;
    this.#lane = lane;
    this.#takeCount = takeCount;
    parts.jobs.handle(lane.due, {
      run: async ({ until }) => {
        if (until !== undefined) await this.#endPause(until);
        await this.#due.take(null);
      },
    });
    parts.jobs.handle(lane.tell, { run: async () => await this.#tell() });
  }

  /** Call this when a notice of this lane has been stored. */
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
    // Its deadline will look for waiting notices.
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
      noticeMessage(merged.slice(0, MAX_LINES), merged.length - MAX_LINES, texts);
    let told: { told: boolean }[] = [];
    try {
      if (people.length > 0 && tellPeople) told = await tellPeople(people, text);
    } catch (error) {
      log.warn({ err: error }, 'cannot tell the operators, will retry');
      await this.#shorten(turn);
      return;
    }
    if (!told.some((one) => one.told)) {
      // The person that a notice is about is in the database, not in the log.
      const unheard = merged.map(({ notice, count }) => ({
        ...Object.fromEntries(Object.entries(notice).filter(([name]) => LOGGED.has(name))),
        count,
      }));
      log.error({ unheard, operators: people.length }, 'no operator could be told in Teams');
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

  /**
   * One message at a time across all replicas.
   *
   * @returns null if there is nothing to tell, or another turn is running
   */
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
      // Merge only now: notices that another turn has told are gone.
      await this.#merge(work);
      return { until, rows: await this.#untold(work, AT_ONCE) };
    });
  }

  /** Keeps one notice per subject, and limits the number of subjects: while nobody can be told they pile up. */
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

  /**
   * Notices not yet told: the first of each policy, then the second of each. So one policy with many does not hide
   * the others.
   */
  async #untold({ sql }: Work, most: number): Promise<Untold[]> {
    const { kinds } = this.#lane;
    return await sql
      .selectFrom('operator_notices')
      .select(['id', 'subject', 'notice', 'count'])
      .where('told_at', 'is', null)
      .where(raw<string>`notice ->> 'kind'`, 'in', kinds)
      .orderBy(
        // Escalations without a policy carry their id instead. Count them all as one policy.
        raw`row_number() OVER (
          PARTITION BY notice ->> 'kind', nullif(notice ->> 'policy', notice ->> 'id') ORDER BY id
        )`,
      )
      .orderBy('id')
      .limit(most)
      .execute();
  }

  /** A pause that an older version began has no deadline of its own. */
  async #awaitOlder(work: Work, now: number): Promise<void> {
    const { setting, pauseMs } = this.#lane;
    const { until, at } = (await readSetting(work.sql, setting)) ?? {};
    if (until !== undefined) return;
    const last = typeof at === 'string' ? Date.parse(at) : now - pauseMs;
    this.#wake(work, { at: last + pauseMs });
  }

  /** The message was not delivered, so shorten the pause. Until it ends all notices wait. */
  async #shorten(turn: Turn): Promise<void> {
    const { transact, clock } = this.#parts;
    const { until, value } = this.#pauseUntil(clock.now() + this.#lane.retryMs);
    await transact(async (work) => {
      await changeSetting(work.sql, this.#lane.setting, value, isUntil(turn.until));
      this.#wake(work, { at: Date.parse(until), until });
    });
  }

  /** Only if the pause is still the same one. */
  async #endPause(until: string): Promise<void> {
    await dropSetting(this.#parts.sql, this.#lane.setting, isUntil(until));
  }

  /** Older versions, which may run beside this one, store only the start of the pause. */
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
