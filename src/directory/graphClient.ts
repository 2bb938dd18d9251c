import { Client, ResponseType } from '@microsoft/microsoft-graph-client';
import type { Context } from '@microsoft/microsoft-graph-client';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { GraphFault, faultOf } from './graphFault.ts';
import { mostInBatch } from './graphQueries.ts';
import { ServiceConnections, type ServiceAnswer, type ServiceRequest } from './serviceConnections.ts';

export interface GraphClientOptions {
  /** Graph's root without a version: https://graph.microsoft.com, or that of another cloud or an emulator. */
  graphUrl: string;
  /** Gives a token for Graph, and caches it (as `DefaultAzureCredential` does). */
  getToken: () => Promise<string>;
  clock: Clock;
  /** Default: connections of its own. */
  connections?: ServiceConnections;
}

export interface GraphRequest {
  method?: 'GET' | 'POST';
  /** Below `/v1.0`, with percent-encoded parts. */
  path: string;
  /** Not encoded. */
  query?: Readonly<Record<string, string>>;
  /** Sends `ConsistencyLevel: eventual`, which `$search` and advanced filters need. */
  eventual?: boolean;
  body?: unknown;
  /** In a batch: any answer will do. If Graph throttles this request, the others do not wait for a retry. */
  isOptional?: boolean;
}

export interface GraphAnswer {
  status: number;
  headers: Readonly<Pick<ServiceAnswer['headers'], 'content-type' | 'retry-after'>>;
  /** Parsed JSON, or the bytes of anything else. */
  body: unknown;
}

const BatchBody = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.number(),
      headers: z.record(z.string(), z.coerce.string()).nullish(),
      body: z.unknown(),
    }),
  ),
});

/** The time limit of one use of Graph, including all requests, pauses and retries. */
export interface TimeLimit {
  readonly endsAt: number;
  readonly signal: AbortSignal;
}

/** A request that must be retried. */
interface Retry {
  /** Milliseconds to wait, if Graph said so. */
  pause: number | null;
  fault: GraphFault;
}

const maxRetries = 3;
const firstPauseMs = 300;

/**
 * Sends requests to Graph, and retries them within a time limit as the service asks. It does not use the SDK's own
 * middleware, which sends no token over plain http or to unknown hosts, has no time limit, and waits as long as
 * `Retry-After` says.
 */
export class GraphClient {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #getToken: () => Promise<string>;
  /** By service, the time until which Graph throttles the whole app (epoch milliseconds). */
  readonly #throttledUntil = new Map<string, number>();

