/**
 * Looks up an untrusted word in a table. Returns undefined for `constructor`, `toString` and other inherited
 * properties.
 */
export function lookUp<Value>(
  table: Readonly<Record<string, Value>>,
  word: string | null | undefined,
): Value | undefined {
  return word !== null && word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
}
