import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { forEachDatabaseByTurns, onPostgres } from '../support/databases.ts';
import {
  addressIn,
  nadia,
  newest,
  outcome,
  Page,
  say,
  talkWorld as begin,
  talkYaml,
} from '../support/talk.ts';
import { newestCall, type World } from '../support/world.ts';

const second = 1000;
const minute = 60 * second;

const types = async (world: World): Promise<string[]> =>
  (await newestCall(world))?.timeline.map(({ type }) => type) ?? [];

describe('calls from the browser', () => {
  forEachDatabaseByTurns((open) => {
    it('an asker outside Teams gets a link; nobody is called before the asker joins', async () => {
      const world = await begin({ database: await open() });
      const chat = await say(world, 'call Adele Vance');
      assert.match(newest(world, chat), /Talk from your browser/);
      const address = addressIn(world, chat);
      for (let times = 0; times < 2; times++) {
        const page = await fetch(address);
        assert.equal(page.status, 200);
        assert.match(await page.text(), /Call Adele Vance/);
      }
      assert.deepEqual(await outcome(world), ['queued', null, null, null]);
      assert.equal(world.emulator.requests.count('createIdentity'), 0);
      assert.equal(world.emulator.requests.count('createCall'), 0);
    });

    /** Presses the button to speak a message on the card that was shown last. */
    async function speakInstead(world: World, chat: Awaited<ReturnType<typeof say>>): Promise<void> {
      const card = /"verb":"speak".{0,200}?"c":"([^"]+)"|"c":"([^"]+)".{0,200}?"verb":"speak"/.exec(
        newest(world, chat),
      );
      const c = card?.[1] ?? card?.[2];
      assert.ok(c, newest(world, chat));
      const action = { type: 'Action.Execute', verb: 'speak', data: { c, message: 'The build is red' } };
      const press = { from: nadia, channelId: 'webchat', name: 'adaptiveCard/action', value: { action } };
      assert.equal((await world.emulator.channel.invoke(press)).status, 200);
      await world.pass(2 * second);
    }

    it('an asker outside Teams may have a message spoken instead, which uses up the link', async () => {
      const world = await begin({ database: await open() });
      const chat = await say(world, 'call Adele Vance');
      const address = addressIn(world, chat);
      await speakInstead(world, chat);
      const calls = await world.app.database.sql.selectFrom('calls').select(['status', 'purpose']).execute();
      assert.deepEqual(
        calls.filter(({ purpose }) => purpose.kind === 'talk').map(({ status }) => status),
        ['ended'],
        'nobody is on a browser call any more',
      );
      assert.equal(calls.length, 2);
      assert.equal(world.emulator.requests.count('createCall'), 1);
      assert.notEqual((await new Page(world, address).join()).status, 200);
    });

    it('a message over the call limit does not use up the link', async () => {
      const world = await begin({ database: await open(), yaml: `${talkYaml}limits: {perCaller: 1/1h}\n` });
      const chat = await say(world, 'call Adele Vance');
      const address = addressIn(world, chat);
      await speakInstead(world, chat);
      assert.deepEqual(await outcome(world), ['queued', null, null, null]);
      assert.equal(world.emulator.requests.count('createCall'), 0);
      assert.equal((await new Page(world, address).join()).status, 200);
    });

    it('a person who talked can be forgotten, including the identity of the call', async () => {
      const world = await begin({ database: await open() });
      const page = new Page(world, addressIn(world, await say(world, 'call Adele Vance')));
      assert.equal((await page.join()).status, 200);
      await page.report('connected');
      assert.match(
        newest(world, await say(world, 'forget me')),
        /A call with you, or one that you asked for, is still running/,
      );
      await page.report('ended');
      assert.match(newest(world, await say(world, 'forget me')), /Should I forget you/);
      assert.deepEqual(await world.app.identities.export('webchat|nadia').then((all) => all.length), 1);
      await say(world, '1');
      const { rows } = await sql`SELECT FROM talk_identities`.execute(world.app.database.sql);
      assert.equal(rows.length, 0);
      assert.deepEqual(world.emulator.identities.list(), []);
      const left = await sql`SELECT FROM calls WHERE requester_key = 'webchat|nadia'`.execute(
        world.app.database.sql,
      );
      assert.equal(left.rows.length, 0);
    });

    it('the card follows the page’s reports to the end', async () => {
      const world = await begin({ database: await open() });
      const chat = await say(world, 'call Adele Vance');
      const page = new Page(world, addressIn(world, chat));
      const joined = await page.join();
      assert.equal(joined.status, 200, JSON.stringify(joined.body));
      const { id } = world.emulator.phone('Adele Vance').person;
      assert.deepEqual(joined.body['target'], { kind: 'teamsUser', id });
      assert.equal(joined.body['displayName'], 'Nadia (webchat)');
      await world.settle();
      assert.match(newest(world, chat), /Calling …/);
      await page.report('calling');
      await page.report('ringing');
      await page.stays('ringing', 20 * second);
      const connected = await page.report('connected');
      assert.deepEqual(connected.body, {
        hangUp: false,
        over: false,
        disposition: null,
        recording: false,
        transcription: false,
      });
      assert.match(newest(world, chat), /Adele Vance answered\./);
      for (let minutes = 0; minutes < 3; minutes++) {
        await world.pass(55 * second);
        await page.report('connected');
      }
      await page.report('ended');
      assert.deepEqual(await outcome(world), ['ended', 'connected_to_caller', 0, 0]);
      assert.match(newest(world, chat), /Adele Vance answered and talked to Nadia/);
      assert.deepEqual(await types(world), ['queued', 'talkJoined', 'talkRings', 'connected', 'ended']);
      assert.equal(world.emulator.requests.count('createCall'), 0, 'that call is the call');
    });

    for (const [name, [code, subCode], disposition] of [
      ['declined', [603, 0], 'declined'],
      ['busy', [486, 560486], 'busy'],
      ['not reachable', [480, 10037], 'unreachable'],
      ['not allowed', [403, 10391], 'not_allowed'],
      ['left unanswered by the service', [487, 10004], 'no_answer'],
      ['ended without a result', [null, null], 'failed'],
    ] as const) {
      it(`a call that is ${name} ends like every call`, async () => {
        const world = await begin({ database: await open() });
        const chat = await say(world, 'call Adele Vance');
        const page = new Page(world, addressIn(world, chat));
        await page.join();
        await page.report('calling');
        const answer = await page.report('ended', { code, subCode });
        assert.deepEqual([answer.body['over'], answer.body['disposition']], [true, disposition]);
        assert.deepEqual(await outcome(world), ['ended', disposition, code, subCode]);
      });
    }

    it('a link works once: another page is refused, the same page gets the same answer', async () => {
      const world = await begin({ database: await open() });
      const chat = await say(world, 'call Adele Vance');
      const address = addressIn(world, chat);
      const page = new Page(world, address);
      const [first, other] = [await page.join(), await new Page(world, address).join()];
      assert.deepEqual([other.status, other.body['because']], [409, 'used']);
      const again = await page.join();
      assert.deepEqual([again.status, again.body['target']], [200, first.body['target']]);
      const opened = await fetch(address);
      assert.equal(opened.status, 410);
      assert.match(await opened.text(), /This link has already been used/);
      assert.equal(world.emulator.identities.list().length, 1);
    });

    it('only one of two concurrent joins succeeds', async () => {
      const world = await begin({ database: await open() });
      const address = addressIn(world, await say(world, 'call Adele Vance'));
      const answers = await Promise.all(
        Array.from({ length: 4 }, async () => await new Page(world, address).join()),
      );
      assert.deepEqual(
        answers.map(({ status }) => status).toSorted((a, b) => a - b),
        [200, 409, 409, 409],
      );
      await world.settle();
      assert.equal(world.emulator.identities.list().length, 1);
    });

    it('an unused link expires, and the call with it', async () => {
      const world = await begin({ database: await open() });
      const chat = await say(world, 'call Adele Vance');
      const address = addressIn(world, chat);
      await world.pass(10 * minute + second);
      assert.deepEqual(await outcome(world), ['ended', 'cancelled', null, null]);
      assert.match(newest(world, chat), /the link was not used within ten minutes/);
      const late = await new Page(world, address).join();
      assert.deepEqual([late.status, late.body['because']], [409, 'expired']);
      assert.equal((await fetch(address)).status, 410);
    });

    it('an unknown link gets the same answer as an expired one', async () => {
      const world = await begin({ database: await open() });
      for (const link of ['a', randomBytes(32).toString('base64url'), 'session', '%00']) {
        const opened = await fetch(`${world.url}/talk/${link}`);
        assert.equal(opened.status, 404, link);
      }
      const joined = await new Page(
        world,
        `${world.url}/talk/${randomBytes(32).toString('base64url')}`,
      ).join();
      assert.equal(joined.status, 404);
      const stranger = new Page(world, world.url);
      assert.equal((await stranger.report('connected')).status, 401);
    });

    it('only hashes of links and sessions are stored, and neither is logged', async () => {
      const world = await begin({ database: await open(), env: { LOG_LEVEL: 'debug' } });
      const address = addressIn(world, await say(world, 'call Adele Vance'));
      const link = address.split('/').at(-1) ?? '';
      const page = new Page(world, address);
      await fetch(address);
      const { body } = await page.join();
      const rows = await sql<{ row: string }>`SELECT t::text AS row FROM talk_links t`.execute(
        world.app.database.sql,
      );
      for (const secret of [link, page.session, String(body['token'])]) {
        assert.ok(!JSON.stringify(rows.rows).includes(secret));
        assert.ok(!world.log.join('').includes(secret), secret);
      }
    });

    it('a page that stops reporting ends its call, with a reason', async () => {
      const world = await begin({ database: await open() });
      const chat = await say(world, 'call Adele Vance');
      const page = new Page(world, addressIn(world, chat));
      await page.join();
      await page.report('ringing');
      await world.pass(minute + second);
      assert.equal((await outcome(world))[1], 'failed');
      assert.match(newest(world, chat), /stopped responding/);
      const late = await page.report('connected');
      assert.equal(late.body['over'], true, 'the page has to end the call');
    });

    it('after an answer such a call still counts as answered', async () => {
      const world = await begin({ database: await open() });
      const chat = await say(world, 'call Adele Vance');
      const page = new Page(world, addressIn(world, chat));
      await page.join();
      await page.report('connected');
      await world.pass(minute + second);
      assert.equal((await outcome(world))[1], 'connected_to_caller');
      assert.match(newest(world, chat), /Then the browser page stopped responding/);
    });

    it('a page that is closed reports it, and the call ends at once', async () => {
      const world = await begin({ database: await open() });
      const chat = await say(world, 'call Adele Vance');
      const page = new Page(world, addressIn(world, chat));
      await page.join();
      await page.report('ringing');
      await page.report('left');
      assert.equal((await outcome(world))[1], 'failed');
      assert.deepEqual((await types(world)).slice(-2), ['talkPageLeft', 'ended']);
    });

    it('if nobody answers, the page is told to hang up at the ring timeout', async () => {
      const world = await begin({ database: await open(), env: { RING_TIMEOUT_SECONDS: '20' } });
      const page = new Page(world, addressIn(world, await say(world, 'call Adele Vance')));
      await page.join();
      await page.report('ringing');
      await page.stays('ringing', 25 * second);
      assert.equal((await page.report('ringing')).body['hangUp'], true);
      await page.report('ended', { code: 487, subCode: 0 });
      assert.equal((await outcome(world))[1], 'no_answer');
    });

    it('a hang-up in the chat reaches the page; before the join it invalidates the link', async () => {
      const world = await begin({ database: await open() });
      const address = addressIn(world, await say(world, 'call Adele Vance'));
      await say(world, 'hang up');
      assert.equal((await outcome(world))[1], 'cancelled');
      assert.equal((await new Page(world, address).join()).body['because'], 'over');
      await world.pass(second);

      const page = new Page(world, addressIn(world, await say(world, 'call Adele Vance')));
      await page.join();
      await page.report('connected');
      await say(world, 'hang up');
      assert.equal((await page.report('connected')).body['hangUp'], true);
      await page.report('ended');
      assert.equal((await outcome(world))[1], 'connected_to_caller');
    });

    it('recording is announced at once: on the card, in the conversation, in the timeline', async () => {
      const world = await begin({ database: await open() });
      const chat = await say(world, 'call Adele Vance');
      const page = new Page(world, addressIn(world, chat));
      await page.join();
      await page.report('connected');
      await page.report('connected', { recording: true });
      const said = world.emulator.channel.messages(chat).map(({ activity }) => JSON.stringify(activity));
      assert.match(said.at(-1) ?? '', /is being recorded\. Hang up if you do not agree/);
      assert.match(said.at(-2) ?? '', /This call is being recorded/);
      await page.report('connected', { recording: true });
      await page.report('connected', { recording: false });
      await page.report('ended');
      assert.deepEqual((await types(world)).slice(-4), [
        'connected',
        'recordingStarted',
        'recordingEnded',
        'ended',
      ]);
      assert.equal(world.emulator.channel.messages(chat).length, said.length + 1);
    });

    it('a page that has reported gets no second token', async () => {
      const world = await begin({ database: await open() });
      const page = new Page(world, addressIn(world, await say(world, 'call Adele Vance')));
      await page.join();
      assert.equal((await page.join()).status, 200, 'the answer was lost');
      await world.pass(6 * second);
      await page.report('calling');
      const again = await page.join();
      assert.deepEqual([again.status, again.body['because']], [409, 'used']);
      await page.report('ended', { code: 603, subCode: 0 });
      assert.equal((await page.join()).body['because'], 'over');
      assert.equal((await page.report('ended')).status, 200);
    });

    it('a revoked account’s links and sessions become invalid at once', async () => {
      const world = await begin({ database: await open() });
      const page = new Page(world, addressIn(world, await say(world, 'call Adele Vance')));
      await page.join();
      await page.report('connected');
      const revoked = await world.api('POST', `/api/v1/people/${encodeURIComponent('webchat|nadia')}/revoke`);
      assert.deepEqual(revoked.body, { calendarLinks: 0, identities: 1 });
      assert.equal((await page.report('connected')).status, 401);
      await world.pass(minute + second);
      assert.equal((await outcome(world))[0], 'ended');
    });

    it('a call is refused like every other: permissions, opt-out, pause, limits; even between link and join', async () => {
      const world = await begin({ database: await open(), yaml: `${talkYaml}limits: {perCaller: 3/1h}\n` });
      const other = await say(world, 'call Alex Wilber');
      assert.equal(await newestCall(world), undefined, newest(world, other));

      const page = new Page(world, addressIn(world, await say(world, 'call Adele Vance')));
      await world.api('POST', '/api/v1/pause');
      const paused = await page.join();
      assert.deepEqual([paused.status, paused.body['because']], [409, 'paused']);
      await world.api('POST', '/api/v1/resume');
      await world.emulator.channel.send({ from: 'Adele Vance', text: 'stop calling me' });
      await world.settle();
      const optedOut = await page.join();
      assert.deepEqual([optedOut.status, optedOut.body['because']], [409, 'notAllowed']);
      await world.emulator.channel.send({ from: 'Adele Vance', text: 'allow calls' });
      await world.settle();
      assert.equal((await page.join()).status, 200, 'the refusals did not use up the link');
    });

    it('a phone has one call at a time: this one waits for another, and the next one waits for this', async () => {
      const world = await begin({ database: await open() });
      world.emulator.people.script('Adele Vance', { byHand: true });
      const page = new Page(world, addressIn(world, await say(world, 'call Adele Vance')));
      await world.api('POST', '/api/v1/calls', { target: { user: 'Adele Vance' }, message: 'first' });
      await world.settle();
      assert.equal(world.emulator.requests.count('createCall'), 1);
      assert.equal((await page.join()).body['because'], 'phoneBusy');
      world.emulator.phone('Adele Vance').decline();
      await world.settle();
      assert.equal((await page.join()).status, 200);
      await page.report('connected');
      await world.api('POST', '/api/v1/calls', { target: { user: 'Adele Vance' }, message: 'second' });
      await page.stays('connected', 20 * second);
      assert.equal(world.emulator.requests.count('createCall'), 1);
      await page.report('ended');
      assert.equal(world.emulator.requests.count('createCall'), 2);
    });

    it('a link stays valid if the service issues no token', async () => {
      const world = await begin({ database: await open() });
      const page = new Page(world, addressIn(world, await say(world, 'call Adele Vance')));
      world.emulator.faults.add({ operation: 'issueAccessToken', kind: 'status', status: 503 });
      const away = await page.join();
      assert.deepEqual([away.status, away.body['code']], [503, 'unavailable']);
      assert.equal((await page.join()).status, 200);
    });

    it('the page is in the language that the caller chose in the chat', async () => {
      const world = await begin({ database: await open() });
      await say(world, 'language Deutsch');
      const address = addressIn(world, await say(world, 'call Adele Vance'));
      const page = await fetch(address, { headers: { 'accept-language': 'en-GB' } });
      assert.match(await page.text(), /<html lang="de">[\s\S]*Adele Vance anrufen/);
    });

    it('the page is served under a strict policy, in the language of the browser', async () => {
      const world = await begin({ database: await open() });
      const address = addressIn(world, await say(world, 'call Adele Vance'));
      const german = await fetch(address, { headers: { 'accept-language': 'nl, de-CH;q=0.9, en;q=0.5' } });
      const text = await german.text();
      assert.match(text, /<html lang="de-CH">[\s\S]*Adele Vance anrufen/);
      const policy = german.headers.get('content-security-policy') ?? '';
      assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
      assert.match(policy, new RegExp(`connect-src 'self' ${new URL(world.emulator.addresses.url).origin};`));
      assert.doesNotMatch(policy, /unsafe|https:(?!\/)|\*(?!\.)/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.doesNotMatch(
        text,
        /<script(?![^>]*(?:src="\/talk\/|type="application\/json"))|style=|\son\w+="/,
      );
      assert.equal(german.headers.get('cache-control'), 'no-store');
      assert.equal(german.headers.get('referrer-policy'), 'no-referrer');
    });
  });

  onPostgres((open, freshUrl) => {
    it('only one of two pages at two replicas joins', async () => {
      const url = await freshUrl();
      const one = await begin({ database: await open(url) });
      const other = await begin({ database: await open(url), with: one });
      const address = addressIn(one, await say(one, 'call Adele Vance'));
      const pages = [new Page(one, address), new Page(other, address.replace(one.url, other.url))];
      const answers = await Promise.all(pages.map(async (page) => await page.join()));
      assert.deepEqual(
        answers.map(({ status }) => status).toSorted((a, b) => a - b),
        [200, 409],
      );
      for (const world of [one, other]) await world.settle();
      assert.equal(one.emulator.identities.list().length, 1);
    });

    it('a card from another replica has a button for a new link, and only the asker gets one', async () => {
      const url = await freshUrl();
      const one = await begin({ database: await open(url) });
      const chat = await say(one, 'call Adele Vance');
      const old = addressIn(one, chat);
      const other = await begin({ database: await open(url), with: one });
      one.emulator.channel.connect(`${other.url}/api/messages`);
      await one.pass(6 * minute);
      const card = one.emulator.channel.messages(chat).at(-1);
      assert.ok(card);
      const call = await newestCall(one);
      // As if it had not been shown yet: the process that created the link has died.
      await sql`UPDATE cards SET shown_revision = 0`.execute(other.app.database.sql);
      await other.app.transact((work) =>
        work.enqueue({ name: 'card.show', data: { subject: `call:${call?.id}` } }),
      );
      await other.settle();
      const pressed = one.emulator.channel.messages(chat).at(-1);
      assert.ok(pressed);
      const stranger = await one.emulator.channel.press({ id: 'max', name: 'Max' }, pressed, 'New link');
      assert.doesNotMatch(JSON.stringify(stranger), /\/talk\//);
      const answer = await one.emulator.channel.press(nadia, pressed, 'New link');
      await other.settle();
      const fresh = /http:[^"]*\/talk\/[\w-]{43}/.exec(JSON.stringify(answer))?.[0] ?? '';
      assert.ok(fresh, JSON.stringify(answer));
      assert.notEqual(fresh.split('/').at(-1), old.split('/').at(-1));
      assert.equal((await fetch(old)).status, 404);
      await one.pass(5 * minute);
      assert.equal((await new Page(other, fresh).join()).status, 200, 'it has its own ten minutes');
    });
  });
});
