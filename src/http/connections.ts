import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';

/** Limits on open connections. */
export interface ConnectionLimits {
  /** All connections without a complete request in progress. */
  open: number;
  /** Connections with an incomplete request. Each may hold half a megabyte. */
  receiving: number;
  /**
   * Bytes per request. Excess body bytes are discarded so that the sender sees the answer, but reading hundreds of
   * megabytes at full speed would outrun the garbage collector.
   */
  bytes: number;
}

/** A proxy or many alert senders need far fewer. A thousand connections cost about 10 MB. */
const LIMITS: ConnectionLimits = { open: 1_000, receiving: 200, bytes: 4 * 1024 * 1024 };
/** How often to check the bytes received. A few megabytes may arrive in between. */
const LOOK_MS = 5;
const LOG_EVERY_MS = 60_000;

/**
 * Limits the connections of a server. Strangers can open any number and send nothing, or half a request. When there
 * are too many, the oldest are closed, so that there is always room for a new one. Connections with a complete
 * request are left alone.
 */
export class Connections {
  readonly #log: Logger;
  readonly #limits: ConnectionLimits;
  /** Oldest first. Each connection is in exactly one of these three sets. */
  readonly #fresh = new Set<Socket>();
  readonly #kept = new Set<Socket>();
  readonly #asking = new Map<
    Socket,
    { request: IncomingMessage; response: ServerResponse; before: number }
  >();
  /** Those of `#asking` whose answer goes on: they do not count. */
  readonly #streaming = new Set<Socket>();
  readonly #isKnown: (request: IncomingMessage) => boolean;
  #looking: NodeJS.Timeout | null = null;
  #isClosing = false;
  #closed = 0;
  #loggedAt = -Infinity;

  /** @param isKnown whether the sender of a request has authenticated so far */
  constructor(
    server: Server,
    log: Logger,
    isKnown: (request: IncomingMessage) => boolean,
    limits: Partial<ConnectionLimits> = {},
  ) {
    this.#log = log;
    this.#isKnown = isKnown;
    this.#limits = { ...LIMITS, ...limits };
    server.on('connection', (socket: Socket) => {
      this.#fresh.add(socket);
      socket.once('close', () => this.#forget(socket));
      this.#closeSomeSoon();
    });
    for (const event of ['request', 'checkContinue'] as const) {
      const takers = server.listeners(event);
      server.removeAllListeners(event);
      server.on(event, (request: IncomingMessage, response: ServerResponse) => {
        if (this.#admits(request, response)) for (const take of takers) take.call(server, request, response);
      });
    }
  }

  /**
   * Handles one request at a time per connection. A few kilobytes can hold a thousand pipelined requests, which would
   * all start before anybody else is served; no client in use pipelines. RFC 9112, 9.3.2 allows leaving them
   * unanswered: when the connection closes, the client sees which ones were.
   */
  #admits(request: IncomingMessage, response: ServerResponse): boolean {
    const { socket } = request;
    const previous = this.#asking.get(socket)?.response;
    if (previous && !previous.writableEnded) previous.shouldKeepAlive = false;
    if (previous?.shouldKeepAlive === false) {
      socket.pause();
      return false;
    }
    this.#forget(socket);
    this.#asking.set(socket, { request, response, before: socket.bytesRead });
    // The answer may be sent before the request has ended.
    const over = (): void => {
      // Meanwhile another request may have started on this connection.
      if (this.#asking.get(socket)?.request !== request || socket.destroyed) return;
      if (!request.complete || !response.closed) return;
      this.#forget(socket);
      this.#kept.add(socket);
    };
    request.once('close', over);
    response.once('close', over);
    if (!request.complete) this.#lookAtSizes();
    this.#closeSomeSoon();
    return true;
  }

  get size(): number {
    return this.#fresh.size + this.#kept.size + this.#asking.size;
  }

  /** The answer to this request goes on for as long as the client listens. */
  streams({ socket }: IncomingMessage): void {
    if (this.#asking.has(socket)) this.#streaming.add(socket);
  }

  /** Closes connections that never sent anything: Node does not count them as idle. */
  closeSilent(): void {
    for (const socket of this.#fresh) if (socket.bytesRead === 0) socket.destroy();
  }

  #lookAtSizes(): void {
    this.#looking ??= setInterval(() => {
      let unfinished = 0;
      for (const [socket, { request, before }] of this.#asking) {
        if (request.complete) continue;
        if (socket.bytesRead - before > this.#limits.bytes) socket.destroy();
        else unfinished += 1;
      }
      if (unfinished > 0 || !this.#looking) return;
      clearInterval(this.#looking);
      this.#looking = null;
    }, LOOK_MS).unref();
  }

  /**
   * Waits one turn of the event loop, so that data that has arrived is read first: connections accepted in one turn
   * are read in the next.
   */
  #closeSomeSoon(): void {
    const { open, receiving } = this.#limits;
    const streaming = this.#streaming.size;
    if (this.#isClosing || (this.size - streaming <= open && this.#asking.size - streaming <= receiving))
      return;
    this.#isClosing = true;
    setImmediate(() =>
      setImmediate(() => {
        this.#isClosing = false;
        this.#closeSome();
      }),
    );
  }

  #closeSome(): void {
    const { open, receiving } = this.#limits;
    // Unauthenticated senders first: an authenticated sender may just have a slow network.
    const unfinished = [...this.#asking]
      .filter(([, { request }]) => !request.complete)
      .toSorted(
        ([, one], [, other]) => Number(this.#isKnown(one.request)) - Number(this.#isKnown(other.request)),
      )
      .map(([socket]) => socket);
    const slow = unfinished.splice(0, unfinished.length - receiving);
    for (const socket of slow) this.#close(socket);
    const tooMany = this.#fresh.size + this.#kept.size + unfinished.length - open;
    for (let nth = 0; nth < tooMany; nth++) {
      // Neither kind displaces the other: strangers do not close a proxy's idle connections, and idle ones do not
      // displace newcomers.
      const [oldest] = this.#fresh.size > open / 2 ? this.#fresh : this.#kept;
      if (oldest) this.#close(oldest);
    }
    if (this.#closed === 0 || performance.now() - this.#loggedAt < LOG_EVERY_MS) return;
    this.#log.warn({ connections: this.#closed }, 'too many connections: closed the oldest');
    this.#closed = 0;
    this.#loggedAt = performance.now();
  }

  #close(socket: Socket): void {
    this.#forget(socket);
    this.#closed += 1;
    socket.destroy();
  }

  #forget(socket: Socket): void {
    this.#fresh.delete(socket);
    this.#kept.delete(socket);
    this.#asking.delete(socket);
    this.#streaming.delete(socket);
  }
}
