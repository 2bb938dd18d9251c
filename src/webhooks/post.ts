import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isPublicHost } from '../config/publicAddress.ts';
import { AddressRefused, publicLookup } from '../config/publicLookup.ts';

export interface PostRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Addresses of private networks are allowed too. */
  allowPrivate: boolean;
}

/** `problem` is a few words. It never contains text of the receiver. */
export type PostResult = { delivered: true } | { delivered: false; problem: string };

/** From the look-up of the name to the status of the answer. */
const LIMIT_MS = 10_000;

/**
 * Posts to an address of the configuration. So that nobody can reach our own network with it, the address is checked
 * when the connection is made, redirects are not followed, and only the status of the answer is read.
 */
export async function post(
  { url: address, headers, body: text, allowPrivate }: PostRequest,
  lookup: LookupFunction = publicLookup(),
): Promise<PostResult> {
  const url = new URL(address);
  if (!allowPrivate && !isPublicHost(url)) {
    return { delivered: false, problem: new AddressRefused().message };
  }
  const body = Buffer.from(text);
  const request = url.protocol === 'http:' ? requestHttp : requestHttps;
  return await new Promise((resolve) => {
    const outgoing = request(
      url,
      {
        method: 'POST',
        // The address of a connection that is kept open would not be checked again.
        agent: false,
        signal: AbortSignal.timeout(LIMIT_MS),
        headers: { ...headers, 'Content-Length': body.length },
        ...(allowPrivate ? {} : { lookup }),
      },
      (response) => {
        const status = response.statusCode ?? 0;
        response.destroy();
        resolve(resultOf(status));
      },
    );
    outgoing.on('error', (error) => resolve({ delivered: false, problem: problemOf(error) }));
    outgoing.end(body);
  });
}

function resultOf(status: number): PostResult {
  if (status >= 200 && status < 300) return { delivered: true };
  if (status >= 300 && status < 400) {
    return { delivered: false, problem: `HTTP ${status}: redirects are not followed` };
  }
  return { delivered: false, problem: `HTTP ${status}` };
}

function problemOf(error: Error): string {
  if (error instanceof AddressRefused) return error.message;
  if (error.name === 'TimeoutError' || error.name === 'AbortError')
    return `no answer in ${LIMIT_MS / 1000} s`;
  return 'code' in error && typeof error.code === 'string' ? error.code : 'the connection failed';
}
