import { Client, ResponseType } from '@microsoft/microsoft-graph-client';
import type { Context } from '@microsoft/microsoft-graph-client';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { ServiceConnections, type ServiceAnswer, type ServiceRequest } from './serviceConnections.ts';
import { mostInBatch } from './graphQueries.ts';

export interface GraphClientOptions {
  /** Graph's root without a version: https://graph.microsoft.com, another cloud's, or an emulator's. */
  graphUrl: string;
  /** A token for Graph, cached by whoever gives it (`DefaultAzureCredential` does). */
  getToken: () => Promise<string>;
  clock: Clock;
  /** Its own if not given. */
  connections?: ServiceConnections;
}

export interface GraphRequest {
  method?: 'GET' | 'POST';
  /** Under `/v1.0`, with its parts percent-encoded. */
  path: string;
  /** Not encoded. */
  query?: Readonly<Record<string, string>>;
  /** `ConsistencyLevel: eventual`: needed by `$search` and by advanced filters. */
  eventual?: boolean;
  body?: unknown;
  /** In a batch: whatever is answered is the answer. The others do not wait until Graph has time for this one. */
  isOptional?: boolean;
}

export interface GraphAnswer {
  status: number;
  headers: Readonly<Pick<ServiceAnswer['headers'], 'content-type' | 'retry-after'>>;
  /** Parsed JSON; bytes of anything else. */
  body: unknown;
}

/** What Graph answered or did instead of an answer, in words for the operator. */
export class GraphFault extends Error {
  readonly status: number | null;
  /** Graph's own error code, such as `Authorization_RequestDenied`. */
  readonly graphCode: string | null;

  constructor(
    message: string,
    options: { status?: number; graphCode?: string | null; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'GraphFault';
    this.status = options.status ?? null;
    this.graphCode = options.graphCode ?? null;
  }
}

const ErrorBody = z.object({
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }),
});

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

/** One use of Graph with a time limit for all of its requests, waits and repetitions. */
export interface Errand {
  readonly endsAt: number;
  readonly signal: AbortSignal;
}

/** A request that is to be sent again, after so long as Graph said, if it did (milliseconds). */
interface PutOff {
  pause: number | null;
  fault: GraphFault;
}

const mostRepetitions = 3;
const firstPauseMs = 300;

/**
 * Requests to Graph, repeated as the service wishes, within a time limit. The SDK's own middleware is not used: it
 * leaves its token off plain http and unknown hosts, has no time limit, and waits as long as `Retry-After` says.
 */
