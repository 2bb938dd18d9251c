import type { ServerResponse } from 'node:http';
import type { OperationName } from '../operations.ts';
import type { Answer } from './answer.ts';

export interface EmulatorRequest {
  method: string;
  url: URL;
  /** Path and query as they came over the wire: what a signature is over. */
  target: string;
  params: Record<string, string>;
  headers: Record<string, string>;
  body: Buffer;
  operation: OperationName;
  at: number;
}

/** Takes over the response, as server-sent events do; the request then no longer counts as being handled. */
export interface Stream {
  stream(response: ServerResponse): void;
}

export type Handler = (request: EmulatorRequest) => Answer | Stream | Promise<Answer | Stream>;

export interface Route {
  method: string;
  /** `/calling/callConnections/{callConnectionId}:play`; a parameter matches up to the next slash. */
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

/** Finds the route of a request; the first that fits wins, so `{id}:play` stands before `{id}`. */
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

/** A path parameter; the route's own pattern guarantees that it is there. */
export function param(request: EmulatorRequest, name: string): string {
  return request.params[name] ?? '';
}

/** The request's JSON body, or `undefined` when there is none or it is not JSON. */
export function bodyOf(request: EmulatorRequest): unknown {
  if (request.body.length === 0) return undefined;
  try {
    return JSON.parse(request.body.toString('utf8'));
  } catch {
    return undefined;
  }
}
