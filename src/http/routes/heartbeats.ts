import { z } from 'zod';
import type { Heartbeat } from '../../alerts/heartbeats.ts';
import { RingdownError } from '../../errors.ts';
import type { RingdownYaml } from '../../config/ringdownSchema.ts';
import { noBody, type Endpoint } from '../api/endpoint.ts';
import { only } from '../api/input.ts';
import { time } from '../api/timeline.ts';
import type { Reply } from '../route.ts';
import { identifySender } from '../senders.ts';
import { stored } from '../stored.ts';

export interface HeartbeatParts {
  find: (name: string) => Heartbeat | null;
  /** Stores a heartbeat. @returns when the next one is due, epoch milliseconds */
  beat: (heartbeat: Heartbeat) => Promise<number>;
  ringdown: () => RingdownYaml;
}

/** `POST /api/v1/heartbeats/{name}`: records a heartbeat. */
export function heartbeatEndpoints({ find, beat, ringdown }: HeartbeatParts): Endpoint[] {
  const path = '/api/v1/heartbeats/:name';
  return [
    {
      method: 'POST',
      path,
      description: 'An integration key of the heartbeat’s policy, or an API key with the right “place”.',
      credential: 'keyInQuery',
      operation: 'heartbeat',
      summary: 'Send a heartbeat; if it stops, an escalation opens, and the next heartbeat resolves it',
      body: noBody,
      query: only({
        token: z.string().optional().describe('An integration key, instead of the header.'),
      }),
      status: 202,
      answer: z.object({ status: z.literal('accepted'), name: z.string(), nextDueAt: time() }),
      errors: ['not_found'],
      examples: {
        answer: { status: 'accepted', name: 'nightly-backup', nextDueAt: '2026-11-24T05:00:00.000Z' },
      },
      route: (door) => ({
        method: 'POST',
        path,
        body: 'none',
        async admit(head) {
          const { name = '' } = head.params;
          const heartbeat = find(name);
          // Without a valid key, do not reveal which heartbeats exist.
          const { authorize } = await identifySender(head, {
            door,
            integrations: ringdown().integrations,
            kind: null,
            policy: heartbeat?.policy ?? '',
          });
          await authorize();
          const handle = async (): Promise<Reply> => {
            if (!heartbeat)
              throw new RingdownError('not_found', { detail: 'There is no heartbeat of that name.' });
            const nextDueAt = await stored(beat(heartbeat));
            return {
              status: 202,
              body: { status: 'accepted', name, nextDueAt: new Date(nextDueAt).toISOString() },
            };
          };
          return { isKnown: true, handle };
        },
      }),
    },
  ];
}
