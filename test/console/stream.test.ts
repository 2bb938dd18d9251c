import assert from 'node:assert/strict';
import type { RootOperationNode } from 'kysely';
import { readRingdownYaml } from '../../src/config/ringdownYaml.ts';
import { counted } from '../support/counted.ts';
import { openEmbedded, onPostgres } from '../support/databases.ts';
import { idOf, page, type Lines } from '../support/console/pages.ts';
import { ask, member, text } from '../support/http/api/api.ts';
import { startWorld, type World } from '../support/world.ts';

const second = 1000;
/** Longer than a test may take. */
const STOP_MS = 24 * 60 * 60 * second;
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

const week = encodeURIComponent('2026-03-02T00:00:00.000Z..2026-03-09T00:00:00.000Z');

/** The words of a statement that was written by hand. */
function wordsOf(node: RootOperationNode): string {
  return node.kind === 'RawNode' ? JSON.stringify(node) : '';
}

/** Whether a statement asks for changes, without loading anything. */
function isLook(node: RootOperationNode): boolean {
  return wordsOf(node).includes('FROM all_covers') && wordsOf(node).includes('covers');
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
    await world.app.stop(STOP_MS);
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

  it('cost one statement a look at rest, however many different people have a page open', async () => {
    const env = { CONSOLE_CLIENT_ID: clientId, MicrosoftAppTenantId: tenantId };
    const all = counted(await openEmbedded());
    const looks = counted(all.database, isLook);
    const world = await startWorld({ database: looks.database, yaml, env });
    const open = async (nth: number): Promise<Lines> => {
      const token = await world.emulator.keys.sign(
        {
          aud: clientId,
          iss: `${world.emulator.addresses.entraUrl}/${tenantId}/v2.0`,
          azp: clientId,
          oid: `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`,
          sub: `person ${nth}`,
          scp: 'access_as_user',
        },
        60 * 60 * second,
      );
      const lines = await page(world, token).stream(['now', 'duty&id=' + week, 'policies'][nth % 3] ?? '');
      assert.notEqual(member(await lines.next(), 'view'), undefined);
      return lines;
    };
    const atRest = async (): Promise<{ statements: number; asked: number }> => {
      await world.pass(5 * second); // The first look loads the views.
      all.since();
      looks.since();
      await world.pass(20 * second);
      return { statements: all.since(), asked: looks.since() };
    };
    const none = await atRest();
    await Promise.all(Array.from({ length: 50 }, async (_, nth) => await open(nth)));
    const many = await atRest();
    assert.equal(none.asked, 0);
    const expected = 20 / world.app.database.pollSeconds;
    assert.ok(Math.abs(many.asked - expected) <= 1, `${many.asked} looks, expected ${expected}`);
    const own = many.statements - none.statements;
    assert.ok(Math.abs(own - many.asked) <= 2, `${own} statements for ${many.asked} looks`);
  });

  it('show on Health what changes there, and cost the other pages nothing for it', async () => {
    const looks = counted(await openEmbedded(), (node) =>
      /webhook_deliveries.*operator_notices/s.test(wordsOf(node)),
    );
    const health = `heartbeats: [{name: nightly, every: 2m, policy: payments}]\n${yaml}`;
    const world = await startWorld({ database: looks.database, yaml: health });
    const isaiah = page(world, 'Isaiah Langer');
    await (await isaiah.stream('now')).next();
    await world.pass(5 * second);
    assert.equal(looks.since(), 0, 'nothing of Health is asked while nobody has it open');
    const lines = await isaiah.stream('health');
    assert.equal(member(await lines.next(), 'view.heartbeats.0.lastAt'), null);
    assert.equal((await page(world, 'Nestor Wilke').stream('health')).status, 404);
    await ask(world, 'POST', '/api/v1/heartbeats/nightly');
    const line = await world.passUntil(lines.next());
    assert.equal(typeof member(line, 'view.heartbeats.0.lastAt'), 'string');
    assert.ok(looks.since() > 0);
  });

  it('show on Policies a cover at once, and ask the directory about presence at most each 30 seconds', async () => {
    const rotation = `
rotations: {web: {members: [nestor@contoso.example], every: 1w, handover: "Mon 09:00"}}
policies: {web: {steps: [{targets: [{rotation: web}]}]}}
`;
    const world = await startWorld({ database: await openEmbedded(), yaml: rotation });
    const open = async (name: string): Promise<Lines> =>
      await page(world, name).stream('policy', 'critical:web');
    const lines = await open('Adele Vance');
    assert.equal(member(await lines.next(), 'view.steps.0.people.0.presence'), 'available');
    world.emulator.people.change('Nestor Wilke', { presence: { availability: 'Busy', activity: 'Busy' } });
    const shown = async (name: string): Promise<unknown> =>
      member(await (await open(name)).next(), 'view.steps.0.people.0.presence');
    await world.pass(20 * second);
    assert.equal(await shown('Debra Berger'), 'available');
    await world.pass(15 * second);
    assert.equal(await shown('Debra Berger'), 'busy');
    assert.equal((await page(world, 'Adele Vance').stream('policy', 'huge:web')).status, 404);
    assert.equal((await page(world, 'Adele Vance').stream('policy', 'critical:none')).status, 404);
  });

  it('after a change share what their readers load', async () => {
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
    // Five loads of their own would be five times as many. A commit may add a round.
    assert.ok(many < 2 * one, `${many} statements for five readers, ${one} for one`);
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
