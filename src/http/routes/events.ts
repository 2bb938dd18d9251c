import { RingdownError } from '../../errors.ts';
import { isSameSecret } from '../authentication.ts';
import type { HttpRequest, Reply, Route } from '../route.ts';
import { stored } from '../stored.ts';

export interface EventGridPorts {
  /** The secret that Event Grid sends as `?token=`. */
  secret: string;
  /** Stores the events. @returns the validation code if this is a handshake */
  store: (body: unknown) => Promise<{ validationCode: string | null }>;
}

/**
 * `/api/events`: Event Grid's events, in its own schema or as CloudEvents, and the handshakes of both. The secret is
 * the only proof that a request comes from Event Grid.
 *
 * Sources: "Webhook event delivery" (answer 200 within 30 s; 401 is not retried) and the OPTIONS handshake of
 * CloudEvents HTTP webhooks.
 */
export function eventGridRoutes({ secret, store }: EventGridPorts): Route[] {
  const withSecret =
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
      admit: withSecret(async ({ headers }) => {
        const origin = headers['webhook-request-origin'];
        if (typeof origin !== 'string' || !/^[\w.:-]{1,255}$/.test(origin)) {
          throw new RingdownError('bad_request', { detail: 'WebHook-Request-Origin is missing.' });
        }
        // If the request names a rate, it asks how often it may send.
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
      admit: withSecret(async ({ body }) => {
        if (typeof body !== 'object' || body === null) {
          throw new RingdownError('bad_request', {
            detail: 'The body is neither an event nor an array of events.',
          });
        }
        const { validationCode } = await stored(store(body));
        return validationCode === null
          ? { status: 200 }
          : { status: 200, body: { validationResponse: validationCode } };
      }),
    },
  ];
}
