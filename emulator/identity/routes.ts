import { z } from 'zod';
import { notEmulated, unsupportedApiVersion, unsupportedMediaType } from '../callAutomation/errors.ts';
import { checkSignature } from '../callAutomation/signature.ts';
import type { SignatureCheck } from '../callAutomation/signature.ts';
import type { SigningKeys } from '../entra/signingKeys.ts';
import { Refusal, empty, json } from '../http/answer.ts';
import { bodyOf, param } from '../http/router.ts';
import type { EmulatorRequest, Handler, Route } from '../http/router.ts';
import type { OperationName } from '../operations.ts';
import type { Identities } from './identities.ts';

const apiVersion = '2023-10-01';

/** Limits of the swagger: 60 to 1440 minutes, and these five scopes. */
const scope = z.enum(['chat', 'voip', 'chat.join', 'chat.join.limited', 'voip.join']);
const expiresInMinutes = z.int().min(60).max(1440).optional();
const CreateBody = z.looseObject({ createTokenWithScopes: z.array(scope).optional(), expiresInMinutes });
const IssueBody = z.looseObject({ scopes: z.array(scope).min(1), expiresInMinutes });

export interface IdentityParts {
  identities: Identities;
  keys: SigningKeys;
  signature: SignatureCheck;
  now: () => number;
}

/** Communication Identity 2023-10-01. Note the slash before the colon in the token paths. */
export function identityRoutes({ identities, keys, signature, now }: IdentityParts): Route[] {
  const issue = async (id: string, scopes: string[], minutes = 1440): Promise<object> => {
    const lifetimeMs = minutes * 60_000;
    const token = await keys.sign(
      {
        skypeid: id.replace(/^8:/, ''),
        scp: 1792,
        csi: scopes.join(','),
        revocations: identities.revocations(id),
      },
      lifetimeMs,
    );
    return { token, expiresOn: new Date(now() + lifetimeMs).toISOString().replace('Z', '0000+00:00') };
  };
  const known = (request: EmulatorRequest): string => {
    const id = param(request, 'id');
    if (!identities.isValid(id)) throw notFound(id);
    return id;
  };
  const route = (method: string, path: string, operation: OperationName, handle: Handler): Route => ({
    method,
    path,
    operation,
    handle: (request) => {
      checkSignature(request, signature);
      if (request.url.searchParams.get('api-version') !== apiVersion)
        throw unsupportedApiVersion(request.url.href);
      return handle(request);
    },
  });
  return [
    route('POST', '/identities', 'createIdentity', async (request) => {
      const body = request.body.length === 0 ? {} : read(request, CreateBody);
      const id = identities.create();
      const scopes = body.createTokenWithScopes ?? [];
      if (scopes.length === 0) return json(201, { identity: { id } });
      return json(201, { identity: { id }, accessToken: await issue(id, scopes, body.expiresInMinutes) });
    }),
    route('POST', '/identities/{id}/:issueAccessToken', 'issueAccessToken', async (request) => {
      const body = read(request, IssueBody);
      return json(200, await issue(known(request), body.scopes, body.expiresInMinutes));
    }),
    route('POST', '/identities/{id}/:revokeAccessTokens', 'revokeAccessTokens', (request) => {
      identities.revoke(known(request));
      return empty(204);
    }),
    route('DELETE', '/identities/{id}', 'deleteIdentity', (request) => {
      identities.delete(known(request));
      return empty(204);
    }),
    route('POST', '/teamsUser/:exchangeAccessToken', 'notEmulated', () => {
      throw notEmulated('exchanging tokens of Teams users');
    }),
  ];
}

function read<T extends z.ZodType>(request: EmulatorRequest, schema: T): z.infer<T> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
    throw unsupportedMediaType();
  const parsed = schema.safeParse(bodyOf(request));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const message = `${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? 'not valid'}`;
  throw new Refusal(message, json(400, { error: { code: 'InvalidRequest', message } }));
}

function notFound(id: string): Refusal {
  const message = `The identity ${id} does not exist.`;
  return new Refusal(message, json(404, { error: { code: 'NotFound', message } }));
}
