import assert from 'node:assert/strict';
import { Membership } from '../../../src/chat/turn/membership.ts';
import type { Requester } from '../../../src/calls/call.ts';
import type { RosterEntry } from '../../../src/chat/turn/turn.ts';
import { ended as declined } from '../../support/chat/calls.ts';
import { inRoom, storyOf } from '../../support/chat/story.ts';

const guest = 'Patti Fernandez';
const guestId = '6fab8c3d-24a7-4f88-9c5a-4d5e6f7a8b06';
const isRefused = /^You are a guest in this organisation\. I call people only for its members/;

describe('A guest in a chat', function () {
  const room = inRoom();
  const { say, words, press, onlyCall, happens } = storyOf(room);
  afterEach('Graph answers again', () => {
    room().emulator.graph.permissions.add('User.Read.All');
  });

  for (const text of [
    'call Adele Vance: red',
    'call Adele Vance',
    'call Adele Vance, Alex Wilber: red',
    'call me',
    'who is Adele Vance',
    'status',
    'history',
    'escalate payments: red',
    'escalate Adele Vance: red',
    'test payments',
    'on call',
    'on call payments',
    'cover payments until 18:00',
  ]) {
    it(`is refused and told why: ${text}`, async () => {
      assert.match((await words(text, { from: guest })).join(), isRefused);
      assert.deepEqual(await room().placed(), []);
      const rows = await room().database.sql.selectFrom('audit').select(['who_name', 'why']).execute();
      assert.deepEqual(rows, [{ who_name: guest, why: 'guest' }]);
    });
  }

  it('is refused in a channel, where Teams sends only our tenant id', async () => {
    const conversation = room().emulator.channel.teamChannel(['Alex Wilber', guest], 'Operations');
    const [answer] = await words('call Adele Vance: red', { conversation, mentions: ['bot'], from: guest });
    assert.match(answer ?? '', isRefused);
    assert.deepEqual(await room().placed(), []);
  });

  it('is refused when they press other people’s buttons', async () => {
    const conversation = room().emulator.channel.groupChat(['Alex Wilber', guest]);
    const [card] = await say('call Adele Vance: red', { conversation, mentions: ['bot'] });
    assert.ok(card);
    await happens(await onlyCall(), declined(603, 0));
    const [ended] = room().messages(conversation.id);
    assert.ok(ended);
    assert.match(await press(guest, ended, 'Call again'), isRefused);
    assert.equal((await room().placed()).length, 1);
  });

  it('is refused in the message extension', async () => {
    const value = { messagePayload: { from: { user: { id: 'x', displayName: 'Adele Vance' } } } };
    const name = 'composeExtension/fetchTask';
    const heard = await room().emulator.channel.invoke({ from: guest, name, value });
    assert.match(JSON.stringify(heard.body), /You are a guest in this organisation/);
  });

  it('may read the help, opt out and be forgotten', async () => {
    for (const text of ['help', 'hi', 'stop calling me', 'allow calls', 'forget me', 'hang up', 'ack']) {
      assert.doesNotMatch((await words(text, { from: guest })).join(), isRefused, text);
    }
  });

  it('is recognised by the chat’s roster if Graph does not answer', async () => {
    room().emulator.graph.permissions.delete('User.Read.All');
    // The directory's last answer is cached for five minutes.
    await room().pass(6 * 60_000);
    assert.match((await words('status', { from: guest })).join(), isRefused);
    assert.doesNotMatch((await words('status')).join(), isRefused);
  });
});

describe('A chat whose ringdown.yaml names guests', function () {
  for (const rule of ['{domain: fabrikam.example}', `{user: ${guestId}}`, '{user: patti@fabrikam.example}']) {
    describe(rule, () => {
      const room = inRoom({ yaml: `permissions: {guests: [${rule}]}` });
      const { words } = storyOf(room);

      it('lets them call like members', async () => {
        assert.deepEqual(await words('call Adele Vance: red', { from: guest }), ['Adele Vance: Calling …']);
      });
    });
  }

  describe('and limits who may call', () => {
    const room = inRoom({
      yaml: 'permissions: {guests: [{domain: fabrikam.example}], callers: [{domain: contoso.example}]}',
    });
    const { words } = storyOf(room);

    it('limits them like members', async () => {
      assert.match(
        (await words('call Adele Vance: red', { from: guest })).join(),
        /^I am not allowed to call/,
      );
    });
  });

  describe('and somebody of another tenant', () => {
    const room = inRoom({
      allowedTenants: () => ['00000000-0000-0000-0000-000000000000'],
      yaml: `permissions: {guests: [{user: ${guestId}}]}`,
    });
    const { words } = storyOf(room);

    it('lets in that person by object id, and nobody else from the tenant', async () => {
      assert.deepEqual(await words('call Adele Vance: red', { from: guest }), ['Adele Vance: Calling …']);
      assert.match(
        (await words('call Adele Vance: red')).join(),
        /^I am not allowed to work for your organisation/,
      );
    });
  });
});

describe('Membership, if the directory does not answer', () => {
  const ours = '72f988bf-86f1-41af-91ab-2d7cd011db47';
  const asker: Requester = { kind: 'chat', key: guestId, name: 'Somebody', objectId: guestId };
  const strict = { allowAnonymous: false, allowedTenants: [ours] };
  const atTheirWord = { allowAnonymous: true, allowedTenants: [] };
  const user = { userRole: 'user', tenantId: ours.toUpperCase(), userPrincipalName: 'al@contoso.example' };
  const table: readonly [string, RosterEntry | null, boolean | null, isMemberAtTheirWord: boolean][] = [
    ['somebody whom the roster lists as a user of our tenant', user, true, true],
    ['a guest', { ...user, userRole: 'guest' }, false, false],
    ['somebody who joined a meeting without an account', { ...user, userRole: 'anonymous' }, false, false],
    [
      'a user with the name of a guest',
      { ...user, userPrincipalName: 'al_fabrikam.example#EXT#@c' },
      false,
      false,
    ],
    ['a user of another tenant, in a shared channel', { ...user, tenantId: guestId }, false, true],
    ['somebody with a role that is not known here', { ...user, userRole: 'robot' }, false, true],
    ['somebody without a tenant', { userRole: 'user' }, null, true],
    ['somebody without a role', { tenantId: ours }, null, true],
    ['somebody whom the roster does not list', null, null, true],
  ];
  for (const [who, entry, expected, expectedAtTheirWord] of table) {
    it(`${who}: ${expected ?? 'nobody can tell'}`, async () => {
      const answers: (boolean | null)[] = [];
      const checkMember = async (_: Requester, otherwise: () => Promise<boolean | null>): Promise<void> => {
        answers.push(await otherwise());
      };
      for (const trust of [strict, atTheirWord]) {
        const membership = new Membership({ checkMember }, trust);
        await membership.check({ asker, ownRosterEntry: async () => entry }, { kind: 'author' });
      }
      assert.deepEqual(answers, [expected, expectedAtTheirWord]);
    });
  }
});
