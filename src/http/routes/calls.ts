import type { Call, Purpose, Requester, Target, TimelineEntry } from '../../calls/call.ts';
import type { CallService } from '../../calls/callService.ts';
import type { PlaceCall, Placed } from '../../calls/placeCall.ts';
import { view } from '../../calls/lifecycle/lifecycle.ts';
import { timeNow, type Clock } from '../../clock.ts';
import type { Work } from '../../database/transaction.ts';
import { RingdownError } from '../../errors.ts';
import { idsOfPolicies } from '../../escalations/escalationQueries.ts';
import type { Permissions } from '../../permissions/permissions.ts';
import { whyEnded } from '../../texts/callEnding.ts';
import { textsFor } from '../../texts/texts.ts';
import {
  callListSchema,
  callQuery,
  callSchema,
  placeCallSchema,
  type Callee,
  type CallSummary,
} from '../api/callSchemas.ts';
import { endpoint, noBody, noQuery, type Endpoint } from '../api/endpoint.ts';
import type { Idempotency } from '../api/idempotency.ts';
import { page } from '../api/paging.ts';
import { requirePolicy, type Caller } from '../authentication.ts';

export interface CallParts {
  calls: CallService;
  clock: Pick<Clock, 'now'>;
  idempotency: Idempotency;
  permissions: Pick<Permissions, 'mayWish'>;
  /** @throws RingdownError target_not_found, target_ambiguous, target_not_callable, directory_unavailable */
  resolve: (callee: Callee) => Promise<Target>;
  /** Whether speech is configured. */
  canSpeak: boolean;
  /** The language of the file; undefined if it names none. */
  language: () => string | undefined;
  /** The policy of an escalation; null if it has none, or does not exist. */
  policyOf: (escalationId: string) => Promise<string | null>;
}

/** The language of the API's own texts. */
const LANGUAGE = 'en';

const example = {
  id: 'call_4f1c2d3e4b5a69788796a5b4c3d2e1f0',
  status: 'queued',
  disposition: null,
  target: {
    kind: 'teamsUser',
    id: '87d349ed-44d7-43e1-9a83-5f2406dee5bd',
    displayName: 'Adele Vance',
  },
  requestedBy: { kind: 'api', name: 'ci' },
  escalationId: null,
  createdAt: '2026-11-23T08:00:00.000Z',
  connectedAt: null,
  endedAt: null,
  code: null,
  subCode: null,
  reason: null,
} as const;

const exampleWithTimeline = {
  ...example,
  timeline: [{ at: '2026-11-23T08:00:00.000Z', type: 'queued' }],
};

