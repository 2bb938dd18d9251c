import type { ServerResponse } from 'node:http';
import type { OperationName } from '../operations.ts';
import type { Answer } from './answer.ts';

export interface EmulatorRequest {
  method: string;
  url: URL;
  /** Path and query exactly as sent: signatures cover them. */
  target: string;
  params: Record<string, string>;
  headers: Record<string, string>;
  body: Buffer;
  operation: OperationName;
  at: number;
}

/** Takes over the response, for server-sent events. The request then no longer counts as in progress. */
export interface Stream {
  stream(response: ServerResponse): void;
}

export type Handler = (request: EmulatorRequest) => Answer | Stream | Promise<Answer | Stream>;

export interface Route {
  method: string;
  /** `/calling/callConnections/{callConnectionId}:play`. A parameter matches up to the next slash. */
  path: string;
  operation: OperationName;
  handle: Handler;
}

interface CompiledRoute extends Route {
  pattern: RegExp;
  names: string[];
}

export interface Match {
  route: Route;
  params: Record<string, string>;
}

/** Finds the route of a request. The first match wins, so `{id}:play` comes before `{id}`. */
export class Router {
  readonly #routes: CompiledRoute[];

  constructor(routes: Route[]) {
    this.#routes = routes.map(compile);
  }

  match(method: string, pathname: string): Match | null {
    for (const route of this.#routes) {
      if (route.method !== method) continue;
      const found = route.pattern.exec(pathname);
      if (!found) continue;
      const params: Record<string, string> = {};
      route.names.forEach((name, index) => {
        params[name] = decode(found[index + 1] ?? '');
      });
      return { route, params };
    }
    return null;
  }
}

function compile(route: Route): CompiledRoute {
  const names: string[] = [];
  const source = route.path
    .split(/(\{\w+\})/)
    .map((part) => {
      if (!/^\{\w+\}$/.test(part)) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      names.push(part.slice(1, -1));
      return '([^/]+?)';
    })
    .join('');
  return { ...route, names, pattern: new RegExp(`^${source}/?$`) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A path parameter, which the route's own pattern guarantees. */
export function param(request: EmulatorRequest, name: string): string {
  return request.params[name] ?? '';
}

/** The request's JSON body; undefined if there is none or it is not JSON. */
export function bodyOf(request: EmulatorRequest): unknown {
  if (request.body.length === 0) return undefined;
  try {
    return JSON.parse(request.body.toString('utf8'));
  } catch {
    return undefined;
  }
}
