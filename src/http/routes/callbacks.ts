import { RingdownError } from '../../errors.ts';
import { stored } from '../stored.ts';
import type { CallbackTokens } from '../../telephony/callbackTokens.ts';
import type { HttpRequest, Reply, Route } from '../route.ts';

export interface CallbackPorts {
  tokens: CallbackTokens;
  /** Sees that a callback was not let in: for its token, for its secret (or an unknown call), for want of keys. */
  refused?: (reason: 'token' | 'secret' | 'keys') => void;
  /**
   * Stores the events of a call and applies them.
   *
   * @returns `unknown` for an unknown call or a wrong secret
   */
  storeEvents: (callId: string, secret: string, events: unknown[]) => Promise<'taken' | 'unknown'>;
}

/**
 * `POST /api/callbacks/{callId}/{secret}`: what Call Automation reports about a call. It must come with the service's
 * token and the call's own secret; what fails is not told.
 */
export function callbackRoute({ tokens, storeEvents, refused = () => undefined }: CallbackPorts): Route {
  const check = async (authorization: string | undefined): Promise<void> => {
    const token = await tokens.check(authorization).catch((error: unknown) => {
      refused('keys');
      throw error;
    });
    if (token === 'valid') return;
    refused('token');
    throw new RingdownError('unauthorized');
  };
  return {
    method: 'POST',
    path: '/api/callbacks/:callId/:secret',
    goesFirst: true,
    body: 'json',
    admit: async ({ headers, params: { callId = '', secret = '' } }) => {
      await check(headers.authorization);
      const handle = async ({ body }: HttpRequest): Promise<Reply> => {
        const events = eventsOf(body);
        if ((await stored(storeEvents(callId, secret, events))) === 'unknown') {
          refused('secret');
          throw new RingdownError('unauthorized');
        }
        return { status: 200 };
      };
      return { isKnown: true, handle };
    },
  };
}

/** The service sends arrays; a single CloudEvent is what the standard's structured mode has. */
function eventsOf(body: unknown): unknown[] {
  if (Array.isArray(body)) return body;
  if (typeof body === 'object' && body !== null) return [body];
  throw new RingdownError('bad_request', { detail: 'This is not an array of events.' });
}
