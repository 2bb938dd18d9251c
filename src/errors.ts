/**
 * The catalogue of coded errors: for each its HTTP status, whether a retry helps, and what an operator should know.
 * The codes are stable. Texts for people are in texts/.
 */
interface ErrorKind {
  /** HTTP status (RFC 9457). */
  status: number;
  /** Short English title, always the same (RFC 9457 `title`). */
  title: string;
  /** Whether the same request may succeed later. */
  retry: boolean;
  /** For the operator: what it means and what to do. */
  operator: string;
}

export const errorCatalogue = {
  bad_request: {
    status: 400,
    title: 'The request cannot be read',
    retry: false,
    operator: 'The sender sent something that is not valid JSON or does not have the documented form.',
  },
  unauthorized: {
    status: 401,
    title: 'Not authorized',
    retry: false,
    operator: 'The key, token or secret is missing, wrong or expired.',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed',
    retry: false,
    operator: 'The key is valid, but lacks the right for this.',
  },
  not_found: { status: 404, title: 'Not found', retry: false, operator: 'There is nothing at this address.' },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    retry: false,
    operator: 'The address exists, but not with this method.',
  },
  payload_too_large: {
    status: 413,
    title: 'The body is too large',
    retry: false,
    operator: 'Bodies are at most 512 KB.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'The body is not JSON',
    retry: false,
    operator: 'Send Content-Type: application/json.',
  },
  unavailable: {
    status: 503,
    title: 'Not available right now',
    retry: true,
    operator:
      'The database did not answer. Nothing was accepted, unless the detail says that it may have been. Send it again.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong',
    retry: true,
    operator: 'A fault in Ringdown. The log line with the same reference has the cause.',
  },
  target_not_found: {
    status: 404,
    title: 'Nobody matches',
    retry: false,
    operator: 'The directory has nobody with that name, address or id.',
  },
  target_ambiguous: {
    status: 422,
    title: 'Several people match',
    retry: false,
    operator: 'Name the person by object id or user principal name.',
  },
  target_not_callable: {
    status: 422,
    title: 'The person cannot be called',
    retry: false,
    operator: 'Disabled account, guest, or no licence: see the detail.',
  },
  not_allowed: {
    status: 403,
    title: 'This call is not allowed',
    retry: false,
    operator: 'permissions in ringdown.yaml forbid it, or the person has opted out.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests or calls',
    retry: true,
    operator: 'limits in ringdown.yaml, or the limit of the key. Retry-After says when to try again.',
  },
  directory_unavailable: {
    status: 503,
    title: 'The directory does not answer',
    retry: true,
    operator: 'Microsoft Graph failed or throttled; see the log.',
  },
  speech_not_configured: {
    status: 422,
    title: 'Messages cannot be spoken',
    retry: false,
    operator:
      'Set COGNITIVE_SERVICES_ENDPOINT, and give the ACS resource\'s identity the role "Cognitive Services User" on it.',
  },
  wrong_state: {
    status: 409,
    title: 'It is too late for that',
    retry: false,
    operator: 'The call or escalation is in a state in which this cannot be done.',
  },
  already_acknowledged: {
    status: 409,
    title: 'Somebody else has acknowledged it',
    retry: false,
    operator: 'Exactly one acknowledgement wins; acknowledgedBy names the person.',
  },
  policy_not_found: {
    status: 404,
    title: 'There is no such policy',
    retry: false,
    operator: 'ringdown.yaml has no policy with that name.',
  },
  idempotency_key_reused: {
    status: 409,
    title: 'The idempotency key was used for something else',
    retry: false,
    operator: 'The sender used one Idempotency-Key for two different bodies within 24 hours.',
  },
  connect_needs_teams: {
    status: 422,
    title: 'Only a Teams user can be connected',
    retry: false,
    operator: 'connectTo is not a Teams user, or not one of an allowed tenant.',
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorCatalogue;

/** An error of the catalogue. `detail` may be shown to the person who asked; the cause is for the log only. */
export class RingdownError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  /** Extra members of the problem document, such as candidates. `retryInSeconds` also sets Retry-After. */
  readonly extra: Record<string, unknown> | undefined;

  constructor(
    code: ErrorCode,
    options: { detail?: string; cause?: unknown; extra?: Record<string, unknown> } = {},
  ) {
    super(options.detail ? `${code}: ${options.detail}` : code, { cause: options.cause });
    this.name = 'RingdownError';
    this.code = code;
    this.detail = options.detail;
    this.extra = options.extra;
  }

  get kind(): ErrorKind {
    return errorCatalogue[this.code];
  }
}
