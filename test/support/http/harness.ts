import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createHttpServer, type HttpServer } from '../../../src/http/server.ts';
import type { Route } from '../../../src/http/route.ts';
import { recordingLog } from '../log.ts';

type Options = Omit<Parameters<typeof createHttpServer>[0], 'log' | 'routes'>;

interface Served {
  server: HttpServer;
  port: number;
  url: string;
  /** The log so far. */
  lines: string[];
}

/** Servers on free ports, closed after the test that started them. */
export function servers(): (routes: Route[], options?: Options) => Promise<Served> {
  const running: HttpServer[] = [];
  afterEach('close the servers', async () => {
    await Promise.all(running.splice(0).map(async (server) => await server.close(0)));
  });
  return async (routes, options = {}) => {
    const { log, lines } = recordingLog();
    const server = createHttpServer({ log, routes, ...options });
    running.push(server);
    const { port } = await server.listen('127.0.0.1', 0);
    return { server, port, url: `http://127.0.0.1:${port}`, lines };
  };
}

export async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** Sends raw bytes, and returns everything received until the server closes the connection. */
export async function raw(port: number, text: string): Promise<string> {
  const socket = await dial(port);
  socket.write(text);
  return await untilClosed(socket);
}

export async function untilClosed(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

export async function post(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return await fetch(url, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'application/json', ...headers },
  });
}

/** The parts of a problem document that do not change between requests. */
export async function problemOf(answer: Response): Promise<unknown> {
  const document: unknown = await answer.json();
  if (typeof document !== 'object' || document === null || !('reference' in document)) return document;
  const { reference, ...rest } = document;
  const named = reference === answer.headers.get('x-request-id') && reference !== '';
  return { ...rest, type: answer.headers.get('content-type'), named };
}

/** An expected problem document in the form of `problemOf`. */
export function aProblem(code: string, status: number, title: string, detail?: string): unknown {
  const more = detail === undefined ? {} : { detail };
  return { code, status, title, ...more, type: 'application/problem+json', named: true };
}
