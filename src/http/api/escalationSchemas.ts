import { z } from 'zod';
import { stepSchema, type KnownNames } from '../../config/ringdownSchema.ts';
import { callSummarySchema } from './callSchemas.ts';
import { oneOfWords, only, wholeNumber, words } from './input.ts';
import { pageQuery } from './paging.ts';
import { time, timelineSchema } from './timeline.ts';

const LIMITS = { summary: 1024, details: 20_000, dedupKey: 255, links: 10, href: 2048, steps: 50, name: 200 };

export const severities = ['critical', 'error', 'warning', 'info'] as const;
export const statuses = ['open', 'acknowledged', 'resolved', 'exhausted', 'cancelled'] as const;

const linkSchema = only({
  text: words(LIMITS.name),
  href: words(LIMITS.href)
    .regex(/^https?:\/\/\S+$/i, { error: 'must be a URL that begins with https:// or http://' })
    .refine((href) => URL.canParse(href), { error: 'is not a valid URL' }),
});

/** @param known the names that ringdown.yaml currently defines */
export function startEscalationSchema(known: KnownNames) {
  return only({
    policy: words(LIMITS.name).optional().describe('Name of a policy in ringdown.yaml.'),
    steps: z
      .array(stepSchema(known, 'request'), { error: 'must be a list' })
      .min(1, { error: 'must have at least one step' })
      .max(LIMITS.steps, { error: `must have at most ${LIMITS.steps} steps` })
      .optional()
      .describe('Steps in the form of ringdown.yaml, instead of a policy.'),
    summary: words(LIMITS.summary).describe('Spoken, and shown on the card.'),
    details: words(LIMITS.details).nullish().describe('Shown on the card.'),
    severity: oneOfWords(severities).default('critical'),
    dedupKey: words(LIMITS.dedupKey)
      .nullish()
      .describe(
        'Joins the escalation that is already running with this dedup key, for the same API key and policy.',
      ),
    links: z
      .array(linkSchema, { error: 'must be a list' })
      .max(LIMITS.links, { error: `must have at most ${LIMITS.links} links` })
      .default([]),
  }).superRefine(({ policy, steps }, context) => {
    if (policy !== undefined && steps !== undefined) {
      context.addIssue({ code: 'custom', message: 'has both policy and steps: send only one of them' });
    }
    if (policy === undefined && steps === undefined) {
      context.addIssue({ code: 'custom', message: 'needs a policy or steps' });
    }
  });
}

/** Body of acknowledge, resolve and cancel. */
export const actSchema = only({
  by: words(LIMITS.name).describe('Who acts: user principal name, object id or name.'),
  note: words(LIMITS.summary).nullish().describe('Shown in the timeline.'),
  revision: wholeNumber(1, 2 ** 31 - 1)
    .nullish()
    .describe(
      'The revision that the person was shown. Alerts added later call again. Default: the current revision.',
    ),
}).meta({ id: 'Act' });

export const escalationQuery = only({ ...pageQuery, status: oneOfWords(statuses).optional() });

const actor = z.object({
  name: z.string(),
  way: z.enum(['card', 'chat', 'console', 'keys', 'api', 'sender', 'auto']),
  at: time(),
});

const summary = {
  id: z.string(),
  status: z.enum(statuses),
  policy: z.string().nullable().describe('Null when the steps came with the request.'),
  summary: z.string(),
  severity: z.enum(severities),
  dedupKey: z.string().nullable(),
  test: z.boolean(),
  step: z.int().describe('The current step; the first is 0.'),
  round: z.int().describe('How often the whole policy has been repeated.'),
  requestedBy: z.object({ kind: z.enum(['chat', 'api', 'escalation', 'operator']), name: z.string() }),
  acknowledgedBy: actor.nullable(),
  endedBy: actor.nullable().describe('Who resolved or cancelled it.'),
  createdAt: time(),
  endedAt: time().nullable(),
  revision: z.int().describe('Increases with each change.'),
};

export const escalationSummarySchema = z.object(summary).meta({ id: 'EscalationSummary' });
export const escalationSchema = z
  .object({
    ...summary,
    details: z.string().nullable(),
    links: z.array(z.object({ text: z.string(), href: z.string() })),
    calls: z.array(callSummarySchema).describe('The calls that it placed, oldest first.'),
    timeline: timelineSchema,
    warnings: z
      .array(z.string())
      .optional()
      .describe('Only in the answer to the start: who cannot be called, and why.'),
  })
  .meta({ id: 'Escalation' });
export const escalationListSchema = z
  .object({
    items: z.array(escalationSummarySchema),
    nextCursor: z.string().nullable().describe('For the next page; null on the last.'),
  })
  .meta({ id: 'EscalationList' });

export type EscalationSummary = z.infer<typeof escalationSummarySchema>;
export type EscalationAnswer = z.infer<typeof escalationSchema>;
