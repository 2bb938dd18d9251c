import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { RequestLane } from '../../src/database/lanes.ts';
import { Talk } from '../../src/talk/talk.ts';
import { openEmbedded } from '../support/databases.ts';
import { dial } from '../support/http/harness.ts';
import { addressIn, Page, say, talkWorld } from '../support/talk.ts';

describe('Reports from browser pages', function () {
  it('are refused to strangers before they have sent a body', async () => {
    const world = await talkWorld({ database: await openEmbedded() });
    const session = randomBytes(32).toString('base64url');
    const head = `Authorization: Bearer ${session}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n`;
    const socket = await dial(Number(new URL(world.url).port));
    socket.write(`POST /talk/session/report HTTP/1.1\r\nHost: x\r\n${head}\r\n{`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1\.1 401 /);
    socket.destroy();
  });

  it('of known pages bypass the request queue, and others do not', async () => {
    const world = await talkWorld({ database: await openEmbedded() });
    const page = new Page(world, addressIn(world, await say(world, 'call Adele Vance')));
    assert.equal((await page.join()).status, 200);
    const lane = new RequestLane(1_000);
    const waits: Promise<boolean>[] = [];
    const transformQuery: Parameters<typeof world.app.database.sql.withPlugin>[0]['transformQuery'] = ({
      node,
    }) => {
      waits.push(lane.enter().then((leave) => leave !== null));
      return node;
    };
    const sql = world.app.database.sql.withPlugin({
      transformQuery,
      transformResult: async ({ result }) => await Promise.resolve(result),
    });
    const talk = new Talk({ sql } as ConstructorParameters<typeof Talk>[0]);
    await talk.callOf(page.session);
    await talk.callOf(page.session);
    for (let nth = 0; nth < 2; nth++) {
      const madeUp = randomBytes(32).toString('base64url');
      await assert.rejects(talk.callOf(madeUp), { code: 'unauthorized' });
      await assert.rejects(talk.callOf(madeUp), { code: 'unauthorized' });
    }
    assert.deepEqual(await Promise.all(waits), [true, false, true, true, true, true]);
  });

  it('still start the call if the page joins twice because an answer was lost', async () => {
    const world = await talkWorld({ database: await openEmbedded() });
    const page = new Page(world, addressIn(world, await say(world, 'call Adele Vance')));
    const answers = await Promise.all([page.join(), page.join()]);
    assert.deepEqual(
      answers.map(({ status, body }) => [status, typeof body['token']]),
      [
        [200, 'string'],
        [200, 'string'],
      ],
    );
    assert.equal(world.emulator.identities.list().length, 1);
  });
});
