import { openToAll, type Route } from '../route.ts';

/** `GET /metrics`, in Prometheus' text form. Open, as `/healthz` is: there is nothing of people in it. */
export function metricsRoute(metrics: { text(): Promise<string>; contentType: string }): Route {
  return {
    method: 'GET',
    path: '/metrics',
    body: 'none',
    admit: openToAll(async () => ({
      status: 200,
      body: await metrics.text(),
      headers: { 'Content-Type': metrics.contentType },
    })),
  };
}
