/**
 * The part of a text that PostgreSQL can store. It refuses NUL in any text, and unpaired surrogates in `jsonb`. Both
 * occur in pasted and truncated text, which should not make a message fail.
 */
export function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** JSON for a `jsonb` column. */
export function storableJson(value: object): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storable(part) : part));
}

/** Both databases store these times. The embedded one refuses the year 0, and years after 9999. */
const STORABLE = { from: Date.parse('1000-01-01T00:00:00Z'), to: Date.parse('9000-01-01T00:00:00Z') };

/** Whether both databases can store this time and the months around it. @param at epoch milliseconds */
export function isStorableTime(at: number): boolean {
  return at >= STORABLE.from && at < STORABLE.to;
}
