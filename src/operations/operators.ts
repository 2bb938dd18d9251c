import { sql as raw } from 'kysely';
import type { Disturbance } from '../directory/presence.ts';
import { storable, storableJson } from '../database/storable.ts';
import { LastRows, type Work } from '../database/work.ts';
import type { EscalationService } from '../escalations/escalationService.ts';
import type { EscalationEntry } from '../escalations/timeline.ts';
import type { Notice } from '../texts/alertTexts.ts';
import { concernsSomebodyInNeed, NoticeLane, ORDINARY, URGENT, type LaneParts } from './noticeLane.ts';

/** Anybody may send bad keys: of the same thing so often something is written. */
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

/** Tells operators what would otherwise go unheard: what is urgent within a minute, the rest at most every five. */
export class Operators {
  readonly #parts: LaneParts;
  readonly #urgent: NoticeLane;
  readonly #ordinary: NoticeLane;
  /** Of what is told outside of a transaction: how often it came since it was last written, and when that was. */
  readonly #pending = new Map<string, { count: number; writtenAt: number }>();

  constructor(parts: LaneParts) {
    this.#parts = parts;
    const takeCount = this.#takeCount.bind(this);
    this.#urgent = new NoticeLane(parts, URGENT, takeCount);
    this.#ordinary = new NoticeLane(parts, ORDINARY, takeCount);
  }

  /** To be told, exactly if the transaction commits. `subject` is what is merged. */
  noticeIn(work: Work, subject: string, notice: Notice, count = 1): void {
    newNotices.add(work, [
      { at: new Date(this.#parts.clock.now()), subject: stored(subject), notice, count },
    ]);
    (concernsSomebodyInNeed(notice) ? this.#urgent : this.#ordinary).want(work);
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
        if (!waiting) this.noticeIn(work, subject, notice);
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
    if (now - known.writtenAt < everyMs) return;
    const { count } = known;
    log.warn({ subject, ...notice, count }, 'operators are to be told');
    known.count = 0;
    known.writtenAt = now;
    try {
      await transact(async (work) => this.noticeIn(work, subject, notice, count));
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
        for (const entry of timeline) {
          if (entry.type === 'exhausted')
            this.noticeIn(work, `exhausted ${id}`, { kind: 'exhausted', policy: of, summary, id });
          const person = unreachableIn(entry);
          if (person) {
            const notice = { kind: 'unreachable' as const, policy: of, ...person };
            this.noticeIn(work, `unreachable ${of} ${person.name} ${person.why}`, notice);
          }
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
}

/** Who cannot be called, and why, until somebody changes something. */
function unreachableIn(entry: EscalationEntry): { name: string; why: string } | null {
  switch (entry.type) {
    case 'skipped': {
      const { name, reason } = entry.data;
      return passing.has(reason) ? null : { name, why: reason };
    }
    case 'callEnded': {
      const { name, disposition } = entry.data;
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
