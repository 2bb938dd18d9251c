import assert from 'node:assert/strict';
import { ended as declined } from '../../support/chat/calls.ts';
import { inRoom, storyOf } from '../../support/chat/story.ts';

const adele = 'Adele Vance';
const megan = 'Megan Bowen';
const bob = { id: 'bob', name: 'Bob' };
const web = { from: bob, channelId: 'webchat' };
const ops = '11111111-2222-3333-4444-555555555555';

async function refusals(room: ReturnType<typeof inRoom>): Promise<string[]> {
  const rows = await room().database.sql.selectFrom('audit').selectAll().orderBy('id').execute();
  return rows.map(({ who_name, what, whom_name, why }) => [who_name, what, whom_name, why].join(' '));
}

describe('A chat room with rules of who may call whom', function () {
  const room = inRoom({
    yaml: `
operators: [ops@contoso.example, megan@contoso.example]
permissions:
  callers: [{group: ${ops}}, {user: megan@contoso.example}]
  callees: {deny: [{user: diego@contoso.example}]}
  anonymous: {mayCall: [{user: adele@contoso.example}]}
`,
  });
  const { say, words, press, onlyCall, happens } = storyOf(room);
  before('a group', () => {
    room().emulator.graph.addGroup({ id: ops, displayName: 'Operations', members: ['Alex Wilber'] });
  });
  afterEach('all permissions again', () => {
    room().emulator.graph.permissions.add('GroupMember.Read.All');
  });

  it('lets those call who are named: by group', async () => {
    assert.deepEqual(await words('call Adele Vance: red'), ['Adele Vance: Calling …']);
  });

  it('lets those call who are named: by person', async () => {
    assert.deepEqual(await words('call Adele Vance: red', { from: megan }), ['Adele Vance: Calling …']);
  });

  it('refuses all others, says whom to ask, and looks nobody up', async () => {
    const { requests } = room().emulator;
    const before = requests.count('graph.batch');
    assert.deepEqual(await words('call Adele Vance: red', { from: 'Lee Gu' }), [
      'I am not allowed to call Adele Vance for you. If that should change, ask ops@contoso.example or megan@contoso.example.',
    ]);
    assert.deepEqual(await room().placed(), []);
    assert.equal(requests.count('graph.batch'), before);
    assert.deepEqual(await refusals(room), ['Lee Gu refused Adele Vance caller']);
  });

  it('lets everybody test their own phone', async () => {
    await say('call me', { from: 'Lee Gu' });
    assert.deepEqual((await onlyCall()).purpose, { kind: 'test' });
  });

  for (const text of ['status', 'who is Adele Vance']) {
    it(`shows nothing to those who may not call: ${text}`, async () => {
      assert.match((await words(text, { from: 'Lee Gu' })).join(), /^I am not allowed to call/);
    });
  }

  it('refuses who is denied, also by a button', async () => {
    const [answer] = await words('call Diego Siciliani: red');
    assert.match(
      answer ?? '',
      /^I am not allowed to call Diego Siciliani for you\. If that should change, ask/,
    );
    assert.match(
      (await words('who is Diego Siciliani')).join(),
      /In a meeting · diego@contoso\.example\nI am not allowed to call Diego Siciliani for you/,
    );
    assert.deepEqual(await room().placed(), []);
    assert.deepEqual(await refusals(room), ['Alex Wilber refused Diego Siciliani callee']);
  });

  it('asks for the permission of whoever presses', async () => {
    const conversation = room().emulator.channel.groupChat(['Alex Wilber', 'Lee Gu']);
    const [card] = await say('call Adele Vance: red', { conversation, mentions: ['bot'] });
    assert.ok(card);
    await happens(await onlyCall(), declined(603, 0));
    const [ended] = room().messages(conversation.id);
    assert.ok(ended);
    assert.match(await press('Lee Gu', ended, 'Call again'), /^I am not allowed to call Adele Vance for you/);
    assert.equal((await room().placed()).length, 1);
  });

  it('refuses what it cannot check, and says so', async () => {
    room().emulator.graph.permissions.delete('GroupMember.Read.All');
    // Another asker: the answer about Alex is remembered for a while.
    const [answer] = await words('call Adele Vance: red', { from: 'Debra Berger' });
    assert.match(answer ?? '', /^I could not check whether I may do that for you, so I did not\./);
    assert.deepEqual(await room().placed(), []);
    assert.deepEqual(await refusals(room), ['Debra Berger refused Adele Vance unchecked']);
    // Who is named otherwise needs no group.
    assert.deepEqual(await words('call Adele Vance: red', { from: megan }), ['Adele Vance: Calling …']);
  });

  describe('people whom nobody vouches for', () => {
    it('call those who are named for them', async () => {
      assert.deepEqual(await words('call Adele Vance: red', web), ['Adele Vance: Calling …']);
    });

    it('call nobody else, and are not told of anybody else', async () => {
      for (const text of [
        'call Debra Berger: red',
        'call Chris Green: red',
        'who is Debra Berger',
        'call Debr: red',
      ]) {
        const [answer] = await words(text, web);
        assert.match(answer ?? '', /^I found nobody called/, text);
        assert.doesNotMatch(answer ?? '', /Did you mean|ops@/, text);
      }
      assert.deepEqual(await room().placed(), []);
    });

    it('see no presence', async () => {
      assert.match(
        (await words('who is Adele Vance', web)).join(),
        /Retail · adele@contoso\.example\nCan be called/,
      );
    });
  });
});

