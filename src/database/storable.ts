/**
 * What PostgreSQL can keep of a text: it refuses NUL in every text, and in `jsonb` halves of surrogate pairs too.
 * Both come in what people paste and in what programs cut off; a message is not refused for them.
 */
export function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** JSON for a `jsonb` column. */
export function storableJson(value: object): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storable(part) : part));
}
