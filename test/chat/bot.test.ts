import assert from 'node:assert/strict';
import { stub } from 'sinon';
import { refuseActivity } from '../../src/chat/turn/activityStore.ts';
import type { Directory } from '../../src/directory/directory.ts';
import { until } from '../support/until.ts';
import { ended, happen } from '../support/chat/calls.ts';
import { wordsOf } from '../support/chat/room.ts';
import { inRoom, storyOf } from '../support/chat/story.ts';

const alex = 'Alex Wilber';
const megan = 'Megan Bowen';
const adele = 'Adele Vance';
const { sent, accepted, answered } = happen;

describe('A chat', function () {
  const room = inRoom();
  const { say, words, onlyCall, happens } = storyOf(room);

  describe('call', () => {
    it('speaks the message', async () => {
      assert.deepEqual(await words('call Adele Vance: The build is *red*'), ['Adele Vance: Calling …']);
      const call = await onlyCall();
      assert.equal(call.target.id, '87d349ed-44d7-43e1-9a83-5f2406dee5bd');
      assert.equal(call.requestedBy.objectId, '626cbf8c-5dde-46b0-8385-9e40d64736fe');
      assert.deepEqual(call.purpose, { kind: 'speak', message: 'The build is *red*' });
    });

    it('connects the callee to the asker if there is no message', async () => {
      await say('call adele@contoso.example');
      const { purpose } = await onlyCall();
      assert.equal(purpose.kind === 'connect' && purpose.to.id, '626cbf8c-5dde-46b0-8385-9e40d64736fe');
    });

    for (const text of ['call me', 'call Alex Wilber']) {
      it(`is a test call to oneself: ${text}`, async () => {
        await say(text);
        const call = await onlyCall();
        assert.equal(call.target.displayName, alex);
        assert.deepEqual(call.purpose, { kind: 'test' });
      });
    }

    it('ends the turn at once, and shows progress on one card', async () => {
      const [card] = await say('call Adele Vance: red');
      const call = await onlyCall();
      await happens(call, sent, accepted, answered, ended(200, 5010));
      const messages = room().messages(card?.conversationId);
      const [newest] = messages.slice(-1);
      assert.equal(newest?.id, card?.id);
      assert.equal(
        newest && wordsOf(newest).split('.')[0],
        'Adele Vance answered and hung up before the message was finished',
      );
      const history = newest?.history.map((version) => wordsOf(version));
      // No update says only that the service accepted the call.
      assert.deepEqual(history?.slice(0, 2), [
        'Adele Vance: Calling …',
        'Adele Vance: Speaking the message …',
      ]);
    });

    it('points to the card of a running call, and places a new call after its end', async () => {
      await say('call Adele Vance: red');
      const call = await onlyCall();
      await room().pass(1_000);
      assert.deepEqual(await words('call Adele'), [
        'I am already calling Adele Vance. See the card above for progress.',
      ]);
      await happens(call, sent, accepted, ended(603, 0));
      assert.deepEqual(await words('call Adele: still red'), ['Adele Vance: Calling …']);
      assert.equal((await room().placed()).length, 2);
    });

    it('shows a running call in the other chat where it is asked for again', async () => {
      await say('call Adele Vance: red');
      await room().pass(1_000);
      const conversation = room().emulator.channel.groupChat([alex, megan]);
      const [card] = await say('call Adele Vance', { conversation, mentions: ['bot'] });
      assert.ok(card);
      const call = await onlyCall();
      await happens(call, sent, accepted, ended(603, 0));
      assert.match(room().said(card?.conversationId).at(-1) ?? '', /declined/);
    });

    it('shows "is typing" if the lookup takes a while, and not if it is quick', async () => {
      const { emulator } = room();
      // The emulator stores only messages, and "is typing" is a request without one.
      const requests = (): number => {
        const counts = emulator.requests.counts();
        return (counts['connector.replyToActivity'] ?? 0) + (counts['connector.sendActivity'] ?? 0);
      };
      const [requestsBefore, saidBefore] = [requests(), room().said().length];
      const sentNow = (): number => requests() - requestsBefore;
      const saidNow = (): number => room().said().length - saidBefore;
      await say('who is Megan');
      assert.equal(sentNow(), 1, 'the answer');
      const slow = emulator.faults.add({ operation: 'graph.*', kind: 'slow', ms: 2_000, times: 100 });
      // Nobody has asked for her before, so this needs the directory.
      emulator.people.add({ displayName: 'Wanda Kowalczyk' });
      const answering = say('who is Wanda Kowalczyk');
      await until(() => slow.left < 100, 'the directory was asked');
      await room().pass(1_000);
      await until(() => sentNow() === 2, 'something is shown');
      assert.equal(saidNow(), 1, 'no answer yet');
      slow.remove();
      for (let waited = 0; waited < 10 && saidNow() < 2; waited++) await room().pass(1_000);
      await answering;
      assert.equal(sentNow(), 3);
    });

    it('suggests similar names for an unknown one', async () => {
      const [answer] = await words('call Adelle Vanse: red');
      assert.match(answer ?? '', /^I found nobody called "Adelle Vanse"\./);
      assert.deepEqual(await room().placed(), []);
    });

    it('calls the mentioned person even if two people have the name', async () => {
      const conversation = room().emulator.channel.groupChat([alex, 'chris.green2@contoso.example']);
      await say('call <at>Chris Green</at>: red', {
        conversation,
        mentions: ['bot', 'chris.green2@contoso.example'],
      });
      assert.equal((await onlyCall()).target.userPrincipalName, 'chris.green2@contoso.example');
    });

    it('says before the call who cannot be called', async () => {
      assert.match(
        (await words('call Henrietta Mueller: red')).join(),
        /^Henrietta Mueller cannot be called/,
      );
      assert.deepEqual(await room().placed(), []);
    });

    it('reads the new words of a quoted reply, in a channel too, and never the quote', async () => {
      const mark = '<quoted messageId="1772050244572"/>';
      await say(`${mark} call Adele Vance: red`);
      assert.equal((await onlyCall()).target.displayName, adele);
      const conversation = room().emulator.channel.teamChannel([alex, megan], 'Ops');
      await say(`<at>Ringdown</at> ${mark} call Megan Bowen: red`, { conversation, mentions: ['bot'] });
      assert.equal((await room().placed()).length, 2);
      const quote =
        '<blockquote itemtype="http://schema.skype.com/Reply"><at>Ringdown</at> call me</blockquote>';
      const quoting = { conversation, mentions: ['bot'] };
      assert.deepEqual(
        await say(`${quote} well said`, quoting),
        [],
        'the bot is mentioned in the quote alone',
      );
      assert.equal((await room().placed()).length, 2);
    });

    it('ignores what is not addressed to it', async () => {
      const conversation = room().emulator.channel.teamChannel([alex], 'Ops');
      assert.deepEqual(await say('call Adele Vance: red', { conversation }), []);
      assert.equal((await say('call Adele Vance: red', { conversation, mentions: ['bot'] })).length, 1);
    });
  });

  describe('a redelivered activity', () => {
    for (const text of [
      'call Adele Vance: red',
      'call Chris Green',
      'help',
      'status',
      'hang up',
      'call Nobody',
      'hi',
    ]) {
      it(`does nothing twice: ${text}`, async () => {
        const fields = { id: `redelivered ${text}` };
        assert.equal((await say(text, { fields })).length, 1);
        assert.deepEqual(await say(text, { fields }), []);
        assert.ok((await room().placed()).length <= 1);
      });
    }

    it('does nothing twice if both arrive at the same time', async () => {
      const fields = { id: 'twice at once' };
      await Promise.all([say('call Adele Vance: red', { fields }), say('call Adele Vance: red', { fields })]);
      await onlyCall();
      assert.equal(
        room()
          .said(room().emulator.channel.personal(alex).id)
          .filter((said) => said.startsWith('Adele')).length > 0,
        true,
      );
      assert.equal((await room().database.sql.selectFrom('cards').selectAll().execute()).length, 1);
    });
  });

  describe('hang up', () => {
    it('ends what the asker started', async () => {
      await say('call Adele Vance: red');
      assert.deepEqual(await words('hang up'), ['Hanging up the call to Adele Vance …']);
      assert.equal((await onlyCall()).facts.hangUp?.by, 'requester');
    });

    it('leaves alone what others started', async () => {
      await say('call Adele Vance: red', { from: megan });
      assert.deepEqual(await words('hang up'), ['You have no running call or alert here.']);
    });

    it('asks which, if there are several', async () => {
      await say('call Adele Vance: red');
      await say('call Megan Bowen: red');
      const [question] = await words('hang up');
      assert.match(question ?? '', /^You have several calls running\. Which one should I end\?\n1\. /);
      assert.match((await words('1')).join(), /^Hanging up the call to /);
      const ending = (await room().placed()).filter(({ facts }) => facts.hangUp);
      assert.equal(ending.length, 1);
    });

    it('prefers calls in this conversation', async () => {
      await say('call Adele Vance: red');
      const conversation = room().emulator.channel.groupChat([alex, megan]);
      await say('call Megan Bowen: red', { conversation, mentions: ['bot'] });
      assert.deepEqual(await words('hang up', { conversation, mentions: ['bot'] }), [
        'Hanging up the call to Megan Bowen …',
      ]);
    });
  });

  describe('status', () => {
    it('lists the asker’s own calls in a personal chat', async () => {
      assert.deepEqual(await words('status'), ['No call is running.']);
      await say('call Adele Vance: red');
      await say('call Megan Bowen', { from: 'Diego Siciliani' });
      await room().pass(5_000);
      assert.deepEqual(await words('status'), ['1 call is running:\nAdele Vance: Calling … (5 seconds)']);
    });

    it('lists only calls from here in a channel', async () => {
      await say('call Adele Vance: red');
      const conversation = room().emulator.channel.teamChannel([alex, megan], 'Ops');
      await say('call Debra Berger: red', { from: megan, conversation, mentions: ['bot'] });
      const [status] = await words('status', { conversation, mentions: ['bot'] });
      assert.match(status ?? '', /^1 call is running:\nDebra Berger: .* requested by Megan Bowen\)$/);
    });
  });

  describe('other commands', () => {
    const table: readonly [said: string, answer: RegExp][] = [
      ['help', /^I call people in Teams for you[^]*call Adele Vance[^]*who is/],
      ['hello', /^Hello Alex Wilber\. Who should I call\?$/],
      ['thanks', /^You are welcome/],
      [
        'who is Adele',
        /^That is:\nAdele Vance, Retail Manager, Retail · Available · adele@contoso\.example\nCan be called now\.$/,
      ],
      ['who is Chris Green', /^These people match:\nChris Green.*\nChris Green/],
      ['who is Henrietta Mueller', /cannot be called: the account is disabled/],
      ['who is', /Who do you mean/],
      ['who is Zzyzx Qwrt', /I found nobody called "Zzyzx Qwrt"/],
      ['call', /^Who should I call\?/],
      ['call 112', /never call emergency services/],
      ['history', /^No calls or alerts yet\.$/],
      ['escalate payments: red', /There is no policy "payments"/],
      ['good weather today', /^I did not understand that/],
    ];
    for (const [said, answer] of table) {
      it(said, async () => {
        const answers = await words(said);
        assert.equal(answers.length, 1);
        assert.match(answers[0] ?? '', answer);
      });
    }

    it('greets people who write only its name', async () => {
      const conversation = room().emulator.channel.groupChat([alex, megan]);
      assert.deepEqual(await words('', { conversation, mentions: ['bot'] }), [
        'Hello Alex Wilber. Who should I call?',
      ]);
    });
  });

  describe('bad input', () => {
    const table: readonly [what: string, text: string][] = [
      ['nothing', ''],
      ['only blanks', '   \n\t '],
      ['only emoji', '🦊🔥👩‍👩‍👧'],
      ['10,000 characters', 'call Adele '.repeat(1_000)],
      ['100,000 characters', 'x'.repeat(100_000)],
      ['control characters', '\u0000\u0007\u001b[31m'],
      ['a lone surrogate', 'call \ud800x'],
      ['quotes', 'call "Robert\'); DROP TABLE calls;--"'],
      ['apostrophes', "call O'Brien'' or '1'='1"],
      ['OData operators', "call x' or startswith(displayName,'a') eq true"],
      ['search operators', 'call "displayName:Adele" OR "mail:a" AND NOT *'],
      ['accents', 'call Çağlâr Ñúñez'],
      ['other scripts', 'call 王小明'],
      ['marks', '<script>alert(1)</script> & <at>x</at>'],
      ['only a colon', 'call :'],
      ['numbers', '99999999999999999999'],
    ];
    for (const [what, text] of table) {
      it(`gets a clear sentence: ${what}`, async () => {
        const answers = await words(text);
        assert.equal(answers.length, 1);
        assert.match(answers[0] ?? '', /[.?]/);
        assert.doesNotMatch(answers[0] ?? '', /\bat \S+ \(|Error|undefined|null|reference/);
        assert.deepEqual(await room().placed(), []);
        assert.ok(!room().log.some((line) => line.includes('"level":"error"')), room().log.join());
      });
    }

    const malformed: readonly [what: string, fields: Record<string, unknown>][] = [
      ['no type', { type: undefined }],
      ['no sender', { from: undefined }],
      ['no conversation', { conversation: undefined }],
      ['no channel', { channelId: undefined }],
      ['no service address', { serviceUrl: undefined }],
      ['text that is no text', { text: { evil: true } }],
      ['an object as id', { id: { toString: 'x' } }],
    ];
    for (const [what, fields] of malformed) {
      it(`is refused: ${what}`, async () => {
        const heard = await room().emulator.channel.post(
          { from: alex },
          { type: 'message', text: 'call Adele', ...fields },
        );
        assert.deepEqual([heard.status, heard.body], [400, { code: 'bad_request' }]);
      });
    }

    it('is ignored where it does not matter', async () => {
      for (const fields of [
        { entities: 'x', text: 'status' },
        { entities: [null, 5, { type: 'mention' }], text: 'status' },
        { channelData: 'x', text: 'status' },
        { value: { c: 5 }, text: 'status' },
        { timestamp: 'yesterday', text: 'status' },
        { locale: '../../etc', text: 'status' },
      ]) {
        const heard = await room().emulator.channel.post({ from: alex }, { type: 'message', ...fields });
        assert.equal(heard.status, 200, JSON.stringify(fields));
      }
      const heard = await room().emulator.channel.invoke({
        from: alex,
        name: 'adaptiveCard/action',
        value: 'x',
      });
      assert.equal(heard.status, 200);
    });

    it('is not answered at a service URL that is not allowed', async () => {
      for (const serviceUrl of [
        'https://evil.example/',
        'http://127.0.0.1.evil.example/',
        'file:///etc/passwd',
      ]) {
        const heard = await room().emulator.channel.post(
          { from: alex },
          { type: 'message', text: 'status', serviceUrl },
        );
        assert.equal(heard.status, 403, serviceUrl);
      }
    });

    it('is refused if it came through a proxy, in anonymous mode', async () => {
      for (const name of ['forwarded', 'x-forwarded-for', 'x-forwarded-proto', 'x-real-ip', 'via']) {
        await assert.rejects(room().bot.endpoint.admit({ headers: { [name]: 'x' } }), { code: 'forbidden' });
      }
    });
  });

  describe('people outside Teams', () => {
    const bob = { id: 'bob', name: 'Bob' };

    for (const text of [
      'call Adele Vance',
      'call Adele Vance: red',
      'call Chris: red',
      'who is Chris Green',
      'who is Zzyzx Qwrt',
    ]) {
      it(`may call nobody, and learn nothing about the directory: ${text}`, async () => {
        const requests = room().emulator.requests.count('graph.listUsers');
        const [answer] = await words(text, { from: bob, channelId: 'webchat' });
        assert.match(answer ?? '', /^I am not allowed to call/);
        assert.equal(room().emulator.requests.count('graph.listUsers'), requests);
      });
    }

    it('have no phone of their own', async () => {
      assert.match(
        (await words('call me', { from: bob, channelId: 'webchat' })).join(),
        /only if you write to me from Teams/,
      );
    });

    it('cannot take somebody’s identity, which is trusted only on Teams', async () => {
      const fields = {
        from: { id: 'bob', name: 'Alex Wilber', aadObjectId: '626cbf8c-5dde-46b0-8385-9e40d64736fe' },
      };
      const [answer] = await words('call Adele Vance: red', { from: bob, channelId: 'webchat', fields });
      assert.match(answer ?? '', /^I am not allowed/);
    });
  });

  describe('errors', () => {
    it('a directory that does not answer', async () => {
      room().emulator.faults.add({ operation: 'graph.*', kind: 'status', status: 403, times: 20 });
      assert.deepEqual(await words('call Adele Vance: secret words'), [
        'I cannot look up people right now. No call was placed. Please try again in a minute.',
      ]);
      assert.doesNotMatch(room().log.join(), /secret words/);
    });

    it('a refusal that could not be sent is sent later by a job, once', async () => {
      const { emulator } = room();
      emulator.faults.add({ operation: 'graph.*', kind: 'status', status: 403, times: 40 });
      emulator.faults.add({ operation: 'connector.replyToActivity', kind: 'status', status: 502, times: 1 });
      const conversation = emulator.channel.groupChat([alex]);
      const mentions = ['bot'];
      const fields = { id: 'refused-once' };
      const message = { from: alex, text: 'call Adele Vance: red', conversation, mentions, fields };
      const first = await emulator.channel.send(message);
      assert.equal(first.status, 200);
      assert.deepEqual(room().said(first.conversationId), []);
      await room().pass(3_000);
      assert.deepEqual(room().said(first.conversationId), [
        'I cannot look up people right now. No call was placed. Please try again in a minute.',
      ]);
      assert.equal((await emulator.channel.send(message)).status, 200);
      assert.equal(room().said(first.conversationId).length, 1, 'and not told twice');
    });

    it('if the process dies before it sends a refusal, the redelivery is refused too, and nothing is granted', async () => {
      const { emulator, database, clock } = room();
      const conversation = emulator.channel.groupChat([alex]);
      const fields = { id: 'died-before' };
      const refused = `msteams|${conversation.id}|died-before`;
      assert.ok(await refuseActivity(database.sql, refused, new Date(clock.now())));
      const message = {
        from: alex,
        text: 'call Diego Siciliani: red',
        conversation,
        mentions: ['bot'],
        fields,
      };
      const before = (await room().placed()).length;
      await emulator.channel.send(message);
      const told = ['I cannot take requests right now. No call was placed. Please try again in a minute.'];
      assert.deepEqual(room().said(conversation.id), told);
      await emulator.channel.send(message);
      assert.deepEqual(room().said(conversation.id), told, 'once it was told it is not told again');
      assert.equal((await room().placed()).length, before);

      await database.sql
        .updateTable('chat_activities')
        .set({ refusing: true })
        .where('key', '=', refused)
        .execute();
      await emulator.channel.send({ ...message, text: 'help' });
      assert.equal(room().said(conversation.id).length, 2, 'what places nothing is simply answered');
    });

    it('an internal error is reported with a reference, and nothing else', async () => {
      const { sql } = room().database;
      await sql.schema.alterTable('choices').renameTo('choices_away').execute();
      try {
        const [answer] = await words('call Chris Green: secret words');
        const reference = /this reference: ([0-9A-F]{8})$/.exec(answer ?? '')?.[1];
        assert.ok(reference, answer);
        const line = room().log.find((logged) => logged.includes(`"reference":"${reference}"`));
        assert.match(line ?? '', /choices/);
        assert.doesNotMatch(answer ?? '', /choices|relation|Error/);
      } finally {
        await sql.schema.alterTable('choices_away').renameTo('choices').execute();
      }
    });
  });
});

