import { RingdownError } from '../../errors.ts';
import { stored } from '../stored.ts';
import type { CallbackTokens } from '../../telephony/callbackTokens.ts';
import type { HttpRequest, Reply, Route } from '../route.ts';

export interface CallbackPorts {
  tokens: CallbackTokens;
  /**
   * Called when a callback is refused: for its token, for its secret (or an unknown call), or because the keys are
   * unavailable.
   */
  refused?: (reason: 'token' | 'secret' | 'keys') => void;
  /**
   * Stores the events of a call and applies them.
   *
   * @returns `unknown` for an unknown call or a wrong secret
   */
  storeEvents: (callId: string, secret: string, events: unknown[]) => Promise<'taken' | 'unknown'>;
}

/**
 * `POST /api/callbacks/{callId}/{secret}`: the events of Call Automation. A request needs the service's token and the
 * call's own secret; the answer does not say which of them was wrong.
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

/** The service sends arrays. A single CloudEvent is allowed too (structured mode of the standard). */
function eventsOf(body: unknown): unknown[] {
  if (Array.isArray(body)) return body;
  if (typeof body === 'object' && body !== null) return [body];
  throw new RingdownError('bad_request', { detail: 'The body is not an array of events.' });
}
