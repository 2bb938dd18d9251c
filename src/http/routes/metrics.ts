import { RingdownError } from '../../errors.ts';
import { isForwarded, isPrivateAddress } from '../../config/publicAddress.ts';
import { bearerOf, isSameSecret } from '../authentication.ts';
import type { RequestHead, Route } from '../route.ts';

export interface MetricsPorts {
  text: () => Promise<string>;
  contentType: string;
  /** The bearer token of the scraper; null: only private addresses may read the metrics. */
  token: string | null;
}

/**
 * `GET /metrics` in Prometheus' text format. It holds no personal data, but it shows how many calls and failures
 * there are, so it is not public.
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

/** Behind a proxy every request comes from a private address, so the sender is unknown. */
function requireNeighbour({ remoteAddress, headers }: RequestHead): void {
  if (!isForwarded(headers) && isPrivateAddress(remoteAddress)) return;
  throw new RingdownError('forbidden', {
    detail: 'Metrics need METRICS_TOKEN, or a request from a private address.',
  });
}