describe('A chat without speech', function () {
  const room = inRoom({ canSpeak: false });
  const { words, press, say, onlyCall, happens } = storyOf(room);

  it('refuses to speak messages, with advice, and still connects', async () => {
    assert.match(
      (await words('call Adele Vance: red')).join(),
      /did not call Adele Vance.*COGNITIVE_SERVICES_ENDPOINT/,
    );
    assert.match((await words('call me')).join(), /test call.*COGNITIVE_SERVICES_ENDPOINT/);
    assert.deepEqual(await room().placed(), []);
    const [card] = await say('call Adele Vance');
    await happens(await onlyCall(), sent, accepted, ended(603, 0));
    const [old] = room()
      .messages(card?.conversationId)
      .filter(({ id }) => id === card?.id);
    assert.ok(old);
    await assert.rejects(press(alex, old, 'speak'), /has no button/);
  });
});

describe('A chat for other tenants', function () {
  const room = inRoom({ allowedTenants: () => ['00000000-0000-0000-0000-000000000000'] });
  const { words } = storyOf(room);

  it('does nothing', async () => {
    for (const text of ['call Adele Vance: red', 'help', 'who is Adele']) {
      assert.match((await words(text)).join(), /^I am not allowed to work for your organisation/);
    }
    assert.deepEqual(await room().placed(), []);
  });

  it('says so at a button too', async () => {
    const value = { action: { type: 'Action.Execute', verb: 'hangUp', data: { c: 'card_1' } } };
    const heard = await room().emulator.channel.invoke({ from: alex, name: 'adaptiveCard/action', value });
    assert.match(JSON.stringify(heard.body), /I am not allowed to work for your organisation/);
  });
});

describe('A chat whose directory breaks', function () {
  const broken: Directory = {
    find: stub().rejects(new TypeError('https://user:password@graph.example/ says no')),
    photo: stub().resolves(null),
    presence: stub().resolves(null),
    get: stub().resolves(null),
    membersOf: stub().resolves(null),
    managerOf: stub().resolves(null),
    isMemberOf: stub().resolves(null),
    shifts: stub().resolves(null),
    numbersOf: stub().resolves(new Map()),
  };
  const room = inRoom({ directory: broken });
  const { words } = storyOf(room);

  it('leaks nothing', async () => {
    const [answer] = await words('call Adele Vance: red');
    assert.match(answer ?? '', /^Something went wrong on my side.*reference: [0-9A-F]{8}$/);
  });
});
