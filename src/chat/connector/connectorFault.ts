/** The chat service refused a request, or did not answer. */
export class ConnectorFault extends Error {
  /** HTTP status; null if no answer came. */
  readonly status: number | null;
  /** The service's error code, such as `MessageWritesBlocked`. */
  readonly code: string | null;
  /** Milliseconds that the service asks us to wait; null if it does not. */
  readonly retryAfterMs: number | null;
  /** False if the request certainly never reached the service. */
  readonly arrived: boolean;

  constructor(
    status: number | null,
    options: { code?: string; retryAfterMs?: number | null; arrived?: boolean; cause?: unknown },
  ) {
    const silent = options.arrived === false ? 'was not reached' : 'did not answer';
    const what = `the chat service ${status === null ? silent : `answered ${status}`}`;
    super(options.code ? `${what} (${options.code})` : what, { cause: options.cause });
    this.name = 'ConnectorFault';
    this.status = status;
    this.code = options.code ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.arrived = options.arrived ?? true;
  }
}
