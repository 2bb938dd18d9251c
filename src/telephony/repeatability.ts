import { AsyncLocalStorage } from 'node:async_hooks';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { REPEATABILITY_WINDOW_MS } from '../calls/lifecycle/deadlines.ts';
import type { Clock } from '../clock.ts';

/** Names one request to the service, however often it is sent (OASIS Repeatable Requests). */
export interface Repeatability {
  requestId: string;
  firstSent: Date;
  /** How long the service still promises not to execute it twice. Milliseconds. */
  leftMs: () => number;
}

/**
 * How long the service still promises not to execute a request twice, in milliseconds, by the clock on the wall and by
 * one that nobody can set: a process may be stopped for as long as it likes, and the wall clock set back meanwhile.
 */
export function repeatableFor(firstSent: Date, clock: Clock): () => number {
  // The service is told whole seconds.
  const end = Math.floor(firstSent.getTime() / 1000) * 1000 + REPEATABILITY_WINDOW_MS;
  const left = end - clock.now();
  const start = performance.now();
  return () => Math.min(end - clock.now(), left - (performance.now() - start));
}

/** It was not sent: the service might execute it a second time. */
class NotRepeatable extends Error {
  constructor() {
    super('the request is too old to be sent again');
    this.name = 'NotRepeatable';
  }
}

const current = new AsyncLocalStorage<Repeatability>();

/** Within `send`, requests of a client that has `repeatabilityPolicy` carry this id instead of a random one. */
export async function withRepeatability<T>(repeatability: Repeatability, send: () => Promise<T>): Promise<T> {
  return await current.run(repeatability, send);
}

/**
 * The SDK makes a fresh random id in each `createCall()` and offers no way to give one. This policy puts ours there,
 * so that a request sent again, also by another process after a crash, is known to the service as the same. It stands
 * last in the pipeline: a process that was stopped on the way here must not send what the service has forgotten.
 */
export const repeatabilityPolicy: PipelinePolicy = {
  name: 'ringdownRepeatabilityPolicy',
  async sendRequest(request, next) {
    const repeatability = current.getStore();
    if (repeatability && request.headers.has('Repeatability-Request-ID')) {
      if (repeatability.leftMs() <= 0) throw new NotRepeatable();
      request.headers.set('Repeatability-Request-ID', repeatability.requestId);
      // IMF-fixdate, as the SDK writes it.
      request.headers.set('Repeatability-First-Sent', repeatability.firstSent.toUTCString());
    }
    return await next(request);
  },
};
