import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { createRedaction, plainMembers } from './redaction.ts';

/**
 * Structured logs, one line of JSON each, on stdout. What must not be in them is taken out twice: member by member
 * before a line is made (redaction.ts), and from the whole line before it is written.
 *
 * @param secrets values of the configuration that must not appear in any line, whatever wrote them there
 */
export function createLog(
  level: string,
  secrets: readonly string[],
  destination?: DestinationStream,
): Logger {
  return pino(
    {
      level,
      timestamp: stdTimeFunctions.isoTime,
      base: null,
      formatters: { level: (label) => ({ level: label }), log: plainMembers },
      // pino's own takes everything along that hangs on an error.
      serializers: { err: (error: unknown) => error },
      hooks: { streamWrite: createRedaction(secrets) },
    },
    // Not pino's own writer: when its reader has gone, that one would hold the process at its end for ever.
    destination ?? process.stdout,
  );
}
