/**
 * Escapes the subset of Markdown that Adaptive Cards read in a TextBlock. Escapes only what would have an effect, so
 * that a client that shows the backslashes shows few.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\\`*_[\]~<]/g, '\\$&')
    .replace(/^(\s*)([#>+-])/gm, '$1\\$2')
    .replace(/^(\s*\d+)([.)])(?=\s)/gm, '$1\\$2')
    .replaceAll('{{', '{ {');
}