export class GraphClient {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #getToken: () => Promise<string>;
  /** By service, until when Graph asked to be left alone (epoch milliseconds); that counts for the whole app. */
  readonly #restUntil = new Map<string, number>();

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
   * Runs something that uses Graph, for so long at most.
   * @throws GraphFault when the time is over, whatever is under way then.
   */
  async within<T>(milliseconds: number, errand: (errand: Errand) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    const over = Promise.withResolvers<never>();
    const timer = this.#clock.setTimeout(() => {
      over.reject(new GraphFault(`Microsoft Graph did not answer within ${milliseconds / 1000} seconds.`));
    }, milliseconds);
    try {
      const work = errand({ endsAt: this.#clock.now() + milliseconds, signal: stop.signal });
      return await Promise.race([work, over.promise]);
    } catch (fault) {
      // Whatever else of it is still under way is of no use any more.
      stop.abort(fault);
      throw fault;
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }

  /** @throws GraphFault when there is no answer, or it stays "later"; any other status is the caller's affair. */
  async request(request: GraphRequest, errand: Errand): Promise<GraphAnswer> {
    const [answer] = await this.#persist([request], errand, async (requests) =>
      Promise.all(requests.map((one) => this.#send(one, errand))),
    );
    if (!answer) throw new GraphFault('Microsoft Graph gave no answer.');
    return answer;
  }

  /** Several requests in one. The answers are in the order of the requests. @throws GraphFault as `request`. */
  async batch(requests: readonly GraphRequest[], errand: Errand): Promise<GraphAnswer[]> {
    const answers: GraphAnswer[] = [];
    for (let at = 0; at < requests.length; at += mostInBatch) {
      const some = requests.slice(at, at + mostInBatch);
      answers.push(...(await this.#persist(some, errand, (left) => this.#sendBatch(left, errand))));
    }
    return answers;
  }

  /** Sends, and sends again those that were put off, until all are answered. */
  async #persist(
    requests: readonly GraphRequest[],
    errand: Errand,
    send: (requests: readonly GraphRequest[]) => Promise<GraphAnswer[]>,
  ): Promise<GraphAnswer[]> {
    const answers = new Map<GraphRequest, GraphAnswer>();
    for (const request of requests) {
      const isResting = (this.#restUntil.get(serviceOf(request)) ?? 0) > this.#clock.now();
      if (request.isOptional && isResting) answers.set(request, { status: 429, headers: {}, body: null });
    }
    for (let repetition = 0; ; repetition += 1) {
      const left = requests.filter((request) => !answers.has(request));
      const restUntil = Math.max(...left.map((request) => this.#restUntil.get(serviceOf(request)) ?? 0));
      await this.#rest(restUntil - this.#clock.now(), errand, null);
      const putOff: PutOff[] = [];
      try {
        const received = await send(left);
        for (const [at, request] of left.entries()) {
          const answer = received[at];
          const later = answer && !isPutOff(answer) ? null : this.#putOff(request, answer);
          if (answer && (later === null || request.isOptional)) answers.set(request, answer);
          else if (later) putOff.push(later);
        }
      } catch (cause) {
        if (errand.signal.aborted || cause instanceof GraphFault) throw cause;
        putOff.push({
          pause: null,
          fault: new GraphFault('Microsoft Graph could not be reached.', { cause }),
        });
      }
      const [first] = putOff;
      if (!first) return requests.flatMap((request) => answers.get(request) ?? []);
      const pauses = putOff.flatMap(({ pause }) => pause ?? []);
      if (pauses.length === 0 && repetition >= mostRepetitions) throw first.fault;
      const pause = pauses.length === 0 ? firstPauseMs * 2 ** repetition : Math.max(...pauses);
      await this.#rest(pause, errand, first.fault);
    }
  }

  #putOff(request: GraphRequest, answer: GraphAnswer | undefined): PutOff {
    const pause = answer ? this.#retryAfter(answer) : null;
    if (pause !== null) this.#restUntil.set(serviceOf(request), this.#clock.now() + pause);
    return { pause, fault: faultOf(answer) };
  }

  /** @throws GraphFault at once when the time limit does not leave so long. */
  async #rest(milliseconds: number, errand: Errand, why: GraphFault | null): Promise<void> {
    if (milliseconds <= 0) return;
    if (this.#clock.now() + milliseconds >= errand.endsAt) {
      throw (
        why ??
        new GraphFault(
          'Microsoft Graph throttles this app: it asked to be left alone for longer than people wait.',
        )
      );
    }
    await new Promise<void>((resolve, reject) => {
      const timer = this.#clock.setTimeout(() => {
        errand.signal.removeEventListener('abort', stop);
        resolve();
      }, milliseconds);
      const stop = (): void => {
        this.#clock.clearTimeout(timer);
        reject(new GraphFault('The time for Microsoft Graph is over.'));
      };
      errand.signal.addEventListener('abort', stop, { once: true });
    });
  }

  /** Milliseconds; null if the answer names no time. */
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
    { signal }: Errand,
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
    if (!(response instanceof Answered)) throw changed();
    const { status, headers, body: bytes } = response.answer;
    const isJson = /^application\/(?:[\w.-]+\+)?json\b/i.test(headers['content-type'] ?? '');
    return { status, headers, body: isJson ? parseJson(bytes) : bytes };
  }

  async #token(): Promise<string> {
    try {
      return await this.#getToken();
    } catch (cause) {
      throw new GraphFault(
        'No token for Microsoft Graph could be had: check the identity of this machine (DefaultAzureCredential).',
        { cause },
      );
    }
  }

  async #sendBatch(requests: readonly GraphRequest[], errand: Errand): Promise<GraphAnswer[]> {
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
    const answer = await this.#send({ method: 'POST', path: '/$batch', body }, errand);
    if (answer.status !== 200) return requests.map(() => answer);
    const parsed = BatchBody.safeParse(answer.body);
    if (!parsed.success)
      throw new GraphFault('Microsoft Graph gave an answer that cannot be read.', { cause: parsed.error });
    const byId = new Map(parsed.data.responses.map((response) => [response.id, response]));
    return requests.map((_, at) => {
      const part = byId.get(String(at + 1));
      if (!part) throw new GraphFault('Microsoft Graph left a request of a batch without an answer.');
      const headers = Object.entries(part.headers ?? {}).map(([name, value]): [string, string] => [
        name.toLowerCase(),
        value,
      ]);
      return { status: part.status, headers: Object.fromEntries(headers), body: part.body };
    });
  }
}

