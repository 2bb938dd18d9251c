import { pino } from 'pino';
import { createLog } from '../../src/operations/logging/log.ts';

/** Discards everything. */
export const silent = pino({ level: 'silent' });

/** Collects the log as the product writes it, for tests of its content. */
export function recordingLog(
  secrets: readonly string[] = [],
  alsoTo: (line: string) => void = () => undefined,
): { log: typeof silent; lines: string[] } {
  const lines: string[] = [];
  const destination = {
    write: (line: string) => {
      lines.push(line);
      alsoTo(line);
    },
  };
  return { log: createLog('trace', secrets, destination), lines };
}
