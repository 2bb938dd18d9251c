import { sql as raw, type RawBuilder } from 'kysely';
import type { Disturbance } from '../directory/presence.ts';
import { storable, storableJson } from '../database/storable.ts';
import { LastRows, type Work } from '../database/transaction.ts';
import type { Sql } from '../database/schema.ts';
import type { EscalationService } from '../escalations/escalationService.ts';
import type { EscalationEntry } from '../escalations/timeline.ts';
import type { Notice } from './notice.ts';
import { concernsSomebodyInNeed, NoticeLane, ORDINARY, URGENT, type LaneParts } from './noticeLane.ts';

/** Anybody may send wrong keys, so the same subject is stored at most this often. */
const WRITE_EVERY_MS = 10_000;
const MAX_SUBJECTS = 200;
/** The policy skips these people for a while. They can be called, so there is nothing to fix. */
const passing: ReadonlySet<string> = new Set<Disturbance>([
  'doNotDisturb',
  'inACall',
  'presenting',
  'outOfOffice',
]);

const newNotices = new LastRows<{ at: Date; subject: string; notice: Notice; count: number }>(
  'notices',
  (rows) => raw`
    INSERT INTO operator_notices (at, subject, notice, count)
    SELECT at, subject, notice, count FROM json_to_recordset(${storableJson(rows)}::json)
      AS notice (at timestamptz, subject text, notice jsonb, count integer)`,
);

/**
 * Tells operators what nobody would notice otherwise: urgent notices within a minute, the rest at most every five
 * minutes.
 */
export class Operators {
  readonly #parts: LaneParts;
  readonly #urgent: NoticeLane;
  readonly #ordinary: NoticeLane;
  /** For notices outside a transaction: the count since the last write, and the time of that write. */
  readonly #pending = new Map<string, { count: number; writtenAt: number }>();

  constructor(parts: LaneParts) {
    this.#parts = parts;
    const takeCount = this.#takeCount.bind(this);
    this.#urgent = new NoticeLane(parts, URGENT, takeCount);
    this.#ordinary = new NoticeLane(parts, ORDINARY, takeCount);
  }

  /** Adds a notice, if the transaction commits. Notices with the same `subject` are merged. */
  noticeIn(work: Work, subject: string, notice: Notice, count = 1): void {
    newNotices.add(work, [
      { at: new Date(this.#parts.clock.now()), subject: stored(subject), notice, count },
    ]);
    (concernsSomebodyInNeed(notice) ? this.#urgent : this.#ordinary).want(work);
  }

  /** Adds a notice, unless one with the same subject is already waiting. */
  async noticeOnce(subject: string, notice: Notice): Promise<void> {
    await this.#parts.transact(async (work) => {
      const waiting = await work.sql
        .selectFrom('operator_notices')
        .select('id')
        .where('told_at', 'is', null)
        .where('subject', '=', stored(subject))
        .executeTakeFirst();
      if (!waiting) this.noticeIn(work, subject, notice);
    });
  }

  /**
   * Adds a notice. Frequent ones are counted, and stored now and then. Never throws.
   *
   * @param everyMs how often the same subject is stored
   */
  async notice(subject: string, notice: Notice, everyMs = WRITE_EVERY_MS): Promise<void> {
    const { clock, transact, log } = this.#parts;
    const now = clock.now();
    const known = this.#pending.get(subject) ?? { count: 0, writtenAt: Number.NEGATIVE_INFINITY };
    known.count += 1;
    if (!this.#pending.has(subject) && this.#pending.size >= MAX_SUBJECTS) this.#forgetOldest();
    this.#pending.set(subject, known);
    if (now - known.writtenAt < everyMs) return;
    const { count } = known;
    log.warn({ subject, ...notice, count }, 'notice for the operators');
    known.count = 0;
    known.writtenAt = now;
    try {
      await transact(async (work) => this.noticeIn(work, subject, notice, count));
    } catch (error) {
      known.count += count;
      log.error({ err: error, subject }, 'cannot store a notice for the operators');
    }
  }

  /** Reports exhausted escalations, and people who cannot be called. Tests are not reported. */
  watch(escalations: EscalationService): void {
    escalations.listen({
      changed: async (work, { id, policy, summary, test }, timeline) => {
        if (test) return;
        const of = policy ?? id;
        for (const entry of timeline) {
          if (entry.type === 'exhausted')
            this.noticeIn(work, `exhausted ${id}`, { kind: 'exhausted', policy: of, summary, id });
          if (entry.type === 'pinRefused') {
            const { name } = entry.data;
            this.noticeIn(work, `pin ${of} ${name}`, { kind: 'pinRefused', policy: of, name });
          }
          const person = unreachableIn(entry);
          if (person) {
            const notice = { kind: 'unreachable' as const, policy: of, ...person };
            this.noticeIn(work, `unreachable ${of} ${person.name} ${person.why}`, notice);
          }
        }
      },
    });
  }

  /** Takes what this process has counted and not stored yet. */
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
}

/** The newest notices since a time, the newest first. */
export async function recentNotices(
  sql: Sql,
  since: Date,
  most: number,
): Promise<{ at: Date; notice: Notice; count: number }[]> {
  const rows = await sql
    .selectFrom('operator_notices')
    .select(['at', 'notice', 'count'])
    .orderBy('id', 'desc')
    .limit(most)
    .execute();
  return rows.filter(({ at }) => at >= since);
}

/** An expression that differs when there is a new notice. */
export const noticesToken: RawBuilder<unknown> = raw`(SELECT max(id) FROM operator_notices)`;

/** Who cannot be called, and why, until somebody changes something. */
function unreachableIn(entry: EscalationEntry): { name: string; why: string } | null {
  switch (entry.type) {
    case 'skipped': {
      const { name, reason } = entry.data;
      return passing.has(reason) ? null : { name, why: reason };
    }
    case 'callEnded': {
      const { name, disposition, cause } = entry.data;
      if (cause === 'phoneLimit') return { name, why: cause };
      return disposition === 'unreachable' || disposition === 'not_allowed'
        ? { name, why: disposition }
        : null;
    }
    default:
      return null;
  }
}

function stored(subject: string): string {
  return storable(subject).slice(0, 200);
}
