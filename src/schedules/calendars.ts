import type { Logger } from 'pino';
import { inTime, type Clock } from '../clock.ts';
import { shownPlace } from '../config/calendarName.ts';
import type { Sql } from '../database/schema.ts';
import type { Transact, Work } from '../database/transaction.ts';
import { callableOf } from '../directory/callable.ts';
import type { Directory } from '../directory/directory.ts';
import { findFirst } from '../directory/findFirst.ts';
import { RingdownError } from '../errors.ts';
import { peopleIn, type CalendarBook, type CalendarDuty } from './calendarDuty.ts';
import { newNotices, type CalendarFaults, type CalendarNotice } from './calendarNotices.ts';
import {
  calendarCopy,
  calendarStates,
  claimCalendar,
  keepCalendar,
  noteFailure,
  noteTold,
  type CalendarState,
} from './calendarStore.ts';
import { readInWorker, type CalendarAnswer } from './ical/calendarWorker.ts';
import { fetchCalendar } from './ical/fetchCalendar.ts';
import type { CalendarPerson } from './ical/people.ts';
import { keyOf, type CalendarSource } from './ical/source.ts';

/** A calendar that ringdown.yaml names. */
interface Wanted {
  /** Of the rotation. */
  name: string;
  source: CalendarSource;
  /** Of the file. */
  fileZone: string;
}

/** The present ringdown.yaml. */
export interface CalendarFile {
  timeZone: string;
  rotations: Readonly<Record<string, CalendarSource | object>>;
}

interface Parts {
  sql: Sql;
  transact: Transact;
  clock: Clock;
  log: Logger;
  directory: Pick<Directory, 'find'>;
  file: () => CalendarFile;
  /** What paths of files are relative to. */
  folder: string;
}

type Tell = (work: Work, subject: string, notice: CalendarNotice) => void;

/** What was read of a copy. */
interface Kept {
  version: number;
  readAt: number;
  duties: readonly CalendarDuty[];
  from: number;
  to: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** How often each process looks whether there is something to do. */
const LOOK_MS = MINUTE_MS;
/** How long after the last attempt a source is fetched. */
const PAUSE = { withCopy: 5 * MINUTE_MS, without: MINUTE_MS };
/** A start, and a new file, wait this long for calendars that were never fetched. */
const PATIENCE_MS = 5_000;
/** What is read around now. */
const PAST_MS = 100 * DAY_MS;
const COMING_MS = 400 * DAY_MS;
/** The people of this time are looked up, this often, and at most so many. */
const CHECKED = { ahead: 14 * DAY_MS, every: DAY_MS / 2, most: 100 };
const AT_A_TIME = 4;
const STOP_MS = 1_000;

/**
 * The calendars that say who is on duty. Of all replicas one fetches a calendar, every few minutes, and keeps the copy
 * in the database; each of them has what it says in memory. While the source is away, or sends something else, the last
 * good copy counts.
 */
export class Calendars {
  readonly #parts: Parts;
  readonly #kept = new Map<string, Kept>();
  readonly #states = new Map<string, CalendarState>();
  readonly #stop = new AbortController();
  #tell: Tell = () => undefined;
  #running: Promise<void> = Promise.resolve();
  #timer: unknown = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  tellWith(tell: Tell): void {
    this.#tell = tell;
  }

