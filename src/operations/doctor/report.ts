import type { Finding } from './findings.ts';

const marks = { ok: 'ok     ', fault: 'FAULT  ', note: 'note   ', skipped: '-      ' } as const;

/** What was found, as lines for people. */
export function report(findings: readonly Finding[]): string[] {
  const lines = findings.flatMap(({ area, level, name, what, mend }) => [
    `${marks[level]}${area.padEnd(14)}${name === null ? '' : `${name}: `}${oneLine(what)}`,
    ...(mend === null ? [] : [`${' '.repeat(21)}fix: ${oneLine(mend)}`]),
  ]);
  const faults = findings.filter(({ level }) => level === 'fault').length;
  const last =
    faults === 0 ? 'All that was looked at holds.' : `${faults} ${faults === 1 ? 'fault' : 'faults'}.`;
  return [...lines, '', last];
}

/** Names come from the directory and the configuration: no control characters onto a terminal. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}

export function allHolds(findings: readonly Finding[]): boolean {
  return findings.every(({ level }) => level !== 'fault');
}
