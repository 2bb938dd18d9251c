import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';

const activity = z.looseObject({ locale: z.string() });

/**
 * Stands before the bot and says which language Teams is set to: the Playground always says English.
 *
 * @param endpoint where the bot takes activities
 * @param language asked at each activity; such as "de-DE"
 * @returns where activities are taken instead, on loopback
 */
export async function startLanguage(
  endpoint: string,
  language: () => string,
): Promise<{ url: string; stop(): Promise<void> }> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const answered = await fetch(endpoint, {
      method: request.method ?? 'POST',
      headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
      ...(body.length > 0 ? { body: inLanguage(body.toString(), language()) } : {}),
    });
    const type = answered.headers.get('content-type');
    if (type !== null) response.setHeader('content-type', type);
    response.writeHead(answered.status);
    response.end(await answered.text());
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      response.writeHead(502);
      response.end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}${new URL(endpoint).pathname}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function inLanguage(body: string, language: string): string {
  const read = activity.safeParse(JSON.parse(body));
  return read.success ? JSON.stringify({ ...read.data, locale: language }) : body;
}
