import { RETRY_AFTER_SECONDS } from '../problem.ts';
import { openToAll, type Route } from '../route.ts';

export interface HealthPorts {
  /** Whether work can be done: each part by name, with `ok` or what is wrong. */
  readiness: () => Promise<{ ready: boolean; checks: Record<string, string> }>;
}

/**
 * `GET /healthz`: this process serves; if it does not, restart it. `GET /readyz`: it can do work; if it cannot, send it
 * nothing, but a restart would not help.
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
