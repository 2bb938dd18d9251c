import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isPublicHost } from '../config/publicAddress.ts';
import { AddressRefused, publicLookup } from './address.ts';

export interface Delivery {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** Addresses of private networks are reached too. */
  allowPrivate: boolean;
}

/** `problem` in a few words, without anything that the other side said. */
export type Outcome = { delivered: true } | { delivered: false; problem: string };

/** From the look-up of the name to the first line of the answer. */
const LIMIT_MS = 10_000;

/**
 * Posts to an address that a configuration names and that nobody may misuse to reach our own network: the address is
 * checked when the connection is made, redirects are not followed, and of the answer only the status is read.
 */
export async function post(delivery: Delivery, lookup: LookupFunction = publicLookup()): Promise<Outcome> {
  const url = new URL(delivery.url);
  if (!delivery.allowPrivate && !isPublicHost(url)) {
    return { delivered: false, problem: new AddressRefused().message };
  }
  const body = Buffer.from(delivery.body);
  const request = url.protocol === 'http:' ? requestHttp : requestHttps;
  return await new Promise((resolve) => {
    const outgoing = request(
      url,
      {
        method: 'POST',
        // A connection that was kept open would be one whose address nobody checks again.
        agent: false,
        signal: AbortSignal.timeout(LIMIT_MS),
        headers: { ...delivery.headers, 'Content-Length': body.length },
        ...(delivery.allowPrivate ? {} : { lookup }),
      },
      (response) => {
        const status = response.statusCode ?? 0;
        response.destroy();
        resolve(outcomeOf(status));
      },
    );
    outgoing.on('error', (error) => resolve({ delivered: false, problem: problemOf(error) }));
    outgoing.end(body);
  });
}

function outcomeOf(status: number): Outcome {
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
