/**
 * Adaptive Cards read a part of Markdown in a TextBlock. This takes its meaning from what people have written.
 * Only what would have an effect is escaped: a client that shows backslashes shows as few as possible.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\\`*_[\]~<]/g, '\\$&')
    .replace(/^(\s*)([#>+-])/gm, '$1\\$2')
    .replace(/^(\s*\d+)([.)])(?=\s)/gm, '$1\\$2')
    .replaceAll('{{', '{ {');
}
