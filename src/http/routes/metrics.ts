import { RingdownError } from '../../errors.ts';
import { isNeighbour } from '../../publicAddress.ts';
import { bearerOf, isSameSecret } from '../authentication.ts';
import type { HttpRequest, Route } from '../route.ts';

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
    handle: async (request) => {
      if (token === null) requireNeighbour(request);
      else if (!isSameSecret(bearerOf(request.headers) ?? '', token)) throw new RingdownError('unauthorized');
      return { status: 200, body: await text(), headers: { 'Content-Type': contentType } };
    },
  };
}

/** Behind a proxy every request comes from a private address: who sent it is not known. */
function requireNeighbour({ remoteAddress, headers }: HttpRequest): void {
  const isForwarded = headers.forwarded !== undefined || headers['x-forwarded-for'] !== undefined;
  if (!isForwarded && isNeighbour(remoteAddress)) return;
  throw new RingdownError('forbidden', {
    detail: 'Metrics are shown to private addresses only, or to a METRICS_TOKEN.',
  });
}
