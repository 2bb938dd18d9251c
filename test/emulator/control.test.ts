import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { readConfig } from '../../src/config/config.ts';
import { startWorld } from '../support/emulator/world.ts';
import type { World } from '../support/emulator/world.ts';

describe('emulator: control from another process', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  const get = async (path: string): Promise<unknown> => (await fetch(world.at.controlUrl + path)).json();
  const post = async (path: string, body?: unknown, method = 'POST'): Promise<number> => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { 'X-Emulator-Control': '1', 'content-type': 'application/json' };
    return (await fetch(world.at.controlUrl + path, { method, headers, ...init })).status;
  };

  it('refuses changes by a page of another site', async () => {
    const answer = await fetch(`${world.at.controlUrl}/people/Adele%20Vance/script`, {
      method: 'POST',
      body: JSON.stringify({ busy: true }),
    });
    assert.equal(answer.status, 403);
  });

  it('sets a script, and refuses an invalid one', async () => {
    assert.equal(await post('/people/Adele%20Vance/script', { declines: { afterMs: 10 } }), 200);
    await world.call('Adele Vance');
    await world.pass(10);
    assert.deepEqual(world.application.story, ['CallDisconnected 487/10024']);
    assert.equal(await post('/people/Adele%20Vance/script', { sings: true }), 400);
    assert.equal(await post('/people/Nobody/script', { busy: true }), 404);
  });

  it('answers, presses keys, hangs up and declines by hand', async () => {
    const { id } = world.emulator.people.script('Adele Vance', { byHand: true });
    assert.equal(await post(`/phones/${id}/answer`), 409);
    await world.call('Adele Vance');
    assert.equal(await post(`/phones/${id}/answer`), 200);
    assert.equal(await post(`/phones/${id}/press`, { tone: 'one' }), 200);
    assert.equal(await post(`/phones/${id}/press`, { tone: 'eleven' }), 400);
    assert.equal(await post(`/phones/${id}/hang-up`), 200);
    await world.pass(0);
    await world.call('Adele Vance');
    assert.equal(await post(`/phones/${id}/decline`), 200);
    await world.pass(0);
    assert.equal(world.application.story.at(-1), 'CallDisconnected 487/10024');
  });

  it('lists how often each phone rang, and for which call', async () => {
    await world.call('Adele Vance', { operationContext: 'call-1' });
    await world.call('Adele Vance', { operationContext: 'call-2' });
    const Rings = z.array(
      z.looseObject({ displayName: z.string(), operationContext: z.string(), state: z.string() }),
    );
    const rings = Rings.parse(await get('/rings'));
    assert.deepEqual(
      rings.map(({ operationContext }) => operationContext),
      ['call-1', 'call-2'],
    );
    const [first] = z.array(z.looseObject({ callConnectionId: z.string() })).parse(await get('/calls'));
    const record = z
      .looseObject({ operationContext: z.string() })
      .parse(await get(`/calls/${first?.callConnectionId ?? ''}`));
    assert.equal(record.operationContext, 'call-1');
    const State = z.looseObject({
      people: z.array(z.looseObject({ displayName: z.string() })),
      calls: z.array(z.unknown()),
    });
    const state = State.parse(await get('/state'));
    assert.equal(state.people.length, world.emulator.people.list().length);
    assert.equal(state.calls.length, 2);
    const { counts } = z
      .looseObject({ counts: z.record(z.string(), z.number()) })
      .parse(await get('/requests'));
    assert.equal(counts['createCall'], 2);
  });

  it('adds, changes and removes people', async () => {
    assert.equal(await post('/people', { displayName: 'New Person', script: { busy: true } }), 201);
    assert.equal(await post('/people/New%20Person', { accountEnabled: false }), 200);
    assert.equal(world.emulator.people.get('New Person').accountEnabled, false);
    assert.equal(await post('/people/New%20Person', { shoeSize: 42 }), 400);
    assert.equal(await post('/people/New%20Person', undefined, 'DELETE'), 204);
    assert.equal(world.emulator.people.find('New Person'), null);
  });

  it('injects faults of services and events', async () => {
    assert.equal(await post('/faults', { operation: 'graph.*', kind: 'status', status: 503 }), 201);
    assert.equal((await fetch(`${world.at.graphUrl}/v1.0/users`)).status, 503);
    assert.equal(await post('/faults', { operation: 'flyToTheMoon', kind: 'reset' }), 400);
    assert.equal(await post('/faults', { operation: '*', kind: 'reset' }), 201);
    assert.equal(await post('/faults', undefined, 'DELETE'), 204);
    assert.equal(await post('/event-faults', { kind: 'drop', type: 'CallConnected' }), 201);
    assert.equal(await post('/timings', { perCharacterMs: 1 }), 200);
    assert.equal(world.emulator.timings.perCharacterMs, 1);
    await world.call('Adele Vance');
    await world.pass(2000);
    assert.deepEqual(world.application.story, ['ParticipantsUpdated 200/0']);
  });

  it('streams every change', async () => {
    const abort = new AbortController();
    const response = await fetch(`${world.at.controlUrl}/events`, { signal: abort.signal });
    assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    const reader = response.body?.getReader();
    assert.ok(reader);
    await world.call('Adele Vance');
    await world.pass(2000);
    let text = '';
    while (!text.includes('"status":200'))
      text += Buffer.from((await reader.read()).value ?? []).toString('utf8');
    const names = [...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name);
    assert.deepEqual(names.slice(0, 4), ['call', 'phone', 'phone', 'call']);
    assert.match(text, /"what":"rings"/);
    assert.equal(world.emulator.busy, false);
    abort.abort();
  });

  it('lets another process speak to a bot', async () => {
    assert.equal(await post('/channel/connect', { url: 'http://127.0.0.1:9/api/messages' }), 204);
    assert.equal(await post('/channel/send', { from: 'Alex Wilber' }), 400);
    assert.deepEqual(await get('/channel/messages'), []);
  });
});

