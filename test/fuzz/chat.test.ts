import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseCommand } from '../../src/chat/language/parseCommand.ts';
import { readPress } from '../../src/chat/turn/press.ts';
import { attack } from '../support/fuzz/attacked.ts';
import { inCrowds } from '../support/fuzz/crowds.ts';
import { CANARY, nonsense, spoiled, unstorable } from '../support/fuzz/spoiled.ts';
import { newestCall } from '../support/world.ts';
import { itInBoth, runs } from '../support/long.ts';

/* How many runs each has is told in docs/security.md, and a test holds the two together. */

const second = 1000;
const YAML = 'policies: {payments: {steps: [{targets: [{user: Nestor Wilke}]}]}}';

/** What one must have said to have somebody called, in the languages that are understood. */
const CALLING =
  /call|ring|phone|dial|escalat|test|page|anruf|ruf|telefon|klingel|wähl|eskalier|alarmier|verbind|connect|appel|téléphon|escalad|llam|márca|prueb|prob|escal|liga|ligue|acion|電話|通話|呼び出|つない|繋い|コール|架電|エスカレ|テスト/iu;

describe('Nonsense in a chat', function () {
  this.timeout(3_600_000);

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

  itInBoth('pressed on a card by anybody, places nothing and harms nothing', async () => {
    const { world, count, isWell } = await attack(YAML);
    const { channel } = world.emulator;
    // Time stands still: what must wait would pile up.
    channel.limits.enabled = false;
    const heard = await channel.send({ from: 'Megan Bowen', text: `call Nestor Wilke: ${CANARY}` });
    await world.settle();
    const [message] = channel.messages(heard.conversationId);
    const [card] = await world.app.database.sql.selectFrom('cards').select('id').execute();
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
    const press = fc.record({ value, isInvoke: fc.boolean(), isStranger: fc.boolean() });
    const stranger = { id: '29:stranger', name: 'Stranger' };
    await inCrowds(press, { numRuns: runs(100, 50_000) }, async (crowd) => {
      const pressed = async (one: (typeof crowd)[number]): Promise<void> => {
        const where = {
          from: one.isStranger ? stranger : 'Megan Bowen',
          replyToId: message.id,
          value: one.value,
        };
        const { status } = one.isInvoke
          ? await channel.invoke({ ...where, name: 'adaptiveCard/action' })
          : await channel.submit(where);
        assert.ok(status < 500, `${status} to ${JSON.stringify(one.value)}`);
      };
      await Promise.all(crowd.map(pressed));
      isWell();
    });
    await world.settle();
    assert.equal(await count('calls'), 1);
    // The call itself went on as if nothing had been.
    await world.pass(120 * second);
    assert.equal((await newestCall(world))?.disposition, 'no_answer');
    isWell();
  });

  itInBoth('posted as an activity is answered, and places nothing', async () => {
    const { world, send, count, isWell } = await attack(YAML);
    const { channel, addresses } = world.emulator;
    channel.limits.enabled = false;
    const activity = {
      type: 'message',
      id: '1',
      channelId: 'msteams',
      serviceUrl: addresses.connectorUrl,
      from: { id: '29:megan', name: 'Megan Bowen', aadObjectId: '48d31887-5fad-4d73-a9f5-3c356e68a038' },
      recipient: channel.bot,
      conversation: { id: channel.personal('Megan Bowen').id, tenantId: addresses.tenantId },
      channelData: { tenant: { id: addresses.tenantId } },
      text: `good morning, ${CANARY}`,
      entities: [{ type: 'mention', mentioned: channel.bot, text: '<at>Ringdown</at>' }],
      locale: 'en-US',
      timestamp: '2026-08-20T03:14:05.120Z',
      localTimezone: 'Europe/Berlin',
    };
    const body = fc
      .oneof(nonsense, spoiled(activity), spoiled({ ...activity, type: 'invoke', value: {} }))
      .map((one) => JSON.stringify(one) ?? '');
    const examples = unstorable(activity).map(([one]) => JSON.stringify(one));
    await inCrowds(body, { numRuns: runs(75, 150_000), examples }, async (crowd) => {
      const posted = async (one: string): Promise<void> => {
        // 501 is the SDK's word for an invoke that nobody knows.
        await send({ path: '/api/messages', body: one, headers: { authorization: '' }, mayAnswer: [501] });
      };
      await Promise.all(crowd.map(posted));
      isWell();
    });
    await world.settle();
    assert.equal(await count('calls'), 0);
    isWell();
  });
});
