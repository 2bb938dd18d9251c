import type { Call, TimelineEntry } from '../../calls/call.ts';
import type { CallService } from '../../calls/callService.ts';
import { listCalls } from '../../calls/callLists.ts';
import type { Sql } from '../../database/schema.ts';
import type { Work } from '../../database/transaction.ts';
import { RingdownError } from '../../errors.ts';
import type { Actor, Escalation } from '../../escalations/escalation.ts';
import type { Started } from '../../escalations/starting.ts';
import type { EscalationService, Applied } from '../../escalations/escalationService.ts';
import { loadEscalationTimeline } from '../../escalations/escalationStore.ts';
import { startFromPolicy, type Policy } from '../../escalations/policies.ts';
import type { RingdownYaml } from '../../config/ringdownSchema.ts';
import { endpoint, noBody, noQuery, type Endpoint } from '../api/endpoint.ts';
import {
  actSchema,
  escalationListSchema,
  escalationQuery,
  escalationSchema,
  startEscalationSchema,
  type EscalationAnswer,
  type EscalationSummary,
} from '../api/escalationSchemas.ts';
import type { Idempotency } from '../api/idempotency.ts';
import { page } from '../api/paging.ts';
import { requirePolicy, type Caller } from '../authentication.ts';
import type { Permissions } from '../../permissions/permissions.ts';
import { callSummary, requesterOf } from './calls.ts';
import { lookUp } from '../../config/lookUp.ts';

export interface EscalationParts {
  permissions: Pick<Permissions, 'checkPhones'>;
  escalations: EscalationService;
  calls: Pick<CallService, 'ofEscalation'>;
  idempotency: Idempotency;
  /** The current ringdown.yaml. */
  ringdown: () => RingdownYaml;
  /** Warnings for the person who starts it. */
  warningsOf: (escalationId: string) => Promise<string[]>;
  /** Resolves the person named in `by`. */
  whoActs: (by: string, escalation: Escalation, placed: readonly Call[]) => Promise<Actor>;
}

/** More calls than any policy places. */
const MOST_CALLS = 1000;

const example: EscalationSummary = {
  id: 'esc_0f1e2d3c4b5a69788796a5b4c3d2e1f0',
  status: 'open',
  policy: 'payments',
  summary: 'Checkout errors over 5 %',
  severity: 'critical',
  dedupKey: 'checkout-5xx',
  test: false,
  step: 0,
  round: 0,
  requestedBy: { kind: 'api', name: 'ci' },
  acknowledgedBy: null,
  endedBy: null,
  createdAt: '2026-11-23T03:00:00.000Z',
  endedAt: null,
  revision: 2,
};

const started: EscalationAnswer = {
  ...example,
  details: 'Since 02:58; 312 failed payments.',
  links: [{ text: 'dashboard', href: 'https://grafana.contoso.example/d/checkout' }],
  calls: [],
  timeline: [{ at: '2026-11-23T03:00:00.000Z', type: 'opened', data: { by: 'ci' } }],
  warnings: [],
};

const acts = [
  {
    act: 'acknowledge',
    summary: 'Acknowledge: nobody else is called',
    done: { ...started, status: 'acknowledged' },
  },
  { act: 'resolve', summary: 'Resolve: it is over', done: { ...started, status: 'resolved' } },
  {
    act: 'cancel',
    summary: 'Cancel: a false alarm, nobody else is called',
    done: { ...started, status: 'cancelled' },
  },
] as const;

