import type { TimelineEntry } from '../calls/call.ts';

/** What an entry of a timeline carries besides its time and type. */
export type EntryData = NonNullable<TimelineEntry['data']>;

export function shown(value: EntryData[string] | undefined): string {
  return String(value ?? '–');
}

/** Whether there are words for this value. */
export function isKeyOf<Key extends string>(
  words: Readonly<Record<Key, unknown>>,
  value: unknown,
): value is Key {
  return typeof value === 'string' && Object.hasOwn(words, value);
}

/** The word for this key, or the function that makes it. A key of a newer version has none. */
export function wordFor<Key extends string, Word = string>(
  words: Readonly<Record<Key, Word>>,
  key: Key,
): Word | undefined {
  return isKeyOf(words, key) ? words[key] : undefined;
}

/** "someNewThing" -> "Some new thing" */
export function inWords(type: string): string {
  const words = type.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