  constructor({ graphUrl, getToken, clock, connections = new ServiceConnections() }: GraphClientOptions) {
    this.#clock = clock;
    this.#getToken = getToken;
    const execute = async (context: Context): Promise<void> => {
      context.response = new Answered(await connections.send(requestOf(context)));
    };
    this.#client = Client.initWithMiddleware({
      baseUrl: graphUrl.replace(/\/+$/, ''),
      defaultVersion: 'v1.0',
      middleware: { execute },
    });
  }

  /**
   * Uses Graph with a time limit.
   *
   * @throws GraphFault when the time is over, even if requests are still running
   */
  async within<T>(milliseconds: number, use: (timeLimit: TimeLimit) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    const over = Promise.withResolvers<never>();
    const timer = this.#clock.setTimeout(() => {
      over.reject(new GraphFault(`Microsoft Graph did not answer within ${milliseconds / 1000} seconds.`));
    }, milliseconds);
    try {
      const work = use({ endsAt: this.#clock.now() + milliseconds, signal: stop.signal });
      return await Promise.race([work, over.promise]);
    } catch (fault) {
      // Requests that are still running are useless now.
      stop.abort(fault);
      throw fault;
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }

  /** @throws GraphFault if there is no answer, or retries do not help. Any other status is up to the caller */
  async request(request: GraphRequest, timeLimit: TimeLimit): Promise<GraphAnswer> {
    const [answer] = await this.#sendWithRetries([request], timeLimit, async (requests) =>
      Promise.all(requests.map((one) => this.#send(one, timeLimit))),
    );
    if (!answer) throw new GraphFault('Microsoft Graph did not answer.');
    return answer;
  }

  /** Sends several requests as one. Answers are in the order of the requests. @throws GraphFault like `request` */
  async batch(requests: readonly GraphRequest[], timeLimit: TimeLimit): Promise<GraphAnswer[]> {
    const answers: GraphAnswer[] = [];
    for (let at = 0; at < requests.length; at += mostInBatch) {
      const some = requests.slice(at, at + mostInBatch);
      const send = (left: readonly GraphRequest[]) => this.#sendBatch(left, timeLimit);
      answers.push(...(await this.#sendWithRetries(some, timeLimit, send)));
    }
    return answers;
  }

  async #sendWithRetries(
    requests: readonly GraphRequest[],
    timeLimit: TimeLimit,
    send: (requests: readonly GraphRequest[]) => Promise<GraphAnswer[]>,
  ): Promise<GraphAnswer[]> {
    const answers = new Map<GraphRequest, GraphAnswer>();
    for (const request of requests) {
      const isThrottled = (this.#throttledUntil.get(serviceOf(request)) ?? 0) > this.#clock.now();
      if (request.isOptional && isThrottled) answers.set(request, { status: 429, headers: {}, body: null });
    }
    for (let attempt = 0; ; attempt += 1) {
      const left = requests.filter((request) => !answers.has(request));
      const throttledUntil = Math.max(
        ...left.map((request) => this.#throttledUntil.get(serviceOf(request)) ?? 0),
      );
      await this.#pause(throttledUntil - this.#clock.now(), timeLimit, null);
      const retries: Retry[] = [];
      try {
        const received = await send(left);
        for (const [at, request] of left.entries()) {
          const answer = received[at];
          const retry = answer && !isTransient(answer) ? null : this.#retryOf(request, answer);
          if (answer && (retry === null || request.isOptional)) answers.set(request, answer);
          else if (retry) retries.push(retry);
        }
      } catch (cause) {
        if (timeLimit.signal.aborted || cause instanceof GraphFault) throw cause;
        retries.push({
          pause: null,
          fault: new GraphFault('Microsoft Graph could not be reached.', { cause }),
        });
      }
      const [first] = retries;
      if (!first) return requests.flatMap((request) => answers.get(request) ?? []);
      const pauses = retries.flatMap(({ pause }) => pause ?? []);
      if (pauses.length === 0 && attempt >= maxRetries) throw first.fault;
      const pause = pauses.length === 0 ? firstPauseMs * 2 ** attempt : Math.max(...pauses);
      await this.#pause(pause, timeLimit, first.fault);
    }
  }

  #retryOf(request: GraphRequest, answer: GraphAnswer | undefined): Retry {
    const pause = answer ? this.#retryAfter(answer) : null;
    if (pause !== null) this.#throttledUntil.set(serviceOf(request), this.#clock.now() + pause);
    return { pause, fault: faultOf(answer) };
  }

  /** @throws GraphFault at once if the pause ends after the time limit */
  async #pause(milliseconds: number, timeLimit: TimeLimit, why: GraphFault | null): Promise<void> {
    if (milliseconds <= 0) return;
    if (this.#clock.now() + milliseconds >= timeLimit.endsAt) {
      throw why ?? new GraphFault('Microsoft Graph throttles this app for longer than people wait.');
    }
    await new Promise<void>((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => {
        timeLimit.signal.removeEventListener('abort', stop);
        resolve();
      }, milliseconds);
      const stop = (): void => {
        this.#clock.clearTimeout(timer);
        reject(new GraphFault('Microsoft Graph did not answer in time.'));
      };
      timeLimit.signal.addEventListener('abort', stop, { once: true });
    });
  }

  /** Milliseconds; null if the answer says nothing about it. */
  #retryAfter({ headers }: GraphAnswer): number | null {
    const value = headers['retry-after'];
    if (value === undefined) return null;
    const seconds = Number(value);
    if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
    const at = Date.parse(value);
    return Number.isNaN(at) ? null : Math.max(0, at - this.#clock.now());
  }

  async #send(
    { method, path, query, eventual, body }: GraphRequest,
    { signal }: TimeLimit,
  ): Promise<GraphAnswer> {
    const request = this.#client
      .api(path)
      .query(encodedQuery(query))
      .headers({
        Authorization: `Bearer ${await this.#token()}`,
        ...(eventual && { ConsistencyLevel: 'eventual' }),
      })
      .option('signal', signal)
      .responseType(ResponseType.RAW);
    const response: unknown = await (method === 'POST' ? request.post(body) : request.get());
    if (!(response instanceof Answered)) throw unexpected();
    const { status, headers, body: bytes } = response.answer;
    const isJson = /^application\/(?:[\w.-]+\+)?json\b/i.test(headers['content-type'] ?? '');
    return { status, headers, body: isJson ? parseJson(bytes) : bytes };
  }

  async #token(): Promise<string> {
    try {
      return await this.#getToken();
    } catch (cause) {
      throw new GraphFault(
        'Getting a token for Microsoft Graph failed: check the identity of this machine (DefaultAzureCredential).',
        { cause },
      );
    }
  }

  async #sendBatch(requests: readonly GraphRequest[], timeLimit: TimeLimit): Promise<GraphAnswer[]> {
    const body = {
      requests: requests.map((request, at) => ({
        id: String(at + 1),
        method: request.method ?? 'GET',
        url: `${request.path}${queryString(request.query)}`,
        headers: {
          ...(request.eventual && { ConsistencyLevel: 'eventual' }),
          ...(request.body !== undefined && { 'Content-Type': 'application/json' }),
        },
        ...(request.body !== undefined && { body: request.body }),
      })),
    };
    const answer = await this.#send({ method: 'POST', path: '/$batch', body }, timeLimit);
    if (answer.status !== 200) return requests.map(() => answer);
    const parsed = BatchBody.safeParse(answer.body);
    if (!parsed.success)
      throw new GraphFault('Microsoft Graph sent an answer that cannot be parsed.', { cause: parsed.error });
    const byId = new Map(parsed.data.responses.map((response) => [response.id, response]));
    return requests.map((_, at) => {
      const part = byId.get(String(at + 1));
      if (!part) throw new GraphFault('Microsoft Graph did not answer one request of a batch.');
      const headers = Object.entries(part.headers ?? {}).map(([name, value]): [string, string] => [
        name.toLowerCase(),
        value,
      ]);
      return { status: part.status, headers: Object.fromEntries(headers), body: part.body };
    });
  }
}