/** Endpoints to start, show and end escalations. */
export function escalationEndpoints(parts: EscalationParts): Endpoint[] {
  const { permissions, escalations, calls, idempotency, ringdown, warningsOf, whoActs } = parts;

  /** @throws RingdownError policy_not_found */
  function ladderOf(policy: string | undefined, steps: Policy['steps'] | undefined) {
    if (policy === undefined) return { steps: steps ?? [] };
    const { policies } = ringdown();
    const known = lookUp(policies, policy);
    if (!known) throw new RingdownError('policy_not_found', { detail: `There is no policy “${policy}”.` });
    return { name: policy, policy: known };
  }

  async function found(caller: Caller, id: string): Promise<Escalation> {
    const escalation = await escalations.get(id);
    if (!escalation) throw new RingdownError('not_found');
    requirePolicy(caller, escalation.policy);
    return escalation;
  }

  async function answer(escalation: Escalation): Promise<EscalationAnswer> {
    const { id } = escalation;
    const [placed, timeline] = await Promise.all([calls.ofEscalation(id), escalations.timeline(id)]);
    return escalationAnswer(escalation, placed, timeline);
  }

  return [
    endpoint({
      method: 'POST',
      path: '/api/v1/escalations',
      right: 'place',
      operation: 'startEscalation',
      summary: 'Start an escalation: people are called one after another until somebody acknowledges',
      body: () => startEscalationSchema(knownNames(ringdown())),
      query: noQuery,
      idempotent: true,
      status: 202,
      answer: escalationSchema,
      errors: ['policy_not_found', 'not_allowed', 'idempotency_key_reused'],
      examples: {
        body: {
          policy: {
            policy: 'payments',
            summary: 'Checkout errors over 5 %',
            details: 'Since 02:58; 312 failed payments.',
            severity: 'critical',
            dedupKey: 'checkout-5xx',
            links: [{ text: 'dashboard', href: 'https://grafana.contoso.example/d/checkout' }],
          },
          steps: {
            steps: [
              { targets: [{ user: 'adele@contoso.example' }], ringTimeoutSeconds: 30, tries: 2 },
              {
                targets: [{ user: 'alex@contoso.example' }, { user: 'megan@contoso.example' }],
                mode: 'parallel',
              },
            ],
            summary: 'The backup has failed',
          },
        },
        answer: started,
      },
      async handle({ caller, body, idempotent }) {
        const { policy, steps, ...alert } = body;
        requirePolicy(caller, policy ?? null);
        const phone = steps && phoneIn(steps);
        if (phone !== undefined) await permissions.checkPhones(requesterOf(caller), phone);
        return await idempotency.once<EscalationAnswer>(
          idempotent,
          async () => {
            const request = startFromPolicy(ladderOf(policy, steps), {
              ...alert,
              source: caller.id,
              startedBy: { kind: 'api', key: caller.id, name: caller.name },
              language: ringdown().language,
            });
            return async (answering) => {
              const { store, ...also } = answering ?? {};
              const answered: { body: EscalationAnswer | null } = { body: null };
              const stored = async (work: Work, { escalation }: Started): Promise<void> => {
                answered.body = await readIn(work.sql, escalation);
                store?.(work, answered.body);
              };
              // A transaction that was undone may have set it, too.
              return (await escalations.start(request, { ...also, stored })) && answered.body;
            };
          },
          async (answered) => ({ ...answered, warnings: await warningsOf(answered.id) }),
        );
      },
    }),
    endpoint({
      method: 'GET',
      path: '/api/v1/escalations',
      right: 'read',
      operation: 'listEscalations',
      summary: 'List escalations, newest first',
      body: noBody,
      query: escalationQuery,
      status: 200,
      answer: escalationListSchema,
      errors: [],
      examples: { answer: { items: [example], nextCursor: null } },
      async handle({ caller, query: { status, ...asked } }) {
        const { items, nextCursor } = await page(
          asked,
          async (query) =>
            await escalations.list({
              ...query,
              ...(status ? { status } : {}),
              ...(caller.policies ? { policies: caller.policies } : {}),
            }),
        );
        return { status: 200, body: { items: items.map(escalationSummary), nextCursor } };
      },
    }),
    endpoint({
      method: 'GET',
      path: '/api/v1/escalations/:id',
      right: 'read',
      operation: 'getEscalation',
      summary: 'Get one escalation with its calls and its timeline',
      body: noBody,
      query: noQuery,
      status: 200,
      answer: escalationSchema,
      errors: ['not_found'],
      examples: { answer: started },
      handle: async ({ caller, id }) => ({ status: 200, body: await answer(await found(caller, id)) }),
    }),
    ...acts.map(({ act, summary, done }) =>
      endpoint({
        method: 'POST',
        path: `/api/v1/escalations/:id/${act}`,
        right: 'acknowledge',
        operation: `${act}Escalation`,
        summary,
        body: () => actSchema,
        query: noQuery,
        status: 200,
        answer: escalationSchema,
        errors: [
          'not_found',
          'wrong_state',
          ...(act === 'acknowledge' ? ['already_acknowledged' as const] : []),
        ],
        examples: {
          body: { example: { by: 'adele@contoso.example', note: 'I am looking into it' } },
          answer: done,
        },
        async handle({ caller, id, body: { by, note, revision } }) {
          const actor = await whoActs(by, await found(caller, id), await calls.ofEscalation(id));
          const seen = typeof revision === 'number' ? { seenRevision: revision } : {};
          const taken = await escalations[act](id, { ...actor, ...seen }, note ?? undefined);
          return { status: 200, body: await answer(accepted(taken)) };
        },
      }),
    ),
  ];
}

