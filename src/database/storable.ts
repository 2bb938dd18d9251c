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
