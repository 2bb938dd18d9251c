import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { startConnector } from '../../demo/connector.ts';
import { createEmulator, type Emulator } from '../../emulator/emulator.ts';
import { afterTest } from '../support/afterTest.ts';

/** Stands in for the Agents Playground: takes everything, and says what it took. */
async function playground(): Promise<{ url: string; taken: string[] }> {
  const taken: string[] = [];
  const server = createServer((request, response) => {
    taken.push(`${request.method} ${request.url}`);
    // Not in one line: with restify in this process `writeHead` does not return the response.
    response.writeHead(201, { 'content-type': 'application/json' });
    response.end('{"id":"of-the-playground"}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  afterTest(() => void server.close());
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/_connector`,
    taken,
  };
}

describe('what the demo’s bot says', () => {
  let emulator: Emulator;
  let shown: { url: string; taken: string[] };
  let root: string;

  beforeEach(async () => {
    emulator = createEmulator();
    const { connectorUrl } = await emulator.start();
    afterTest(async () => await emulator.stop());
    shown = await playground();
    const reader = emulator.people.get('Megan Bowen').id;
    const connector = await startConnector({ playground: shown.url, emulator: connectorUrl, reader });
    afterTest(async () => await connector.stop());
    root = connector.url;
  });

  const send = async (path: string, body: object): Promise<{ status: number; id: string }> => {
    const response = await fetch(`${root}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, ...((await response.json()) as { id: string }) };
  };
  const chatWith = async (name: string): Promise<{ status: number; id: string }> => {
    const { id } = emulator.people.get(name);
    return await send('/v3/conversations', {
      tenantId: emulator.addresses.tenantId,
      members: [{ id, aadObjectId: id }],
    });
  };

  it('to the one who reads in the Playground goes there', async () => {
    assert.deepEqual(await chatWith('Megan Bowen'), { status: 201, id: 'of-the-playground' });
    await send('/v3/conversations/of-the-playground/activities', { type: 'message', text: 'Hello' });
    assert.deepEqual(shown.taken, [
      'POST /_connector/v3/conversations',
      'POST /_connector/v3/conversations/of-the-playground/activities',
    ]);
  });

  it('to others is kept by the emulator', async () => {
    const { status, id } = await chatWith('Debra Berger');
    assert.equal(status, 201);
    await send(`/v3/conversations/${encodeURIComponent(id)}/activities`, { type: 'message', text: 'Hello' });
    assert.deepEqual(shown.taken, []);
    const [message, ...more] = emulator.channel.messages(emulator.channel.personal('Debra Berger').id);
    assert.equal(message?.activity.text, 'Hello');
    assert.equal(more.length, 0);
  });

  it('to who has not installed the app is refused as Teams does', async () => {
    assert.equal((await chatWith('Lynne Robbins')).status, 403);
  });
});
