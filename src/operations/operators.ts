import { sql as raw, type Kysely, type RawBuilder, type Selectable, type SqlBool } from 'kysely';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { Gathering } from '../database/gathering.ts';
import type { Jobs } from '../database/jobs.ts';
import type { Schema } from '../database/schema.ts';
import { storable, storableJson } from '../database/storable.ts';
import type { Transact, Work } from '../database/work.ts';
import type { Disturbance } from '../directory/presence.ts';
import type { EscalationService } from '../escalations/escalationService.ts';
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

interface Parts {
  sql: Kysely<Schema>;
  transact: Transact;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  /** Those of the file as it is now. */
  operators: () => readonly string[];
  /** Without it they are told through the log only. */
  tellPeople?: TellPeople | undefined;
}

const DUE = 'operators.due';
const TELL = 'operators.tell';
const SETTING = 'operatorsTold';
/** What comes shortly after another goes with it. */
const GATHER_MS = 10_000;
/** People who get messages all the time read none. */
const PAUSE_MS = 5 * 60_000;
/** When Teams did not take it. */
const RETRY_MS = 30_000;
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
/** Anybody may send bad keys: of the same thing so often something is written. */
const WRITE_EVERY_MS = 10_000;
const MAX_SUBJECTS = 200;
const passing: ReadonlySet<string> = new Set<Disturbance>([
  'doNotDisturb',
  'inACall',
  'presenting',
  'outOfOffice',
]);

type Untold = Pick<Selectable<Schema['operator_notices']>, 'id' | 'subject' | 'notice' | 'count'>;

/** The right to write to them, until the pause after it is over. */
interface Turn {
  /** ISO 8601: the end of the pause. It names the turn. */
  until: string;
  rows: Untold[];
}

/**
 * Tells operators what would otherwise go unheard: merged, and at most every five minutes.
 *
 * Each notice has a deadline, so that none is lost. Of the pause there is one row, of all replicas together, and with it
 * one deadline that deletes it and then looks what there is. As long as the row is there that one is still to come: of
 * many notices none has to do anything else.
 */
export class Operators {
  readonly #parts: Parts;
  /** Of what is told outside of a transaction: how often it came since it was last written, and when that was. */
  readonly #pending = new Map<string, { count: number; writtenAt: number }>();

  /** Those that are due together share a job. One that comes while it is written has not been seen, and has the next. */
  readonly #due = new Gathering<void>(async () => await this.#wantToTell(), Number.POSITIVE_INFINITY);

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.jobs.handle(DUE, {
      run: async ({ until }) => {
        if (until !== undefined) await this.#endPause(String(until));
        await this.#due.write();
      },
    });
    parts.jobs.handle(TELL, { run: async () => await this.#tell() });
  }

  /** To be told, exactly if the transaction commits. `subject` is what is merged. */
  async noticeIn(work: Work, subject: string, notice: Notice, count = 1): Promise<void> {
    const now = this.#parts.clock.now();
    await work.sql
      .insertInto('operator_notices')
      .values({
        at: new Date(now),
        subject: stored(subject),
        notice: storableJson(notice),
        count,
      })
      .execute();
    work.enqueue({ name: DUE, data: {}, dueAt: now + GATHER_MS });
  }

  /** To be told, unless the same waits for it already. */
  async noticeOnce(subject: string, notice: Notice): Promise<void> {
    await this.#parts.transact(
      async (work) => {
        const waiting = await work.sql
          .selectFrom('operator_notices')
          .select('id')
          .where('told_at', 'is', null)
          .where('subject', '=', stored(subject))
          .executeTakeFirst();
        if (!waiting) await this.noticeIn(work, subject, notice);
      },
      [`notice ${subject}`],
    );
  }

  /**
   * To be told. What comes all the time is counted, and written now and then. Never throws.
   *
   * @param everyMs how often the same subject is written
   */
  async notice(subject: string, notice: Notice, everyMs = WRITE_EVERY_MS): Promise<void> {
    const { clock, transact, log } = this.#parts;
    const now = clock.now();
    const known = this.#pending.get(subject) ?? { count: 0, writtenAt: Number.NEGATIVE_INFINITY };
    known.count += 1;
    if (!this.#pending.has(subject) && this.#pending.size >= MAX_SUBJECTS) this.#forgetOldest();
    this.#pending.set(subject, known);
    log.warn({ subject, ...notice }, 'operators are to be told');
    if (now - known.writtenAt < everyMs) return;
    const { count } = known;
    known.count = 0;
    known.writtenAt = now;
    try {
      await transact(async (work) => await this.noticeIn(work, subject, notice, count));
    } catch (error) {
      known.count += count;
      log.error({ err: error, subject }, 'a notice for the operators could not be stored');
    }
  }

  /** Exhausted escalations, and people who cannot be called. Tests are nobody's business. */
  watch(escalations: EscalationService): void {
    escalations.listen({
      changed: async (work, { id, policy, summary, test }, timeline) => {
        if (test) return;
        const of = policy ?? id;
        for (const { type, data = {} } of timeline) {
          if (type === 'exhausted') {
            await this.noticeIn(work, `exhausted ${id}`, { kind: 'exhausted', policy: of, summary, id });
          }
          const why = type === 'skipped' ? data['reason'] : type === 'callEnded' ? data['disposition'] : null;
          if (type === 'callEnded' && why !== 'unreachable' && why !== 'not_allowed') continue;
          // Whom the policy steps over for a while can be called: nothing has to be mended.
          if (typeof why !== 'string' || passing.has(why)) continue;
          const name = String(data['name'] ?? '');
          const notice = { kind: 'unreachable' as const, policy: of, name, why };
          await this.noticeIn(work, `unreachable ${of} ${name} ${why}`, notice);
        }
      },
    });
  }

  /** What this process has counted, and not written yet. */
  #takeCount(subject: string): number {
    const known = this.#pending.get(subject);
    const count = known?.count ?? 0;
    if (known) known.count = 0;
    return count;
  }