  /** Reads the copies, then fetches. Waits only for calendars of which there is no copy, and not for long. */
  async start(): Promise<void> {
    await this.#inTurn(async () => await this.#load());
    await this.#patiently(this.refresh());
    this.#lookLater();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#parts.clock.clearTimeout(this.#timer);
    // A reader that is stuck is no reason to stop late.
    await inTime(this.#running, STOP_MS, () => undefined, this.#parts.clock);
  }

  /** A new ringdown.yaml counts. Files and addresses are read again. */
  async reload(): Promise<void> {
    await this.#patiently(this.refresh(true));
  }

  /** What is known of a calendar. @param timeZone of the file */
  bookOf(source: CalendarSource, timeZone: string): CalendarBook {
    const kept = this.#kept.get(variantOf({ source, fileZone: timeZone }));
    const asOf = this.#states.get(keyOf(source))?.asOf ?? null;
    if (!kept || asOf === null) return { kind: 'unknown' };
    const { duties, from, to } = kept;
    return { kind: 'known', duties, from, to, asOf };
  }

  /** Fetches what is due. Never throws. @param everything also what was just fetched */
  async refresh(everything = false): Promise<void> {
    await this.#inTurn(async () => {
      const wanted = [...Map.groupBy(this.#wanted(), ({ source }) => keyOf(source)).values()];
      for (let at = 0; at < wanted.length && !this.#stop.signal.aborted; at += AT_A_TIME) {
        await Promise.all(
          wanted.slice(at, at + AT_A_TIME).map(async (same) => await this.#visit(same, everything)),
        );
      }
      await this.#load();
    });
  }

  #wanted(): Wanted[] {
    const { timeZone: fileZone, rotations } = this.#parts.file();
    return Object.entries(rotations).flatMap(([name, rotation]) =>
      'ical' in rotation ? [{ name, source: rotation, fileZone }] : [],
    );
  }

  async #patiently(refreshed: Promise<void>): Promise<void> {
    const isKnown = this.#wanted().every((one) => this.#kept.has(variantOf(one)));
    if (!isKnown) await inTime(refreshed, PATIENCE_MS, () => undefined, this.#parts.clock);
  }

  #lookLater(): void {
    if (this.#stop.signal.aborted) return;
    const { clock } = this.#parts;
    this.#timer = clock.setTimeout(() => {
      void this.refresh().then(() => this.#lookLater());
    }, LOOK_MS);
  }

