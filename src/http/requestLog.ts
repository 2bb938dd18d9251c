import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Level, Logger } from 'pino';

/** Enough to see who sends bad requests. At some 200 bytes a line, a disk takes months to fill. */
const STRANGERS_LINES = 60;
const MINUTE_MS = 60_000;

/**
 * Limits how much unauthenticated requests can log: some lines a minute, the rest at debug. Otherwise anybody who can
 * reach the server could fill its disk, or hide in the noise.
 */
export class StrangersLines {
  readonly #log: Logger;
  readonly #now: () => number;
  #windowStart = Number.NEGATIVE_INFINITY;
  #written = 0;

  /** @param now monotonic time in milliseconds */
  constructor(log: Logger, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#now = now;
  }

  /** The log level of the next line. */
  level(wanted: Level): Level {
    const now = this.#now();
    if (now - this.#windowStart >= MINUTE_MS) {
      this.#windowStart = now;
      this.#written = 0;
    }
    this.#written += 1;
    if (this.#written === STRANGERS_LINES + 1) {
      this.#log.warn('many unauthenticated requests: logging them at debug level for the rest of the minute');
    }
    return this.#written <= STRANGERS_LINES ? wanted : 'debug';
  }
}

/** The log line of a request, without secrets: no query, no headers. */
export function logWhenDone(
  log: Logger,
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
  about: {
    reference: string;
    /** The log line of a failed request. */
    level: () => Level;
    observe: (status: number, ms: number) => void;
    /** The status of a stream, which is observed when it begins; null for other answers. Clients end most streams. */
    streamed: () => number | null;
  },
): void {
  const { reference, level, observe, streamed } = about;
  const start = performance.now();
  response.once('close', () => {
    const stream = streamed();
    // When a client goes, restify changes the status to 444.
    const status = stream ?? response.statusCode;
    const answered = response.writableFinished || stream !== null;
    const ms = performance.now() - start;
    if (answered && stream === null) observe(status, ms);
    log[answered && status < 400 ? 'debug' : level()](
      {
        method,
        path: pathForLog(url),
        ...(answered ? { status } : { aborted: true }),
        ms: Math.round(ms),
        reference,
      },
      'request',
    );
  });
}

/** Redacts the secrets in paths: a reader of the log must not be able to send events, join a call or read a calendar. */
export function pathForLog(url: string): string {
  const path = plainly(url.split(/[?#]/, 1)[0] ?? '');
  return path
    .replace(/(callbacks\/+[^/]*\/).*$/i, '$1…')
    .replace(/(\/ical\/+).*$/i, '$1…')
    .replace(/^(\/+talk\/+)(?!assets\/|session\/)[^/]*/i, '$1…')
    .slice(0, 200);
}

/** Without needless escapes: the router takes `/%69cal/` for `/ical/`. */
function plainly(path: string): string {
  return path.replaceAll(/%(?:2d|2e|3\d|[46][1-9a-f]|5[0-9af]|7[0-9ae])/gi, decodeURIComponent);
}
