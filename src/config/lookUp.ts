/**
 * What a table has for a word from outside. Undefined too for `constructor`, `toString` and the like, which every object
 * has and no table means.
 */
export function lookUp<Value>(
  table: Readonly<Record<string, Value>>,
  word: string | null | undefined,
): Value | undefined {
  return word !== null && word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
}
