/**
 * A table as CSV (RFC 4180), with a byte-order mark so that spreadsheets read it as UTF-8. Cells that a spreadsheet
 * would take for a formula begin with an apostrophe: names come from outside.
 */
export function csvOf(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, ...rows].map((cells) => cells.map(cellOf).join(','));
  return `\uFEFF${lines.map((line) => `${line}\r\n`).join('')}`;
}

function cellOf(value: string | number): string {
  if (typeof value === 'number') return String(value);
  // What spreadsheets take for the start of a formula (OWASP, CSV injection), after spaces too.
  const safe = /^\s*[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : value;
  return /[",;\t\r\n']|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
