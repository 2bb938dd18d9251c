import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';

export interface ConnectorOptions {
  /** Root of the Playground's connector. */
  playground: string;
  /** Root of the emulator's. */
  emulator: string;
  /** Object id of the one person who reads in the Playground. */
  reader: string;
}

const begun = z.looseObject({
  members: z.array(z.looseObject({ aadObjectId: z.string().optional() })).optional(),
});
const created = z.looseObject({ id: z.string() });

/**
 * Where the demo's bot sends what it has to say. The Playground shows one person's chats and takes no messages for others;
 * in Teams everybody has a chat with the bot. So what is for others goes to the emulator, which keeps it.
 *
 * @returns its root, on loopback
 */
export async function startConnector({
  playground,
  emulator,
  reader,
}: ConnectorOptions): Promise<{ url: string; stop(): Promise<void> }> {
  const ofEmulator = new Set<string>();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '/';
    const body = await buffer(request);
    const [conversation] = /(?<=^\/v3\/conversations\/)[^/?]+/.exec(path) ?? [];
    const begins = conversation === undefined && request.method === 'POST';
    const isElsewhere = begins
      ? isForOthers(body.toString(), reader)
      : ofEmulator.has(decodeURIComponent(conversation ?? ''));
    const answered = await fetch(`${trimmed(isElsewhere ? emulator : playground)}${path}`, {
      method: request.method ?? 'GET',
      headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
      ...(body.length > 0 ? { body } : {}),
    });
    const text = await answered.text();
    const id =
      begins && isElsewhere && answered.ok ? created.safeParse(JSON.parse(text)).data?.id : undefined;
    if (id !== undefined) ofEmulator.add(id);
    for (const name of ['content-type', 'retry-after']) {
      const value = answered.headers.get(name);
      if (value !== null) response.setHeader(name, value);
    }
    response.writeHead(answered.status);
    response.end(text);
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
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A chat that is begun with somebody who does not read in the Playground. */
function isForOthers(body: string, reader: string): boolean {
  try {
    const { members = [] } = begun.parse(JSON.parse(body));
    return members.some(
      ({ aadObjectId }) => aadObjectId !== undefined && aadObjectId.toLowerCase() !== reader,
    );
  } catch {
    return false;
  }
}

function trimmed(root: string): string {
  return root.replace(/\/+$/, '');
}
