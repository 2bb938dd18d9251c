import type { IncomingHttpHeaders } from 'node:http';
import type { HttpRequest, Reply, Route } from '../route.ts';

export interface ChatPort {
  /**
   * Verifies the token.
   *
   * @throws RingdownError unauthorized, forbidden, unavailable
   */
  admit(request: { headers: IncomingHttpHeaders }): Promise<void>;
  /**
   * Checks the activity, its service URL, and that the token is for it; then runs its turn.
   *
   * @throws RingdownError bad_request, unauthorized, forbidden, unavailable
   */
  process(
    request: { headers: IncomingHttpHeaders; body?: unknown },
    response: { send(status: number, body?: unknown): void },
  ): Promise<void>;
}

/** `POST /api/messages`: Bot Framework activities. */
export function messageRoute(chat: ChatPort): Route {
  return {
    method: 'POST',
    path: '/api/messages',
    body: 'json',
    admit: async (head) => {
      await chat.admit(head);
      const handle = async ({ headers, body }: HttpRequest): Promise<Reply> => {
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
      };
      return { isKnown: true, handle };
    },
  };
}
