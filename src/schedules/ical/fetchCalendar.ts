import { readFile, stat } from 'node:fs/promises';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { resolve as resolvePath } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { isLoopbackHost } from '../../config/loopback.ts';
import { isPublicHost } from '../../config/publicAddress.ts';
import { AddressRefused, publicLookup } from '../../config/publicLookup.ts';
import { isAddress } from '../../config/rules.ts';
import type { CalendarSource } from './source.ts';

/** What the source said last time, so that it need not send the same again. */
export interface Validators {
  etag: string | null;
  lastModified: string | null;
}

/** `problem` is a few words. They contain neither the address nor text of the source. */
export type Fetched =
  | ({ kind: 'new'; bytes: Uint8Array } & Validators)
  | { kind: 'unchanged' }
  | { kind: 'failed'; problem: string };

/** From the look-up of the name to the last byte, with all redirects. */
const LIMIT_MS = 20_000;
/** A calendar of ten years has about 1 MB. */
export const MOST_BYTES = 5 * 1024 * 1024;
const MOST_REDIRECTS = 3;

interface FetchParts {
  /** What files are relative to. */
  folder: string;
  lookup?: LookupFunction;
  /** Ends it early. */
  signal?: AbortSignal;
}

class Failed extends Error {}

/**
 * Fetches a calendar. Never throws.
 *
 * So that nobody can reach our own network with it, each address is checked when the connection is made, also those of
 * redirects, which may not lead from https to http.
 */
export async function fetchCalendar(
  { ical, allowPrivate }: Pick<CalendarSource, 'ical' | 'allowPrivate'>,
  known: Validators,
  { folder, lookup = publicLookup(), signal }: FetchParts,
): Promise<Fetched> {
  try {
    if (!isAddress(ical)) return await fromFile(resolvePath(folder, ical));
    return await fromAddress(new URL(ical), known, {
      lookup: allowPrivate ? undefined : lookup,
      signal: AbortSignal.any([AbortSignal.timeout(LIMIT_MS), ...(signal ? [signal] : [])]),
    });
  } catch (error) {
    return { kind: 'failed', problem: problemOf(error) };
  }
}

async function fromFile(path: string): Promise<Fetched> {
  const found = await stat(path);
  // A named pipe would never end.
  if (!found.isFile()) throw new Failed('it is no file');
  if (found.size > MOST_BYTES) throw new Failed('it is too large');
  return { kind: 'new', bytes: await readFile(path), etag: null, lastModified: null };
}

interface Limits {
  /** Undefined if private addresses are allowed. */
  lookup: LookupFunction | undefined;
  signal: AbortSignal;
}

async function fromAddress(first: URL, known: Validators, limits: Limits): Promise<Fetched> {
  let url = first;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const answer = await ask(url, known, limits);
    const status = answer.statusCode ?? 0;
    const { location, etag = null, 'last-modified': lastModified = null } = answer.headers;
    if (status === 200)
      return { kind: 'new', bytes: await bodyOf(answer, limits.signal), etag, lastModified };
    answer.destroy();
    if (status === 304 && (known.etag !== null || known.lastModified !== null)) return { kind: 'unchanged' };
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined)
      throw new Failed(`HTTP ${status}`);
    url = redirected(url, location);
  }
  throw new Failed('too many redirects');
}

function redirected(from: URL, location: string): URL {
  const url = URL.parse(location, from.href);
  const mayBeHttp = from.protocol === 'http:' && url !== null && isLoopbackHost(url.hostname);
  if (url?.protocol !== 'https:' && !(url?.protocol === 'http:' && mayBeHttp))
    throw new Failed('a redirect does not lead to an https address');
  return url;
}

async function ask(url: URL, known: Validators, { lookup, signal }: Limits): Promise<IncomingMessage> {
  if (lookup && !isPublicHost(url)) throw new AddressRefused();
  const request = url.protocol === 'http:' ? requestHttp : requestHttps;
  return await new Promise((resolve, reject) => {
    request(
      url,
      {
        // The address of a connection that is kept open would not be checked again.
        agent: false,
        signal,
        headers: {
          Accept: 'text/calendar',
          'Accept-Encoding': 'gzip',
          // Without it, Google sometimes answers with a page.
          'User-Agent': 'Ringdown',
          ...(known.etag === null ? {} : { 'If-None-Match': known.etag }),
          ...(known.lastModified === null ? {} : { 'If-Modified-Since': known.lastModified }),
        },
        ...(lookup ? { lookup } : {}),
      },
      resolve,
    )
      .on('error', reject)
      .end();
  });
}

/** Counts what comes out of the decompression: a small answer can become a large one. */
async function bodyOf(answer: IncomingMessage, signal: AbortSignal): Promise<Uint8Array> {
  const encoding = answer.headers['content-encoding'] ?? 'identity';
  if (!/^(?:identity|(?:x-)?gzip)$/i.test(encoding)) throw new Failed('its compression is unknown');
  const chunks: Uint8Array[] = [];
  let size = 0;
  const collect = async (parts: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of parts) {
      size += chunk.length;
      if (size > MOST_BYTES) throw new Failed('it is too large');
      chunks.push(chunk);
    }
  };
  if (/gzip/i.test(encoding)) await pipeline(answer, createGunzip(), collect, { signal });
  else await pipeline(answer, collect, { signal });
  return Buffer.concat(chunks);
}

function problemOf(error: unknown): string {
  if (error instanceof AddressRefused || error instanceof Failed) return error.message;
  if (!(error instanceof Error)) return 'the connection failed';
  if (error.name === 'TimeoutError' || error.name === 'AbortError')
    return `no answer in ${LIMIT_MS / 1000} s`;
  return 'code' in error && typeof error.code === 'string' ? error.code : 'the connection failed';
}