/** The SDK expects a `Response` and returns it unchanged. This one carries the answer, so that nothing is copied. */
class Answered extends Response {
  readonly answer: ServiceAnswer;

  constructor(answer: ServiceAnswer) {
    super(null);
    this.answer = answer;
  }
}

/** @throws GraphFault if the SDK hands over something unexpected */
function requestOf({ request, options = {} }: Context): ServiceRequest {
  const { method, body, headers, signal } = options;
  const isPlain = typeof body === 'string' || body === undefined;
  if (typeof request !== 'string' || method === undefined || !isPlain || !signal) throw unexpected();
  return {
    url: request,
    method,
    headers: Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
    ),
    ...(body !== undefined && { body }),
    signal,
  };
}

function unexpected(): GraphFault {
  return new GraphFault('The Microsoft Graph SDK behaves differently from the version that Ringdown knows.');
}

/** Graph throttles users, presence and Shifts separately. */
function serviceOf({ path }: GraphRequest): string {
  return path.split('/', 2).join('/');
}

/** Whether a retry may help. */
function isTransient({ status }: GraphAnswer): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}

/** Encodes typed text as a part of a path. @throws GraphFault if the text would change the path */
export function pathPart(value: string): string {
  if (/^\.{0,2}$/.test(value)) throw new GraphFault('A request to Microsoft Graph names no id.');
  return encodeURIComponent(value.toWellFormed());
}

/** Encodes values, because the SDK does not. */
function encodedQuery(query: GraphRequest['query'] = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, encodeURIComponent(value.toWellFormed())]),
  );
}

function queryString(query: GraphRequest['query'] = {}): string {
  const parts = Object.entries(encodedQuery(query)).map(([name, value]) => `${name}=${value}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new GraphFault('Microsoft Graph sent an answer that cannot be parsed.', { cause });
  }
}
