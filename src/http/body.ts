import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { RingdownError } from '../errors.ts';
import { codedError } from './problem.ts';

/** Limit in bytes, both compressed and decompressed. */
const MAX_BODY = 512 * 1024;
/** JSON.parse accepts any depth, but JSON.stringify and the database's parser overflow their stacks. */
const MAX_DEPTH = 100;

const unpack = promisify(gunzip);

/** Limits for bodies of unauthenticated senders: 32 × 512 KB, for five seconds each. */
const STRANGERS = { atOnce: 32, ms: 5_000 };

/**
 * Reads the bodies of unauthenticated senders: only a few at a time, each within a short time limit. When all places
 * are taken, a new body evicts the oldest. So slow senders cannot keep others out, and a body that arrives in one
 * piece is never evicted.
 */
export class StrangersBodies {
  readonly #limits: typeof STRANGERS;
  /** Oldest first. */
  readonly #reading = new Set<AbortController>();

  constructor(limits: Partial<typeof STRANGERS> = {}) {
    this.#limits = { ...STRANGERS, ...limits };
  }

  /** @throws RingdownError as `readBody` does; unavailable if the body was evicted or too slow */
  async read(request: IncomingMessage): Promise<Buffer> {
    const { atOnce, ms } = this.#limits;
    const [oldest] = this.#reading;
    if (oldest && this.#reading.size >= atOnce) this.#cut(oldest);
    const own = new AbortController();
    this.#reading.add(own);
    const timer = setTimeout(() => this.#cut(own), ms);
    try {
      return await readBody(request, own.signal);
    } finally {
      clearTimeout(timer);
      this.#reading.delete(own);
    }
  }

  #cut(one: AbortController): void {
    this.#reading.delete(one);
    one.abort(new RingdownError('unavailable', { detail: 'The body arrived too slowly.' }));
  }
}

/**
 * Reads the body of a request: at most 512 KB after decompression, whatever its Content-Length claims.
 *
 * @param cut aborts reading; its reason is thrown
 * @throws RingdownError payload_too_large, unsupported_media_type, bad_request
 */
export async function readBody(request: IncomingMessage, cut?: AbortSignal): Promise<Buffer> {
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new RingdownError('unsupported_media_type', { detail: 'Send the body uncompressed or with gzip.' });
  }
  const sent = await collect(request, cut);
  if (encoding === 'identity') return sent;
  try {
    return await unpack(sent, { maxOutputLength: MAX_BODY });
  } catch (cause) {
    const tooLarge = cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
    throw new RingdownError(tooLarge ? 'payload_too_large' : 'bad_request', {
      ...(tooLarge ? {} : { detail: 'The body cannot be decompressed.' }),
      cause,
    });
  }
}

/**
 * Discards the rest of a body over the limit, as Node does with unread bodies. If we closed the connection while the
 * client is still sending, the client would see a reset instead of the answer. The request timeout bounds this.
 */
async function collect(request: IncomingMessage, cut?: AbortSignal): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY) throw new RingdownError('payload_too_large');
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    // Complete requests emit "close" too; do not create an error for them.
    let isWhole = false;
    const endedEarly = (cause?: unknown): void => {
      if (isWhole) return;
      reject(new RingdownError('bad_request', { detail: 'The body ended too early.', cause }));
    };
    const drop = (reason: RingdownError): void => {
      size = Number.POSITIVE_INFINITY;
      chunks.length = 0;
      reject(reason);
    };
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY) chunks.push(chunk);
      else drop(new RingdownError('payload_too_large'));
    });
    request.once('end', () => {
      isWhole = true;
      resolve(Buffer.concat(chunks));
    });
    request.once('error', endedEarly);
    request.once('close', endedEarly);
    cut?.addEventListener('abort', () => drop(codedError(cut.reason)), { once: true });
  });
}

/** @throws RingdownError unsupported_media_type */
export function requireJson(contentType: string | undefined): void {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  // RFC 8259: JSON is UTF-8.
  const utf8 = parameters.every((parameter) =>
    /^\s*(?!\s|charset)|^\s*charset="?utf-8"?\s*$/.test(parameter),
  );
  if (!utf8 || !/^application\/(?:[\w.+-]+\+)?json$/.test(type.trim())) {
    throw new RingdownError('unsupported_media_type');
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws RingdownError bad_request */
export function parseJson(bytes: Buffer): unknown {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch {
    // The parser's message quotes parts of the body, so it must not be shown or logged.
    throw new RingdownError('bad_request', { detail: 'The body is not valid JSON.' });
  }
  if (isTooDeep(value, 0))
    throw new RingdownError('bad_request', { detail: 'The body is nested too deeply.' });
  return value;
}

function isTooDeep(value: unknown, depth: number): boolean {
  if (depth > MAX_DEPTH) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((one) => isTooDeep(one, depth + 1));
}
