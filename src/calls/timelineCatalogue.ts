import { lookUp } from '../config/lookUp.ts';
import type { TimelineEntry } from './call.ts';

/** A type of entry in a timeline. `Data` is what it carries: undefined in `Data` if it may come without. */
interface EntryKind<Data> {
  needsData: boolean;
  /** For the type only. */
  data?: Data;
}

/** The types of entries that a timeline can have, by name. */
type Catalogue = Readonly<Record<string, EntryKind<unknown>>>;

/** An entry without data. */
export const bare: EntryKind<undefined> = { needsData: false };

/** An entry with data. */
export function carries<Data extends object>(): EntryKind<Data> {
  return { needsData: true };
}

/** An entry that may have data. */
export function mayCarry<Data extends object>(): EntryKind<Data | undefined> {
  return { needsData: false };
}

type DataOf<Kind> = Kind extends EntryKind<infer Data> ? Data : never;

/** An entry of one of these types, without its time. */
export type LineOf<C extends Catalogue, Type extends keyof C = keyof C> = {
  [T in Type]: { type: T } & (undefined extends DataOf<C[T]>
    ? { data?: Exclude<DataOf<C[T]>, undefined> }
    : { data: DataOf<C[T]> });
}[Type];

type Given<C extends Catalogue, Type extends keyof C> = Exclude<DataOf<C[Type]>, undefined>;

/** Words for each type of entry. */
export type WordsOf<C extends Catalogue> = { [T in keyof C]: (data: Given<C, T>) => string };

/** An entry that this version knows, with its data. */
type Known<C extends Catalogue, Type extends keyof C = keyof C> = {
  [T in Type]: { type: T; data: Given<C, T> };
}[Type];

/**
 * The words for an entry from the database.
 *
 * @returns null if this version does not know the type, or the data is missing. A newer version may have written it
 */
export function entryWords<C extends Catalogue>(
  catalogue: C,
  words: WordsOf<C>,
  { type, data }: Pick<TimelineEntry, 'type' | 'data'>,
): string | null {
  const entry = { type, data: data ?? (lookUp<EntryKind<unknown>>(catalogue, type)?.needsData ? null : {}) };
  return isKnown(catalogue, entry) ? say(words, entry) : null;
}

function isKnown<C extends Catalogue>(
  catalogue: C,
  entry: { type: PropertyKey; data: unknown },
): entry is Known<C> {
  return Object.hasOwn(catalogue, entry.type) && entry.data !== null;
}

function say<C extends Catalogue, T extends keyof C>(words: WordsOf<C>, { type, data }: Known<C, T>): string {
  return words[type](data);
}