/** Endpoints to place, show and end calls. */
export function callEndpoints(parts: CallParts): Endpoint[] {
  const { calls, clock, idempotency, permissions, resolve, canSpeak, language, policyOf } = parts;

  async function purposeOf(
    message: string | null | undefined,
    connectTo: Callee | null | undefined,
  ): Promise<Purpose> {
    if (!connectTo) return { kind: 'speak', message: message ?? '' };
    const to = await resolve(connectTo);
    if (to.kind !== 'teamsUser') {
      throw new RingdownError('connect_needs_teams', {
        detail: `${to.displayName} is not a Teams user, so the callee cannot be connected to it.`,
      });
    }
    return { kind: 'connect', to };
  }

  /** A key for some policies does not see other policies' calls. A person sees only their own. */
  async function requireSight(caller: Caller, { purpose, requestedBy }: Call): Promise<void> {
    if (caller.person !== null && caller.person !== requestedBy.key) {
      throw new RingdownError('forbidden', { detail: 'This call belongs to somebody else.' });
    }
    if (purpose.kind !== 'escalate' || caller.policies === null) return;
    requirePolicy(caller, await policyOf(purpose.escalationId));
  }

  async function found(caller: Caller, id: string): Promise<Call> {
    const call = await calls.get(id);
    if (!call) throw new RingdownError('not_found');
    await requireSight(caller, call);
    return call;
  }

  return [
    endpoint({
      method: 'POST',
      path: '/api/v1/calls',
      right: 'place',
      operation: 'placeCall',
      summary: 'Place a call that speaks a message, or connects the callee to somebody',
      body: () => placeCallSchema,
      query: noQuery,
      idempotent: true,
      status: 202,
      answer: callSchema,
      errors: [
        'target_not_found',
        'target_ambiguous',
        'target_not_callable',
        'connect_needs_teams',
        'speech_not_configured',
        'not_allowed',
        'directory_unavailable',
        'idempotency_key_reused',
      ],
      examples: {
        body: {
          message: {
            target: { user: 'adele@contoso.example' },
            message: 'The build is red',
            ringTimeoutSeconds: 30,
          },
          connect: {
            target: { voiceApp: 'help desk' },
            connectTo: { user: 'alex@contoso.example' },
          },
        },
        answer: exampleWithTimeline,
      },
      handle: async ({ caller, body, idempotent }) =>
        await idempotency.once(idempotent, async () => {
          const { message, connectTo, ringTimeoutSeconds } = body;
          if (message && !canSpeak) throw new RingdownError('speech_not_configured');
          const target = await resolve(body.target);
          const purpose = await purposeOf(message, connectTo);
          if (purpose.kind === 'connect' && purpose.to.id === target.id) {
            throw new RingdownError('bad_request', { detail: 'target and connectTo are the same person' });
          }
          const requestedBy = requesterOf(caller);
          await permissions.mayWish(requestedBy, target);
          const request: PlaceCall = {
            target,
            requestedBy,
            purpose,
            language: language() ?? LANGUAGE,
            ...(ringTimeoutSeconds ? { ringTimeoutSeconds } : {}),
          };
          return async (answering) => {
            const { store, ...also } = answering ?? {};
            const placed = await calls.placing.place({
              ...request,
              also: { ...also, placed: (work: Work, own: Placed) => store?.(work, asPlaced(own)) },
            });
            return placed && asPlaced(placed);
          };
        }),
    }),
    endpoint({
      method: 'GET',
      path: '/api/v1/calls',
      right: 'read',
      operation: 'listCalls',
      summary: 'List calls, newest first',
      body: noBody,
      query: callQuery,
      status: 200,
      answer: callListSchema,
      errors: [],
      examples: { answer: { items: [example], nextCursor: null } },
      async handle({ caller, query: { status, ...asked } }) {
        const { items, nextCursor } = await page(
          asked,
          async (query) =>
            await calls.list({
              ...query,
              ...(status ? { status } : {}),
              ...(caller.policies ? { escalationIds: idsOfPolicies(caller.policies) } : {}),
            }),
        );
        return { status: 200, body: { items: items.map(callSummary), nextCursor } };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/api/v1/calls/:id',
      right: 'read',
      operation: 'getCall',
      summary: 'Get one call with its timeline',
      body: noBody,
      query: noQuery,
      status: 200,
      answer: callSchema,
      errors: ['not_found'],
      examples: { answer: exampleWithTimeline },
      async handle({ caller, id }) {
        const call = await found(caller, id);
        return { status: 200, body: withTimeline(call, await calls.timeline(id)) };
      },
    }),
    endpoint({
      method: 'POST',
      path: '/api/v1/calls/:id/hang-up',
      right: 'place',
      operation: 'hangUpCall',
      summary: 'End a call',
      body: noBody,
      query: noQuery,
      status: 202,
      answer: callSchema,
      errors: ['not_found', 'wrong_state'],
      examples: { answer: exampleWithTimeline },
      async handle({ caller, id }) {
        await found(caller, id);
        const call = await calls.decide(id, (current) => {
          if (view(current).status === 'ended') {
            throw new RingdownError('wrong_state', { detail: 'The call has ended.' });
          }
          const at = timeNow(clock);
          return { type: 'hangUpRequested', at, by: 'api', byName: caller.name };
        });
        if (!call) throw new RingdownError('not_found');
        return { status: 202, body: withTimeline(call, await calls.timeline(id)) };
      },
    }),
  ];
}

/** A person's calls are their own, whether they asked in a chat or through an application. */
export function requesterOf({ id, name, person }: Caller): Requester {
  return person === null
    ? { kind: 'api', key: id, name }
    : { kind: 'api', key: person, name, objectId: person };
}

/** A call as the API shows it. */
export function callSummary(call: Call): CallSummary {
  const { status, disposition, cause, code, subCode, connectedAt, endedAt } = view(call);
  const { kind, id, displayName } = call.target;
  const who = { callee: displayName, requester: call.requestedBy.name };
  return {
    id: call.id,
    status,
    disposition,
    target: { kind, id, displayName },
    requestedBy: { kind: call.requestedBy.kind, name: call.requestedBy.name },
    escalationId: call.purpose.kind === 'escalate' ? call.purpose.escalationId : null,
    createdAt: call.createdAt,
    connectedAt,
    endedAt,
    code,
    subCode,
    reason: cause ? whyEnded(cause, who, textsFor(LANGUAGE)) : null,
  };
}

/** The call as placed. Clients poll for what happens next. */
function asPlaced({ placed }: Placed): object {
  return withTimeline(placed, [{ at: placed.createdAt, type: 'queued' }]);
}

function withTimeline(call: Call, timeline: TimelineEntry[]): object {
  return { ...callSummary(call), timeline };
}
