import type { Clock } from '../clock.ts';
import { personIdOf } from '../calls/callee.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import { isStorableTime } from '../database/storable.ts';
import { callableOf } from '../directory/callable.ts';
import type { Directory } from '../directory/directory.ts';
import { coversToken, type Cover } from '../schedules/coverStore.ts';
import { LONGEST_COVER_DAYS } from '../schedules/covering.ts';
import type { BoardRow, DutyBoard } from '../escalations/dutyBoard.ts';
import { LONGEST_PLAN_MS, type PlannedSpan } from '../escalations/dutyPlan.ts';
import type { Permissions } from '../permissions/permissions.ts';
import { nullIfUnavailable } from '../permissions/known.ts';
import { skippedLine } from '../texts/escalationTimeline.ts';
import { requireAsking } from './asking.ts';
import { isGuid } from '../config/guids.ts';
import type { Duty, DutyPerson, DutyRow, DutySpan } from './model.ts';
import type { Reader } from './reader.ts';
import type { Round, View } from './view.ts';

interface Parts {
  board: Pick<DutyBoard, 'rows'>;
  directory: Pick<Directory, 'get'>;
  permissions: Pick<Permissions, 'mayAsk' | 'checkAsker'>;
  clock: Pick<Clock, 'now'>;
  ringdown: () => RingdownYaml;
}

/** The duty calendar of a range. */
export class DutyView implements View {
  readonly name = 'duty';
  readonly watches = () => ({ covers: coversToken });
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @param id the range: two times in ISO 8601, separated by `..` */
  async load(reader: Reader, id: string, round: Round): Promise<Duty | null> {
    const [from = '', to = '', ...more] = id.split('..');
    const range = rangeOf(from, to);
    return range && more.length === 0 ? await this.read(reader, range, round) : null;
  }

  /** @param range as `rangeOf` checks it @throws NotPermitted */
  async read(reader: Reader, { from, to }: Range, round: Round): Promise<Duty> {
    const { board, clock, ringdown, permissions } = this.#parts;
    await requireAsking(reader, permissions);
    const [rows, mayCover] = await Promise.all([
      round.once(`duty ${from} ${to}`, async () => await board.rows(from, to)),
      this.#mayCover(reader),
    ]);
    const now = clock.now();
    return {
      from: iso(from),
      to: iso(to),
      mayCover,
      longestCoverDays: LONGEST_COVER_DAYS,
      timeZone: ringdown().timeZone,
      rows: rows.map((row) => rowFor(reader, row, now)),
    };
  }

  async #mayCover({ requester }: Reader): Promise<boolean> {
    const { directory, permissions } = this.#parts;
    const person = await directory.get(requester.objectId).catch(nullIfUnavailable);
    return person !== null && callableOf(person).callable && (await permissions.mayAsk(requester));
  }
}

/** In epoch milliseconds. `to` does not belong to it. */
export interface Range {
  from: number;
  to: number;
}

/** @returns null unless it is a range of at most 100 days, in times that can be stored */
export function rangeOf(from: string, to: string): Range | null {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const length = end - begin;
  return isStorableTime(begin) && length > 0 && length <= LONGEST_PLAN_MS ? { from: begin, to: end } : null;
}

/** Whether they may end a cover: their own, or all as an operator. */
export function mayEnd({ requester, operates }: Reader, { person }: Pick<Cover, 'person'>): boolean {
  return operates || isReader(requester.objectId, person);
}

function rowFor(reader: Reader, row: BoardRow, now: number): DutyRow {
  const { policy, spec, step, canCover, lacks, nowUntil } = row;
  const { notes } = reader.texts.console.duty;
  return {
    policy,
    rotation: 'rotation' in spec ? spec.rotation : null,
    step,
    canCover,
    now: {
      people: peopleFor(reader, row.now?.targets ?? []),
      until: nowUntil === null ? null : iso(nowUntil),
    },
    spans: row.spans.map((span) => spanFor(reader, span, now)),
    note:
      lacks && (typeof lacks === 'string' ? notes[lacks] : notes.oldCalendar({ hours: lacks.oldCalendar })),
  };
}

function spanFor(reader: Reader, span: PlannedSpan, now: number): DutySpan {
  const { from, to, kind, targets, skipped, handOver, covered } = span;
  const { texts } = reader;
  return {
    from: iso(from),
    to: iso(to),
    kind: targets.length === 0 ? 'gap' : kind,
    people: peopleFor(reader, targets),
    // Shifts without a person are no fault if there is a fallback.
    notes: skipped
      .filter(({ reason }) => reason !== 'nobodyOnDuty' || targets.length === 0)
      .map((one) =>
        skippedLine(
          one.reason === 'nobodyOnDuty' && isGuid(one.name)
            ? { ...one, name: texts.console.duty.shifts }
            : one,
          texts,
        ),
      ),
    handOver,
    cover: covered
      ? {
          id: covered.cover.id,
          from: iso(covered.cover.from),
          until: iso(covered.cover.until),
          instead: texts.format.allOf(covered.instead.targets.map(({ displayName }) => displayName)) || null,
          mayEnd: covered.cover.until > now && mayEnd(reader, covered.cover),
        }
      : null,
  };
}

function peopleFor({ requester }: Reader, targets: PlannedSpan['targets']): DutyPerson[] {
  return targets.map((target) => ({
    name: target.displayName,
    me: isReader(requester.objectId, target),
  }));
}

function isReader(objectId: string, target: Cover['person']): boolean {
  return personIdOf(target)?.toLowerCase() === objectId;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
