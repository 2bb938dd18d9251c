import type { Finding } from './findings.ts';

const marks = { ok: 'ok     ', fault: 'FAULT  ', note: 'note   ', skipped: '-      ' } as const;

/** The findings as lines for people. */
export function report(findings: readonly Finding[]): string[] {
  const lines = findings.flatMap(({ area, level, name, what, fix }) => [
    `${marks[level]}${area.padEnd(14)}${name === null ? '' : `${name}: `}${oneLine(what)}`,
    ...(fix === null ? [] : [`${' '.repeat(21)}fix: ${oneLine(fix)}`]),
  ]);
  const faults = findings.filter(({ level }) => level === 'fault').length;
  const last = faults === 0 ? 'No faults found.' : `${faults} ${faults === 1 ? 'fault' : 'faults'}.`;
  return [...lines, '', last];
}

/** Names come from the directory and the configuration: strip control characters before they reach a terminal. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}

export function hasNoFaults(findings: readonly Finding[]): boolean {
  return findings.every(({ level }) => level !== 'fault');
}
