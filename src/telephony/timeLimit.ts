import { AsyncLocalStorage } from 'node:async_hooks';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import type { Clock } from '../clock.ts';

const current = new AsyncLocalStorage<AbortSignal>();

/**
 * Aborts requests of clients with `timeLimitPolicy` after `limitMs` milliseconds. The SDK then throws an AbortError.
 */
export async function withTimeLimit<T>(limitMs: number, clock: Clock, send: () => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = clock.setTimeout(() => controller.abort(), limitMs);
  try {
    return await current.run(controller.signal, send);
  } finally {
    clock.clearTimeout(timer);
  }
}

/**
 * The SDK has no time limit of its own, and does not always pass on the `abortSignal` option
 * (`startContinuousDtmfRecognition` of call-automation 1.6 ignores it). So the signal is set here, where every
 * request passes.
 */
export const timeLimitPolicy: PipelinePolicy = {
  name: 'ringdownTimeLimitPolicy',
  async sendRequest(request, next) {
    const signal = current.getStore();
    if (signal) request.abortSignal = signal;
    return await next(request);
  },
};
