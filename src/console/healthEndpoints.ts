import { z } from 'zod';
import type { PauseSwitch } from '../chat/commands/pauseCommands.ts';
import { RingdownError } from '../errors.ts';
import { only } from '../http/api/input.ts';
import { time } from '../http/api/timeline.ts';
import type { Audit } from '../permissions/audit.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import { consoleEndpoint, noBody, noQuery, type ConsoleEndpoint } from './endpoint.ts';
import type { HealthCheck } from './healthCheck.ts';
import type { HealthView } from './healthView.ts';
import type { Health, SentAgain } from './model.ts';
import { pausedSchema as paused } from './nowView.ts';
import type { Reader } from './reader.ts';

interface Parts {
  view: HealthView;
  check: HealthCheck;
  pause: Pick<PauseSwitch, 'pause' | 'resume' | 'refused'>;
  webhooks: Pick<Webhooks, 'sendAgain'>;
  audit: Pick<Audit, 'record'>;
}

const delivery = z.object({
  id: z.string(),
  type: z.string(),
  escalationId: z.string(),
  status: z.enum(['waiting', 'delivered', 'givenUp']),
  attempts: z.number().int(),
  createdAt: time(),
  endedAt: time().nullable(),
  nextAt: time().nullable(),
  problem: z.string().nullable(),
});

const health: z.ZodType<Health> = z.object({
  findings: z.array(
    z.object({
      level: z.enum(['ok', 'fault', 'note', 'skipped']),
      area: z.string(),
      name: z.string().nullable().describe('As in docs/operations.md; null if all is well.'),
      what: z.string(),
      fix: z.string().nullable(),
    }),
  ),
  checkedAt: time().nullable().describe('Null until the doctor has run in this process.'),
  paused,
  replicas: z.number().int(),
  heartbeats: z.array(
    z.object({
      name: z.string(),
      policy: z.string(),
      everySeconds: z.number(),
      lastAt: time().nullable(),
      dueAt: time(),
      silent: z.boolean(),
    }),
  ),
  webhooks: z.array(
    z.object({
      entry: z.number().int().describe('Its place in ringdown.yaml, from 1.'),
      origin: z.string().describe('Without path and query, which may hold secrets.'),
      events: z.array(z.string()).nullable(),
      waiting: z.number().int(),
      deliveries: z.array(delivery),
    }),
  ),
  integrations: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      policy: z.string(),
      lastAt: time().nullable(),
      failed: z.number().int(),
    }),
  ),
  notices: z.array(z.object({ at: time(), text: z.string(), count: z.number().int() })),
});

const sentAgain: z.ZodType<SentAgain> = z.object({ state: z.enum(['sending', 'already']) });

const healthExample: Health = {
  findings: [
    {
      level: 'ok',
      area: 'calls',
      name: null,
      what: 'Call Automation accepts our credentials.',
      fix: null,
    },
  ],
  checkedAt: '2026-11-23T03:00:00.000Z',
  paused: null,
  replicas: 2,
  heartbeats: [],
  webhooks: [],
  integrations: [],
  notices: [],
};

/** The page Health, and what operators do there. */
export function healthEndpoints({ view, check, pause, webhooks, audit }: Parts): ConsoleEndpoint[] {
  const operating = { method: 'POST', needs: 'operates', query: noQuery, status: 200 } as const;
  const pausing = {
    ...operating,
    refused: async ({ requester }: Reader) => await pause.refused(requester),
    body: noBody,
    answer: z.object({ paused }),
    errors: [],
  } as const;
  return [
    consoleEndpoint({
      method: 'GET',
      path: '/console/api/health',
      needs: 'seesAll',
      operation: 'consoleHealth',
      summary: 'Whether Ringdown works: checks, pause, heartbeats, webhooks, integrations and notices',
      body: noBody,
      query: noQuery,
      status: 200,
      answer: health,
      errors: [],
      examples: { answer: healthExample },
      handle: async ({ reader }) => ({ status: 200, body: await view.read(reader.texts) }),
    }),
    consoleEndpoint({
      ...operating,
      path: '/console/api/health/check',
      operation: 'consoleCheck',
      summary: 'Run the doctor in this process, at most once in 30 seconds',
      body: noBody,
      answer: health,
      errors: [],
      examples: { answer: healthExample },
      async handle({ reader }) {
        await check.run();
        return { status: 200, body: await view.read(reader.texts) };
      },
    }),
    consoleEndpoint({
      ...pausing,
      path: '/console/api/pause',
      operation: 'consolePause',
      summary: 'Pause: no new calls are placed until somebody resumes; nothing is lost',
      examples: { answer: { paused: { since: '2026-11-23T03:00:00.000Z', by: 'Megan Bowen' } } },
      async handle({ reader }) {
        const { since, by } = (await pause.pause(reader.requester)).state;
        return { status: 200, body: { paused: { since, by } } };
      },
    }),
    consoleEndpoint({
      ...pausing,
      path: '/console/api/resume',
      operation: 'consoleResume',
      summary: 'Resume: waiting calls are placed',
      examples: { answer: { paused: null } },
      async handle({ reader }) {
        await pause.resume(reader.requester);
        return { status: 200, body: { paused: null } };
      },
    }),
    consoleEndpoint({
      ...operating,
      path: '/console/api/webhooks/deliveries/:id/send-again',
      operation: 'consoleSendAgain',
      summary: 'Send a delivery that has ended once more, with the same body and id',
      body: () =>
        only({ attempts: z.number().int().min(0).describe('As the reader saw it: it is sent once.') }),
      answer: sentAgain,
      errors: ['not_found'],
      examples: { body: { again: { attempts: 12 } }, answer: { state: 'sending' } },
      async handle({ reader, id, body }) {
        const state = /^\d{1,15}$/.test(id) ? await webhooks.sendAgain(Number(id), body.attempts) : null;
        if (state === null) throw new RingdownError('not_found');
        if (state === 'sending')
          await audit.record('webhookSentAgain', reader.requester, undefined, `delivery ${id}`);
        return { status: 200, body: { state } };
      },
    }),
  ];
}
