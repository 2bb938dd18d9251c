import { z } from 'zod';
import type { SigningKeys } from '../entra/signingKeys.ts';
import { empty, json, Refusal } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { bodyOf, param } from '../http/router.ts';
import type { EmulatorRequest, Route } from '../http/router.ts';
import type { Identities } from '../identity/identities.ts';
import type { ClientCalls, ClientCallView } from './clientCalls.ts';

export interface CallingClientParts {
  clientCalls: ClientCalls;
  identities: Identities;
  keys: SigningKeys;
}

const Place = z.looseObject({
  to: z.string().min(1),
  displayName: z.string().max(256),
  muted: z.boolean().optional(),
});
const Mute = z.looseObject({ on: z.boolean() });
const Press = z.looseObject({ key: z.string().regex(/^[\d*#]$/) });

const BASE = '/calling/clientCalls';

/** Pages of other origins call this, as they would call the service. */
const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, content-type',
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-max-age': '600',
};

/**
 * Calls that a client makes with its own identity, given by the token. The scope `voip` may call anybody; `voip.join`
 * may not start a call (documentation, "Identity model").
 */
export function callingClientRoutes({ clientCalls, identities, keys }: CallingClientParts): Route[] {
  const asks = async ({ headers, method, url: { pathname } }: EmulatorRequest): Promise<string> => {
    const token = /^Bearer (\S+)$/.exec(headers['authorization'] ?? '')?.[1] ?? '';
    const claims = await keys.verify(token);
    const id = `8:${String(claims?.['skypeid'])}`;
    const scopes = String(claims?.['csi']).split(',');
    const isForCalls = scopes.some((scope) => scope === 'voip' || scope === 'voip.join');
    if (!isForCalls || !identities.takes(id, Number(claims?.['revocations'])))
      throw problem(401, 'Unauthorized');
    // POST to the collection starts a call.
    if (!scopes.includes('voip') && method === 'POST' && pathname === BASE) throw problem(403, 'Forbidden');
    return id;
  };
  const route = (
    method: string,
    path: string,
    handle: (request: EmulatorRequest, identity: string) => ClientCallView | null,
  ): Route => ({
    method,
    path: `${BASE}${path}`,
    operation: 'clientCall',
    async handle(request): Promise<Answer> {
      try {
        const view = handle(request, await asks(request));
        if (!view) throw problem(404, 'NotFound');
        return json(200, view, cors);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return { ...error.answer, headers: { ...error.answer.headers, ...cors } };
      }
    },
  });
  const preflight = (path: string): Route => ({
    method: 'OPTIONS',
    path: `${BASE}${path}`,
    operation: 'clientCall',
    handle: () => empty(204, cors),
  });
  return [
    preflight(''),
    preflight('/{id}'),
    preflight('/{id}/{what}'),
    route('POST', '', (request, identity) => {
      const { to, displayName, muted = false } = read(request, Place);
      return clientCalls.place({ identity, to, displayName, muted });
    }),
    route('GET', '/{id}', (request, identity) => clientCalls.see(identity, param(request, 'id'))),
    route('POST', '/{id}/mute', (request, identity) =>
      clientCalls.mute(identity, param(request, 'id'), read(request, Mute).on),
    ),
    route('POST', '/{id}/press', (request, identity) =>
      clientCalls.press(identity, param(request, 'id'), read(request, Press).key),
    ),
    route('POST', '/{id}/hang-up', (request, identity) => clientCalls.hangUp(identity, param(request, 'id'))),
  ];
}

function read<T extends z.ZodType>(request: EmulatorRequest, schema: T): z.infer<T> {
  const parsed = schema.safeParse(bodyOf(request));
  if (parsed.success) return parsed.data;
  throw problem(400, z.prettifyError(parsed.error));
}

function problem(status: number, message: string): Refusal {
  return new Refusal(message, json(status, { error: { code: String(status), message } }));
}