describe('A chat room without rules', function () {
  const room = inRoom({ yaml: 'limits: {perCaller: 3/1h, perCallee: 2/1h}' });
  const { say, words, press, onlyCall } = storyOf(room);

  describe('stop calling me', () => {
    it('keeps calls of chats away, until they are allowed again', async () => {
      assert.match((await words('stop calling me', { from: adele })).join(), /^I will not call you any more/);
      assert.deepEqual(await words('call Adele Vance: red'), [
        'Adele Vance does not want to be called from chats, so I do not call. Send a chat message instead. If it cannot wait, escalate it to a policy.',
      ]);
      assert.match(
        (await words('who is Adele Vance')).join(),
        /\nAdele Vance does not want to be called from chats/,
      );
      assert.deepEqual(await room().placed(), []);
      assert.match((await words('allow calls', { from: adele })).join(), /^People can have me call you/);
      assert.deepEqual(await words('call Adele Vance: red'), ['Adele Vance: Calling …']);
      assert.deepEqual(await refusals(room), [
        'Adele Vance stoppedCalls  ',
        'Alex Wilber refused Adele Vance optedOut',
        'Adele Vance allowedCalls  ',
      ]);
    });

    it('leaves the test call to oneself', async () => {
      await say('stop calling me', { from: adele });
      await say('call me', { from: adele });
      await onlyCall();
    });

    it('binds the answer to a choice too', async () => {
      const [question] = await say('call Chris Green: red');
      assert.ok(question);
      await say('stop calling me', { from: 'chris.green@contoso.example' });
      assert.match(
        await press('Alex Wilber', question, 'choose1'),
        /^Chris Green does not want to be called/,
      );
      assert.deepEqual(await room().placed(), []);
    });

    it('takes an identity', async () => {
      assert.match((await words('stop calling me', web)).join(), /^I cannot tell who you are here/);
    });

    it('is not done again by a redelivery', async () => {
      const fields = { id: 'stop, redelivered' };
      await say('stop calling me', { from: adele, fields });
      await say('allow calls', { from: adele });
      assert.deepEqual(await words('stop calling me', { from: adele, fields }), []);
      assert.deepEqual(await words('call Adele Vance: red'), ['Adele Vance: Calling …']);
    });
  });

  describe('limits', () => {
    it('bind who calls', async () => {
      for (const name of [adele, megan, 'Debra Berger']) await say(`call ${name}: red`);
      const [answer] = await words('call Nestor Wilke: red');
      assert.match(
        answer ?? '',
        /^You have had me place a lot of calls in a short time, so I do not call Nestor Wilke now\. Please try again in (1 hour|\d+ minutes)\./,
      );
      assert.equal((await room().placed()).length, 3);
    });

    it('bind who is called', async () => {
      await say('call Adele Vance: red');
      await say('call Adele Vance: red', { from: megan });
      const [answer] = await words('call Adele Vance: red', { from: 'Debra Berger' });
      assert.match(
        answer ?? '',
        /^Adele Vance has been called a lot in a short time, so I do not call again now\./,
      );
      assert.equal((await room().placed()).length, 2);
    });

    it('do not count what places no call', async () => {
      for (let times = 0; times < 4; times++) {
        await say('call Adele Vance: red');
        await room().pass(1_000);
      }
      assert.match((await words('call Adele Vance')).join(), /^I am already calling Adele Vance/);
      await onlyCall();
    });
  });

  describe('who cannot be called is told beforehand', () => {
    const table: readonly [name: string, why: RegExp][] = [
      ['Henrietta Mueller', /the account is disabled .* Call another person\.$/],
      ['patti@fabrikam.example', /guests of other organisations cannot be called\./],
      ['Irvin Sayers', /no Teams Phone licence\. An administrator can assign one and enable voice for it\.$/],
      ['8:gcch:87d349ed-44d7-43e1-9a83-5f2406dee5bd', /another cloud of Microsoft/],
      ['8:gcch-acs:resource_user', /another cloud of Microsoft/],
      ['Lena Frei', /the account has no licence\. An administrator can assign one/],
      ['Tom Rink', /the account has no licence for Teams\. An administrator can assign one/],
    ];
    before('people without licences', () => {
      const { people } = room().emulator;
      people.add({ displayName: 'Lena Frei', givenName: 'Lena', surname: 'Frei', plans: [] });
      people.add({ displayName: 'Tom Rink', givenName: 'Tom', surname: 'Rink', plans: ['MCOEV'] });
    });
    for (const [name, why] of table) {
      it(name, async () => {
        const [answer] = await words(`call ${name}: red`);
        assert.match(answer ?? '', /cannot be called: /);
        assert.match(answer ?? '', why);
        assert.deepEqual(await room().placed(), []);
      });
    }
  });

  it('calls no ACS user whom nobody has named', async () => {
    const [answer] = await words('call 8:acs:resource_kiosk: red');
    assert.match(
      answer ?? '',
      /^I am not allowed to call 8:acs:resource_kiosk: users of Azure Communication Services/,
    );
    assert.deepEqual(await room().placed(), []);
  });

  it('calls voice applications that Graph shows', async () => {
    await say('call help desk');
    const { target } = await onlyCall();
    assert.deepEqual([target.kind, target.id], ['voiceApp', '9cdebf6a-57da-4cbb-8f8d-7a8b9cadbe09']);
  });
});

