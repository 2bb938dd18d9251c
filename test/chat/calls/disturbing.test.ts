import assert from 'node:assert/strict';
import { ended, happen } from '../../support/chat/calls.ts';
import { wordsOf } from '../../support/chat/room.ts';
import { inRoom, storyOf } from '../../support/chat/story.ts';

const alex = 'Alex Wilber';
const presenting = { availability: 'DoNotDisturb', activity: 'Presenting' };
const available = { availability: 'Available', activity: 'Available' };
const question =
  'Adele Vance is presenting. Call anyway, or leave a message?\n1. Call anyway\n2. Leave a message\n3. Cancel';

describe('Calling somebody who should not be disturbed', function () {
  const room = inRoom();
  const { say, words, press, onlyCall, happens, nowOf } = storyOf(room);

  beforeEach('Adele is presenting', () => {
    room().emulator.graph.permissions.add('Presence.Read.All');
    room().emulator.people.change('Adele Vance', { presence: presenting });
  });

  const table: readonly [availability: string, activity: string, asks: RegExp | null][] = [
    ['DoNotDisturb', 'DoNotDisturb', /does not want to be disturbed/],
    ['Busy', 'InACall', /is in a call/],
    ['DoNotDisturb', 'Presenting', /is presenting/],
    ['Offline', 'OutOfOffice', /is out of the office/],
    ['Busy', 'InAMeeting', null],
    ['Away', 'Away', null],
  ];
  for (const [availability, activity, asks] of table) {
    it(`${activity}: ${asks ? 'asks' : 'calls'}`, async () => {
      room().emulator.people.change('Adele Vance', { presence: { availability, activity } });
      const [answer] = await words('call Adele Vance: red');
      assert.match(answer ?? '', asks ?? /Calling …/);
      assert.equal((await room().placed()).length, asks ? 0 : 1);
    });
  }

  it('gets person and presence from Graph in one request after a mention', async () => {
    // Somebody whom no earlier test has looked up.
    const { displayName } = room().emulator.people.add({
      displayName: 'Nia Quist',
      presence: { availability: 'DoNotDisturb', activity: 'DoNotDisturb' },
    });
    const conversation = room().emulator.channel.groupChat([alex, displayName]);
    const before = room().emulator.requests.list().length;
    const [card] = await say(`call <at>${displayName}</at>: red`, {
      conversation,
      mentions: ['bot', displayName],
    });
    assert.match(card ? wordsOf(card) : '', /does not want to be disturbed/);
    const asked = room()
      .emulator.requests.list()
      .slice(before)
      .map(({ operation }) => operation);
    // The asker may be looked up too, because guests may not ask.
    assert.deepEqual(
      asked.filter((operation) => operation.startsWith('graph.') && operation !== 'graph.getUser'),
      ['graph.batch'],
    );
    assert.equal(asked.filter((operation) => operation === 'connector.getMember').length, 1);
  });

  it('calls them once with "Call anyway", however often the button is pressed', async () => {
    const [card] = await say('call Adele Vance: The build is red');
    assert.ok(card);
    assert.equal(wordsOf(card), question);
    const old = structuredClone(card);
    const presses = [1, 2, 3].map(async () => await room().emulator.channel.press(alex, card, 'Call anyway'));
    await Promise.all(presses);
    await room().settle();
    const call = await onlyCall();
    assert.deepEqual(call.purpose, { kind: 'speak', message: 'The build is red' });
    await happens(call, happen.sent, happen.accepted, ended(603, 0));
    assert.match(wordsOf(nowOf(card)), /declined/, 'the question became the card of the call');
    assert.equal(await press(alex, old, 'Call anyway'), 'You have already chosen Adele Vance.');
  });

  it('does not call them after "Cancel"', async () => {
    const [card] = await say('call Adele Vance: red');
    assert.ok(card);
    assert.equal(await press(alex, card, 'Cancel'), 'I did not call Adele Vance.');
    assert.equal(await press(alex, card, 'Call anyway'), 'I did not call Adele Vance.');
    assert.deepEqual(await words('1'), ['I did not call Adele Vance.']);
    assert.deepEqual(await room().placed(), []);
  });

  it('opens their chat with the message filled in', async () => {
    const [card] = await say('call Adele Vance: The build is red');
    const address =
      'https://teams.microsoft.com/l/chat/0/0?users=adele%40contoso.example&message=The%20build%20is%20red';
    assert.ok(JSON.stringify(card?.activity).includes(`"title":"Leave a message","url":"${address}"`));
    assert.deepEqual(await words('2'), [`You can write to Adele Vance here: ${address}`]);
    assert.deepEqual(await words('1'), ['Adele Vance: Calling …']);
  });

  it('accepts the answer by number too', async () => {
    await say('call Adele Vance: red');
    assert.deepEqual(await words('4'), ['Please choose a number from 1 to 3.']);
    assert.deepEqual(await words('1'), ['Adele Vance: Calling …']);
    await onlyCall();
  });

  it('accepts an answer only from the asker, and for ten minutes', async () => {
    const conversation = room().emulator.channel.groupChat([alex, 'Megan Bowen']);
    const [card] = await say('call Adele Vance: red', { conversation, mentions: ['bot'] });
    assert.ok(card);
    assert.equal(await press('Megan Bowen', card, 'Call anyway'), 'Only the person who asked can do that.');
    room().clock.setTime(room().clock.now() + 11 * 60_000);
    assert.equal(await press(alex, card, 'Call anyway'), 'That question has expired. Please ask again.');
    assert.deepEqual(await room().placed(), []);
  });

  it('asks once if the message is redelivered', async () => {
    const fields = { id: 'disturb, redelivered' };
    assert.equal((await say('call Adele Vance: red', { fields })).length, 1);
    assert.deepEqual(await say('call Adele Vance: red', { fields }), []);
  });

  it('does not ask while the asker’s own call to them runs', async () => {
    room().emulator.people.change('Adele Vance', { presence: available });
    await say('call Adele Vance: red');
    room().emulator.people.change('Adele Vance', { presence: { availability: 'Busy', activity: 'InACall' } });
    await room().pass(20_000);
    assert.match((await words('call Adele Vance')).join(), /^I am already calling Adele Vance/);
  });

  it('does not ask if presence cannot be read', async () => {
    room().emulator.graph.permissions.delete('Presence.Read.All');
    assert.deepEqual(await words('call Adele Vance: red'), ['Adele Vance: Calling …']);
  });

  it('does not ask people who call themselves', async () => {
    await say('call me', { from: 'Adele Vance' });
    await onlyCall();
  });

  it('shows their presence in a choice, and asks', async () => {
    room().emulator.people.change('chris.green2@contoso.example', { presence: presenting });
    const [card] = await say('call Chris Green: red');
    assert.ok(card);
    assert.match(wordsOf(card), /1\. .*Payments · Available\n2\. .*Finance · Presenting\n/);
    assert.match(await press(alex, card, 'choose2'), /^Chris Green is presenting\. Call anyway/);
    assert.deepEqual(await room().placed(), []);
    assert.equal(await press(alex, card, 'choose1'), 'You have already chosen Chris Green.');
    room().emulator.people.change('chris.green2@contoso.example', { presence: available });
  });
});