/** The SDK wants a `Response`, and hands it back as it is: what was read is carried along, and not copied into one. */
class Answered extends Response {
  readonly answer: ServiceAnswer;

  constructor(answer: ServiceAnswer) {
    super(null);
    this.answer = answer;
  }
}

/** @throws GraphFault for what the SDK does not give as it did */
function requestOf({ request, options = {} }: Context): ServiceRequest {
  const { method, body, headers, signal } = options;
  const isPlain = typeof body === 'string' || body === undefined;
  if (typeof request !== 'string' || method === undefined || !isPlain || !signal) throw changed();
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

function changed(): GraphFault {
  return new GraphFault('The SDK of Microsoft Graph has changed.');
}

/** Users, presence and Shifts are throttled each for itself. */
function serviceOf({ path }: GraphRequest): string {
  return path.split('/', 2).join('/');
}

/** To be sent again later. 404 and the like are answers. */
function isPutOff({ status }: GraphAnswer): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}

/** The fault that an answer is, in the operator's words. */
export function faultOf(answer: GraphAnswer | undefined, permission?: string): GraphFault {
  if (!answer) return new GraphFault('Microsoft Graph gave no answer.');
  const parsed = ErrorBody.safeParse(answer.body);
  const graphCode = parsed.data?.error.code ?? null;
  const options = { status: answer.status, graphCode };
  const said = [graphCode, parsed.data?.error.message].filter(Boolean).join(': ').slice(0, 500);
  const saying = said === '' ? '' : ` Graph says: ${said}`;
  if (answer.status === 401) {
    return new GraphFault(
      `Microsoft Graph does not accept the token. Check the identity of this machine, its tenant, and that AZURE_CLOUD and GRAPH_URL fit it.${saying}`,
      options,
    );
  }
  if (answer.status === 403) {
    return new GraphFault(
      `The application permission ${permission ?? 'for this'} is missing for Microsoft Graph. Grant it to Ringdown's identity with admin consent.${saying}`,
      options,
    );
  }
  if (answer.status === 429) return new GraphFault(`Microsoft Graph throttles this app.${saying}`, options);
  return new GraphFault(`Microsoft Graph answered ${answer.status}.${saying}`, options);
}

/** Something typed as a part of a path. @throws GraphFault for what would change the path */
export function pathPart(value: string): string {
  if (/^\.{0,2}$/.test(value)) throw new GraphFault('Somebody or something without an id was asked for.');
  return encodeURIComponent(value.toWellFormed());
}

/** The SDK joins names and values as they are. */
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
    throw new GraphFault('Microsoft Graph gave an answer that cannot be read.', { cause });
  }
}
