import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { STATUS_CODES } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Level, Logger } from 'pino';
import { createServer } from 'restify';
import type { Request, Response } from 'restify';
import { asRequest } from '../database/lanes.ts';
import { storable } from '../database/storable.ts';
import { RingdownError, type ErrorCode } from '../errors.ts';
import { parseJson, readBody, requireJson, StrangersBodies } from './body.ts';
import { Connections, type ConnectionLimits } from './connections.ts';
import { codedError, problem } from './problem.ts';
import { logWhenDone, pathForLog, StrangersLines } from './requestLog.ts';
import { isStream, Streams } from './streams.ts';
import type { HttpRequest, Reply, RequestHead, Route } from './route.ts';
import { lookUp } from '../config/lookUp.ts';

export interface HttpServer {
  /** @param port 0 for any free port */
  listen(host: string, port: number): Promise<{ port: number }>;
  /**
   * Accepts no more connections, waits for requests in progress, and aborts the rest after `graceMs`. May be called
   * more than once, and without having listened.
   */
  close(graceMs: number): Promise<void>;
}

/** Limits for slow clients, in milliseconds. */
const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  /** Longer than most load balancers keep an idle connection (60 s). If we closed first, they might lose a request. */
  keepAliveTimeout: 75_000,
  /** For a connection without any traffic. */
  timeout: 120_000,
  /** How often the first two limits are checked. */
  connectionsCheckingInterval: 5_000,
};

/**
 * Backlog of connections waiting to be accepted. With Node's default of 511, a burst of connections waits for
 * seconds.
 */
const BACKLOG = 4_096;

/** Answers are data for programs. A route that serves a page must loosen these itself. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};
/** One year. This host only: other hosts of the domain may belong to somebody else. */
const HTTPS_ONLY = { 'Strict-Transport-Security': 'max-age=31536000' };
const REFERENCE_HEADER = 'X-Request-Id';

/** Codes that `admit` throws while the sender is still unknown. */
const OF_STRANGERS: ReadonlySet<ErrorCode> = new Set(['unauthorized', 'unavailable', 'internal']);

const MOUNTS = {
  GET: ['get', 'head'],
  POST: ['post'],
  PUT: ['put'],
  PATCH: ['patch'],
  DELETE: ['del'],
  OPTIONS: ['opts'],
} as const;

/**
 * The HTTP server: bodies, limits, errors and the request log. Routes provide the answers. Built on restify, which
 * the routes do not see.
 */
