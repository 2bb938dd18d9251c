import type { Answer } from '../http/answer.ts';
import type { EmulatorRequest, Handler, Route } from '../http/router.ts';
import { controlError } from './bodies.ts';

/** A read-only route, which needs no header. */
export function reading(path: string, handle: Handler): Route {
  return { method: 'GET', path: `/control${path}`, operation: 'control', handle };
}

export function changing(
  method: 'POST' | 'DELETE',
  path: string,
  handle: (request: EmulatorRequest) => Answer | Promise<Answer>,
): Route {
  return {
    method,
    path: `/control${path}`,
    operation: 'control',
    handle: (request) => {
      if (request.headers['x-emulator-control'] !== '1') {
        throw controlError(403, 'The header X-Emulator-Control: 1 is missing.');
      }
      return handle(request);
    },
  };
}
