import { pino } from 'pino';

/** Says nothing. */
export const silent = pino({ level: 'silent' });

/** Keeps what is logged, for tests of what a log must and must not say. */
export function recordingLog(): { log: typeof silent; lines: string[] } {
  const lines: string[] = [];
  return { log: pino({ level: 'trace' }, { write: (line: string) => lines.push(line) }), lines };
}
