import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { isAfter } from '../faults/faultPlan.ts';
import type { Fault, FaultPlan } from '../faults/faultPlan.ts';
import { malformed, statusAnswer, withoutId } from '../faults/spoiledAnswers.ts';
import type { Timers } from '../clock.ts';
import type { Work } from '../work.ts';
import { Refusal, json } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Exchange, Requests } from './requests.ts';
import { Router } from './router.ts';
import type { EmulatorRequest, Handler, Route, Stream } from './router.ts';

const bodyLimit = 4 * 1024 * 1024;

export interface ServerParts {
  routes: Route[];
  timers: Timers;
  work: Work;
  faults: FaultPlan;
  requests: Requests;
  onExchange: (exchange: Exchange) => void;
}

/** The emulator's HTTP server: reads requests, applies faults, answers, and keeps the records. */
export class EmulatorServer {
  readonly #parts: ServerParts;
  readonly #router: Router;
  readonly #server: Server;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.#router = new Router(parts.routes);
    this.#server = createServer((message, response) => {
      void parts.work.during(() => this.#serve(message, response));
    });
    // Keep idle connections open, so that a client does not lose a request while one is being closed.
    this.#server.keepAliveTimeout = 60_000;
  }

  /** Starts listening. @returns the port */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = this.#parts.timers.now();
    const method = message.method ?? 'GET';
    const target = message.url ?? '/';
    const url = parseUrl(target, message.headers.host);
    const found = url && this.#router.match(method, url.pathname);
    const operation = found ? found.route.operation : 'unknown';
    const body = await readBody(message);
    if (body === null || url === null) {
      const status = url === null ? 400 : 413;
      await send(
        response,
        json(status, { error: { code: String(status), message: 'The request cannot be read.' } }),
      );
      return;
    }
    const headers = plainHeaders(message);
    const request = { method, url, target, params: found?.params ?? {}, headers, body, operation, at };
    const fault = this.#parts.faults.take(operation);
    const outcome = await this.#answer(request, found ? found.route.handle : unknownPath, fault);
    this.#parts.requests.add({
      at,
      method,
      path: url.pathname,
      operation,
      status: outcome === null ? null : 'stream' in outcome ? 200 : outcome.status,
      fault: fault?.kind ?? null,
    });
    if (outcome === null) {
      message.socket.destroy();
    } else if ('stream' in outcome) {
      outcome.stream(response);
    } else {
      const spoiled = fault !== null && fault.kind !== 'slow';
      this.#parts.onExchange({
        operation,
        request: { method, target, headers, body },
        answer: outcome,
        spoiled,
      });
      await send(response, outcome);
    }
  }

  /** Null: cut the connection without an answer. */
  async #answer(
    request: EmulatorRequest,
    handle: Handler,
    fault: Fault | null,
  ): Promise<Answer | Stream | null> {
    if (fault === null) return this.#execute(request, handle);
    const after = isAfter(fault);
    if (fault.kind === 'slow' && !after) await this.#wait(fault.ms);
    if (!after && fault.kind === 'status') return statusAnswer(fault);
    if (!after && fault.kind === 'reset') return null;
    const answer = await this.#execute(request, handle);
    if ('stream' in answer || !after) return answer;
    switch (fault.kind) {
      case 'slow':
        await this.#wait(fault.ms);
        return answer;
      case 'status':
        return statusAnswer(fault);
      case 'reset':
        return null;
      case 'malformed':
        return malformed(answer);
      case 'noId':
        return withoutId(answer);
    }
  }

  async #wait(ms: number): Promise<void> {
    await this.#parts.work.aside(() => this.#parts.timers.pause(ms));
  }

  async #execute(request: EmulatorRequest, handle: Handler): Promise<Answer | Stream> {
    try {
      return await handle(request);
    } catch (error) {
      if (error instanceof Refusal) return error.answer;
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return json(500, { error: { code: 'EmulatorFault', message } });
    }
  }
}

const unknownPath: Handler = (request) =>
  json(404, {
    error: {
      code: 'ResourceNotFound',
      message: `No HTTP resource was found that matches the request URI '${request.method} ${request.url.pathname}'.`,
    },
  });

function parseUrl(target: string, host: string | undefined): URL | null {
  try {
    return new URL(target, `http://${host ?? 'localhost'}`);
  } catch {
    return null;
  }
}

/** Null if it is too long, or the client disconnected before the end. */
async function readBody(message: IncomingMessage): Promise<Buffer | null> {
  return await new Promise((resolve) => {
    const parts: Buffer[] = [];
    let length = 0;
    message.on('data', (part: Buffer) => {
      length += part.length;
      if (length <= bodyLimit) parts.push(part);
    });
    message.once('end', () => resolve(length > bodyLimit ? null : Buffer.concat(parts)));
    message.once('error', () => resolve(null));
    message.once('close', () => resolve(null));
  });
}

function plainHeaders(message: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

/** Resolves when the answer has been sent, or the client has disconnected. */
async function send(response: ServerResponse, answer: Answer): Promise<void> {
  const length: Record<string, string> =
    answer.status === 204 ? {} : { 'content-length': String(answer.body?.length ?? 0) };
  // If the client disconnected during an injected delay, "close" is not emitted again.
  if (response.destroyed) return;
  await new Promise<void>((resolve) => {
    response.once('close', resolve);
    response.once('finish', resolve);
    response.writeHead(answer.status, { ...answer.headers, ...length });
    response.end(answer.body ?? undefined);
  });
}
