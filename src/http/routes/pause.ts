import { z } from 'zod';
import type { PauseState } from '../../calls/pause.ts';
import { endpoint, noBody, noQuery, type Endpoint } from '../api/endpoint.ts';
import { time } from '../api/timeline.ts';
import { requirePolicy } from '../authentication.ts';

export interface PauseParts {
  pause: {
    state(): Promise<PauseState>;
    pause(by: string): Promise<{ state: PauseState }>;
    resume(by: string): Promise<{ state: PauseState }>;
  };
}

const answer = z.object({
  paused: z.boolean(),
  since: time().nullable(),
  by: z.string().nullable().describe('Who paused the calls.'),
});
const paused = { paused: true, since: '2026-11-23T03:00:00.000Z', by: 'ops' };
const running = { paused: false, since: null, by: null };

const needs = 'The key must have the right “place”, for every policy.';

/** Pausing affects everybody, so only keys for all policies may do it. */
export function pauseEndpoints({ pause }: PauseParts): Endpoint[] {
  const common = { body: noBody, query: noQuery, status: 200, answer, errors: [] } as const;
  return [
    endpoint({
      ...common,
      method: 'POST',
      path: '/api/v1/pause',
      right: 'place',
      needs,
      operation: 'pause',
      summary: 'Pause: no new calls are placed until you resume; nothing is lost',
      examples: { answer: paused },
      async handle({ caller }) {
        requirePolicy(caller, null);
        return { status: 200, body: (await pause.pause(caller.name)).state };
      },
    }),
    endpoint({
      ...common,
      method: 'POST',
      path: '/api/v1/resume',
      right: 'place',
      needs,
      operation: 'resume',
      summary: 'Resume: waiting calls are placed',
      examples: { answer: running },
      async handle({ caller }) {
        requirePolicy(caller, null);
        return { status: 200, body: (await pause.resume(caller.name)).state };
      },
    }),
    endpoint({
      ...common,
      method: 'GET',
      path: '/api/v1/pause',
      right: 'read',
      operation: 'getPause',
      summary: 'Show whether calls are paused',
      examples: { answer: running },
      handle: async () => ({ status: 200, body: await pause.state() }),
    }),
  ];
}
