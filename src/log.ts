import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';

/** Members that are never written, wherever they stand in a logged object. */
const REDACTED = ['authorization', 'password', 'secret', 'token', 'callbackUri', 'connectionString'];

/**
 * Structured logs, one line of JSON each, on stdout.
 *
 * @param secrets values of the configuration that must not appear in any line, whatever wrote them there
 */
export function createLog(
  level: string,
  secrets: readonly string[],
  destination?: DestinationStream,
): Logger {
  const hidden = secrets.filter((secret) => secret.length >= 6);
  return pino(
    {
      level,
      timestamp: stdTimeFunctions.isoTime,
      base: null,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
      hooks: {
        // The last door: a secret that some library wrote into an error's text.
        streamWrite: (line) => hidden.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), line),
      },
    },
    // Not pino's own writer: when its reader has gone, that one would hold the process at its end for ever.
    destination ?? process.stdout,
  );
}
