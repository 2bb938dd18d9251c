import { z } from 'zod';
import { RingdownError } from '../errors.ts';
import { severities } from '../http/api/escalationSchemas.ts';
import { only } from '../http/api/input.ts';
import { time } from '../http/api/timeline.ts';
import { consoleEndpoint, noBody, noQuery, type ConsoleEndpoint } from './endpoint.ts';
import type { Policies, PolicyDetail } from './model.ts';
import type { PoliciesView } from './policiesView.ts';

const severity = z.enum(severities);
const seconds = z.number().int();

const policies: z.ZodType<Policies> = z.object({
  policies: z.array(
    z.object({
      name: z.string(),
      first: z.array(z.string()).describe('Whom it would call first now.'),
      more: z.number().int().describe('How many people more that step has.'),
      atOnce: z.boolean().describe('Whether that step calls everybody at once.'),
      steps: z.number().int(),
      open: z
        .number()
        .int()
        .nullable()
        .describe('Its open escalations; null for readers who do not see all.'),
    }),
  ),
});

const presence = z.enum(['available', 'away', 'busy', 'doNotDisturb', 'outOfOffice', 'offline', 'unknown']);

const policy: z.ZodType<PolicyDetail> = z.object({
  name: z.string(),
  severity,
  language: z.string(),
  at: time().describe('Seconds count from here.'),
  steps: z.array(
    z.object({
      number: z.number().int(),
      mode: z.enum(['sequence', 'parallel']),
      startsAfter: seconds.nullable(),
      ringSeconds: seconds,
      tries: z.number().int(),
      pauseSeconds: seconds,
      people: z.array(
        z.object({
          name: z.string(),
          rings: z.array(seconds).describe('When they are called in the first round.'),
          isSkipped: z.boolean(),
          note: z.string().nullable(),
          presence: presence.nullable(),
        }),
      ),
      notes: z.array(z.string()),
    }),
  ),
  repeatsAfter: z.array(seconds).describe('When the second and later rounds begin.'),
  overAfter: seconds.nullable().describe('When nobody is left to call; null if that is too far ahead.'),
  holds: z.array(z.string()).describe('Why not everybody is called at once.'),
  afterwards: z.array(z.string()),
});

const example: PolicyDetail = {
  name: 'payments',
  severity: 'critical',
  language: 'en',
  at: '2026-11-23T03:00:00.000Z',
  steps: [
    {
      number: 1,
      mode: 'sequence',
      startsAfter: 0,
      ringSeconds: 30,
      tries: 1,
      pauseSeconds: 0,
      people: [{ name: 'Adele Vance', rings: [0], isSkipped: false, note: null, presence: 'available' }],
      notes: [],
    },
  ],
  repeatsAfter: [],
  overAfter: 30,
  holds: [],
  afterwards: ['If nobody acknowledges, Ringdown tells Megan Bowen.'],
};

/** The page Policies. */
export function policiesEndpoints(view: PoliciesView): ConsoleEndpoint[] {
  return [
    consoleEndpoint({
      method: 'GET',
      path: '/console/api/policies',
      operation: 'consolePolicies',
      summary: 'The policies, and whom they would call first now',
      body: noBody,
      query: noQuery,
      status: 200,
      answer: policies,
      errors: [],
      examples: {
        answer: {
          policies: [{ name: 'payments', first: ['Adele Vance'], more: 0, atOnce: false, steps: 3, open: 0 }],
        },
      },
      handle: async ({ reader }) => ({ status: 200, body: await view.list(reader) }),
    }),
    consoleEndpoint({
      method: 'GET',
      path: '/console/api/policies/:id',
      operation: 'consolePolicy',
      summary: 'What a policy would do if an alert arrived now and nobody answered. Calls nobody.',
      body: noBody,
      query: only({ severity: severity.default('critical') }),
      status: 200,
      answer: policy,
      errors: ['not_found', 'not_allowed'],
      examples: { answer: example },
      async handle({ reader, id, query }) {
        const detail = await view.detail(reader, id, query.severity);
        if (!detail) throw new RingdownError('not_found');
        return { status: 200, body: detail };
      },
    }),
  ];
}
