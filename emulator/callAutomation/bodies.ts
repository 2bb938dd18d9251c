import { z } from 'zod';
import { bodyOf } from '../http/router.ts';
import type { EmulatorRequest } from '../http/router.ts';
import { Tone } from '../people/script.ts';
import { invalidArgument, invalidJson, unsupportedMediaType } from './errors.ts';
import { WireIdentifier } from './identifiers.ts';

/** "Has to be in well-formed, valid https format". The emulator also allows plain http on loopback. */
const CallbackUri = z.string().refine(isCallbackUri, 'it must be a valid https URI (http only on loopback).');

const OperationContext = z.string().max(5000, 'it is longer than 5000 characters.');

function isCallbackUri(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { protocol, hostname } = new URL(uri);
  if (protocol === 'https:') return true;
  return (
    protocol === 'http:' &&
    (/^127(\.\d+){3}$/.test(hostname) || hostname === 'localhost' || hostname === '[::1]')
  );
}

export const CreateCall = z.looseObject({
  targets: z.array(WireIdentifier).min(1),
  callbackUri: CallbackUri,
  source: z.looseObject({ id: z.string().min(1) }).optional(),
  sourceDisplayName: z.string().optional(),
  sourceCallerIdNumber: z.looseObject({ value: z.string() }).optional(),
  operationContext: OperationContext.optional(),
  callIntelligenceOptions: z.looseObject({ cognitiveServicesEndpoint: z.string().optional() }).optional(),
});
export type CreateCall = z.infer<typeof CreateCall>;

/** Text to speech accepts at most 4000 characters of plain text (documentation of recognize). */
const PlaySource = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('text'), text: z.looseObject({ text: z.string().min(1).max(4000) }) }),
  z.looseObject({ kind: z.literal('ssml'), ssml: z.looseObject({ ssmlText: z.string().min(1) }) }),
  z.looseObject({ kind: z.literal('file'), file: z.looseObject({ uri: z.url() }) }),
]);
export type PlaySource = z.infer<typeof PlaySource>;

const mediaFields = {
  operationContext: OperationContext.optional(),
  operationCallbackUri: CallbackUri.optional(),
};

export const Play = z.looseObject({
  playSources: z.array(PlaySource).min(1),
  playTo: z.array(WireIdentifier).optional(),
  interruptCallMediaOperation: z.boolean().optional(),
  playOptions: z.looseObject({ loop: z.boolean() }).optional(),
  ...mediaFields,
});

export const Recognize = z.looseObject({
  recognizeInputType: z.enum(['dtmf', 'speech', 'speechOrDtmf', 'choices']),
  playPrompt: PlaySource.optional(),
  playPrompts: z.array(PlaySource).optional(),
  interruptCallMediaOperation: z.boolean().optional(),
  recognizeOptions: z.looseObject({
    targetParticipant: WireIdentifier,
    interruptPrompt: z.boolean().optional(),
    initialSilenceTimeoutInSeconds: z.int().min(0).max(300).optional(),
    dtmfOptions: z
      .looseObject({
        interToneTimeoutInSeconds: z.int().min(1).max(60).optional(),
        maxTonesToCollect: z.int().min(1).optional(),
        stopTones: z.array(Tone).optional(),
      })
      .optional(),
    choices: z
      .array(z.looseObject({ label: z.string(), phrases: z.array(z.string()), tone: Tone.optional() }))
      .optional(),
  }),
  ...mediaFields,
});
export type Recognize = z.infer<typeof Recognize>;

export const ContinuousDtmf = z.looseObject({ targetParticipant: WireIdentifier, ...mediaFields });

export const Transfer = z.looseObject({
  targetParticipant: WireIdentifier,
  transferee: WireIdentifier.optional(),
  ...mediaFields,
});

/** Validates the body of a request. @throws Refusal 400, 415 */
export function readBody<T extends z.ZodType>(request: EmulatorRequest, schema: T): z.infer<T> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
    throw unsupportedMediaType();
  const body = bodyOf(request);
  if (body === undefined) throw invalidJson();
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const target = issue?.path.join('.') ?? '';
  throw invalidArgument(target, issue ? `${target}: ${issue.message}` : 'the body is not valid.');
}
