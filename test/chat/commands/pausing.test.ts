import assert from 'node:assert/strict';
import { openEmbedded } from '../../support/databases.ts';
import { startWorld, type World } from '../../support/world.ts';
import { wordsOf } from '../../support/chat/room.ts';

const second = 1000;
const alex = 'Alex Wilber';
const megan = 'Megan Bowen';
const adele = 'Adele Vance';
const yaml = `
timeZone: Europe/Berlin
operators: [megan@contoso.example]
policies:
  payments:
    steps:
      - {targets: [{user: adele@contoso.example}], ringTimeoutSeconds: 60}
`;
const mayNot = 'Only operators can pause and resume all calls. Ask megan@contoso.example.';

describe('The operator’s stop, in chat', function () {
  async function open(file = yaml): Promise<World> {
    return await startWorld({ database: await openEmbedded(), yaml: file });
  }

  /** What somebody reads after having said it, in their personal chat unless said otherwise. */
  async function say(
    world: World,
    from: string | { id: string; name: string },
    text: string,
    more: { channelId?: string; fields?: Record<string, unknown> } = {},
  ): Promise<string[]> {
    const { channel } = world.emulator;
    const before = new Set(channel.messages().map(({ id }) => id));
    assert.equal((await channel.send({ from, text, ...more })).status, 200);
    // Some time must go by: calls are placed no faster than the pace that all replicas keep.
    await world.pass(500);
    return channel
      .messages()
      .filter(({ id }) => !before.has(id))
      .map(wordsOf);
  }

  /** Everything that somebody reads now in their personal chat. */
  function read(world: World, name: string): string {
    const { channel } = world.emulator;
    return channel
      .messages(channel.personal(name).id)
      .map(({ activity }) => JSON.stringify(activity))
      .join('\n');
  }

  const placed = (world: World): number => world.emulator.calls.list().length;

  it('keeps calls and ladders waiting, tells everybody concerned, and loses none', async () => {
    const world = await open();
    assert.deepEqual(await say(world, megan, 'pause'), [
      'All calls are paused. No new call is placed, and alerts wait; calls that run go on. Say "resume" when it may go on.',
    ]);
    await say(world, alex, 'call Lee Gu: hello');
    await say(world, alex, 'escalate payments: checkout errors');
    await world.pass(35 * second);
    assert.equal(placed(world), 0);
    assert.match(read(world, alex), /Waiting …/);
    assert.match(
      read(world, alex),
      /An operator has paused all calls\. The call is placed when they go on\./,
    );
    assert.match(read(world, alex), /An operator holds it: nobody is called until it is let go on\./);
    assert.match(read(world, alex), /Megan Bowen/, 'the card of the alert says who');

    const [answer] = await say(world, megan, 'resume');
    assert.equal(answer, 'Calls are placed again. What has waited goes on now.');
    await world.pass(5 * second);
    assert.equal(placed(world), 2);
    assert.doesNotMatch(read(world, alex), /An operator holds it: nobody is called|"Waiting …"/);
  });

  it('changed again and again, leaves no card that tells of another time', async () => {
    const callees = [adele, 'Lee Gu', 'Debra Berger', 'Diego Siciliani', 'Nestor Wilke', 'Isaiah Langer'];
    const policy = (name: string, at: number): string =>
      `  p${at}: {steps: [{targets: [{user: ${name}}]}]}\n`;
    const world = await open(`operators: [${megan}]\npolicies:\n${callees.map(policy).join('')}`);
    for (const name of callees) world.emulator.people.script(name, { byHand: true });
    const held = (): number => read(world, alex).split('An operator holds it').length - 1;
    const turn = async (...words: string[]): Promise<void> => {
      for (const text of words) await world.emulator.channel.send({ from: megan, text });
      await world.pass(5 * second);
    };

    await turn('pause');
    for (const at of callees.keys()) await say(world, alex, `escalate p${at}: checkout errors`);
    assert.deepEqual([held(), placed(world)], [callees.length, 0]);
    await turn('resume', 'pause', 'resume', 'pause');
    // A phone may have been called between two pauses.
    assert.equal(held(), callees.length - placed(world));
    await turn('resume', 'pause', 'resume');
    assert.equal(held(), 0);
    for (const name of callees) assert.equal(world.emulator.phone(name).rings().length, 1, name);
  });

  it('holds a ladder that is under way; a call that runs goes on', async () => {
    const world = await open();
    world.emulator.people.script(adele, { byHand: true });
    await say(world, alex, 'escalate payments: checkout errors');
    await world.pass(5 * second);
    assert.equal(placed(world), 1);
    await say(world, megan, 'Pause all calls!');
    await world.pass(second);
    assert.match(read(world, alex), /Held/);
    const [call] = world.emulator.calls.list();
    assert.equal(call?.state, 'connecting', 'the call that runs is left alone');
    await world.pass(35 * second);
    assert.equal(placed(world), 1);
  });

  it('is told to all operators, and in the answer to "status"', async () => {
    const world = await open();
    assert.deepEqual(await say(world, alex, 'status'), ['No call is running.']);
    await say(world, megan, 'pause');
    const [status] = await say(world, alex, 'status');
    assert.match(
      status ?? '',
      /^Megan Bowen paused all calls at \d\d?:\d\d.*An operator can say "resume"\.$/u,
    );
    await world.pass(15 * second);
    assert.match(read(world, megan), /Megan Bowen has paused all calls: nobody is called until/);
    await say(world, alex, 'call Adele Vance: hello');
    await world.pass(2 * second);
    assert.match((await say(world, alex, 'status')).join(), /paused all calls at.*Adele Vance: Waiting …/s);
  });

  it('changes nothing the second time, and says so', async () => {
    const world = await open();
    assert.deepEqual(await say(world, megan, 'resume'), [
      'Calls are not paused. There is nothing to resume.',
    ]);
    await say(world, megan, 'pause');
    assert.match((await say(world, megan, 'pause')).join(), /^Megan Bowen paused all calls at/);
    const rows = await world.app.database.sql.selectFrom('audit').select(['what', 'who_name']).execute();
    assert.deepEqual(rows, [{ what: 'paused', who_name: megan }]);
  });

  it('is done once for a message that is delivered twice', async () => {
    const world = await open();
    const fields = { id: 'pause, redelivered' };
    await say(world, megan, 'pause', { fields });
    await say(world, megan, 'resume');
    assert.deepEqual(await say(world, megan, 'pause', { fields }), []);
    assert.deepEqual((await world.api('GET', '/api/v1/pause')).body, {
      paused: false,
      since: null,
      by: null,
    });
  });

  it('is one and the same in chat and in the API', async () => {
    const world = await open();
    await world.api('POST', '/api/v1/pause');
    assert.match((await say(world, megan, 'pause')).join(), /^tests paused all calls at/);
    await say(world, megan, 'resume');
    assert.deepEqual((await world.api('GET', '/api/v1/pause')).body, {
      paused: false,
      since: null,
      by: null,
    });
  });

  describe('who may not', () => {
    for (const text of ['pause', 'resume']) {
      it(`${text}: whoever is no operator; it is in the audit trail`, async () => {
        const world = await open();
        const before = text === 'resume' ? (await world.api('POST', '/api/v1/pause')).body : null;
        assert.deepEqual(await say(world, alex, text), [mayNot]);
        const { paused } = (await world.api('GET', '/api/v1/pause')).body as { paused: boolean };
        assert.equal(paused, before !== null);
        const rows = await world.app.database.sql.selectFrom('audit').select(['what', 'who_name']).execute();
        assert.deepEqual(rows, [{ what: 'mayNotPause', who_name: alex }]);
      });
    }

    it('whoever only bears an operator’s name, outside of Teams', async () => {
      const world = await open();
      const answer = await say(world, { id: 'megan', name: megan }, 'pause', { channelId: 'webchat' });
      assert.match(answer.join(), /^I cannot tell who you are here/);
      assert.equal(((await world.api('GET', '/api/v1/pause')).body as { paused: boolean }).paused, false);
    });

    it('anybody, where ringdown.yaml names no operators', async () => {
      const world = await open(yaml.replace(/^operators:.*$/m, ''));
      assert.match((await say(world, megan, 'pause')).join(), /ringdown\.yaml names none/);
    });

    it('whoever cannot be looked up; an operator named by object id can all the same', async () => {
      const world = await open();
      world.emulator.faults.add({ operation: 'graph.*', kind: 'status', status: 403, times: 20 });
      assert.match(
        (await say(world, megan, 'pause')).join(),
        /I cannot look up right now whether you are an operator/,
      );

      const id = world.emulator.people.find(megan)?.id ?? '';
      const byId = await open(yaml.replace('megan@contoso.example', id));
      byId.emulator.faults.add({ operation: 'graph.*', kind: 'status', status: 403, times: 20 });
      assert.match((await say(byId, megan, 'pause')).join(), /^All calls are paused/);
    });
  });
});
