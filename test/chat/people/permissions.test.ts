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

describe('A chat with call permissions', function () {
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

  it('lets people call who are named by group', async () => {
    assert.deepEqual(await words('call Adele Vance: red'), ['Adele Vance: Calling …']);
  });

  it('lets people call who are named one by one', async () => {
    assert.deepEqual(await words('call Adele Vance: red', { from: megan }), ['Adele Vance: Calling …']);
  });

  it('refuses all others, says whom to ask, and looks up nobody', async () => {
    const { requests } = room().emulator;
    const before = requests.count('graph.batch');
    assert.deepEqual(await words('call Adele Vance: red', { from: 'Lee Gu' }), [
      'I am not allowed to call Adele Vance for you. To change that, ask ops@contoso.example or megan@contoso.example.',
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
    it(`shows nothing to people who may not call: ${text}`, async () => {
      assert.match((await words(text, { from: 'Lee Gu' })).join(), /^I am not allowed to call/);
    });
  }

  it('refuses calls to denied people, also by button', async () => {
    const [answer] = await words('call Diego Siciliani: red');
    assert.match(answer ?? '', /^I am not allowed to call Diego Siciliani for you\. To change that, ask/);
    assert.match(
      (await words('who is Diego Siciliani')).join(),
      /In a meeting · diego@contoso\.example\nI am not allowed to call Diego Siciliani for you/,
    );
    assert.deepEqual(await room().placed(), []);
    assert.deepEqual(await refusals(room), ['Alex Wilber refused Diego Siciliani callee']);
  });

  it('checks the permission of the person who presses', async () => {
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
    // Another asker, because the answer about Alex is cached for a while.
    const [answer] = await words('call Adele Vance: red', { from: 'Debra Berger' });
    assert.match(answer ?? '', /^I could not check whether I may do that for you, so I did nothing\./);
    assert.deepEqual(await room().placed(), []);
    assert.deepEqual(await refusals(room), ['Debra Berger refused Adele Vance unchecked']);
    // People who are named directly need no group.
    assert.deepEqual(await words('call Adele Vance: red', { from: megan }), ['Adele Vance: Calling …']);
  });

  describe('people without an identity', () => {
    it('can call people who are named for them', async () => {
      assert.deepEqual(await words('call Adele Vance: red', web), ['Adele Vance: Calling …']);
    });

    it('can call nobody else, and learn about nobody else', async () => {
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

describe('A chat without call permissions', function () {
  const room = inRoom({ yaml: 'limits: {perCaller: 3/1h, perCallee: 2/1h}' });
  const { say, words, press, onlyCall } = storyOf(room);

  describe('stop calling me', () => {
    it('stops calls from chats until they are allowed again', async () => {
      assert.match((await words('stop calling me', { from: adele })).join(), /^I will no longer call you/);
      assert.deepEqual(await words('call Adele Vance: red'), [
        'Adele Vance has opted out of calls from chats, so I did not call. Send a chat message instead. If it cannot wait, escalate it to a policy.',
      ]);
      assert.match(
        (await words('who is Adele Vance')).join(),
        /\nAdele Vance has opted out of calls from chats/,
      );
      assert.deepEqual(await room().placed(), []);
      assert.match((await words('allow calls', { from: adele })).join(), /^People can ask me to call you/);
      assert.deepEqual(await words('call Adele Vance: red'), ['Adele Vance: Calling …']);
      assert.deepEqual(await refusals(room), [
        'Adele Vance stoppedCalls  ',
        'Alex Wilber refused Adele Vance optedOut',
        'Adele Vance allowedCalls  ',
      ]);
    });

    it('still allows a test call to oneself', async () => {
      await say('stop calling me', { from: adele });
      await say('call me', { from: adele });
      await onlyCall();
    });

    it('applies to the answer to a choice too', async () => {
      const [question] = await say('call Chris Green: red');
      assert.ok(question);
      await say('stop calling me', { from: 'chris.green@contoso.example' });
      assert.match(await press('Alex Wilber', question, 'choose1'), /^Chris Green has opted out of calls/);
      assert.deepEqual(await room().placed(), []);
    });

    it('needs an identity', async () => {
      assert.match((await words('stop calling me', web)).join(), /^I cannot verify who you are here/);
    });

    it('is not repeated by a redelivery', async () => {
      const fields = { id: 'stop, redelivered' };
      await say('stop calling me', { from: adele, fields });
      await say('allow calls', { from: adele });
      assert.deepEqual(await words('stop calling me', { from: adele, fields }), []);
      assert.deepEqual(await words('call Adele Vance: red'), ['Adele Vance: Calling …']);
    });
  });

  describe('limits', () => {
    it('apply to the caller', async () => {
      for (const name of [adele, megan, 'Debra Berger']) await say(`call ${name}: red`);
      const [answer] = await words('call Nestor Wilke: red');
      assert.match(
        answer ?? '',
        /^You have asked for a lot of calls in a short time, so I did not call Nestor Wilke\. Please try again in (1 hour|\d+ minutes)\./,
      );
      assert.equal((await room().placed()).length, 3);
    });

    it('apply to the callee', async () => {
      await say('call Adele Vance: red');
      await say('call Adele Vance: red', { from: megan });
      const [answer] = await words('call Adele Vance: red', { from: 'Debra Berger' });
      assert.match(
        answer ?? '',
        /^Adele Vance has been called a lot in a short time, so I did not call again\./,
      );
      assert.equal((await room().placed()).length, 2);
    });

    it('do not count requests that place no call', async () => {
      for (let times = 0; times < 4; times++) {
        await say('call Adele Vance: red');
        await room().pass(1_000);
      }
      assert.match((await words('call Adele Vance')).join(), /^I am already calling Adele Vance/);
      await onlyCall();
    });
  });

  describe('the reason why somebody cannot be called comes before the call', () => {
    const table: readonly [name: string, why: RegExp][] = [
      ['Henrietta Mueller', /the account is disabled .* Call somebody else\.$/],
      ['patti@fabrikam.example', /guests from other organisations cannot be called\./],
      ['Irvin Sayers', /no Teams Phone licence\. An administrator can assign one and enable voice for it\.$/],
      ['8:gcch:87d349ed-44d7-43e1-9a83-5f2406dee5bd', /a different Microsoft cloud/],
      ['8:gcch-acs:resource_user', /a different Microsoft cloud/],
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

  it('calls no ACS user who is not listed', async () => {
    const [answer] = await words('call 8:acs:resource_kiosk: red');
    assert.match(
      answer ?? '',
      /^I am not allowed to call 8:acs:resource_kiosk: my permissions must name users of Azure Communication Services/,
    );
    assert.deepEqual(await room().placed(), []);
  });

  it('calls voice apps that Graph lists', async () => {
    await say('call help desk');
    const { target } = await onlyCall();
    assert.deepEqual([target.kind, target.id], ['voiceApp', '9cdebf6a-57da-4cbb-8f8d-7a8b9cadbe09']);
  });
});

describe('A chat with voice apps and ACS users', function () {
  const room = inRoom({
    yaml: `
voiceApps: {the front desk: 22222222-2222-3333-4444-555555555555}
permissions: {callees: {allow: [{user: "8:acs:resource_kiosk"}]}}
`,
  });
  const { say, onlyCall, words } = storyOf(room);

  it('calls a voice app by its name in the file', async () => {
    await say('call front desk');
    const { target } = await onlyCall();
    assert.deepEqual(target.kind, 'voiceApp');
    assert.equal(target.id, '22222222-2222-3333-4444-555555555555');
  });

  it('calls listed ACS users, and everybody else as before', async () => {
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

describe('A chat in quiet hours', function () {
  const clock = (hours: number): string =>
    new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
  const room = inRoom({ yaml: `quietHours: {from: "${clock(-1)}", to: "${clock(2)}", except: [critical]}` });
  const { say, words, onlyCall } = storyOf(room);

  it('places no call, and says until when', async () => {
    const [answer] = await words('call Adele Vance: red');
    assert.match(
      answer ?? '',
      /^Quiet hours are in effect until \d+:\d\d [AP]M \(UTC\), so I did not call Adele Vance\. If it cannot wait, escalate it to a policy\./,
    );
    assert.deepEqual(await room().placed(), []);
    assert.deepEqual(await refusals(room), ['Alex Wilber refused Adele Vance quietHours']);
  });

  it('lets people test their own phone', async () => {
    await say('call me');
    await onlyCall();
  });
});
