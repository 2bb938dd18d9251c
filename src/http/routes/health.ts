import { RETRY_AFTER_SECONDS } from '../problem.ts';
import { openToAll, type Route } from '../route.ts';

export interface HealthPorts {
  /** The state of each part by name: `ok`, or what is wrong. */
  readiness: () => Promise<{ ready: boolean; checks: Record<string, string> }>;
}

/**
 * `GET /healthz`: the process serves; if not, restart it. `GET /readyz`: the process can do work; if not, send it no
 * requests, but do not restart it.
 */
export function healthRoutes({ readiness }: HealthPorts): Route[] {
  return [
    {
      method: 'GET',
      path: '/healthz',
      body: 'none',
      admit: openToAll(async () => ({ status: 200, body: { status: 'alive' } })),
    },
    {
      method: 'GET',
      path: '/readyz',
      goesFirst: true,
      body: 'none',
      admit: openToAll(async () => {
        const { ready, checks } = await readiness();
        if (ready) return { status: 200, body: { status: 'ready', checks } };
        const headers = { 'Retry-After': String(RETRY_AFTER_SECONDS) };
        return { status: 503, headers, body: { status: 'not ready', checks } };
      }),
    },
  ];
}
