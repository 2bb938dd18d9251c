import type { IncomingHttpHeaders } from 'node:http';
import type { RingdownError } from '../errors.ts';

/** The head of a request. */
export interface RequestHead {
  method: string;
  /** The path parameters, decoded. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** Address of the sender, or of the last proxy. Empty if the connection is already closed. */
  remoteAddress: string;
  /** Identifies this request in the answer and in the log. */
  reference: string;
}

/** What a route receives once it has admitted the request. */
export interface HttpRequest extends RequestHead {
  /** The parsed body, for a route with `body: 'json'`. */
  body: unknown;
  /** The body as sent (decompressed), for signatures. Empty with `body: 'none'`. */
  rawBody: Buffer;
}

/**
 * A body that is written while the connection lasts. It is read only as fast as the client reads, and costs no place
 * among the requests.
 *
 * @param over aborts when the client goes or the server closes: the iterator must then end
 */
export type StreamBody = (over: AbortSignal) => AsyncIterable<string>;

/** What a route answers. */
export interface Reply {
  status: number;
  /** Strings and bytes are sent unchanged, a function is a StreamBody, anything else is sent as JSON. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}

/**
 * Anything thrown is answered as a problem: a RingdownError by its code, anything else as `internal`, without its
 * text.
 */
export type Handle = (request: HttpRequest) => Promise<Reply>;

/** How a request is admitted. Bodies of unauthenticated senders are read within tight limits: see StrangersBodies. */
export type Admitted =
  /** Admitted by its head: a valid key, or an endpoint open to everybody. `handle` does the rest. */
  | { isKnown: boolean; handle: Handle; within?: (doing: () => Promise<Reply>) => Promise<Reply> }
  /** The credential is in the body, or signs it. */
  | { byBody: (request: HttpRequest) => Promise<Handle> };

export interface Route {
  /** GET answers HEAD too. */
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** `/api/callbacks/:callId/:secret` */
  path: string;
  /** `json`: 415 for another content type, 400 for invalid JSON. `raw`: bytes of any type. */
  body: 'none' | 'json' | 'raw';
  /**
   * Handled before requests that start something new, because it belongs to calls in progress: the service's own
   * events.
   */
  goesFirst?: boolean;
  /**
   * Decides whether to admit a request, before any of its body is read.
   *
   * @throws RingdownError unauthorized (or unavailable) if the sender is unknown; any other error if the sender is
   *   known
   */
  admit(head: RequestHead): Promise<Admitted>;
  /** A custom answer for a refusal; null for a problem document. */
  refusal?(error: RingdownError): Reply | null;
}

/** Admission for endpoints that are open to everybody. */
export function openToAll(handle: Handle): Route['admit'] {
  return async () => await Promise.resolve({ isKnown: false, handle });
}
