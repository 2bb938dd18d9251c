import { AsyncLocalStorage } from 'node:async_hooks';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { REPEATABILITY_WINDOW_MS } from '../calls/lifecycle/deadlines.ts';
import type { Clock } from '../clock.ts';

/** Identifies one request across all attempts (OASIS Repeatable Requests). */
export interface Repeatability {
  requestId: string;
  firstSent: Date;
  /** How long the service still guarantees not to execute it twice. Milliseconds. */
  leftMs: () => number;
}

/**
 * How long the service still guarantees not to execute a request twice, in milliseconds. Takes the smaller of wall
 * clock and monotonic clock: a process may be suspended, and the wall clock may be set back meanwhile.
 */
export function repeatableFor(firstSent: Date, clock: Clock): () => number {
  // The service receives whole seconds.
  const end = Math.floor(firstSent.getTime() / 1000) * 1000 + REPEATABILITY_WINDOW_MS;
  const left = end - clock.now();
  const start = performance.now();
  return () => Math.min(end - clock.now(), left - (performance.now() - start));
}

/** The request was not sent, because the service might execute it a second time. */
class NotRepeatable extends Error {
  constructor() {
    super('the request is too old to be sent again');
    this.name = 'NotRepeatable';
  }
}

const current = new AsyncLocalStorage<Repeatability>();

/** Requests that a client with `repeatabilityPolicy` sends within `send` carry this id instead of a random one. */
export async function withRepeatability<T>(repeatability: Repeatability, send: () => Promise<T>): Promise<T> {
  return await current.run(repeatability, send);
}

/**
 * The SDK makes a new random id in each `createCall()` and has no option to set it. This policy replaces it, so that
 * the service recognises a retry, even one from another process after a crash. It is last in the pipeline: a process
 * that was suspended before this point must not send a request that the service has forgotten.
 */
export const repeatabilityPolicy: PipelinePolicy = {
  name: 'ringdownRepeatabilityPolicy',
  async sendRequest(request, next) {
    const repeatability = current.getStore();
    if (repeatability && request.headers.has('Repeatability-Request-ID')) {
      if (repeatability.leftMs() <= 0) throw new NotRepeatable();
      request.headers.set('Repeatability-Request-ID', repeatability.requestId);
      // IMF-fixdate, the format that the SDK uses.
      request.headers.set('Repeatability-First-Sent', repeatability.firstSent.toUTCString());
    }
    return await next(request);
  },
};