export function createHttpServer({
  log,
  routes,
  timeouts,
  isHttps = false,
  connectionLimits,
  strangersBodies = new StrangersBodies(),
  observe = () => undefined,
  refusedStranger = async () => undefined,
}: {
  log: Logger;
  routes: readonly Route[];
  timeouts?: Partial<typeof TIMEOUTS>;
  /** Whether clients use https, through a proxy that terminates TLS. */
  isHttps?: boolean;
  connectionLimits?: Partial<ConnectionLimits>;
  strangersBodies?: StrangersBodies;
  /** Called for each answered request. `route` is its pattern, or `none`. */
  observe?: (route: string, status: number, seconds: number) => void;
  /** Called for each request that was refused before its sender was known. `route` as above. */
  refusedStranger?: (refusal: { route: string; path: string; error: RingdownError }) => Promise<void>;
}): HttpServer {
  // Without a name restify sends no Server header. The router's default limit of 100 would turn a long secret into a
  // 404.
  const restify = createServer({ name: '', maxParamLength: 1_000 });
  const { server } = restify;
  // restify offers no way to pass options to its server.
  Object.assign(server, { ...TIMEOUTS, ...timeouts });
  // restify listens for upgrades but ignores them, so the client would get no answer. Without a listener, Node treats
  // such a request as the plain request that it also is.
  server.removeAllListeners('upgrade');

  const fixedHeaders = isHttps ? { ...HEADERS, ...HTTPS_ONLY } : HEADERS;
  const references = new WeakMap<Request, string>();
  const routed = new WeakMap<Request, string>();
  /** Requests whose sender has authenticated. */
  const known = new WeakSet<IncomingMessage>();
  const strangersLines = new StrangersLines(log);
  const routeOf = (request: Request): string => routed.get(request) ?? 'none';
  const levelOf = (request: Request, wanted: Level): Level =>
    known.has(request) ? wanted : strangersLines.level(wanted);
  const referenceOf = (request: Request): string => references.get(request) ?? '';
  const handling = new Set<Promise<void>>();
  const connections = new Connections(server, log, (request) => known.has(request), connectionLimits);
  const streams = new Streams<Request>({
    started: (request, response) => {
      connections.streams(request);
      observe(routeOf(request), response.statusCode, 0);
    },
    failed: (request, error) =>
      log.error({ err: error, reference: referenceOf(request) }, 'a stream ended with an error'),
  });
  let closing: Promise<void> | undefined;

  const send = (request: Request, response: ServerResponse, { status, body, headers }: Reply): void => {
    response.statusCode = status;
    if (isStream(body)) {
      for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
      streams.start(request, response, body);
      return;
    }
    if (body !== undefined) {
      response.setHeader(
        'Content-Type',
        typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
      );
    }
    for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
    if (closing) response.setHeader('Connection', 'close');
    const isReady = typeof body === 'string' || Buffer.isBuffer(body) || body === undefined;
    response.end(isReady ? body : JSON.stringify(body));
  };

  const fail = async (
    request: Request,
    response: ServerResponse,
    thrown: unknown,
    route?: Route,
  ): Promise<void> => {
    const error = codedError(thrown);
    const reference = referenceOf(request);
    if (error.kind.status >= 500) {
      log[error.code === 'internal' ? 'error' : levelOf(request, 'warn')](
        { err: error.cause ?? error, code: error.code, reference },
        'HTTP request failed',
      );
    }
    send(request, response, route?.refusal?.(error) ?? problem(error, reference));
    if (known.has(request)) return;
    await refusedStranger({ route: routeOf(request), path: pathForLog(request.url ?? ''), error });
  };

  const answer = async (route: Route, request: Request): Promise<Reply> => {
    const head = headOf(request, referenceOf(request));
    const admitted = await route.admit(head).catch((error: unknown) => {
      if (!OF_STRANGERS.has(codedError(error).code)) known.add(request);
      throw error;
    });
    if ('byBody' in admitted) {
      const whole = await withBody(route, head, async () => await strangersBodies.read(request));
      const handle = await admitted.byBody(whole);
      known.add(request);
      return await handle(whole);
    }
    const { isKnown, handle: take, within = async (doing) => await doing() } = admitted;
    if (isKnown) known.add(request);
    const read = async (): Promise<Buffer> =>
      await (isKnown ? readBody(request) : strangersBodies.read(request));
    return await within(async () => await take(await withBody(route, head, read)));
  };

  const handle = async (route: Route, request: Request, response: Response): Promise<void> => {
    try {
      send(request, response, await answer(route, request));
    } catch (error) {
      await fail(request, response, error, route);
    }
  };

  const whileHandling = async (work: Promise<void>): Promise<void> => {
    handling.add(work);
    await work.finally(() => handling.delete(work));
  };

  const refuse = (request: Request, response: Response, code: ErrorCode): void => {
    void whileHandling(fail(request, response, new RingdownError(code)));
  };

  restify.pre((request: Request, response: Response, next) => {
    request.url = tidyPath(request.url ?? '');
    const reference = newReference();
    references.set(request, reference);
    for (const [name, value] of Object.entries(fixedHeaders)) response.setHeader(name, value);
    response.setHeader(REFERENCE_HEADER, reference);
    logWhenDone(log, request, response, {
      reference,
      level: () => levelOf(request, 'info'),
      observe: (status, ms) => observe(routeOf(request), status, ms / 1000),
      streamed: () => streams.statusOf(request),
    });
    if (isRoutable(request)) return next();
    refuse(request, response, 'bad_request');
    return next(false);
  });

  // In restify only routing can fail: unknown paths and methods (it has already set Allow). Do not call its callback,
  // which would send an answer of its own.
  restify.on('restifyError', (request: Request, response: Response, error: { statusCode?: number }) => {
    refuse(request, response, error.statusCode === 405 ? 'method_not_allowed' : 'not_found');
  });

  for (const route of routes) {
    const mounted = async (request: Request, response: Response): Promise<void> => {
      routed.set(request, `${route.method} ${route.path}`);
      const handled = async (): Promise<void> => await handle(route, request, response);
      await whileHandling(route.goesFirst ? handled() : asRequest(handled));
    };
    for (const mount of MOUNTS[route.method]) restify[mount](route.path, mounted);
  }

  restify.on('clientError', (error: Error & { code?: string }, socket: Socket) => {
    log.debug({ code: error.code }, 'malformed HTTP request');
    refuseSocket(socket, error.code);
  });
  restify.on('error', (error) => log.error({ err: error }, 'HTTP server error'));

  const close = async (graceMs: number): Promise<void> => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    connections.closeSilent();
    streams.close();
    const late = Symbol('late');
    let timer: NodeJS.Timeout | undefined;
    const outcome = await Promise.race([
      Promise.all([closed, ...handling]),
      new Promise<typeof late>((resolve) => {
        timer = setTimeout(() => resolve(late), graceMs);
      }),
    ]);
    clearTimeout(timer);
    if (outcome !== late) return;
    log.warn({ requests: handling.size, connections: connections.size }, 'aborted requests at shutdown');
    server.closeAllConnections();
    await closed;
  };

  return {
    listen: async (host, port) => {
      server.listen({ port, host, backlog: BACKLOG });
      await once(server, 'listening');
      return { port: restify.address().port };
    },
    close: async (graceMs) => await (closing ??= close(graceMs)),
  };
}

