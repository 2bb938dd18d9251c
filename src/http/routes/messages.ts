import type { IncomingHttpHeaders } from 'node:http';
import type { Reply, Route } from '../route.ts';

export interface ChatPort {
  /**
   * Checks an activity, where its answers would go, and its token; then runs its turn.
   *
   * @throws RingdownError bad_request, unauthorized, forbidden, unavailable
   */
  process(
    request: { headers: IncomingHttpHeaders; body?: unknown },
    response: { send(status: number, body?: unknown): void },
  ): Promise<void>;
}

/** `POST /api/messages`: activities of the Bot Framework. */
export function messageRoute(chat: ChatPort): Route {
  return {
    method: 'POST',
    path: '/api/messages',
    body: 'json',
    handle: async ({ headers, body }) => {
      let reply: Reply = { status: 200 };
      await chat.process(
        { headers, body },
        {
          send: (status, answer) => {
            reply = { status, body: answer };
          },
        },
      );
      return reply;
    },
  };
}