  #forgetOldest(): void {
    const [oldest] = this.#pending.keys();
    if (oldest !== undefined) this.#pending.delete(oldest);
  }

  async #wantToTell(): Promise<void> {
    const { sql, transact, clock } = this.#parts;
    const pausing = await sql
      .selectFrom('settings')
      .select('name')
      .where('name', '=', SETTING)
      .where(isPausing(clock.now()))
      .executeTakeFirst();
    if (!pausing) await transact((work) => work.enqueue({ name: TELL, data: {} }));
  }

  async #tell(): Promise<void> {
    const { sql, clock, log, operators, tellPeople } = this.#parts;
    const now = clock.now();
    const turn = await this.#takeTurn(now);
    if (!turn) return;
    const { rows } = turn;

    const bySubject = Map.groupBy(rows, ({ subject }) => subject);
    const merged = [...bySubject.values()].flatMap((same) => {
      const last = same.at(-1);
      const counted = same.reduce((sum, { count }) => sum + count, this.#takeCount(last?.subject ?? ''));
      return last ? [{ notice: last.notice, count: counted }] : [];
    });
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
    return await this.#parts.transact(async (work) => {
      if ((await untold(work, 1)).length === 0) return null;
      const { until, value } = pauseUntil(now + PAUSE_MS);
      const taken = await work.sql
        .insertInto('settings')
        .values({ name: SETTING, value })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet({ value })
            .where(raw<boolean>`settings.value ->> 'at' <= ${startOfPause(now)}`),
        )
        .returning('name')
        .executeTakeFirst();
      if (!taken) {
        await this.#awaitOlder(work, now);
        return null;
      }
      work.enqueue({ name: DUE, data: { until }, dueAt: Date.parse(until) });
      // Only now: what another turn had was told, and is not here any more.
      return { until, rows: await untold(work, AT_ONCE) };
    });
  }

  /** A pause that was begun by an older version of the code has no deadline of its own. */
  async #awaitOlder(work: Work, now: number): Promise<void> {
    const row = await work.sql
      .selectFrom('settings')
      .select('value')
      .where('name', '=', SETTING)
      .executeTakeFirst();
    if (row && 'until' in row.value) return;
    const last = row && 'at' in row.value ? Date.parse(String(row.value.at)) : now - PAUSE_MS;
    work.enqueue({ name: DUE, data: {}, dueAt: last + PAUSE_MS });
  }

  /** Nobody has read anything: the next message may go soon. Until then all wait for that. */
  async #shorten(turn: Turn): Promise<void> {
    const { transact, clock } = this.#parts;
    const { until, value } = pauseUntil(clock.now() + RETRY_MS);
    await transact(async (work) => {
      await work.sql.updateTable('settings').set({ value }).where(isPause(turn.until)).execute();
      work.enqueue({ name: DUE, data: { until }, dueAt: Date.parse(until) });
    });
  }

  /** If it has not ended otherwise. */
  async #endPause(until: string): Promise<void> {
    await this.#parts.sql.deleteFrom('settings').where(isPause(until)).execute();
  }
}

function stored(subject: string): string {
  return storable(subject).slice(0, 200);
}

/** What has not been told, the oldest first. */
async function untold({ sql }: Work, most: number): Promise<Untold[]> {
  return await sql
    .selectFrom('operator_notices')
    .select(['id', 'subject', 'notice', 'count'])
    .where('told_at', 'is', null)
    .orderBy('id')
    .limit(most)
    .execute();
}

/** Older versions of the code, which may run beside this one, know when it began only. */
function pauseUntil(end: number): { until: string; value: string } {
  const until = new Date(end).toISOString();
  return { until, value: JSON.stringify({ at: startOfPause(end), until }) };
}

function startOfPause(end: number): string {
  return new Date(end - PAUSE_MS).toISOString();
}

function isPause(until: string): RawBuilder<SqlBool> {
  return raw<SqlBool>`name = ${SETTING} AND value ->> 'until' = ${until}`;
}

/** With a deadline, which looks what there is. */
function isPausing(now: number): RawBuilder<SqlBool> {
  return raw<SqlBool>`value ->> 'until' IS NOT NULL AND value ->> 'at' > ${startOfPause(now)}`;
}