describe('A mistyped name', function () {
  const room = inRoom();
  const { say, words, press, onlyCall } = storyOf(room);
  const asked = 'I found nobody called "Adele Vnace". Did you mean this person?';

  it('calls nobody without asking; the button calls', async () => {
    const [card] = await say('call Adele Vnace: red');
    assert.ok(card);
    assert.equal(
      wordsOf(card),
      `${asked}\n1. Adele Vance, Retail Manager, Retail · Available\nYou can also answer with the number.`,
    );
    assert.deepEqual(await room().placed(), []);
    assert.equal(await press(alex, card, 'choose1'), 'Adele Vance: Calling …');
    assert.deepEqual((await onlyCall()).purpose, { kind: 'speak', message: 'red' });
  });

  it('can be answered by number', async () => {
    await say('call Adele Vnace: red');
    await say('1');
    assert.equal((await onlyCall()).target.displayName, 'Adele Vance');
  });

  it('says who cannot be called, before and after the choice', async () => {
    const [card] = await say('call Irvin Sayrs: red');
    assert.ok(card);
    assert.match(wordsOf(card), /1\. Irvin Sayers, .* · cannot be called\n/);
    const reason =
      'Irvin Sayers cannot be called: the account has no Teams Phone licence. An administrator can assign one and enable voice for it.';
    assert.equal(await press(alex, card, 'choose1'), reason);
    assert.deepEqual(await words('1'), [reason]);
    assert.deepEqual(await room().placed(), []);
  });
});

