import type { Logger } from 'pino';
import type { Requester } from '../../calls/call.ts';
import type { CallService } from '../../calls/callService.ts';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config.ts';
import type { Database } from '../../database/open.ts';
import type { Transact } from '../../database/transaction.ts';
import type { Directory } from '../../directory/directory.ts';
import { RingdownError } from '../../errors.ts';
import type { Callees } from '../../escalations/callees.ts';
import type { EscalationService } from '../../escalations/escalationService.ts';
import type { Targets } from '../../escalations/targets.ts';
import type { Permissions } from '../../permissions/permissions.ts';
import type { RingdownYaml } from '../../config/ringdownSchema.ts';
import { ALL_RIGHTS, authenticate, type CheckEntraToken, type Credentials } from '../authentication.ts';
import { createEntraTokens } from '../entraTokens.ts';
import { RequestLimits } from '../requestLimits.ts';
import { openToAll, type Route } from '../route.ts';
import { callEndpoints } from '../routes/calls.ts';
import { escalationEndpoints } from '../routes/escalations.ts';
import { actorOf } from './actors.ts';
import { resolveCallee } from './callee.ts';
import type { Endpoint, Operation } from './endpoint.ts';
import { Idempotency } from './idempotency.ts';
import { openApi } from './openapi.ts';
import { warningsOf } from './warnings.ts';

interface Parts {
  config: Config;
  /** The current ringdown.yaml. */
  ringdown: () => RingdownYaml;
  calls: CallService;
  escalations: EscalationService;
  targets: Targets;
  callees: Callees;
  directory: Directory;
  permissions: Pick<Permissions, 'mayWish' | 'mayCall' | 'checkMember' | 'checkAsker' | 'checkPhones'>;
  database: Database;
  transact: Transact;
  clock: Clock;
  log: Logger;
  /** Called when a key's limit has refused a request. */
  limited?: () => void;
  /** The endpoints of alerts, heartbeats, pause and people. */
  more: readonly Endpoint[];
  /** Operations that others serve and `/openapi.json` describes too. */
  described: readonly Operation[];
}

/** The routes of `/api/v1`, and the public `GET /openapi.json` that describes them. */
export function createApi(parts: Parts): Route[] {
  const { config, ringdown, calls, escalations, database, transact, clock } = parts;
  const credentials = credentialsOf(parts);
  const idempotency = new Idempotency({ sql: database.sql, clock });
  const limits = new RequestLimits({ transact, clock, patienceMs: database.patienceMs });
  const canSpeak = config.acs.cognitiveServicesEndpoint !== undefined;
  const endpoints = [
    ...callEndpoints({
      calls,
      clock,
      idempotency,
      permissions: parts.permissions,
      resolve: async (callee) =>
        await resolveCallee(callee, {
          directory: parts.directory,
          voiceApps: () => ringdown().voiceApps,
          cloud: config.cloud,
          phonesAreOn: config.acs.phoneNumber !== undefined,
        }),
      canSpeak,
      language: () => ringdown().language,
      policyOf: async (escalationId) => (await escalations.get(escalationId))?.policy ?? null,
    }),
    ...escalationEndpoints({
      permissions: parts.permissions,
      escalations,
      calls,
      idempotency,
      ringdown,
      warningsOf: async (id) => await warningsOf(id, { ...parts, canSpeak }),
      whoActs: async (...act) => await actorOf(...act, parts),
    }),
    ...parts.more,
  ];
  // Built on first request, because it takes longer than everything else here.
  let description: object | null = null;
  return [
    ...endpoints.map((one) =>
      one.route({
        authenticate: async ({ headers }) => await authenticate(headers, credentials),
        count: async ({ id, limit }) => {
          if (!limit) return;
          try {
            await limits.count(id, limit);
          } catch (error) {
            if (error instanceof RingdownError && error.code === 'rate_limited') parts.limited?.();
            throw error;
          }
        },
      }),
    ),
    {
      method: 'GET',
      path: '/openapi.json',
      body: 'none',
      admit: openToAll(async () => ({
        status: 200,
        body: (description ??= openApi([...endpoints, ...parts.described])),
      })),
    },
  ];
}

function credentialsOf({
  config,
  ringdown,
  permissions,
  clock,
}: Pick<Parts, 'config' | 'ringdown' | 'permissions' | 'clock'>): Credentials {
  const { apiEntraAudience: audience, cloud, bot } = config;
  const all = config.apiKeys.map((key) => ({ ...key, may: ALL_RIGHTS, policies: null, limit: null }));
  return {
    keys: () => [
      ...all,
      ...ringdown().apiKeys.map((key) => ({
        ...key,
        policies: key.policies ?? null,
        limit: key.limit ?? null,
      })),
    ],
    integrations: () => ringdown().integrations,
    entra:
      audience !== undefined && bot.tenantId !== undefined
        ? forMembers(createEntraTokens({ cloud, tenantId: bot.tenantId, audience, clock }), permissions)
        : null,
  };
}

/** As in a chat, the person must be a member of the tenant. Without a role, `callers` must allow them. */
function forMembers(
  check: CheckEntraToken,
  permissions: Pick<Permissions, 'checkMember' | 'checkAsker'>,
): CheckEntraToken {
  return async (token) => {
    const caller = await check(token);
    const { id, name, person } = caller;
    if (person === null || caller.may.length === 0) return caller;
    const asker: Requester = { kind: 'chat', key: id, name, objectId: id };
    await permissions.checkMember(asker, async () => !person.isGuest);
    if (person.byScopeOnly) await permissions.checkAsker(asker, null);
    return caller;
  };
}
