import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { createRedaction, plainMembers } from './redaction.ts';

/**
 * Structured logs on stdout, one JSON line each. Secrets and personal data are removed twice: member by member before
 * a line is built (redaction.ts), and from the whole line before it is written.
 *
 * @param secrets values of the configuration that must not appear in any line, wherever they come from. A function is
 *   called for each line, and must return the same array while nothing changes
 */
export function createLog(
  level: string,
  secrets: readonly string[] | (() => readonly string[]),
  destination?: DestinationStream,
): Logger {
  let known: readonly string[] = [];
  let redact = createRedaction(known);
  const redactNow = (line: string): string => {
    const now = typeof secrets === 'function' ? secrets() : secrets;
    if (now !== known) {
      known = now;
      redact = createRedaction(known);
    }
    return redact(line);
  };
  return pino(
    {
      level,
      timestamp: stdTimeFunctions.isoTime,
      base: null,
      formatters: { level: (label) => ({ level: label }), log: plainMembers },
      // pino's own serializer would log every property of an error.
      serializers: { err: (error: unknown) => error },
      hooks: { streamWrite: redactNow },
    },
    // Not pino's own writer: if its reader is gone, it blocks the process at exit.
    destination ?? process.stdout,
  );
}