/** The first phone that steps name, as they name it or whose it is. The operator's own policies may name any. */
function phoneIn(steps: Policy['steps']): string | undefined {
  for (const { targets, ways = [] } of steps) {
    for (const target of targets) {
      if (ways.includes('mobile')) return Object.values(target).find((value) => typeof value === 'string');
      if ('phone' in target) return target.phone;
      if ('mobileOf' in target) return target.mobileOf;
    }
  }
  return undefined;
}

/** The names in ringdown.yaml that steps may refer to. */
function knownNames({ policies, rotations, voiceApps, permissions }: RingdownYaml) {
  return {
    policies: Object.keys(policies),
    rotations: Object.keys(rotations),
    voiceApps: Object.keys(voiceApps),
    phoneCountries: permissions.phones.countries,
  };
}

/** @throws RingdownError not_found, already_acknowledged, wrong_state */
function accepted(taken: Applied | null): Escalation {
  if (!taken) throw new RingdownError('not_found');
  const { escalation, refused } = taken;
  if (refused === null) return escalation;
  const { acknowledgedBy, status } = escalationSummary(escalation);
  if (refused === 'already_acknowledged') {
    throw new RingdownError('already_acknowledged', {
      detail: `${acknowledgedBy?.name ?? 'Somebody'} acknowledged it.`,
      extra: { acknowledgedBy },
    });
  }
  throw new RingdownError('wrong_state', { detail: `The escalation is ${status}.`, extra: { status } });
}

async function readIn(sql: Sql, escalation: Escalation): Promise<EscalationAnswer> {
  const placed = await listCalls(sql, { escalationId: escalation.id, limit: MOST_CALLS });
  return escalationAnswer(escalation, placed.toReversed(), await loadEscalationTimeline(sql, escalation.id));
}

function escalationAnswer(
  escalation: Escalation,
  placed: Call[],
  timeline: TimelineEntry[],
): EscalationAnswer {
  const { details, links } = escalation;
  return {
    ...escalationSummary(escalation),
    details,
    links,
    calls: placed.map(callSummary),
    timeline,
  };
}

/** An escalation in lists of the API. */
function escalationSummary(escalation: Escalation): EscalationSummary {
  const { id, policy, summary, severity, dedupKey, test, startedBy, createdAt, revision, ladder } =
    escalation;
  const { status, step, round, acknowledgedBy, endedBy, endedAt } = ladder;
  return {
    id,
    status,
    policy,
    summary,
    severity,
    dedupKey,
    test,
    step,
    round,
    requestedBy: { kind: startedBy.kind, name: startedBy.name },
    acknowledgedBy: shownActor(acknowledgedBy),
    endedBy: shownActor(endedBy),
    createdAt,
    endedAt,
    revision,
  };
}

function shownActor(actor: Escalation['ladder']['endedBy']): EscalationSummary['endedBy'] {
  return actor && { name: actor.name, way: actor.way, at: actor.at };
}
