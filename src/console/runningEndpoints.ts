import { z } from 'zod';
import type { CallService } from '../calls/callService.ts';
import { view } from '../calls/lifecycle/lifecycle.ts';
import { RingdownError } from '../errors.ts';
import type { EscalationActs } from '../escalations/escalationActs.ts';
import { escalationActs } from '../escalations/possibleActs.ts';
import { oneOfWords, only, wholeNumber } from '../http/api/input.ts';
import { actWords } from '../texts/actWords.ts';
import { callDetailSchema, type CallView } from './callView.ts';
import { consoleEndpoint, noBody, noQuery, type ConsoleEndpoint } from './endpoint.ts';
import { escalationDetailSchema, type EscalationView } from './escalationView.ts';
import { aCall, anEscalation } from './examples.ts';
import type { ActAnswer } from './model.ts';
import { nowSchema, type nowView } from './nowView.ts';
import { isAskedBy, mayHangUp } from './sight.ts';
import { Round } from './view.ts';

interface Parts {
  now: ReturnType<typeof nowView>;
  call: CallView;
  escalation: EscalationView;
  calls: Pick<CallService, 'hangUp'>;
  acts: EscalationActs;
}

const actAnswer: z.ZodType<ActAnswer> = z.object({
  say: z.string().describe("The outcome, in the reader's language."),
  done: z.boolean(),
});
const actBody = () =>
  only({
    act: oneOfWords(escalationActs),
    revision: wholeNumber(1, 2 ** 31 - 1).describe(
      'The revision that the page showed: the act does not cover what was added later.',
    ),
  });

/** What runs now, a call and an escalation; and what people do to them. */
export function runningEndpoints({ now, call, escalation, calls, acts }: Parts): ConsoleEndpoint[] {
  return [
    consoleEndpoint({
      method: 'GET',
      path: '/console/api/now',
      operation: 'consoleNow',
      summary: 'Show open escalations, running calls, and the calls of the last hour',
      body: noBody,
      query: noQuery,
      status: 200,
      answer: nowSchema,
      errors: [],
      examples: { answer: { paused: null, escalations: [], calls: [], recent: [aCall] } },
      handle: async ({ reader }) => ({ status: 200, body: await now.load(reader, '', new Round()) }),
    }),
    consoleEndpoint({
      method: 'GET',
      path: '/console/api/calls/:id',
      operation: 'consoleCall',
      summary: 'Show a call with its timeline',
      body: noBody,
      query: noQuery,
      status: 200,
      answer: callDetailSchema,
      errors: ['not_found'],
      examples: {
        answer: {
          ...aCall,
          message: 'The deployment failed',
          advice: null,
          timeline: [{ at: aCall.createdAt, type: 'queued', text: 'Placed' }],
          ids: null,
          teamsLink: null,
          may: { hangUp: false },
        },
      },
      handle: async ({ reader, id }) => ({
        status: 200,
        body: there(await call.load(reader, id, new Round())),
      }),
    }),
    consoleEndpoint({
      method: 'POST',
      path: '/console/api/calls/:id/hang-up',
      operation: 'consoleHangUp',
      summary: 'Hang up',
      body: noBody,
      query: noQuery,
      status: 200,
      answer: actAnswer,
      errors: ['not_found'],
      examples: { answer: { say: 'Hanging up on Adele Vance.', done: true } },
      async handle({ reader, id }) {
        const { call: found } = there(await call.see(reader, id));
        const words = reader.texts.chat.calls;
        const callee = found.target.displayName;
        if (!mayHangUp(reader, found)) return answer(words.onlyTheAsker, false);
        if (view(found).status === 'ended') return answer(words.over({ callee }), false);
        const by = isAskedBy(reader.requester, found) ? 'requester' : 'callee';
        await calls.hangUp(id, by, reader.requester.name);
        return answer(words.hangingUp({ callee }), true);
      },
    }),
    consoleEndpoint({
      method: 'GET',
      path: '/console/api/escalations/:id',
      operation: 'consoleEscalation',
      summary: 'Show an escalation with its ladder, alerts, calls and timeline',
      body: noBody,
      query: noQuery,
      status: 200,
      answer: escalationDetailSchema,
      errors: ['not_found'],
      examples: {
        answer: {
          ...anEscalation,
          details: null,
          links: [],
          alerts: [],
          calls: [],
          timeline: [],
        },
      },
      handle: async ({ reader, id }) => ({
        status: 200,
        body: there(await escalation.load(reader, id, new Round())),
      }),
    }),
    consoleEndpoint({
      method: 'POST',
      path: '/console/api/escalations/:id/act',
      operation: 'consoleAct',
      summary: 'Acknowledge, pass on, resolve or stop an escalation',
      body: actBody,
      query: noQuery,
      status: 200,
      answer: actAnswer,
      errors: ['not_found'],
      examples: {
        body: { acknowledge: { act: 'acknowledge', revision: 3 } },
        answer: { say: 'Alex Wilber has already acknowledged it.', done: false },
      },
      async handle({ reader, id, body: { act, revision } }) {
        const { facts } = there(await escalation.see(reader, id));
        const request = { asker: reader.requester, way: 'console', shown: revision } as const;
        const outcome = await acts.act(request, act, facts.escalation);
        return answer(
          actWords(outcome, reader.texts),
          outcome.kind === 'done' || outcome.kind === 'youHaveIt',
        );
      },
    }),
  ];
}

function answer(say: string, done: boolean): { status: number; body: ActAnswer } {
  return { status: 200, body: { say, done } };
}

/** @throws RingdownError not_found */
function there<T>(found: T | null): T {
  if (found === null) throw new RingdownError('not_found');
  return found;
}
