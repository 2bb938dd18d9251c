import assert from 'node:assert/strict';
import { readRingdownYaml } from '../../src/config/ringdownYaml.ts';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { addressIn, callWith, newest, outcome, Page, say, talkWorld, talkYaml } from '../support/talk.ts';
import { newestCall, startWorld, type World } from '../support/world.ts';

const second = 1000;
const minute = 60 * second;
/** Microsoft, "Identity model": revoking "isn't immediate. It can take up to 15 minutes to propagate". */
const documented = 15 * minute;

async function joinedPage(world: World): Promise<{ page: Page; token: unknown }> {
  const page = new Page(world, addressIn(world, await say(world, 'call Adele Vance')));
  const { status, body } = await page.join();
  assert.equal(status, 200, JSON.stringify(body));
  return { page, token: body['token'] };
}

/** The people whose phones have rung. */
const rung = (world: World): (string | null)[] =>
  world.emulator.calls.list().flatMap(({ rings, target }) => rings.map(() => target.displayName));

/** Ways in which the page's call ends. */
const ends: readonly [how: string, end: (world: World, page: Page) => Promise<void>][] = [
  [
    'the page reports that its call has ended',
    async (_, page) => {
      await page.report('connected');
      await page.report('ended');
    },
  ],
  ['the page is never heard from after joining', async (world) => await world.pass(minute)],
  [
    'the page keeps reporting that it is starting',
    async (_, page) => await page.stays('starting', 45 * second + minute),
  ],
  [
    'somebody hangs up in the chat, and the page ignores it',
    async (world, page) => {
      await page.report('connected');
      await say(world, 'hang up');
      await page.stays('connected', minute);
    },
  ],
];

describe('the token of a browser page, in the hands of somebody who may only call Adele', () => {
  forEachDatabaseByTurns((open) => {
    for (const [how, end] of ends) {
      it(`no longer rings anybody after: ${how}`, async () => {
        const world = await talkWorld({
          database: await open(),
          emulator: { timings: { revocationMs: 0 } },
        });
        const { page, token } = await joinedPage(world);
        await end(world, page);
        assert.equal((await outcome(world))[0], 'ended');
        assert.equal((await callWith(world, token, 'Megan Bowen')).status, 401);
        assert.deepEqual(rung(world), []);
        assert.deepEqual(world.emulator.identities.list(), [], 'it is deleted at the service');
      });
    }

    it('rings anybody, under any name, until the service has revoked it, which may take as long as documented', async () => {
      const world = await talkWorld({ database: await open() });
      assert.equal(world.emulator.timings.revocationMs, documented);
      const { page, token } = await joinedPage(world);
      const during = await callWith(world, token, 'Megan Bowen');
      assert.equal(during.status, 200, 'the scope voip does not restrict the callee');
      assert.equal(world.emulator.calls.list()[0]?.displayName, 'The Chief Executive');
      await page.report('connected');
      await page.report('ended');
      await world.pass(documented - second);
      assert.equal((await callWith(world, token, 'Megan Bowen')).status, 200);
      await world.pass(second);
      assert.equal((await callWith(world, token, 'Megan Bowen')).status, 401);
      assert.deepEqual(rung(world), ['Megan Bowen', 'Megan Bowen']);
    });

    it('rings nobody an hour after it was issued, even if the service is never reached again', async () => {
      const world = await talkWorld({ database: await open() });
      const { page, token } = await joinedPage(world);
      for (const operation of ['revokeAccessTokens', 'deleteIdentity'] as const) {
        world.emulator.faults.add({ operation, kind: 'status', status: 503, times: 1_000 });
      }
      await page.report('ended', { code: 603 });
      await world.pass(60 * minute);
      assert.equal((await callWith(world, token, 'Megan Bowen')).status, 401);
      assert.equal(world.emulator.identities.list().length, 1);
    });

    it('is not issued for an expired link; an identity created for it is deleted', async () => {
      const world = await talkWorld({ database: await open() });
      const page = new Page(world, addressIn(world, await say(world, 'call Adele Vance')));
      await world.api('POST', '/api/v1/pause');
      const refused = await page.join();
      assert.deepEqual([refused.status, refused.body['token']], [409, undefined]);
      assert.equal(world.emulator.identities.list().length, 1);
      await world.pass(10 * minute + second);
      assert.deepEqual(await outcome(world), ['ended', 'cancelled', null, null]);
      assert.equal((await page.join()).body['because'], 'expired');
      assert.deepEqual(world.emulator.identities.list(), []);
    });
  });
});

describe('calls from a browser, if ringdown.yaml does not allow them', () => {
  const yaml = talkYaml.replace('talk: true', '');

  forEachDatabaseByTurns((open) => {
    it('are not offered: a message can be spoken instead', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const chat = await say(world, 'call Adele Vance');
      assert.doesNotMatch(newest(world, chat), /\/talk\/|browser/);
      assert.match(newest(world, chat), /I can connect only people in Teams/);
      assert.equal(await newestCall(world), undefined);
      await say(world, 'call Adele Vance: the build is red');
      assert.ok(await newestCall(world));
    });

    it('end with a reload: existing links stop working, and running calls continue', async () => {
      const world = await talkWorld({ database: await open() });
      const running = (await joinedPage(world)).page;
      await running.report('connected');
      const max = { id: 'max', name: 'Max' };
      const address = addressIn(world, await say(world, 'call Adele Vance', max));
      await world.app.reload(readRingdownYaml(yaml, {}));
      assert.equal((await fetch(address)).status, 404);
      assert.equal((await new Page(world, address).join()).status, 404);
      assert.deepEqual((await running.report('connected')).body['hangUp'], false);
      assert.equal(world.emulator.identities.list().length, 1, 'nobody got a token for the link');
    });
  });
});
