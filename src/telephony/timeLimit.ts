import { AsyncLocalStorage } from 'node:async_hooks';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import type { Clock } from '../clock.ts';

const current = new AsyncLocalStorage<AbortSignal>();

/**
 * Runs requests of a client that has `timeLimitPolicy`: what is not answered within `limitMs` milliseconds is aborted,
 * and the SDK throws an AbortError.
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
 * The SDK has no time limit of its own, and does not hand the `abortSignal` of its options on everywhere
 * (`startContinuousDtmfRecognition` of call-automation 1.6 sends without): so it is set where all requests pass.
 */
export const timeLimitPolicy: PipelinePolicy = {
  name: 'ringdownTimeLimitPolicy',
  async sendRequest(request, next) {
    const signal = current.getStore();
    if (signal) request.abortSignal = signal;
    return await next(request);
  },
};