describe('A chat room with voice applications and ACS users', function () {
  const room = inRoom({
    yaml: `
voiceApps: {the front desk: 22222222-2222-3333-4444-555555555555}
permissions: {callees: {allow: [{user: "8:acs:resource_kiosk"}]}}
`,
  });
  const { say, onlyCall, words } = storyOf(room);

  it('calls a voice application by the name in the file', async () => {
    await say('call front desk');
    const { target } = await onlyCall();
    assert.deepEqual(target.kind, 'voiceApp');
    assert.equal(target.id, '22222222-2222-3333-4444-555555555555');
  });

  it('calls ACS users who are named, and everybody else as before', async () => {
    await say('call 8:acs:resource_kiosk: red');
    const { target } = await onlyCall();
    assert.deepEqual(target, {
      kind: 'communicationUser',
      id: '8:acs:resource_kiosk',
      displayName: '8:acs:resource_kiosk',
    });
    assert.deepEqual(await words('call Adele Vance: red'), ['Adele Vance: Calling …']);
  });
});

describe('A chat room in quiet hours', function () {
  const clock = (hours: number): string =>
    new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
  const room = inRoom({ yaml: `quietHours: {from: "${clock(-1)}", to: "${clock(2)}", except: [critical]}` });
  const { say, words, onlyCall } = storyOf(room);

  it('places no call for chats, and says until when', async () => {
    const [answer] = await words('call Adele Vance: red');
    assert.match(
      answer ?? '',
      /^These are quiet hours until \d+:\d\d [AP]M \(UTC\), so I do not call Adele Vance now\. If it cannot wait, escalate it to a policy\./,
    );
    assert.deepEqual(await room().placed(), []);
    assert.deepEqual(await refusals(room), ['Alex Wilber refused Adele Vance quietHours']);
  });

  it('lets people test their own phone', async () => {
    await say('call me');
    await onlyCall();
  });
});
