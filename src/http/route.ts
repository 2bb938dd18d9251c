import type { IncomingHttpHeaders } from 'node:http';
import type { RingdownError } from '../errors.ts';

/** What a route sees of a request. */
export interface HttpRequest {
  method: string;
  /** The parameters of the path, decoded. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** Who sent it, or the last proxy on the way; empty if the connection is gone already. */
  remoteAddress: string;
  /** The parsed body of a route with `body: 'json'`. */
  body: unknown;
  /** The body as it was sent (unpacked if it was gzipped), for signatures. Empty with `body: 'none'`. */
  rawBody: Buffer;
  /** Names this request in the answer and in the log. */
  reference: string;
}

/** What a route answers. */
export interface Reply {
  status: number;
  /** Text and bytes are sent as they are, anything else as JSON. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
}

export interface Route {
  /** GET answers HEAD too. */
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** `/api/callbacks/:callId/:secret` */
  path: string;
  /** `json`: 415 for another content type, 400 for broken JSON. `raw`: bytes of any type. */
  body: 'none' | 'json' | 'raw';
  /** It belongs to what is under way, and goes before all who want something new: the service's own events. */
  goesFirst?: boolean;
  /** What it throws is answered as a problem: a RingdownError by its kind, anything else without any word of it. */
  handle(request: HttpRequest): Promise<Reply>;
  /** Hears of each request that is answered as a problem, also of those that did not come to `handle`. */
  refused?(error: RingdownError, path: string): Promise<void>;
}
