import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Config } from '../../config/config.ts';
import type { Metrics } from './metrics.ts';

export type Service =
  'callAutomation' | 'identity' | 'graph' | 'chat' | 'webhook' | 'keys' | 'login' | 'other';

/** Hosts that issue tokens: Entra by cloud, and Azure's endpoints for managed identities. */
const LOGIN = /^(login\.microsoftonline\.(com|us)|169\.254\.169\.254|localhost)$/;
const KEYS = /^(login\.botframework\.com|login\.botframework\.azure\.us|.*\.keys\..*)$/;

/** The service that an address belongs to; null for our own. Pure. */
export function serviceOf(
  url: URL,
  config: Pick<Config, 'acs' | 'graph' | 'cloud' | 'ringdown' | 'teamsServiceUrl'>,
  ownOrigin: string,
): Service | null {
  const { origin, hostname, pathname } = url;
  const { acs, graph, cloud, ringdown, teamsServiceUrl } = config;
  if (origin === ownOrigin) return null;
  if (url.href === acs.callbackOpenIdUrl || pathname === '/calling/keys') return 'keys';
  if (origin === acs.endpoint) {
    if (pathname.startsWith('/identities')) return 'identity';
    if (pathname.startsWith('/calling')) return 'callAutomation';
  }
  if (origin === new URL(graph.url).origin && pathname.startsWith('/v1.0')) return 'graph';
  const isChat = cloud.serviceUrlHosts.some((host) =>
    host.startsWith('.') ? hostname.endsWith(host) : hostname === host,
  );
  if (KEYS.test(hostname)) return 'keys';
  if (isChat || (teamsServiceUrl !== undefined && url.href.startsWith(teamsServiceUrl))) return 'chat';
  if (LOGIN.test(hostname)) return 'login';
  if (ringdown.webhooks.some((webhook) => new URL(webhook.url).origin === origin)) return 'webhook';
  return 'other';
}

/**
 * Measures every outgoing request of this process, whichever library sends it: Node's diagnostics channels report
 * those of its HTTP client and of `fetch`. Reads only the address and the status.
 *
 * @returns a function that stops it
 */
export function watchOutgoing(metrics: Metrics, serviceAt: (url: URL) => Service | null): () => void {
  const started = new WeakMap<object, { service: Service; at: number }>();
  const begin = (request: object, address: string): void => {
    const url = URL.parse(address);
    const service = url && serviceAt(url);
    if (service) started.set(request, { service, at: performance.now() });
  };
  const end = (request: object, status: string): void => {
    const known = started.get(request);
    if (!known) return;
    started.delete(request);
    metrics.outgoingRequests.inc({ service: known.service, status });
    metrics.outgoingSeconds.observe({ service: known.service }, (performance.now() - known.at) / 1000);
  };

  const listeners: Record<string, (message: unknown) => void> = {
    'undici:request:create': (message) => {
      const request = memberOf(message, 'request');
      if (request) begin(request, `${textOf(request, 'origin')}${textOf(request, 'path')}`);
    },
    'undici:request:headers': (message) => {
      const request = memberOf(message, 'request');
      const response = memberOf(message, 'response');
      if (request && response) end(request, statusOf(Reflect.get(response, 'statusCode')));
    },
    'undici:request:error': (message) => {
      const request = memberOf(message, 'request');
      if (request) end(request, 'none');
    },
    'http.client.request.start': (message) => {
      const request = memberOf(message, 'request');
      if (!request) return;
      begin(
        request,
        `${textOf(request, 'protocol')}//${textOf(request, 'host')}${portOf(request)}${textOf(request, 'path')}`,
      );
    },
    'http.client.response.finish': (message) => {
      const request = memberOf(message, 'request');
      const response = memberOf(message, 'response');
      if (request && response) end(request, statusOf(Reflect.get(response, 'statusCode')));
    },
    'http.client.request.error': (message) => {
      const request = memberOf(message, 'request');
      if (request) end(request, 'none');
    },
  };
  for (const [name, listener] of Object.entries(listeners)) subscribe(name, listener);
  return () => {
    for (const [name, listener] of Object.entries(listeners)) unsubscribe(name, listener);
  };
}

function memberOf(message: unknown, name: string): object | null {
  const member: unknown = typeof message === 'object' && message !== null ? Reflect.get(message, name) : null;
  return typeof member === 'object' && member !== null ? member : null;
}

function textOf(object: object, name: string): string {
  const value: unknown = Reflect.get(object, name);
  return typeof value === 'string' ? value : value instanceof URL ? value.origin : '';
}

/** A ClientRequest keeps the port only in its Host header. */
function portOf(request: object): string {
  const getHeader: unknown = Reflect.get(request, 'getHeader');
  const host: unknown = typeof getHeader === 'function' ? Reflect.apply(getHeader, request, ['host']) : '';
  return typeof host === 'string' ? (/:\d+$/.exec(host)?.[0] ?? '') : '';
}

function statusOf(code: unknown): string {
  return typeof code === 'number' && code >= 100 && code < 600 ? String(code) : 'none';
}
