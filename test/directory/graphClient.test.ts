import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createEmulator } from '../../emulator/emulator.ts';
import type { Emulator } from '../../emulator/emulator.ts';
import type { Directory } from '../../src/directory/directory.ts';
import { GraphFault } from '../../src/directory/graphFault.ts';
import { createGraphDirectory } from '../../src/directory/graphDirectory.ts';
import type { GraphDirectoryOptions } from '../../src/directory/graphDirectory.ts';
import { RingdownError } from '../../src/errors.ts';
import { HandClock } from '../support/directory/handClock.ts';

const adele = '87d349ed-44d7-43e1-9a83-5f2406dee5bd';
const timeLimit = 8000;

/** Checks that the directory is unavailable, and that the operator learns why. */
const unavailable = (why: RegExp) => (error: unknown) => {
  assert.ok(error instanceof RingdownError && error.code === 'directory_unavailable');
  assert.equal(error.detail, undefined);
  assert.ok(error.cause instanceof GraphFault);
  assert.match(error.cause.message, why);
  return true;
};

describe('a question to Microsoft Graph', () => {
  let emulator: Emulator;
  let clock: HandClock;
  let directory: Directory;

  const open = (options: Partial<GraphDirectoryOptions> = {}): Directory => {
    const { graphUrl, graphToken } = emulator.addresses;
    return createGraphDirectory({ graphUrl, getToken: async () => graphToken, clock, ...options });
  };
  const requests = (): number => emulator.requests.list().length;

  beforeEach(async () => {
    clock = new HandClock();
    emulator = createEmulator();
    await emulator.start();
    directory = open();
  });
  afterEach(async () => {
    assert.equal(clock.waiting, 0, 'a wait was left behind');
    await emulator.stop();
  });

  it('reuses a connection', async () => {
    const sockets = new Set<unknown>();
    const server = createServer((request, response) => {
      sockets.add(request.socket);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ id: adele, displayName: 'Adele Vance' }));
    });
    const kept = open({ graphUrl: await listening(server) });
    try {
      assert.equal((await kept.get(adele))?.id, adele);
      assert.equal((await kept.managerOf(adele))?.id, adele);
      assert.equal(sockets.size, 1);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('is retried after the delay that Graph names', async () => {
    emulator.faults.add({ operation: 'graph.getUser', kind: 'status', status: 429, retryAfter: 2 });
    const found = directory.get(adele);
    await clock.pass(2000);
    assert.equal((await found)?.displayName, 'Adele Vance');
    assert.equal(requests(), 2);
  });

  it('is retried at the time that Graph names', async () => {
    const at = new Date(clock.now() + 3000).toUTCString();
    emulator.faults.add({ operation: 'graph.getUser', kind: 'status', status: 503, retryAfter: at });
    const found = directory.get(adele);
    await clock.pass(3000);
    assert.equal((await found)?.displayName, 'Adele Vance');
  });

  it('fails at once while Graph throttles for longer than people wait, for everybody', async () => {
    emulator.faults.add({ operation: 'graph.getUser', kind: 'status', status: 429, retryAfter: 20 });
    await assert.rejects(directory.get(adele), unavailable(/throttles/));
    await assert.rejects(directory.find({ text: 'Megan Bowen' }, null), unavailable(/throttles/));
    assert.equal(requests(), 1);
    // Graph throttles presence separately.
    assert.equal((await directory.presence([adele]))?.size, 1);
    clock.advance(20_000);
    assert.equal((await directory.get(adele))?.id, adele);
  });

  it('waits for an earlier question’s throttling to end, if that is soon', async () => {
    emulator.faults.add({ operation: 'graph.getUser', kind: 'status', status: 429, retryAfter: 20 });
    await assert.rejects(directory.get(adele), unavailable(/throttles/));
    clock.advance(15_000);
    const found = directory.get(adele);
    await clock.pass(5000);
    assert.equal((await found)?.id, adele);
    assert.equal(requests(), 2);
  });

  it('does not wait for throttled presence, and leaves presence out meanwhile', async () => {
    const later = { kind: 'status', status: 429, retryAfter: 20 } as const;
    emulator.faults.add({ operation: 'graph.getPresences', ...later });
    const megan = emulator.people.get('Megan Bowen').id;
    for (const objectId of [adele, megan]) {
      assert.equal((await directory.find({ objectId, withPresence: true }, null)).kind, 'one');
    }
    assert.equal(await directory.presence([megan]), null);
    assert.equal(requests(), 2);
    clock.advance(20_000);
    assert.equal((await directory.presence([megan]))?.size, 1);
  });

  it('retries only the throttled parts of a batch', async () => {
    emulator.faults.add({ operation: 'graph.listUsers', kind: 'status', status: 429, retryAfter: 1 });
    const sizes: number[] = [];
    await emulator.stop();
    emulator = createEmulator({
      onExchange: ({ request }) => sizes.push(request.body.toString().split('"method"').length - 1),
    });
    await emulator.start();
    emulator.faults.add({ operation: 'graph.listUsers', kind: 'status', status: 429, retryAfter: 1 });
    const found = open().find({ text: 'Adele Vance' }, null);
    await clock.pass(1000);
    assert.equal((await found).kind, 'one');
    assert.equal(sizes.length, 2);
    assert.ok((sizes[0] ?? 0) > 1);
    assert.equal(sizes[1], 1);
  });

  it('is tried four times if it fails, at growing intervals', async () => {
    emulator.faults.add({ operation: 'graph.getUser', kind: 'status', status: 500, times: 9 });
    const found = assert.rejects(directory.get(adele), unavailable(/answered 500/));
    for (const ms of [300, 600, 1200]) await clock.pass(ms);
    await found;
    assert.equal(requests(), 4);
  });

  it('is retried if the connection breaks', async () => {
    emulator.faults.add({ operation: 'graph.getUser', kind: 'reset', times: 2 });
    const found = directory.get(adele);
    for (const ms of [300, 600]) await clock.pass(ms);
    assert.equal((await found)?.id, adele);
  });

  it('fails if Graph sends an answer that is not JSON', async () => {
    emulator.faults.add({ operation: 'graph.getUser', kind: 'malformed' });
    await assert.rejects(directory.get(adele), unavailable(/cannot be parsed/));
  });

  it('fails if nothing listens at the address', async () => {
    const server = createServer();
    const graphUrl = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    const found = assert.rejects(open({ graphUrl }).get(adele), unavailable(/could not be reached/));
    for (const ms of [300, 600, 1200]) await clock.pass(ms);
    await found;
  });

  it('fails after eight seconds without an answer, and after three for presence', async () => {
    const asked: (() => void)[] = [];
    const server = createServer(() => asked.shift()?.());
    const silent = open({ graphUrl: await listening(server) });
    try {
      const arrived = new Promise<void>((resolve) => asked.push(resolve));
      const found = assert.rejects(
        silent.find({ text: 'Adele Vance' }, null),
        unavailable(/did not answer within 8 seconds/),
      );
      await arrived;
      await clock.pass(timeLimit);
      await found;
      const presence = silent.presence([adele]);
      await clock.pass(3000);
      assert.equal(await presence, null);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('fails after eight seconds if the answer does not end', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"id":');
      server.emit('begun');
    });
    const begun = new Promise((resolve) => server.once('begun', resolve));
    const slow = open({ graphUrl: await listening(server) });
    try {
      const found = assert.rejects(slow.get(adele), unavailable(/did not answer within 8 seconds/));
      await begun;
      await clock.pass(timeLimit);
      await found;
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('fails without a token', async () => {
    const none = open({ getToken: async () => Promise.reject(new Error('no identity endpoint')) });
    await assert.rejects(none.get(adele), unavailable(/Getting a token for Microsoft Graph failed/));
    const never = open({ getToken: () => new Promise(() => undefined) });
    const found = assert.rejects(never.get(adele), unavailable(/did not answer within 8 seconds/));
    await clock.pass(timeLimit);
    await found;
    assert.equal(requests(), 0);
  });

  it('is answered even if the asker’s colleagues cannot be read', async () => {
    emulator.faults.add({ operation: 'graph.getManager', kind: 'status', status: 429, retryAfter: 60 });
    const found = await directory.find({ text: 'chris green' }, { objectId: adele });
    assert.equal(found.kind, 'several');
  });
});

async function listening(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}`;
}
