import { RingdownError } from '../../errors.ts';
import { isSameSecret } from '../authentication.ts';
import type { HttpRequest, Reply, Route } from '../route.ts';
import { stored } from '../stored.ts';

export interface EventGridPorts {
  /** What Event Grid sends as `?token=`. */
  secret: string;
  /** Stores the events; gives back the code of a handshake if it is one. */
  take: (body: unknown) => Promise<{ validationCode: string | null }>;
}

/**
 * `/api/events`: what Event Grid tells, in its own schema or as CloudEvents, with the handshake of each. Both carry the
 * secret, which is the only thing that Event Grid proves itself with here.
 *
 * Source: "Webhook event delivery" (200 within 30 s; 401 is not tried again) and the CloudEvents HTTP webhook's
 * handshake by OPTIONS.
 */
export function eventGridRoutes({ secret, take }: EventGridPorts): Route[] {
  const letIn =
    (handle: (request: HttpRequest) => Promise<Reply>): Route['admit'] =>
    async ({ query }) => {
      if (!isSameSecret(query.get('token') ?? '', secret)) throw new RingdownError('unauthorized');
      return await Promise.resolve({ isKnown: true, handle });
    };
  return [
    {
      method: 'OPTIONS',
      path: '/api/events',
      body: 'none',
      admit: letIn(async ({ headers }) => {
        const origin = headers['webhook-request-origin'];
        if (typeof origin !== 'string' || !/^[\w.:-]{1,255}$/.test(origin)) {
          throw new RingdownError('bad_request', { detail: 'WebHook-Request-Origin is missing.' });
        }
        // It asks how often it may send if it names a rate.
        const asksRate = headers['webhook-request-rate'] !== undefined;
        return await Promise.resolve({
          status: 200,
          headers: {
            'WebHook-Allowed-Origin': origin,
            ...(asksRate ? { 'WebHook-Allowed-Rate': '*' } : {}),
          },
        });
      }),
    },
    {
      method: 'POST',
      path: '/api/events',
      body: 'json',
      goesFirst: true,
      admit: letIn(async ({ body }) => {
        if (typeof body !== 'object' || body === null) {
          throw new RingdownError('bad_request', { detail: 'This is not an event, nor an array of them.' });
        }
        const { validationCode } = await stored(take(body));
        return validationCode === null
          ? { status: 200 }
          : { status: 200, body: { validationResponse: validationCode } };
      }),
    },
  ];
}
