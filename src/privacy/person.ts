import { sql as raw, type RawBuilder } from 'kysely';
import type { TimelineEntry } from '../calls/call.ts';
import { storableJson } from '../database/storable.ts';

/** What a room needs to forget somebody. */
export interface Leaving {
  /** Entra object id in lower case, `8:acs:…`, or the key of another channel's user (`webchat|…`). */
  key: string;
  /** Ids of the calls that mention them, in the order in which calls are locked. */
  calls: readonly string[];
  /** The same for escalations. */
  escalations: readonly string[];
  /** Removes them from a stored value. */
  without: <T>(value: T) => T;
}

/** Why a person cannot be forgotten now. */
export type StillNeeded = 'onCall' | 'escalation';

/** An export has at most this many calls of a person. */
export const MOST_EXPORTED = 10_000;

/** Whether an expression's text contains the key, in any case. In JSON, the key is escaped. */
export function contains(key: string, value: RawBuilder<unknown>): RawBuilder<boolean> {
  const searched = JSON.stringify(key).slice(1, -1).toLowerCase();
  return raw<boolean>`position(${searched} in lower(${value}::text)) > 0`;
}

/** Whether one of these columns contains the key. */
export function anyContains(key: string, ...columns: string[]): RawBuilder<boolean> {
  return raw<boolean>`(${raw.join(
    columns.map((column) => contains(key, raw.ref(column))),
    raw` OR `,
  )})`;
}

/** SQL has no empty lists. */
export function orNone(ids: readonly string[]): string[] {
  return ids.length > 0 ? [...ids] : [''];
}

/** The timeline lines that mention the person, rewritten for storing. */
export function withoutPerson<Line extends { data: object | null }>(
  lines: readonly Line[],
  { without }: Pick<Leaving, 'without'>,
): (Omit<Line, 'data'> & { data: string })[] {
  return lines.flatMap((line) => {
    const data = storableJson(without(line.data ?? {}));
    return line.data === null || data === storableJson(line.data) ? [] : [{ ...line, data }];
  });
}

/** Turns rows into timelines, by the id (`of`) of the call or escalation. */
export function timelinesOf(
  rows: readonly { of: string; at: Date; type: string; data: TimelineEntry['data'] | null }[],
): Map<string, TimelineEntry[]> {
  const found = new Map<string, TimelineEntry[]>();
  for (const { of, at, type, data } of rows) {
    const entry = { at: at.toISOString(), type, ...(data ? { data } : {}) };
    found.set(of, [...(found.get(of) ?? []), entry]);
  }
  return found;
}
