import {
  Agent as HttpAgent,
  request as requestByHttp,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as requestByHttps } from 'node:https';

const CONNECTIONS = {
  keepAlive: true,
  /** Per host. Further requests wait for a connection. */
  maxSockets: 64,
  /** All of them: if a burst's connections were closed after it, the next burst would open as many again. */
  maxFreeSockets: 64,
  /** Azure's services close idle connections after a minute or more. A request on a connection just closed is lost. */
  timeout: 15_000,
};

/** The service did not answer, or its answer was cut off. */
export class NoAnswer extends Error {
  /** False if there was no connection, so nothing was sent. */
  readonly sent: boolean;

  constructor(sent: boolean, cause: unknown) {
    super(sent ? 'the service did not answer' : 'the service could not be reached', { cause });
    this.name = 'NoAnswer';
    this.sent = sent;
  }
}

export interface ServiceRequest {
  url: string;
  method: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  signal: AbortSignal;
}

export interface ServiceAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/**
 * Sends requests to services, and keeps the connections open for the next ones. It does not follow redirects, because a
 * token must not go to another host. Node's `fetch` needs three times the CPU time.
 */
export class ServiceConnections {
  readonly #http = new HttpAgent(CONNECTIONS);
  readonly #https = new HttpsAgent(CONNECTIONS);

  /** @throws NoAnswer */
  async send({ url, method, headers, body, signal }: ServiceRequest): Promise<ServiceAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<ServiceAnswer>();
    const isHttps = url.startsWith('https:');
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const options = { method, headers: { ...headers, ...length } };
    const request = isHttps
      ? requestByHttps(url, { ...options, agent: this.#https })
      : requestByHttp(url, { ...options, agent: this.#http });
    const isSent = watchConnection(request, isHttps ? 'secureConnect' : 'connect');
    const fail = (cause: unknown): void => reject(new NoAnswer(isSent(), cause));
    // A request that waits for a connection notices the abort only once it has one, so fail at once.
    const stop = (): void => {
      fail(signal.reason);
      request.destroy();
    };
    request.on('error', fail);
    request.on('response', (response) => {
      readWhole(response).then(resolve, fail);
    });
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    request.end(body);
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** Closes all connections. Running requests fail. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}

/** @returns a function that tells whether the request has got a connection */
function watchConnection(request: ClientRequest, event: 'connect' | 'secureConnect'): () => boolean {
  let connected = false;
  request.once('socket', (socket) => {
    if (request.reusedSocket) connected = true;
    else socket.once(event, () => (connected = true));
  });
  return () => connected;
}

async function readWhole(response: IncomingMessage): Promise<ServiceAnswer> {
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () => {
      const { statusCode: status = 0, headers } = response;
      resolve({ status, headers, body: Buffer.concat(chunks) });
    });
    response.on('error', reject);
  });
}