/**
 * 48 random bits. Taken from a UUID, because Node caches random bytes for UUIDs, while asking the system each time is
 * slower.
 */
function newReference(): string {
  return randomUUID().slice(-12);
}

/**
 * Collapses double slashes and drops a trailing one: senders often build addresses from parts that begin and end with
 * a slash.
 */
function tidyPath(url: string): string {
  // Do not touch an absolute-form target, as sent to a proxy.
  if (!url.startsWith('/')) return url;
  const [path = ''] = url.split(/[?#]/, 1);
  const tidy = path.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
  return `${tidy}${url.slice(path.length)}`;
}

/**
 * When restify looks up the route, outside any handler, it builds a URL from the Host header and the target. If that
 * fails, the process would exit. `OPTIONS *`, which restify would answer itself, is not supported.
 */
function isRoutable(request: Request): boolean {
  try {
    return request.url !== '*' && Boolean(request.getUrl());
  } catch {
    return false;
  }
}

/** @throws RingdownError not_found */
function headOf(request: Request, reference: string): RequestHead {
  const given: unknown = request.params;
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(given ?? {})) {
    // No valid name contains these characters, and the database rejects NUL.
    if (typeof value !== 'string' || /\p{Cc}/u.test(value)) throw new RingdownError('not_found');
    params[name] = value;
  }
  return {
    method: request.method ?? '',
    params,
    query: queryOf(request.url ?? ''),
    headers: request.headers,
    remoteAddress: request.socket.remoteAddress ?? '',
    reference,
  };
}

/** The query, without characters that the database rejects. */
function queryOf(url: string): URLSearchParams {
  const query = new URLSearchParams(/\?(.*)$/.exec(url)?.[1]);
  return new URLSearchParams([...query].map(([name, value]): [string, string] => [name, storable(value)]));
}

/** Builds what a route receives once it has admitted the request. */
async function withBody(
  { body }: Route,
  head: RequestHead,
  read: () => Promise<Buffer>,
): Promise<HttpRequest> {
  if (body === 'json') requireJson(head.headers['content-type']);
  const rawBody = body === 'none' ? Buffer.alloc(0) : await read();
  return { ...head, body: body === 'json' ? parseJson(rawBody) : undefined, rawBody };
}

const UNREADABLE: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers malformed or too slow requests, for which Node has no request object. */
function refuseSocket(socket: Socket, code = ''): void {
  if (socket.writable && code !== 'ECONNRESET') {
    const reference = newReference();
    const { status, body, headers } = problem(
      new RingdownError('bad_request'),
      reference,
      lookUp(UNREADABLE, code),
    );
    const text = JSON.stringify(body);
    const lines = Object.entries({
      ...HEADERS,
      ...headers,
      [REFERENCE_HEADER]: reference,
      'Content-Length': Buffer.byteLength(text),
      Connection: 'close',
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text}`);
  }
  socket.destroySoon();
}
