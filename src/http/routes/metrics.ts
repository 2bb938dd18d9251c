import { RingdownError } from '../../errors.ts';
import { isForwarded, isNeighbour } from '../../config/publicAddress.ts';
import { bearerOf, isSameSecret } from '../authentication.ts';
import type { RequestHead, Route } from '../route.ts';

export interface MetricsPorts {
  text: () => Promise<string>;
  contentType: string;
  /** What a scraper sends as bearer token; null: only private addresses are answered. */
  token: string | null;
}

/**
 * `GET /metrics`, in Prometheus' text form. Nothing of people is in it, but it tells how many calls and failures there
 * are, so it is not for everybody.
 */
export function metricsRoute({ text, contentType, token }: MetricsPorts): Route {
  return {
    method: 'GET',
    path: '/metrics',
    body: 'none',
    admit: async (head) => {
      if (token === null) requireNeighbour(head);
      else if (!isSameSecret(bearerOf(head.headers) ?? '', token)) throw new RingdownError('unauthorized');
      return await Promise.resolve({
        isKnown: true,
        handle: async () => ({ status: 200, body: await text(), headers: { 'Content-Type': contentType } }),
      });
    },
  };
}

/** Behind a proxy every request comes from a private address: who sent it is not known. */
function requireNeighbour({ remoteAddress, headers }: RequestHead): void {
  if (!isForwarded(headers) && isNeighbour(remoteAddress)) return;
  throw new RingdownError('forbidden', {
    detail: 'Metrics are shown only to private addresses, or with METRICS_TOKEN.',
  });
}
