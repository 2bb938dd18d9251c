import assert from 'node:assert/strict';
import { parseCommand } from '../../../src/chat/language/parseCommand.ts';
import type { Command } from '../../../src/chat/language/command.ts';
import { openEmbedded } from '../../support/databases.ts';
import { startWorld } from '../../support/world.ts';
import { wordsOf } from '../../support/chat/room.ts';

const mentions = [{ id: '29:adele', name: 'Adele Vance' }];
const parse = (text: string): Command => parseCommand(text, mentions);

/** Every command that changes something, as people type it. */
const acting: readonly string[] = [
  'ack',
  'acknowledged',
  'I acknowledge the alert',
  'resolve',
  'resolved',
  'hang up',
  'cancel',
  'stop',
  'call Adele',
  'call \uE0000\uE001',
  'call me',
  'give Adele a call',
  'call Adele, Alex',
  'test payments',
  'cover payments until 18:00',
  'swap payments with Alex on Friday',
  'stop calling me',
  'allow calls',
  'forget me',
  'pause',
  'resume',
  '2',
  'call 2',
];
/** Question marks of many languages, and other signs of a question. */
const questions = [
  '?',
  ' ?',
  '??',
  '?!',
  '!?',
  '？',
  '؟',
  '⁇',
  '‽',
  ' ❓',
  ' ❔',
  ' (?)',
  '? 🙂',
  '" ?',
  ' 🤔',
];

describe('A question', () => {
  for (const said of acting) {
    it(`never does what it asks about: ${said.replace(/\uE000\d\uE001/, '@Adele')}`, () => {
      const plain = parse(said);
      assert.notEqual(plain.kind, 'question');
      for (const mark of questions) {
        assert.equal(parse(`${said}${mark}`).kind, 'question', `${said}${mark}`);
        assert.equal(parse(`hey Ringdown, ${said}${mark}`).kind, 'question', mark);
      }
      assert.equal(parse(`¿${said}?`).kind, 'question');
    });
  }

  it('ends with a semicolon only in Greek', () => {
    for (const mark of [';', '\u037E', ' ;']) {
      for (const said of ['call Ελένη', 'test πληρωμές']) {
        assert.equal(parse(`${said}${mark}`).kind, 'question', said);
      }
    }
    assert.deepEqual(parse('call Ελένη;'), { kind: 'question', say: 'call Ελένη' });
    assert.equal(parse('call Ελένη').kind, 'call');
    for (const said of acting) {
      for (const end of [';', ' ;', ';;', '; ']) assert.deepEqual(parse(`${said}${end}`), parse(said), said);
    }
  });

  it('is answered with the command that would act', () => {
    assert.deepEqual(parse('resolved?'), { kind: 'question', say: 'resolved' });
    assert.deepEqual(parse('can you ack this, please?'), { kind: 'question', say: 'ack this, please' });
    assert.deepEqual(parse('hey Ringdown, call \uE0000\uE001?'), {
      kind: 'question',
      say: 'call Adele Vance',
    });
    assert.deepEqual(parse('call Adele?: the build is red'), {
      kind: 'question',
      say: 'call Adele: the build is red',
    });
  });

  it('counts before the message, not in it', () => {
    const message = 'can you look at the build?';
    for (const text of [
      `call Adele: ${message}`,
      `call Adele and say ${message}`,
      `escalate payments: ${message}`,
    ]) {
      const command = parse(text);
      assert.ok('message' in command && command.message === message, text);
    }
    for (const text of ['call Adele?: hi', 'call Adele? and say hi', 'escalate payments?: hi']) {
      assert.equal(parse(text).kind, 'question', text);
    }
  });

  it('as a polite request places a call, but never silences an alert', () => {
    for (const text of ['could you call Adele?', 'can you please call me?', 'call Adele, would you?']) {
      assert.equal(parse(text).kind, 'call', text);
    }
    assert.equal(parse('could you escalate payments?: hi').kind, 'escalate');
    assert.equal(parse('can you stop calling me?').kind, 'stopCallingMe');
    for (const silencing of ['ack', 'resolve', 'cancel', 'stop', 'hang up', 'pause', 'resume']) {
      for (const text of [`can you ${silencing}`, `could you ${silencing}?`, `${silencing}, would you`]) {
        assert.equal(parse(text).kind, 'question', text);
      }
    }
  });

  it('that only asks for information is answered', () => {
    for (const [text, kind] of [
      ['status?', 'status'],
      ['history?', 'history'],
      ['help?', 'help'],
      ['?', 'help'],
      ['who is Adele?', 'whoIs'],
      ['on call payments?', 'onCall'],
      ['ringdown?', 'greeting'],
    ] as const) {
      assert.equal(parse(text).kind, kind, text);
    }
  });

  describe('in a chat', function () {
    it('leaves the alert unchanged, and says so', async () => {
      const yaml = 'policies: {payments: {steps: [{targets: [{user: megan@contoso.example}]}]}}';
      const world = await startWorld({ database: await openEmbedded(), yaml });
      const { emulator, app } = world;
      emulator.people.script('Megan Bowen', { byHand: true });
      await emulator.channel.send({ from: 'Alex Wilber', text: 'escalate payments: it burns' });
      await world.pass(1_000);
      const stateNow = async (): Promise<unknown> =>
        (await app.database.sql.selectFrom('escalations').select('status').executeTakeFirstOrThrow()).status;
      for (const text of ['ack?', 'resolved?', 'can you ack', 'cancel?']) {
        await emulator.channel.send({ from: 'Megan Bowen', text });
        await world.pass(500);
        assert.equal(await stateNow(), 'open', text);
        const said = emulator.channel
          .messages(emulator.channel.personal('Megan Bowen').id)
          .map(wordsOf)
          .at(-1);
        assert.match(said ?? '', /question, so I did nothing/, text);
      }
      await emulator.channel.send({ from: 'Megan Bowen', text: 'ack' });
      await world.pass(500);
      assert.equal(await stateNow(), 'acknowledged');
    });
  });
});
