import { z } from 'zod';
import type { ErrorCode } from '../../errors.ts';
import { requireRight, type Caller, type Right } from '../authentication.ts';
import type { Reply, RequestHead, Route } from '../route.ts';
import { idempotentRequest, type IdempotentRequest } from './idempotency.ts';
import { only, parse } from './input.ts';

/** What an endpoint sees of a request: who asks has the right to, and everything has the documented form. */
export interface ApiRequest<Body, Query> {
  caller: Caller;
  /** The `id` of the path. */
  id: string;
  body: Body;
  query: Query;
  /** Null unless the request is to be carried out once only. */
  idempotent: IdempotentRequest | null;
}

interface Definition<Body, Query> {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  right: Right;
  /** Said of who may use it, where the right alone does not say it. */
  needs?: string;
  /** Where a key may stand: in the header only, in the query too, or nowhere but in the body. */
  keyIn?: 'query' | 'body';
  /** Its form of a 400, where that is not the usual one. */
  refusal?: z.ZodType;
  /** Name of the operation, unique. */
  operation: string;
  summary: string;
  /** Made anew for each request: what is right may depend on the configuration. */
  body: () => z.ZodType<Body>;
  query: z.ZodType<Query>;
  /** Whether it heeds `Idempotency-Key`. */
  idempotent?: true;
  status: 200 | 202;
  answer: z.ZodType;
  /** Besides those that every endpoint may answer. */
  errors: readonly ErrorCode[];
  examples: { body?: Readonly<Record<string, object>>; answer: object };
  handle: (request: ApiRequest<Body, Query>) => Promise<Reply>;
}

/** For endpoints that take no body; one that is sent is not read. */
export const noBody = (): z.ZodType<null> => z.null();

export const noQuery = only({});

/** One operation of `/api/v1`: how it is served, and how it is described. */
export type Endpoint = Omit<Definition<unknown, unknown>, 'handle'> & { route(door: Door): Route };

/** Lets in who may come in. */
export interface Door {
  /** @throws RingdownError unauthorized, forbidden, unavailable */
  authenticate(head: RequestHead): Promise<Caller>;
  /** Counts the request against the limit of the caller. @throws RingdownError rate_limited */
  count(caller: Caller): Promise<void>;
}

/** The order of checks: who it is, whether they may, how often they have, then what they sent. */
export function endpoint<Body, Query>(definition: Definition<Body, Query>): Endpoint {
  const { handle, ...description } = definition;
  const { method, path, right, body, query, idempotent } = definition;
  return {
    ...description,
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
