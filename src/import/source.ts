import { changesClocks, DAY_MS, type Turns } from './turns.ts';

/*
 * What a reader finds in an export of another system, in words that all systems share. carry.ts turns it into
 * rotations and policies.
 */

/** A system that exports are read from. */
export interface System {
  /** The command's name for it: `grafana-oncall`. */
  key: string;
  /** Its own name: `Grafana OnCall`. */
  name: string;
  /** Its word for a policy, such as `escalation chain`. */
  policyWord: string;
  /** Where people find the address of a schedule's calendar. */
  calendarAdvice: string;
}

export interface SourceUser {
  id: string;
  name: string;
  mail: string | null;
}

/** Who is on duty by a schedule, as far as Ringdown can express it. */
export type Duty =
  /** `doubts`: what should be checked if the turns become a rotation. */
  | { kind: 'turns'; turns: Turns; doubts: readonly string[] }
  /** A rotation cannot say it, but the schedule's calendar can. */
  | { kind: 'calendar'; why: string; advice?: string }
  | { kind: 'nobody'; why: string };

export interface SourceSchedule {
  id: string;
  name: string;
  duty: Duty;
  /** What is lost or should be checked although the duty is carried over. */
  losses: readonly string[];
}

export type SourceTarget = { kind: 'user'; id: string } | { kind: 'schedule'; id: string };

export type SourceEvent =
  /** `inTurn`: Ringdown is to call them one after another instead of all at once. */
  { kind: 'notify'; targets: readonly SourceTarget[]; inTurn: boolean } | { kind: 'wait'; seconds: number };

export interface SourcePolicy {
  name: string;
  events: readonly SourceEvent[];
  /** How often everything is repeated. */
  repeat: number;
  losses: readonly string[];
}

/** Something that is not carried over, or that a person should check. */
export interface Loss {
  /** `schedule "Payments"` */
  about: string;
  /** A sentence without a full stop. */
  why: string;
}

export interface Source {
  users: readonly SourceUser[];
  schedules: readonly SourceSchedule[];
  policies: readonly SourcePolicy[];
  losses: readonly Loss[];
}

export function calendar(why: string, advice?: string): Duty {
  return { kind: 'calendar', why, ...(advice === undefined ? {} : { advice }) };
}

/** What is lost of schedules in every system. `coming` counts the overrides that have not ended. */
export function overridesLost(coming: number): string[] {
  if (coming === 0) return [];
  const words = coming === 1 ? 'one override that has' : `${coming} overrides that have`;
  return [`has ${words} not ended: say “cover” in a chat, or use the page Duty of the console`];
}

/** Of systems whose documents do not say how turns of hours behave when the clocks change. */
export function doubtsOf({ every, timeZone }: Turns, now: number): string[] {
  if (every % DAY_MS === 0 || !changesClocks(timeZone, now)) return [];
  return ['has turns of hours, which follow local time in Ringdown: compare when the clocks change'];
}

/** The longest piece of an export that a message repeats. */
const MAX_QUOTED = 80;

/**
 * A name from an export in a message or a comment: in quotes, on one line, and not too long. Line breaks would end a
 * comment of the file.
 */
export function quoted(name: string): string {
  const letters = [...name.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim()];
  const short = letters.length > MAX_QUOTED ? `${letters.slice(0, MAX_QUOTED).join('')}…` : letters.join('');
  return `"${short.replaceAll('"', "'")}"`;
}
