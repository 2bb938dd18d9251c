import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';

/** How many connections are kept at once. */
export interface ConnectionLimits {
  /** All but those whose complete request is being answered. */
  open: number;
  /** Those whose request has begun and is not complete: each may hold half a megabyte. */
  receiving: number;
  /**
   * Bytes of one request. What is over the limit of a body is read on and dropped, so that its sender sees the answer;
   * a hundred megabytes that come as fast as they are read would leave more behind than is collected meanwhile.
   */
  bytes: number;
}

/** A proxy or many senders of alerts need far fewer. A thousand cost about 10 MB. */
const LIMITS: ConnectionLimits = { open: 1_000, receiving: 200, bytes: 4 * 1024 * 1024 };
/** How often it is looked how much has come: some megabytes come in that time. */
const LOOK_MS = 5;
const LOG_EVERY_MS = 60_000;

/**
 * The connections of a server. Strangers can open any number and send nothing, or half a request. When there are too
 * many, the oldest are closed, so there is always room for a new one. A complete request is left alone.
 */
export class Connections {
  readonly #log: Logger;
  readonly #limits: ConnectionLimits;
  /** The oldest first. A connection is in exactly one of the three. */
  readonly #fresh = new Set<Socket>();
  readonly #kept = new Set<Socket>();
  readonly #asking = new Map<
    Socket,
    { request: IncomingMessage; response: ServerResponse; before: number }
  >();
  readonly #isKnown: (request: IncomingMessage) => boolean;
  #looking: NodeJS.Timeout | null = null;
  #isClosing = false;
  #closed = 0;
  #loggedAt = -Infinity;

  /** @param isKnown whether the sender of a request has shown a right key by now */
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
   * One request at a time on each connection. A few kilobytes hold a thousand, all of which would begin before anybody
   * else is heard; no client that is in use sends the next one before the answer. RFC 9112, 9.3.2: they may be left
   * unanswered, and their sender sees by the end of the connection that they were.
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
    // The answer may come before the end of the request.
    const over = (): void => {
      // Another request may have come on it meanwhile.
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

  /** Closes those on which nothing was ever sent: Node does not count them as idle. */
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
   * What has arrived must be read first: many may connect in one turn of the loop, and are read in the next.
   */
  #closeSomeSoon(): void {
    const { open, receiving } = this.#limits;
    if (this.#isClosing || (this.size <= open && this.#asking.size <= receiving)) return;
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
    // Strangers first: whoever has shown a key may have a bad line.
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
      // Neither kind crowds out the other: strangers do not close a proxy's connections, nor idle ones a newcomer's.
      const [oldest] = this.#fresh.size > open / 2 ? this.#fresh : this.#kept;
      if (oldest) this.#close(oldest);
    }
    if (this.#closed === 0 || performance.now() - this.#loggedAt < LOG_EVERY_MS) return;
    this.#log.warn({ connections: this.#closed }, 'too many connections: the oldest were closed');
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
  }
}
