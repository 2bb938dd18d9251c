import { AsyncLocalStorage } from 'node:async_hooks';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';

/** Names one request to the service, however often it is sent (OASIS Repeatable Requests). */
export interface Repeatability {
  requestId: string;
  firstSent: Date;
}

const current = new AsyncLocalStorage<Repeatability>();

/** Within `send`, requests of a client that has `repeatabilityPolicy` carry this id instead of a random one. */
export async function withRepeatability<T>(repeatability: Repeatability, send: () => Promise<T>): Promise<T> {
  return await current.run(repeatability, send);
}

/**
 * The SDK makes a fresh random id in each `createCall()` and offers no way to give one. This policy puts ours there,
 * so that a request sent again, also by another process after a crash, is known to the service as the same.
 */
export const repeatabilityPolicy: PipelinePolicy = {
  name: 'ringdownRepeatabilityPolicy',
  async sendRequest(request, next) {
    const repeatability = current.getStore();
    if (repeatability && request.headers.has('Repeatability-Request-ID')) {
      request.headers.set('Repeatability-Request-ID', repeatability.requestId);
      // IMF-fixdate, as the SDK writes it.
      request.headers.set('Repeatability-First-Sent', repeatability.firstSent.toUTCString());
    }
    return await next(request);
  },
};
