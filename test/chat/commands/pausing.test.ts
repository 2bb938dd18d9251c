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

describe('Pausing all calls in chat', function () {
  async function open(file = yaml): Promise<World> {
    return await startWorld({ database: await openEmbedded(), yaml: file });
  }

  /** Says something, in a personal chat by default. @returns the answers */
  async function say(
    world: World,
    from: string | { id: string; name: string },
    text: string,
    more: { channelId?: string; fields?: Record<string, unknown> } = {},
  ): Promise<string[]> {
    const { channel } = world.emulator;
    const before = new Set(channel.messages().map(({ id }) => id));
    assert.equal((await channel.send({ from, text, ...more })).status, 200);
    // Some time must pass, because calls are rate limited.
    await world.pass(500);
    return channel
      .messages()
      .filter(({ id }) => !before.has(id))
      .map(wordsOf);
  }

  /** Everything in somebody's personal chat now. */
  function read(world: World, name: string): string {
    const { channel } = world.emulator;
    return channel
      .messages(channel.personal(name).id)
      .map(({ activity }) => JSON.stringify(activity))
      .join('\n');
  }

  const placed = (world: World): number => world.emulator.calls.list().length;

  it('keeps calls and ladders waiting, tells everybody affected, and loses nothing', async () => {
    const world = await open();
    assert.deepEqual(await say(world, megan, 'pause'), [
      'All calls are paused. No new calls are placed and alerts wait, but running calls continue. Say "resume" to continue.',
    ]);
    await say(world, alex, 'call Lee Gu: hello');
    await say(world, alex, 'escalate payments: checkout errors');
    await world.pass(35 * second);
    assert.equal(placed(world), 0);
    assert.match(read(world, alex), /Waiting …/);
    assert.match(
      read(world, alex),
      /An operator has paused all calls\. This call will be placed when they are resumed\./,
    );
    assert.match(
      read(world, alex),
      /An operator has paused all calls: nobody is called until they are resumed\./,
    );
    assert.match(read(world, alex), /Megan Bowen/, 'the card of the alert says who');

    const [answer] = await say(world, megan, 'resume');
    assert.equal(answer, 'Calls are resumed. Everything that was waiting continues now.');
    await world.pass(5 * second);
    assert.equal(placed(world), 2);
    assert.doesNotMatch(read(world, alex), /An operator has paused all calls: nobody is called|"Waiting …"/);
  });

  it('leaves no outdated card after many changes', async () => {
    const callees = [adele, 'Lee Gu', 'Debra Berger', 'Diego Siciliani', 'Nestor Wilke', 'Isaiah Langer'];
    const policy = (name: string, at: number): string =>
      `  p${at}: {steps: [{targets: [{user: ${name}}]}]}\n`;
    const world = await open(`operators: [${megan}]\npolicies:\n${callees.map(policy).join('')}`);
    for (const name of callees) world.emulator.people.script(name, { byHand: true });
    const paused = (): number =>
      read(world, alex).split('An operator has paused all calls: nobody').length - 1;
    const turn = async (...words: string[]): Promise<void> => {
      for (const text of words) await world.emulator.channel.send({ from: megan, text });
      await world.pass(5 * second);
    };

    await turn('pause');
    for (const at of callees.keys()) await say(world, alex, `escalate p${at}: checkout errors`);
    assert.deepEqual([paused(), placed(world)], [callees.length, 0]);
    await turn('resume', 'pause', 'resume', 'pause');
    // A call may have been placed between two pauses.
    assert.equal(paused(), callees.length - placed(world));
    await turn('resume', 'pause', 'resume');
    assert.equal(paused(), 0);
    for (const name of callees) assert.equal(world.emulator.phone(name).rings().length, 1, name);
  });

  it('holds a running ladder, but running calls continue', async () => {
    const world = await open();
    world.emulator.people.script(adele, { byHand: true });
    await say(world, alex, 'escalate payments: checkout errors');
    await world.pass(5 * second);
    assert.equal(placed(world), 1);
    await say(world, megan, 'Pause all calls!');
    await world.pass(second);
    assert.match(read(world, alex), /Paused by/);
    const [call] = world.emulator.calls.list();
    assert.equal(call?.state, 'connecting', 'the call that runs is left alone');
    await world.pass(35 * second);
    assert.equal(placed(world), 1);
  });

  it('is reported to all operators and in the answer to "status"', async () => {
    const world = await open();
    assert.deepEqual(await say(world, alex, 'status'), ['No call is running.']);
    await say(world, megan, 'pause');
    const [status] = await say(world, alex, 'status');
    assert.match(
      status ?? '',
      /^Megan Bowen paused all calls at \d\d?:\d\d.*An operator can say "resume" to continue\.$/u,
    );
    await world.pass(15 * second);
    assert.match(read(world, megan), /Megan Bowen has paused all calls\. Nobody is called until/);
    await say(world, alex, 'call Adele Vance: hello');
    await world.pass(2 * second);
    assert.match((await say(world, alex, 'status')).join(), /paused all calls at.*Adele Vance: Waiting …/s);
  });

  it('does nothing the second time, and says so', async () => {
    const world = await open();
    assert.deepEqual(await say(world, megan, 'resume'), [
      'Calls are not paused, so there is nothing to resume.',
    ]);
    await say(world, megan, 'pause');
    assert.match((await say(world, megan, 'pause')).join(), /^Megan Bowen paused all calls at/);
    const rows = await world.app.database.sql.selectFrom('audit').select(['what', 'who_name']).execute();
    assert.deepEqual(rows, [{ what: 'paused', who_name: megan }]);
  });

  it('is done once if the message is delivered twice', async () => {
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

  it('is the same in chat and in the API', async () => {
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

  describe('is refused to', () => {
    for (const text of ['pause', 'resume']) {
      it(`${text}: people who are not operators, and recorded in the audit trail`, async () => {
        const world = await open();
        const before = text === 'resume' ? (await world.api('POST', '/api/v1/pause')).body : null;
        assert.deepEqual(await say(world, alex, text), [mayNot]);
        const { paused } = (await world.api('GET', '/api/v1/pause')).body as { paused: boolean };
        assert.equal(paused, before !== null);
        const rows = await world.app.database.sql.selectFrom('audit').select(['what', 'who_name']).execute();
        assert.deepEqual(rows, [{ what: 'mayNotPause', who_name: alex }]);
      });
    }

    it('people outside Teams with an operator’s name', async () => {
      const world = await open();
      const answer = await say(world, { id: 'megan', name: megan }, 'pause', { channelId: 'webchat' });
      assert.match(answer.join(), /^I cannot verify who you are here/);
      assert.equal(((await world.api('GET', '/api/v1/pause')).body as { paused: boolean }).paused, false);
    });

    it('everybody if ringdown.yaml names no operators', async () => {
      const world = await open(yaml.replace(/^operators:.*$/m, ''));
      assert.match((await say(world, megan, 'pause')).join(), /ringdown\.yaml names none/);
    });

    it('people who cannot be looked up, except operators named by object id', async () => {
      const world = await open();
      world.emulator.faults.add({ operation: 'graph.*', kind: 'status', status: 403, times: 20 });
      assert.match(
        (await say(world, megan, 'pause')).join(),
        /I cannot check right now whether you are an operator/,
      );

      const id = world.emulator.people.find(megan)?.id ?? '';
      const byId = await open(yaml.replace('megan@contoso.example', id));
      byId.emulator.faults.add({ operation: 'graph.*', kind: 'status', status: 403, times: 20 });
      assert.match((await say(byId, megan, 'pause')).join(), /^All calls are paused/);
    });
  });
});
