import { sql as raw, type RawBuilder } from 'kysely';
import type { TimelineEntry } from '../calls/call.ts';
import { storableJson } from '../database/storable.ts';

/** What a room is told of somebody who is to be forgotten. */
export interface Leaving {
  /** Entra object id in lower case, `8:acs:…`, or the key of another channel's user (`webchat|…`). */
  key: string;
  /** The calls in which they stand, in the order in which calls are locked. */
  calls: readonly string[];
  /** The same of escalations. */
  escalations: readonly string[];
  /** Takes them out of what was stored. */
  without: <T>(value: T) => T;
}

/** Why a person cannot be forgotten now. */
export type StillNeeded = 'onCall' | 'escalation';

/** No more calls of a person are exported. */
export const MOST_EXPORTED = 10_000;

/** Whether an expression's text holds the key, in whatever case. As JSON it stands there with its own escapes. */
export function contains(key: string, value: RawBuilder<unknown>): RawBuilder<boolean> {
  const searched = JSON.stringify(key).slice(1, -1).toLowerCase();
  return raw<boolean>`position(${searched} in lower(${value}::text)) > 0`;
}

/** Whether one of these columns holds the key. */
export function anyContains(key: string, ...columns: string[]): RawBuilder<boolean> {
  return raw<boolean>`(${raw.join(
    columns.map((column) => contains(key, raw.ref(column))),
    raw` OR `,
  )})`;
}

/** An empty list is no SQL. */
export function orNone(ids: readonly string[]): string[] {
  return ids.length > 0 ? [...ids] : [''];
}

/** Those lines of timelines in which the person stood, as they are to be stored. */
export function withoutPerson<Line extends { data: object | null }>(
  lines: readonly Line[],
  { without }: Pick<Leaving, 'without'>,
): (Omit<Line, 'data'> & { data: string })[] {
  return lines.flatMap((line) => {
    const data = storableJson(without(line.data ?? {}));
    return line.data === null || data === storableJson(line.data) ? [] : [{ ...line, data }];
  });
}

/** Rows of a timeline as entries, by what they are the timeline of. */
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
