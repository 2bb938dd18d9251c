import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseCommand } from '../../src/chat/commands.ts';
import { readPress } from '../../src/chat/presses.ts';
import { openEmbedded } from '../support/databases.ts';
import { newestCall, startWorld, type World } from '../support/world.ts';
import { nonsense, spoiled, unstorable } from '../support/fuzz/spoiled.ts';
import { itInBoth, runs } from '../support/long.ts';

/* How many runs each has is told in docs/security.md, and a test holds the two together. */

const second = 1000;
const YAML = 'policies: {payments: {steps: [{targets: [{user: Nestor Wilke}]}]}}';

/** What one must have said to have somebody called, in the languages that are understood. */
const CALLING =
  /call|ring|phone|dial|escalat|test|page|anruf|ruf|telefon|klingel|wähl|eskalier|alarmier|verbind|connect/iu;

const placed = async (world: World): Promise<number> => {
  const { total } = await world.app.database.sql
    .selectFrom('calls')
    .select(({ fn }) => fn.countAll().as('total'))
    .executeTakeFirstOrThrow();
  return Number(total);
};

function isWell(world: World): void {
  const faults = world.log.filter((line) => /"level":"(?:error|fatal)"/.test(line));
  assert.deepEqual(faults, []);
}

describe('Nonsense in a chat', function () {
  this.timeout(300_000);

  itInBoth('is read as a wish for a call only if it has a word of calling', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.lorem(),
      fc.constantFrom(
        'Adele Vance',
        'me',
        ':',
        'and say',
        '@',
        '<at>Adele</at>',
        'hang up',
        'ack',
        '2',
        'until 18:00',
      ),
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(' '));
    fc.assert(
      fc.property(text, (said) => {
        const { kind } = parseCommand(said, []);
        if (kind === 'call' || kind === 'escalate' || kind === 'test') assert.match(said, CALLING);
      }),
      { numRuns: runs(1_000) },
    );
  });

  itInBoth('as the value of a button is read as a press or as none', () => {
    const press = {
      action: { type: 'Action.Execute', verb: 'hangUp', data: { c: 'card', message: 'x', person: 'y' } },
    };
    fc.assert(
      fc.property(fc.oneof(nonsense, spoiled(press)), (value) => {
        const read = readPress(value);
        if (read) assert.deepEqual([typeof read.verb, typeof read.id], ['string', 'string']);
      }),
      { numRuns: runs(1_000) },
    );
  });

  for (const id of ['card\0', 'card\ud800', 'card\n', '']) {
    it(`as the id of a button is no press: ${JSON.stringify(id)}`, () => {
      assert.equal(readPress({ verb: 'hangUp', c: id }), null);
      assert.equal(readPress({ verb: 'choose', c: 'card', person: `${id}\0` }), null);
    });
  }

  itInBoth('pressed on a card, whoever does it, places nothing and harms nothing', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml: YAML });
    const heard = await world.emulator.channel.send({
      from: 'Megan Bowen',
      text: 'call Nestor Wilke: hello',
    });
    await world.settle();
    const { conversationId } = heard;
    const [message] = world.emulator.channel.messages(conversationId);
    const cards = await world.app.database.sql.selectFrom('cards').select('id').execute();
    const [card] = cards;
    assert.ok(message && card);
    const execute = {
      action: {
        type: 'Action.Execute',
        verb: 'hangUp',
        data: { c: card.id, message: 'x', person: 'Adele Vance' },
      },
      trigger: 'manual',
    };
    // All but the one verb that would end the call for good.
    const verb = fc.oneof(
      fc.string(),
      fc.constantFrom('call', 'again', 'choose', 'speak', 'acknowledge', 'refresh', 'older', '__proto__'),
    );
    const value = fc.oneof(
      nonsense,
      spoiled(execute).map(
        (one) => JSON.parse(JSON.stringify(one ?? null).replaceAll('"hangUp"', '"nothing"')) as unknown,
      ),
      fc.tuple(verb, nonsense).map(([word, more]) => ({
        action: {
          type: 'Action.Execute',
          verb: word,
          data: { c: card.id, verb: word, person: more, message: more },
        },
      })),
    );
    const stranger = { id: '29:stranger', name: 'Stranger' };
    await fc.assert(
      fc.asyncProperty(value, fc.boolean(), fc.boolean(), async (pressed, isInvoke, isStranger) => {
        const where = { from: isStranger ? stranger : 'Megan Bowen', replyToId: message.id, value: pressed };
        const answer = isInvoke
          ? await world.emulator.channel.invoke({ ...where, name: 'adaptiveCard/action' })
          : await world.emulator.channel.submit(where);
        assert.ok(answer.status < 500, `${answer.status} to ${JSON.stringify(pressed)}`);
      }),
      { numRuns: runs(100) },
    );
    await world.settle();
    assert.equal(await placed(world), 1);
    isWell(world);
    // The call itself went on as if nothing had been.
    await world.pass(120 * second);
    assert.equal((await newestCall(world))?.disposition, 'no_answer');
  });

  itInBoth('posted as an activity is answered, and places nothing', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml: YAML });
    const { channel, addresses } = { channel: world.emulator.channel, addresses: world.emulator.addresses };
    const activity = {
      ...{ type: 'message', id: '1', channelId: 'msteams', serviceUrl: addresses.connectorUrl },
      from: { id: '29:megan', name: 'Megan Bowen', aadObjectId: '48d31887-5fad-4d73-a9f5-3c356e68a038' },
      recipient: channel.bot,
      conversation: { id: channel.personal('Megan Bowen').id, tenantId: addresses.tenantId },
      channelData: { tenant: { id: addresses.tenantId } },
      text: 'good morning, how are you?',
      entities: [{ type: 'mention', mentioned: channel.bot, text: '<at>Ringdown</at>' }],
      locale: 'en-US',
      timestamp: '2026-08-20T03:14:05.120Z',
      localTimezone: 'Europe/Berlin',
    };
    const body = fc.oneof(nonsense, spoiled(activity), spoiled({ ...activity, type: 'invoke', value: {} }));
    await fc.assert(
      fc.asyncProperty(body, async (one) => {
        const answer = await fetch(`${world.url}/api/messages`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(one) ?? '',
        });
        const text = await answer.text();
        // 501 is the SDK's word for an invoke that nobody knows.
        assert.ok(
          answer.status < 500 || answer.status === 501,
          `${answer.status} ${text} to ${JSON.stringify(one)}`,
        );
      }),
      { numRuns: runs(75), examples: unstorable(activity) },
    );
    await world.settle();
    assert.equal(await placed(world), 0);
    isWell(world);
  });
});
