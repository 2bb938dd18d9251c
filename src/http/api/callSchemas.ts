import { z } from 'zod';
import type { Disposition } from '../../calls/call.ts';
import { oneOfWords, only, wholeNumber, words } from './input.ts';
import { pageQuery } from './paging.ts';
import { time, timelineSchema } from './timeline.ts';

/** Nobody listens to longer messages. The service's own limit for one text is higher. */
const MESSAGE_LIMIT = 2000;

const name = words(300);

/** The callee, as the sender names them. */
export const calleeSchema = z
  .union(
    [
      only({ user: name.describe('Object id, user principal name, mail address or display name.') }),
      only({ voiceApp: name.describe('Name of a voice application in ringdown.yaml, or its object id.') }),
      only({ communicationUser: name.describe('An Azure Communication Services identity, 8:acs:…') }),
      only({
        phone: name.describe(
          'A telephone number, E.164: +49301234567. Only where permissions.phones allows it.',
        ),
      }),
    ],
    {
      error: (issue) =>
        issue.input === undefined
          ? 'is missing'
          : 'must be one of {"user": …}, {"voiceApp": …}, {"communicationUser": …}, {"phone": …}',
    },
  )
  .meta({ id: 'Callee' });

export type Callee = z.infer<typeof calleeSchema>;

export const placeCallSchema = only({
  target: calleeSchema,
  message: words(MESSAGE_LIMIT).nullish().describe('Spoken to the callee, and repeated once.'),
  connectTo: calleeSchema.nullish().describe('The Teams user to whom the callee is transferred.'),
  ringTimeoutSeconds: wholeNumber(5, 120)
    .nullish()
    .describe('How long to wait for an answer. Default: RING_TIMEOUT_SECONDS.'),
  record: z
    .literal(false, {
      error: 'must be false: Ringdown does not record calls, and calls to one Teams user cannot be recorded',
    })
    .optional()
    .describe('Must be false: calls are not recorded.'),
}).superRefine(({ message, connectTo }, context) => {
  const fault = (problem: string): void => context.addIssue({ code: 'custom', message: problem });
  if (!message && !connectTo) {
    fault('needs a message to speak, or connectTo, a Teams user to connect the callee to');
  }
  if (message && connectTo) fault('has both message and connectTo: send only one of them');
});

export const dispositions = [
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
] as const satisfies readonly Disposition[];

const callStatus = ['queued', 'dialing', 'connected', 'ended'] as const;

export const callQuery = only({ ...pageQuery, status: oneOfWords(callStatus).optional() });

const summary = {
  id: z.string(),
  status: z.enum(callStatus),
  disposition: z.enum(dispositions).nullable().describe('How the call ended; null until then.'),
  target: z.object({
    kind: z.enum(['teamsUser', 'voiceApp', 'communicationUser', 'phone']),
    id: z.string(),
    displayName: z.string(),
  }),
  requestedBy: z.object({ kind: z.enum(['chat', 'api', 'escalation', 'operator']), name: z.string() }),
  escalationId: z.string().nullable().describe('The escalation that placed it.'),
  createdAt: time(),
  connectedAt: time().nullable(),
  endedAt: time().nullable(),
  code: z.int().nullable().describe('The result code of Communication Services.'),
  subCode: z.int().nullable(),
  reason: z.string().nullable().describe('Why the call ended, for people.'),
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
