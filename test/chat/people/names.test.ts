import assert from 'node:assert/strict';
import type { Message } from '../../../emulator/connector/activity.ts';
import { ended, happen } from '../../support/chat/calls.ts';
import { wordsOf } from '../../support/chat/room.ts';
import { inRoom, storyOf } from '../../support/chat/story.ts';
import { referenceJson } from '../../support/reference.ts';

const { sent, accepted } = happen;
const bob = { id: 'bob', name: 'Bob' };
const both =
  /sam1@contoso\.example[\s\S]*sam2@contoso\.example|sam2@contoso\.example[\s\S]*sam1@contoso\.example/;
const yaml =
  'permissions: {anonymous: {mayCall: [{user: adele@contoso.example}, {user: sam1@contoso.example}, {user: sam2@contoso.example}]}}';

/** Names in the directory, and as people type them. */
const people: readonly (readonly [displayName: string, typed: readonly string[]])[] = [
  ['Nguyễn Văn Anh', ['Nguyen Van Anh', 'nguyễn văn anh', 'Nguyen Văn Anh', 'Anh Nguyen Van']],
  ['Trần Thị Ngọc Hường', ['Tran Thi Ngoc Huong', 'Tran Huong']],
  ['Đặng Đình Đức', ['Dang Dinh Duc']],
  ['Phượng Vũ', ['Phuong Vu']],
  ['Łukasz Żółć', ['Lukasz Zolc']],
  ['Şükrü Çığlık', ['Sukru Ciglik']],
  ['An Li', ['An Li', 'an li', 'Li An']],
  ['My Lê', ['My Le']],
  ['Or Cohen', ['Or Cohen']],
  ['Ng Bo', ['Ng Bo']],
];

describe('Names in a chat', function () {
  const room = inRoom({ yaml });
  const { say, words, press, onlyCall, happens } = storyOf(room);

  before('let them be in the directory', () => {
    for (const [displayName] of people) room().emulator.people.add({ displayName });
    const same = { displayName: 'Sam Twin', jobTitle: 'Engineer', department: 'Sales' };
    for (const number of [1, 2]) {
      const mail = `sam${number}@contoso.example`;
      room().emulator.people.add({ ...same, userPrincipalName: mail, mail });
    }
  });

  const called = async (): Promise<string[]> =>
    (await room().placed()).map(({ target }) => target.displayName);

  for (const [displayName, typed] of people) {
    it(`finds ${displayName}`, async () => {
      for (const name of typed) {
        await say(`call ${name}: hi`);
        assert.deepEqual(await called(), [displayName], name);
        await happens(await onlyCall(), sent, accepted, ended(603, 0));
        await room().database.sql.deleteFrom('calls').execute();
      }
    });
  }

  it('finds the people in a case from the field', async function () {
    const { say: lines } = (referenceJson('cases/names.json') ?? this.skip()) as { say: string[] };
    for (const line of lines) {
      await say(line);
      assert.equal((await called()).length, 1, line);
      await room().database.sql.deleteFrom('calls').execute();
    }
  });

  it('that read like part of a sentence match only people with exactly that name', async () => {
    for (const text of [
      'call an aardvark',
      'call so what now',
      'call you two',
      'call can opener',
      'call my manager: hi',
    ]) {
      assert.match((await words(text)).join(), /did not understand|I found nobody/, text);
    }
    assert.deepEqual(await called(), []);
  });

  for (const [text, advice] of [
    ['call Alex, the build is red', 'call Alex: the build is red'],
    ['call Alex Wilber, build red', 'call Alex Wilber: build red'],
    ['call Alex - the build is red', 'call Alex: the build is red'],
    ['call Nguyen Van Anh, the build is red', 'call Nguyen Van Anh: the build is red'],
  ] as const) {
    it(`suggests a colon: ${text}`, async () => {
      const [answer] = await words(text, { from: 'Megan Bowen' });
      assert.ok(answer?.includes(advice), answer);
      assert.deepEqual(await called(), []);
    });
  }

  it('shared by people with the same title and department are told apart by address in every choice', async () => {
    for (const text of [
      'call Sam Twin: hi',
      'call Sam Twni: hi',
      'call Sam Twin and Adele Vance',
      'who is Sam Twin',
      'who is Sam Twni',
    ]) {
      const [message] = await say(text);
      assert.ok(message);
      assert.match(wordsOf(message), both, text);
    }
  });

  it('of two people who are being called are told apart when one call should end', async () => {
    await say('call sam1@contoso.example: hi');
    await say('call sam2@contoso.example: hi');
    const [which] = await words('hang up');
    assert.match(which ?? '', both);
  });

  it('that too many people have ask for the address, and show what one looks like', async () => {
    for (let number = 1; number <= 7; number += 1) {
      room().emulator.people.add({
        displayName: `Quentin Quill ${'ABCDEFG'[number - 1]}`,
        mail: `q${number}@contoso.example`,
      });
    }
    const [answer] = await words('call Quentin Quill: hi');
    assert.match(answer ?? '', /use the email address[\s\S]*q\d@contoso\.example/);
    assert.match((await words('call Zzyzx: hi')).join(), /email address, such as ".+@.+"/);
  });

  describe('asked for outside Teams', () => {
    const where = { from: bob, channelId: 'webchat' };
    const buttonsOf = (message: Message | undefined): string => JSON.stringify(message?.activity.attachments);

    it('call nobody, and the asker is offered a spoken message', async () => {
      const [card] = await say('call Adele Vance', where);
      assert.ok(card);
      assert.match(wordsOf(card), /^I can connect only people in Teams, so I did not call Adele Vance/);
      assert.match(buttonsOf(card), /"verb":"speak"/);
      assert.deepEqual(await called(), []);
      const value = {
        action: { type: 'Action.Execute', verb: 'speak', data: { c: idOf(card), message: 'hi' } },
      };
      const answer = await room().emulator.channel.invoke({
        ...where,
        name: 'adaptiveCard/action',
        value,
        replyToId: card.id,
      });
      await room().settle();
      assert.equal(answer.status, 200);
      const call = await onlyCall();
      assert.deepEqual(call.purpose, { kind: 'speak', message: 'hi' });
      assert.equal(call.target.displayName, 'Adele Vance');
    });

    it('offers nothing without a message or to somebody else', async () => {
      const [card] = await say('call Adele Vance', where);
      assert.ok(card);
      const value = {
        action: { type: 'Action.Execute', verb: 'speak', data: { c: idOf(card), message: ' ' } },
      };
      await room().emulator.channel.invoke({ ...where, name: 'adaptiveCard/action', value });
      const told = await press('Alex Wilber', card, 'speak', { message: 'hi' });
      assert.match(told, /asked/i);
      assert.deepEqual(await called(), []);
    });

    it('makes the same offer after a choice between people with the same name', async () => {
      const [card] = await say('call Sam Twin', where);
      assert.ok(card);
      const value = { action: { type: 'Action.Execute', verb: 'choose1', data: { c: idOf(card) } } };
      const answer = await room().emulator.channel.invoke({ ...where, name: 'adaptiveCard/action', value });
      assert.match(JSON.stringify(answer.body), /"verb":"speak"/);
      assert.deepEqual(await called(), []);
    });
  });
});

/** The opaque id on a card's buttons. */
function idOf(message: Message): string {
  const id = /"c":"([^"]+)"/.exec(JSON.stringify(message.activity))?.[1];
  assert.ok(id);
  return id;
}
