import { z } from 'zod';
import type { ErrorCode } from '../../errors.ts';
import { requireRight, type Caller, type Right } from '../authentication.ts';
import type { Reply, RequestHead, Route } from '../route.ts';
import { idempotentRequest, type IdempotentRequest } from './idempotency.ts';
import { only, parse } from './input.ts';

/** What an endpoint receives: the caller is authorized, and all input is validated. */
export interface ApiRequest<Body, Query> {
  caller: Caller;
  /** The `id` of the path. */
  id: string;
  body: Body;
  query: Query;
  /** Null if the request has no `Idempotency-Key`. */
  idempotent: IdempotentRequest | null;
}

/** What `/openapi.json` says about an operation. */
export interface Operation {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  /** The operation id, unique. */
  operation: string;
  summary: string;
  /** Who may use it. */
  description: string;
  /** The credential: a key in the header, or also in the query; a person's token for the console; or none. */
  credential: 'key' | 'keyInQuery' | 'console' | 'none';
  /** Built for each request, because what is valid may depend on the configuration. */
  body: () => z.ZodType;
  query: z.ZodType;
  /** Whether it supports `Idempotency-Key`. */
  idempotent?: true;
  status: 200 | 202;
  answer: z.ZodType;
  /** The content type of the answer. Default: JSON. */
  answerType?: string;
  /** The body of its 400 answers, if it differs from a problem document. */
  refusal?: z.ZodType;
  /** In addition to those that every endpoint may answer. */
  errors: readonly ErrorCode[];
  examples: { body?: Readonly<Record<string, object>>; answer: unknown };
}

interface Definition<Body, Query> extends Omit<Operation, 'description' | 'credential'> {
  right: Right;
  /** Describes the required key, if the right alone does not. */
  needs?: string;
  /** Where the key may be: in the header only, also in the query, or only in the body. */
  keyIn?: 'query' | 'body';
  body: () => z.ZodType<Body>;
  query: z.ZodType<Query>;
  handle: (request: ApiRequest<Body, Query>) => Promise<Reply>;
}

/** For endpoints without a body. A body that is sent is ignored. */
export const noBody = (): z.ZodType<null> => z.null();

export const noQuery = only({});

/** One operation of `/api/v1`: its route and its OpenAPI description. */
export type Endpoint = Operation & { route(door: Door): Route };

/** Authenticates the caller. */
export interface Door {
  /** @throws RingdownError unauthorized, forbidden, unavailable */
  authenticate(head: RequestHead): Promise<Caller>;
  /** Counts the request against the caller's limit. @throws RingdownError rate_limited */
  count(caller: Caller): Promise<void>;
}

/** Checks in this order: identity, rights, rate limit, input. */
export function endpoint<Body, Query>(definition: Definition<Body, Query>): Endpoint {
  const { handle, right, needs, keyIn, ...operation } = definition;
  const { method, path, body, query, idempotent } = definition;
  return {
    ...operation,
    description: needs ?? `The key must have the right “${right}”.`,
    credential: keyIn === undefined ? 'key' : keyIn === 'query' ? 'keyInQuery' : 'none',
    route: (door) => ({
      method,
      path,
      body: body === noBody ? 'none' : 'json',
      async admit(head) {
        const caller = await door.authenticate(head);
        requireRight(caller, right);
        await door.count(caller);
        return {
          isKnown: true,
          handle: async (request) =>
            await handle({
              caller,
              id: request.params['id'] ?? '',
              body: parse(body(), request.body ?? null, 'The body'),
              query: parse(query, Object.fromEntries(request.query), 'The query'),
              idempotent: idempotent
                ? idempotentRequest(request.headers, `${caller.id} ${path}`, request.body)
                : null,
            }),
        };
      },
    }),
  };
}
