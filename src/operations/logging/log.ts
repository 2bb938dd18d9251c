import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { createRedaction, plainMembers } from './redaction.ts';

/**
 * Structured logs, one line of JSON each, on stdout. What must not be in them is taken out twice: member by member
 * before a line is made (redaction.ts), and from the whole line before it is written.
 *
 * @param secrets values of the configuration that must not appear in any line, whatever wrote them there; as a function
 *   it is asked for each line, and gives the same array as long as they are the same
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
      // pino's own takes everything along that hangs on an error.
      serializers: { err: (error: unknown) => error },
      hooks: { streamWrite: redactNow },
    },
    // Not pino's own writer: when its reader has gone, that one would hold the process at its end for ever.
    destination ?? process.stdout,
  );
}
