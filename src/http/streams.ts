import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { apartFromRequests } from '../database/lanes.ts';
import type { StreamBody } from './route.ts';

export function isStream(body: unknown): body is StreamBody {
  return typeof body === 'function';
}

interface Observer<Request> {
  started: (request: Request, response: ServerResponse) => void;
  failed: (request: Request, error: unknown) => void;
}

/** The answers that go on for as long as the client listens. */
export class Streams<Request extends IncomingMessage> {
  readonly #observer: Observer<Request>;
  readonly #known = new WeakSet<Request>();
  readonly #open = new Set<AbortController>();
  #isClosed = false;

  constructor(observer: Observer<Request>) {
    this.#observer = observer;
  }

  /** Whether the answer to this request is a stream. */
  isOf(request: Request): boolean {
    return this.#known.has(request);
  }

  /** Writes the head now, and the body while it comes. The headers must be set. */
  start(request: Request, response: ServerResponse, body: StreamBody): void {
    // The connection ends with the stream, so that a closing server does not wait for it.
    response.setHeader('Connection', 'close');
    this.#known.add(request);
    this.#observer.started(request, response);
    const over = new AbortController();
    this.#open.add(over);
    response.once('close', () => over.abort());
    if (request.method === 'HEAD' || this.#isClosed || response.closed) over.abort();
    response.flushHeaders();
    void apartFromRequests(async () => {
      try {
        await write(response, body(over.signal), over.signal);
      } catch (error) {
        if (!over.signal.aborted) this.#observer.failed(request, error);
      } finally {
        this.#open.delete(over);
        // A client that does not read would keep a closing server waiting.
        if (response.writableNeedDrain) response.destroy();
        else response.end();
      }
    });
  }

  /** Ends all of them, and those that start later. */
  close(): void {
    this.#isClosed = true;
    for (const over of this.#open) over.abort();
  }
}

/** Waits while the client does not read, so that nothing piles up. */
async function write(
  response: ServerResponse,
  chunks: AsyncIterable<string>,
  signal: AbortSignal,
): Promise<void> {
  for await (const chunk of chunks) {
    if (signal.aborted) return;
    if (!response.write(chunk)) await once(response, 'drain', { signal });
  }
}