  /** One after another, so that a process never works on one calendar twice. What fails is tried again. */
  async #inTurn(work: () => Promise<void>): Promise<void> {
    const next = this.#running.then(work).catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.#parts.log.error({ err: error }, 'cannot keep the calendars');
    });
    this.#running = next;
    await next;
  }

  /** @param same rotations with this calendar; there is at least one */
  async #visit(same: readonly Wanted[], now: boolean): Promise<void> {
    const [wanted] = same;
    if (!wanted) return;
    const { sql, clock, log, folder } = this.#parts;
    const { source } = wanted;
    const key = keyOf(source);
    const at = clock.now();
    const claimed = await claimCalendar(sql, key, at, now ? { withCopy: 0, without: 0 } : PAUSE);
    if (!claimed) return;
    const about = { calendar: wanted.name, from: shownPlace(source.ical) };
    const fetched = await fetchCalendar(source, claimed, { folder, signal: this.#stop.signal });
    if (this.#stop.signal.aborted) return;
    if (fetched.kind === 'unchanged') {
      await keepCalendar(sql, key, null, at);
      await this.#check(same, claimed, { away: null, events: null });
      return;
    }
    const answer = fetched.kind === 'new' ? await this.#read(fetched.bytes, wanted) : fetched;
    if (fetched.kind === 'failed' || answer.kind !== 'read') {
      const problem = answer.kind === 'read' ? '' : answer.problem;
      log.warn({ ...about, problem }, 'a calendar cannot be fetched');
      await noteFailure(sql, key, problem, at);
      await this.#check(same, claimed, { away: { problem, asOf: claimed.asOf }, events: null });
      return;
    }
    const version = await keepCalendar(sql, key, { ...fetched, text: answer.text }, at);
    this.#keep(wanted, version, answer);
    // Known at once, whatever the other calendars take.
    this.#states.set(key, { ...claimed, version, asOf: at, failingSince: null, problem: null });
    if (version !== claimed.version)
      log.info(
        { ...about, version, duties: answer.duties.length, unread: answer.unread },
        'a calendar has changed',
      );
    await this.#check(
      same,
      { ...claimed, checkedAt: version === claimed.version ? claimed.checkedAt : null },
      {
        away: null,
        events: answer,
      },
    );
  }

  /** Reads the copies that this process has not read yet, or long ago. */
  async #load(): Promise<void> {
    const { sql, clock, log } = this.#parts;
    const wanted = this.#wanted();
    if (wanted.length === 0) return;
    const states = await calendarStates(sql, [...new Set(wanted.map(({ source }) => keyOf(source)))]);
    for (const state of states) this.#states.set(state.source, state);
    for (const one of wanted) {
      const state = this.#states.get(keyOf(one.source));
      const kept = this.#kept.get(variantOf(one));
      const isRead = kept?.version === state?.version && clock.now() - (kept?.readAt ?? 0) < DAY_MS;
      if (!state || state.version === 0 || isRead) continue;
      const copy = await calendarCopy(sql, state.source);
      if (!copy) continue;
      const answer = await this.#read(new TextEncoder().encode(copy.text), one);
      if (answer.kind === 'read') this.#keep(one, copy.version, answer);
      else log.error({ calendar: one.name, problem: answer.problem }, 'cannot read the copy of a calendar');
    }
  }

  #keep(wanted: Wanted, version: number, { duties }: Extract<CalendarAnswer, { kind: 'read' }>): void {
    const readAt = this.#parts.clock.now();
    this.#kept.set(variantOf(wanted), { version, readAt, duties, ...rangeAround(readAt) });
  }

  async #read(bytes: Uint8Array, { source, fileZone }: Wanted): Promise<CalendarAnswer> {
    return await readInWorker(bytes, {
      ...rangeAround(this.#parts.clock.now()),
      zone: source.timeZone ?? null,
      otherwise: fileZone,
    });
  }

  /** Tells operators what is wrong, and was not told yet. */
  async #check(
    same: readonly Wanted[],
    { source, told, checkedAt }: CalendarState,
    faults: Pick<CalendarFaults, 'away' | 'events'>,
  ): Promise<void> {
    const { clock, transact } = this.#parts;
    const [wanted] = same;
    const kept = wanted && this.#kept.get(variantOf(wanted));
    const now = clock.now();
    const isDue = checkedAt === null || now - checkedAt >= CHECKED.every;
    const people =
      kept && isDue ? await this.#unknownIn(peopleIn(kept.duties, now, now + CHECKED.ahead)) : null;
    const names = same.map(({ name }) => name).join(', ');
    const next = newNotices(names, { ...faults, people }, told, now);
    if (people === null && next.notices.size === 0 && next.told.length === told.length) return;
    await transact(async (work) => {
      await noteTold(work.sql, source, next.told, people === null ? null : now);
      for (const [subject, notice] of next.notices) this.#tell(work, `calendar ${names} ${subject}`, notice);
    });
  }

  /** Whom the directory does not know, or nobody can call. Null if it does not answer. */
  async #unknownIn(people: readonly CalendarPerson[]): Promise<CalendarFaults['people']> {
    const unknown: { person: CalendarPerson; why: string }[] = [];
    try {
      for (const person of people.slice(0, CHECKED.most)) {
        const why = await this.#whyNot(person);
        if (why !== null) unknown.push({ person, why });
      }
      return unknown;
    } catch (error) {
      if (error instanceof RingdownError && error.code === 'directory_unavailable') return null;
      throw error;
    }
  }

  async #whyNot({ words }: CalendarPerson): Promise<string | null> {
    const found = await findFirst(words, this.#parts.directory);
    if (!found.person) return found.reason;
    const can = callableOf(found.person);
    return can.callable ? null : can.reason;
  }
}

/** The same calendar read with other zones says something else. */
function variantOf({ source, fileZone }: Pick<Wanted, 'source' | 'fileZone'>): string {
  return JSON.stringify([keyOf(source), source.timeZone ?? null, fileZone]);
}

export function rangeAround(now: number): { from: number; to: number } {
  return { from: now - PAST_MS, to: now + COMING_MS };
}
