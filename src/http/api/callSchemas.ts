import { z } from 'zod';
import { oneOfWords, only, wholeNumber, words } from './input.ts';
import { pageQuery } from './paging.ts';
import { time, timelineSchema } from './timeline.ts';

/** Longer ones nobody listens to; the service's own limit for one text is higher. */
const MESSAGE_LIMIT = 2000;

const name = words(300);

/** Whom a call is for, as the sender names them. */
export const calleeSchema = z
  .union(
    [
      only({ user: name.describe('Object id, user principal name, mail address or display name.') }),
      only({ voiceApp: name.describe('Name of a voice application in ringdown.yaml, or its object id.') }),
      only({ communicationUser: name.describe('Identity of Azure Communication Services, 8:acs:…') }),
    ],
    {
      error: (issue) =>
        issue.input === undefined
          ? 'is missing'
          : 'must be one of {"user": …}, {"voiceApp": …}, {"communicationUser": …}',
    },
  )
  .meta({ id: 'Callee' });

export type Callee = z.infer<typeof calleeSchema>;

export const placeCallSchema = only({
  target: calleeSchema,
  message: words(MESSAGE_LIMIT).nullish().describe('Is spoken to the callee, and repeated once.'),
  connectTo: calleeSchema.nullish().describe('A Teams user, to whom the callee is connected by transfer.'),
  ringTimeoutSeconds: wholeNumber(5, 120)
    .nullish()
    .describe('How long the callee is called without an answer. Default: RING_TIMEOUT_SECONDS.'),
  record: z
    .literal(false, {
      error: 'cannot be true: calls to one Teams user cannot be recorded, and Ringdown records none',
    })
    .optional()
    .describe('Only false: no call is recorded.'),
}).superRefine(({ message, connectTo }, context) => {
  const fault = (problem: string): void => context.addIssue({ code: 'custom', message: problem });
  if (!message && !connectTo) {
    fault('needs a message, which is spoken, or connectTo, a Teams user to whom the callee is connected');
  }
  if (message && connectTo) fault('has a message and connectTo: a call does one of the two');
});

const callStatus = ['queued', 'dialing', 'connected', 'ended'] as const;

export const callQuery = only({ ...pageQuery, status: oneOfWords(callStatus).optional() });

const summary = {
  id: z.string(),
  status: z.enum(callStatus),
  disposition: z
    .enum([
      'answered',
      'acknowledged',
      'connected_to_caller',
      'declined',
      'no_answer',
      'busy',
      'unreachable',
      'not_allowed',
      'cancelled',
      'failed',
    ])
    .nullable()
    .describe('How it ended; null until then.'),
  target: z.object({
    kind: z.enum(['teamsUser', 'voiceApp', 'communicationUser']),
    id: z.string(),
    displayName: z.string(),
  }),
  requestedBy: z.object({ kind: z.enum(['chat', 'api', 'escalation', 'operator']), name: z.string() }),
  escalationId: z.string().nullable().describe('The escalation that placed it.'),
  createdAt: time(),
  connectedAt: time().nullable(),
  endedAt: time().nullable(),
  code: z.int().nullable().describe("The service's code."),
  subCode: z.int().nullable(),
  reason: z.string().nullable().describe('Why it ended as it did, in words for a person.'),
};

export const callSummarySchema = z.object(summary).meta({ id: 'CallSummary' });
export const callSchema = z.object({ ...summary, timeline: timelineSchema }).meta({ id: 'Call' });
export const callListSchema = z
  .object({
    items: z.array(callSummarySchema),
    nextCursor: z.string().nullable().describe('For the next page; null on the last.'),
  })
  .meta({ id: 'CallList' });

export type CallSummary = z.infer<typeof callSummarySchema>;
