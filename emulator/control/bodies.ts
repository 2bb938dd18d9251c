import { z } from 'zod';
import { isOperation } from '../operations.ts';
import { gridEventTypes } from '../eventGrid/eventGrid.ts';
import type { Fault } from '../faults/faultPlan.ts';
import { Refusal, json } from '../http/answer.ts';
import { bodyOf } from '../http/router.ts';
import type { EmulatorRequest } from '../http/router.ts';
import { Script, Tone } from '../people/script.ts';

const presence = z.strictObject({ availability: z.string(), activity: z.string() });

const personFields = {
  accountEnabled: z.boolean(),
  jobTitle: z.string().nullable(),
  department: z.string().nullable(),
  mobilePhone: z.string().nullable(),
  businessPhones: z.array(z.string()),
  managerId: z.string().nullable(),
  presence,
  preferredLanguage: z.string().nullable(),
  hasPhoto: z.boolean(),
  appInstalled: z.boolean(),
  busyWhenOnCall: z.boolean(),
  keysArrive: z.boolean(),
};

export const ChangePerson = z.strictObject(personFields).partial();

export const AddPerson = z.strictObject({
  ...ChangePerson.shape,
  displayName: z.string().min(1),
  id: z.string().min(1).optional(),
  givenName: z.string().optional(),
  surname: z.string().optional(),
  userPrincipalName: z.string().optional(),
  mail: z.string().nullable().optional(),
  userType: z.enum(['Member', 'Guest']).optional(),
  plans: z.array(z.enum(['TEAMS1', 'MCOEV'])).optional(),
  proxyAddresses: z.array(z.string()).optional(),
  script: z.union([Script, z.array(Script).min(1)]).optional(),
});

export const SetScript = z.union([Script, z.array(Script).min(1)]);

export const WhichCall = z.strictObject({ callConnectionId: z.string().optional() });

export const Capture = z.strictObject({ on: z.boolean() });

export const Subscribe = z.strictObject({
  url: z.url(),
  schema: z.enum(['EventGrid', 'CloudEvents']).optional(),
});

export const Publish = z.strictObject({ callConnectionId: z.string(), type: z.enum(gridEventTypes) });

export const Press = z.strictObject({ tone: Tone });

export const ChangeTimings = z
  .strictObject({
    failureMs: z.number().min(0),
    unansweredMs: z.number().min(0),
    transferMs: z.number().min(0),
    perCharacterMs: z.number().min(0),
    conversationMs: z.number().min(0),
    revocationMs: z.number().min(0),
  })
  .partial();

const planned = {
  operation: z.string().transform((name, context): Fault['operation'] => {
    if (name === '*' || name === 'graph.*' || name === 'connector.*' || isOperation(name)) return name;
    context.addIssue({ code: 'custom', message: `There is no operation "${name}".` });
    return z.NEVER;
  }),
  times: z.int().min(1).optional(),
  when: z.enum(['before', 'after']).optional(),
  probability: z.number().min(0).max(1).optional(),
};

export const AddFault = z.discriminatedUnion('kind', [
  z.strictObject({
    ...planned,
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    retryAfter: z.union([z.number(), z.string()]).optional(),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.unknown().optional(),
  }),
  z.strictObject({ ...planned, kind: z.literal('reset') }),
  z.strictObject({ ...planned, kind: z.literal('slow'), ms: z.number().min(0) }),
  z.strictObject({ ...planned, kind: z.literal('malformed') }),
  z.strictObject({ ...planned, kind: z.literal('noId') }),
]);

export const Connect = z.strictObject({
  url: z.url(),
  appId: z.string().optional(),
  name: z.string().optional(),
});

const speaker = z.union([z.string(), z.strictObject({ id: z.string(), name: z.string() })]);

export const Send = z.strictObject({
  from: speaker,
  text: z.string(),
  conversationId: z.string().optional(),
  channelId: z.string().optional(),
  mentions: z.array(z.string()).optional(),
  locale: z.string().optional(),
});

export const PressButton = z.strictObject({
  from: speaker,
  conversationId: z.string(),
  activityId: z.string(),
  button: z.string(),
  inputs: z.record(z.string(), z.unknown()).optional(),
});

/** Validates the body of a control request. No body counts as an empty object. @throws Refusal 400 */
export function readControl<T extends z.ZodType>(request: EmulatorRequest, schema: T): z.infer<T> {
  const parsed = schema.safeParse(request.body.length === 0 ? {} : bodyOf(request));
  if (parsed.success) return parsed.data;
  throw controlError(400, z.prettifyError(parsed.error));
}

export function controlError(status: number, message: string): Refusal {
  return new Refusal(message, json(status, { error: { code: 'Control', message } }));
}