describe('"Somebody else" in a choice', function () {
  const room = inRoom();
  const { say, press, onlyCall } = storyOf(room);
  const idOf = (name: string): string => room().emulator.people.get(name).id;

  it('calls the picked person once', async () => {
    const [card] = await say('call Chris Green: red');
    assert.ok(card);
    const stale = structuredClone(card);
    const picks = [1, 2].map(
      async () =>
        await room().emulator.channel.press(alex, card, 'chooseOther', { person: idOf('Megan Bowen') }),
    );
    await Promise.all(picks);
    await room().settle();
    const call = await onlyCall();
    assert.equal(call.target.displayName, 'Megan Bowen');
    assert.deepEqual(call.purpose, { kind: 'speak', message: 'red' });
    assert.equal(await press(alex, stale, 'choose1'), 'You have already chosen Megan Bowen.');
  });

  it('works by Action.Submit on clients that support only that', async () => {
    const [card] = await say('call Chris Green: red');
    assert.ok(card);
    const { id } = await room().database.sql.selectFrom('choices').select('id').executeTakeFirstOrThrow();
    const value = { c: id, verb: 'chooseOther', person: idOf('Megan Bowen') };
    await room().emulator.channel.submit({ from: alex, value, replyToId: card.id });
    await room().settle();
    assert.equal((await onlyCall()).target.displayName, 'Megan Bowen');
  });

  it('asks first if they are presenting', async () => {
    const [card] = await say('call Chris Green: red');
    assert.ok(card);
    const [answer] = [await press(alex, card, 'chooseOther', { person: idOf('Miriam Graham') })];
    assert.match(answer, /^Miriam Graham is presenting\. Call anyway/);
    assert.deepEqual(await room().placed(), []);
  });

  const table: readonly [what: string, person: () => string | undefined, answer: RegExp][] = [
    ['nobody', () => undefined, /^Please choose somebody first/],
    ['no id', () => 'Megan Bowen', /^Please choose somebody first/],
    ['several', () => `${idOf('Megan Bowen')},${idOf('Adele Vance')}`, /^Please choose somebody first/],
    ['an unknown id', () => '00000000-0000-0000-0000-000000000000', /^I found nobody called/],
    ['who cannot be called', () => idOf('Henrietta Mueller'), /cannot be called: the account is disabled/],
  ];
  for (const [what, person, answer] of table) {
    it(`refuses ${what}`, async () => {
      const [card] = await say('call Chris Green: red');
      assert.ok(card);
      const picked = person();
      assert.match(
        await press(alex, card, 'chooseOther', picked === undefined ? {} : { person: picked }),
        answer,
      );
      assert.deepEqual(await room().placed(), []);
    });
  }

  it('accepts only the asker’s pick', async () => {
    const conversation = room().emulator.channel.groupChat([alex, 'Megan Bowen']);
    const [card] = await say('call Chris Green', { conversation, mentions: ['bot'] });
    assert.ok(card);
    const answer = await press('Megan Bowen', card, 'chooseOther', { person: idOf('Adele Vance') });
    assert.equal(answer, 'Only the person who asked can do that.');
  });

  it('is not offered for ending calls', async () => {
    await say('call Adele Vance: red');
    await say('call Megan Bowen: red');
    const [card] = await say('hang up');
    assert.ok(!JSON.stringify(card?.activity).includes('Data.Query'));
  });
});

describe('People with the same name, with an asker outside Teams', function () {
  const room = inRoom({ yaml: 'permissions: {anonymous: {mayCall: [{domain: contoso.example}]}}' });
  const { say, words, onlyCall } = storyOf(room);
  const bob = { id: 'bob', name: 'Bob' };

  for (const channelId of ['webchat', 'slack', 'email']) {
    it(`can be chosen by number: ${channelId}`, async () => {
      const on = { from: bob, channelId };
      const [asked] = await words('call Chris Green: red', on);
      assert.match(
        asked ?? '',
        /^Several people match "Chris Green"\. Who do you mean\?\n1\. Chris Green.*\n2\. Chris Green/,
      );
      assert.match(asked ?? '', /number/);
      assert.deepEqual(await words('3', on), ['Please choose a number from 1 to 2.']);
      assert.deepEqual(await words('the second one', on), ['Chris Green: Calling …']);
      assert.equal((await onlyCall()).target.userPrincipalName, 'chris.green2@contoso.example');
    });
  }

  it('cannot be chosen by somebody else’s number', async () => {
    await say('call Chris Green: red', { from: bob, channelId: 'slack' });
    await say('1', { from: { id: 'eve', name: 'Eve' }, channelId: 'slack' });
    assert.deepEqual(await room().placed(), []);
  });

  it('come with the people picker only in Teams', async () => {
    const picker = /Data\.Query/;
    const [inTeams] = await say('call Chris Green: red');
    assert.match(JSON.stringify(inTeams?.activity), picker);
    const [elsewhere] = await say('call Chris Green: red', { from: bob, channelId: 'webchat' });
    assert.ok(elsewhere?.activity.attachments?.[0], 'a card is shown there too');
    assert.doesNotMatch(JSON.stringify(elsewhere.activity), picker);
  });
});