describe('emulator: as a process', () => {
  it('prints its addresses as JSON, serves, and stops on SIGTERM', async () => {
    const main = fileURLToPath(new URL('../../emulator/main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, '--json', '--people', '10'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout });
    const first = await lines[Symbol.asyncIterator]().next();
    const Addresses = z.object({ url: z.string(), connectionString: z.string(), controlUrl: z.string() });
    const { url, connectionString, controlUrl } = Addresses.loose().parse(JSON.parse(String(first.value)));
    assert.match(connectionString, /^endpoint=http:\/\/127\.0\.0\.1:\d+\/;accesskey=.+$/);
    assert.equal((await fetch(`${url}/calling/keys`)).status, 200);
    const people = z.array(z.unknown()).parse(await (await fetch(`${controlUrl}/people`)).json());
    assert.equal(people.length, 38);
    child.kill('SIGTERM');
    await once(child, 'exit');
    assert.equal(child.exitCode, 0);
  });

  it('prints an environment with everything that a bot needs', async () => {
    const main = fileURLToPath(new URL('../../emulator/main.ts', import.meta.url));
    const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'] });
    const printed: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      printed.push(line);
      if (line.includes('Ctrl-C')) child.kill('SIGTERM');
    }
    const { bot, acs, graph, teamsServiceUrl, publicUrl } = readConfig(
      parseEnv(printed.join('\n')),
      () => undefined,
    );
    const { origin } = new URL(acs.endpoint);
    assert.match(bot.tenantId ?? '', /^[0-9a-f-]{36}$/);
    assert.deepEqual(
      [teamsServiceUrl, graph.url, acs.cognitiveServicesEndpoint],
      [`${origin}/connector`, origin, origin],
    );
    assert.ok(graph.token && acs.key && bot.allowAnonymous);
    assert.ok(
      printed.some((line) => line.includes(`"${publicUrl}/api/messages"`)),
      'how to connect the chat',
    );
  });
});
