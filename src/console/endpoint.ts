import type { z } from 'zod';
import type { Operation } from '../http/api/endpoint.ts';
import { noBody } from '../http/api/endpoint.ts';
import { parse } from '../http/api/input.ts';
import { RingdownError } from '../errors.ts';
import type { Reply, Route } from '../http/route.ts';
import type { ConsoleDoor, Reader, Session } from './reader.ts';

export { noBody, noQuery } from '../http/api/endpoint.ts';

/** What an endpoint receives: the reader has authenticated, and all input is validated. */
export interface ConsoleRequest<Body, Query> {
  reader: Reader;
  /** The `id` of the path. */
  id: string;
  body: Body;
  query: Query;
  session: Session;
}

interface Definition<Body, Query> extends Omit<Operation, 'description' | 'credential'> {
  /** Readers without this get 403. */
  needs?: 'seesAll' | 'operates';
  /** Records that a reader without it tried. */
  refused?: (reader: Reader) => Promise<void>;
  body: () => z.ZodType<Body>;
  query: z.ZodType<Query>;
  handle: (request: ConsoleRequest<Body, Query>) => Promise<Reply>;
}

/** One operation below `/console/api`: its route and its OpenAPI description. */
export type ConsoleEndpoint = Operation & { route(door: ConsoleDoor): Route };

const described = {
  seesAll: 'For people in `permissions.console` of ringdown.yaml, and operators.',
  operates: 'For operators.',
  anybody: 'For people who may use Ringdown. It shows what they may see in chat.',
} as const;

/** Checks in this order: identity, rights, input. */
export function consoleEndpoint<Body, Query>(definition: Definition<Body, Query>): ConsoleEndpoint {
  const { handle, needs, refused, ...operation } = definition;
  const { method, path, body, query } = definition;
  return {
    ...operation,
    description: described[needs ?? 'anybody'],
    credential: 'console',
    errors: [...operation.errors, 'not_allowed'],
    route: (door) => ({
      method,
      path,
      body: body === noBody ? 'none' : 'json',
      async admit(head) {
        const session = await door.authenticate(head);
        const { reader } = session;
        if (needs !== undefined && !reader[needs]) {
          await refused?.(reader);
          throw new RingdownError('forbidden', { detail: described[needs] });
        }
        return {
          isKnown: true,
          handle: async (request) =>
            await handle({
              reader,
              session,
              id: request.params['id'] ?? '',
              body: parse(body(), request.body ?? null, 'The body'),
              query: parse(query, Object.fromEntries(request.query), 'The query'),
            }),
        };
      },
    }),
  };
}
