import type { IncomingHttpHeaders } from 'node:http';
import type { RingdownError } from '../errors.ts';

/** What a request says before its body. */
export interface RequestHead {
  method: string;
  /** The parameters of the path, decoded. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** Who sent it, or the last proxy on the way; empty if the connection is gone already. */
  remoteAddress: string;
  /** Names this request in the answer and in the log. */
  reference: string;
}

/** What a route sees of a request that it has let in. */
export interface HttpRequest extends RequestHead {
  /** The parsed body of a route with `body: 'json'`. */
  body: unknown;
  /** The body as it was sent (unpacked if it was gzipped), for signatures. Empty with `body: 'none'`. */
  rawBody: Buffer;
}

/** What a route answers. */
export interface Reply {
  status: number;
  /** Text and bytes are sent as they are, anything else as JSON. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** What it throws is answered as a problem: a RingdownError by its kind, anything else without any word of it. */
export type Handle = (request: HttpRequest) => Promise<Reply>;

/** How a request is let in. The body of a stranger is read within narrow limits: see StrangersBodies. */
export type Admitted =
  /** By its head, with a right key; or the address is open to strangers. `within` sees to all that follows. */
  | { isKnown: boolean; handle: Handle; within?: (doing: () => Promise<Reply>) => Promise<Reply> }
  /** By a credential that stands in the body or signs it. */
  | { byBody: (request: HttpRequest) => Promise<Handle> };

export interface Route {
  /** GET answers HEAD too. */
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** `/api/callbacks/:callId/:secret` */
  path: string;
  /** `json`: 415 for another content type, 400 for broken JSON. `raw`: bytes of any type. */
  body: 'none' | 'json' | 'raw';
  /** It belongs to what is under way, and goes before all who want something new: the service's own events. */
  goesFirst?: boolean;
  /**
   * Decides who comes in. No byte of the body is read before.
   *
   * @throws RingdownError unauthorized (or unavailable) if it is not known who sends; any other for senders who are known
   */
  admit(head: RequestHead): Promise<Admitted>;
  /** Its own form of a refusal; null for a problem document. */
  refusal?(error: RingdownError): Reply | null;
}

/** Of an address that is open to everybody. */
export function openToAll(handle: Handle): Route['admit'] {
  return async () => await Promise.resolve({ isKnown: false, handle });
}
