import assert from 'node:assert/strict';
import { readRingdownYaml } from '../../src/config/ringdownYaml.ts';
import { counted } from '../support/counted.ts';
import { openEmbedded, onPostgres } from '../support/databases.ts';
import { idOf, page, type Lines } from '../support/console/pages.ts';
import { ask, member, text } from '../support/http/api/api.ts';
import { startWorld, type World } from '../support/world.ts';

const second = 1000;
const tenantId = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const clientId = 'abcdef11-2222-3333-4444-555555555555';
const yaml = `
permissions: {console: {readers: [{user: isaiah@contoso.example}]}}
policies: {payments: {steps: [{targets: [{user: nestor@contoso.example}]}]}}
`;

async function start(world: World, summary: string): Promise<string> {
  const body = { policy: 'payments', summary };
  return text(await ask(world, 'POST', '/api/v1/escalations', { body }), 'id');
}

/** The next line that shows this many escalations. */
async function shows(world: World, lines: Lines, count: number): Promise<unknown> {
  return await world.passUntil(
    (async () => {
      for (;;) {
        const line = await lines.next();
        const found = member(line, 'view.escalations');
        if (line === null || (Array.isArray(found) && found.length === count)) return line;
      }
    })(),
  );
}

describe('streams of the console', () => {
  it('show the view, and again after a change, and otherwise that they are alive', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml });
    const lines = await page(world, 'Nestor Wilke').stream('now');
    assert.deepEqual(member(await lines.next(), 'view.escalations'), []);
    const next = lines.next();
    await world.pass(26 * second);
    assert.deepEqual(await next, { alive: true });
    await start(world, 'Checkout errors');
    const line = await shows(world, lines, 1);
    assert.equal(member(line, 'view.escalations.0.summary'), 'Checkout errors');
  });

  it('end with a request to sign in when the token expires', async () => {
    const env = { CONSOLE_CLIENT_ID: clientId, MicrosoftAppTenantId: tenantId };
    const world = await startWorld({ database: await openEmbedded(), yaml, env });
    const token = await world.emulator.keys.sign(
      {
        aud: clientId,
        iss: `${world.emulator.addresses.entraUrl}/${tenantId}/v2.0`,
        azp: clientId,
        oid: idOf(world, 'Nestor Wilke'),
        sub: 'somebody',
        scp: 'access_as_user',
      },
      5 * 60 * second,
    );
    const lines = await page(world, token).stream('now');
    assert.notEqual(member(await lines.next(), 'view'), undefined);
    const rest: unknown[] = [];
    await world.passUntil(
      (async () => {
        for (let line = await lines.next(); line !== null; line = await lines.next()) rest.push(line);
      })(),
    );
    assert.deepEqual(rest.at(-1), { signIn: true });
    // A page that sent it again would be asked to sign in at once, without end.
    assert.equal((await page(world, token).stream('now')).status, 401);
  });

  it('end when their reader may no longer see what they show', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml });
    const id = await start(world, 'Checkout errors');
    const lines = await page(world, 'Isaiah Langer').stream('escalation', id);
    assert.equal(member(await lines.next(), 'view.id'), id);
    await world.app.reload(readRingdownYaml(yaml.replace('isaiah', 'adele'), {}));
    const ends = (async () => {
      while ((await lines.next()) !== null);
    })();
    await world.passUntil(ends);
    assert.equal((await page(world, 'Isaiah Langer').stream('escalation', id)).status, 404);
  });

  it('end at once when the bot stops', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml });
    const lines = await page(world, 'Nestor Wilke').stream('now');
    await lines.next();
    const began = performance.now();
    await world.app.stop(10_000);
    assert.ok(performance.now() - began < 5_000);
    assert.equal(await lines.next(), null);
  });

  it('are at most 20 for a person', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml });
    const nestor = page(world, 'Nestor Wilke');
    const open = await Promise.all(Array.from({ length: 20 }, async () => await nestor.stream('now')));
    assert.ok(open.every(({ status }) => status === 200));
    assert.equal((await nestor.stream('now')).status, 429);
    assert.equal((await page(world, 'Adele Vance').stream('now')).status, 200);
  });

  it('cost about as many statements for many readers as for one', async () => {
    const { database, since } = counted(await openEmbedded(), ({ kind }) => kind === 'SelectQueryNode');
    const world = await startWorld({ database, yaml });
    const change = async (names: readonly string[]): Promise<number> => {
      const streams = await Promise.all(names.map(async (name) => await page(world, name).stream('now')));
      await Promise.all(streams.map(async (lines) => await lines.next()));
      await world.pass(10 * second);
      await start(world, 'Checkout errors');
      since();
      await world.pass(second);
      const made = since();
      for (const lines of streams) lines.close();
      await world.pass(second);
      return made;
    };
    const one = await change(['Isaiah Langer']);
    const many = await change([
      'Isaiah Langer',
      'Nestor Wilke',
      'Adele Vance',
      'Alex Wilber',
      'Debra Berger',
    ]);
    assert.ok(many <= one + 5, `${many} statements for five readers, ${one} for one`);
  });

  onPostgres((open, freshUrl) => {
    it('show changes of another replica, and come back from it when theirs stops', async () => {
      const url = await freshUrl();
      const world = await startWorld({ database: await open(url), yaml });
      const other = await startWorld({ database: await open(url), yaml, with: world });
      const lines = await page(other, 'Nestor Wilke').stream('now');
      await lines.next();
      await start(world, 'Checkout errors');
      assert.notEqual(await shows(world, lines, 1), null);
      await other.stop();
      while ((await lines.next()) !== null);
      await start(world, 'Disk full');
      const again = await page(world, 'Nestor Wilke').stream('now');
      assert.notEqual(await shows(world, again, 2), null);
    });
  });
});
