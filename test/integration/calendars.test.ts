import assert from 'node:assert/strict';
import { DateTime } from 'luxon';
import nodeIcal from 'node-ical';
import type { CalendarLinkRows, NewCalendar } from '../../src/console/model.ts';
import { readRingdownYaml } from '../../src/config/ringdownYaml.ts';
import { MOST_CALENDAR_LINKS } from '../../src/schedules/calendarLinks.ts';
import { sweep } from '../../src/operations/retention.ts';
import { idOf } from '../support/console/pages.ts';
import { consolePerson } from '../support/console/person.ts';
import { openEmbedded, onPostgres } from '../support/databases.ts';
import { answerWith, calendarServer, SECRET } from '../support/schedules/calendarServer.ts';
import { calendar } from '../support/schedules/calendarText.ts';
import { ASKING_MS, until } from '../support/until.ts';
import { startWorld, type World } from '../support/world.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const [adele, alex, megan] = ['Adele Vance', 'Alex Wilber', 'Megan Bowen'];
const yaml = `
timeZone: Europe/Berlin
rotations:
  Büro 1.x: {members: [${adele}, ${alex}], every: 1w, handover: 'Mon 09:00'}
  unused: {members: [${adele}], every: 1w, handover: 'Mon 09:00'}
policies:
  payments: {steps: [{targets: [{rotation: Büro 1.x}]}]}
`;
const rotation = '/rotation/B%C3%BCro%201.x.ics';

type Sent = Parameters<World['emulator']['channel']['send']>[0];

async function say(
  world: World,
  from: Sent['from'],
  text: string,
  more: Partial<Sent> = {},
): Promise<string> {
  const { conversationId } = await world.emulator.channel.send({ from, text, ...more });
  await world.settle();
  return world.emulator.channel.messages(conversationId).at(-1)?.activity.text ?? '';
}

/** The address of a link, without the name of the calendar. */
async function linkOf(world: World, name: string): Promise<string> {
  const found = /^(http:\S+\/ical\/[0-9a-f]{64})\/person\.ics$/m.exec(
    await say(world, name, 'my calendar'),
  )?.[1];
  return found ?? assert.fail();
}

interface Read {
  status: number;
  headers: Headers;
  text: string;
  /** "Adele Vance …": what each event says. */
  events: string[];
}

async function read(address: string, asked: RequestInit = {}): Promise<Read> {
  const response = await fetch(address, asked);
  const { status, headers } = response;
  const text = await response.text();
  const found = status === 200 && text !== '' ? Object.values(await nodeIcal.async.parseICS(text)) : [];
  const events = found.flatMap((one) =>
    one?.type === 'VEVENT' ? [typeof one.summary === 'string' ? one.summary : one.summary.val] : [],
  );
  return { status, headers, text, events };
}

/** A problem document without what identifies the request. */
const problemOf = ({ text }: Read): object => ({ ...(JSON.parse(text) as object), reference: null });

describe('calendars to subscribe to', () => {
  async function open(file = yaml): Promise<World> {
    return await startWorld({ database: await openEmbedded(), yaml: file });
  }

  it('are given by chat, show turns and covers, and answer as calendar programs ask', async () => {
    const world = await open();
    const heard = await say(world, adele, 'my calendar');
    assert.match(heard, /Büro 1.x: http\S+\/rotation\/B%C3%BCro%201.x\.ics$/m);
    assert.doesNotMatch(heard, /unused|earlier/);
    const link = /http\S+(?=\/person\.ics)/.exec(heard)?.[0] ?? '';
    const own = await read(`${link}/person.ics`);
    assert.equal(own.status, 200);
    assert.ok(own.events.length >= 6, own.text);
    assert.deepEqual([...new Set(own.events)], ['On call: payments']);
    const whole = await read(link + rotation);
    assert.deepEqual([...new Set(whole.events)].toSorted(), [`Büro 1.x: ${adele}`, `Büro 1.x: ${alex}`]);
    assert.match(whole.text, /^X-WR-CALNAME:On call: Büro 1\.x\r$/m);

    const header = (name: string): string | null => whole.headers.get(name);
    assert.equal(header('content-type'), 'text/calendar; charset=utf-8');
    assert.equal(header('cache-control'), 'private, no-cache');
    assert.equal(header('referrer-policy'), 'no-referrer');
    const etag = header('etag') ?? '';
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await read(link + rotation, { headers: { 'if-none-match': known } });
      assert.deepEqual([again.status, again.text, again.headers.get('etag')], [304, '', etag], known);
    }
    const head = await read(link + rotation, { method: 'HEAD' });
    assert.deepEqual([head.status, head.text, head.headers.get('etag')], [200, '', etag]);

    await say(world, megan, 'cover payments until tomorrow 23:00');
    const covered = await read(link + rotation, { headers: { 'if-none-match': etag } });
    assert.equal(covered.status, 200);
    assert.ok(covered.events.includes(`Büro 1.x: ${megan}`));
    assert.match(covered.text.replaceAll('\r\n ', ''), /^DESCRIPTION:Megan Bowen covers for /m);
    const hers = await read(`${await linkOf(world, megan)}/person.ics`);
    assert.equal(hers.events.length, 1);
    assert.match(hers.events[0] ?? '', /^On call: payments, for (?:Adele Vance|Alex Wilber)$/);
    assert.equal((await read(`${link}/rotation/unused.ics`)).status, 404);
  });

  it('are a secret: only its hash is stored, and neither logs nor other chats have it', async () => {
    const world = await open();
    const link = await linkOf(world, adele);
    const secret = link.split('/').at(-1) ?? '';
    const conversation = world.emulator.channel.groupChat([adele, alex]);
    const inGroup = await say(world, adele, 'my calendar', { conversation, mentions: ['bot'] });
    assert.match(inGroup, /write "my calendar" in our personal chat/);
    const nadia = { id: 'nadia', name: 'Nadia' };
    assert.match(
      await say(world, nadia, 'my calendar', { channelId: 'webchat' }),
      /cannot verify who you are/,
    );

    // Unknown, ended, malformed and foreign paths all answer the same.
    const unknown = await read(`${world.url}/nowhere`);
    for (const path of [
      `/ical/${'0'.repeat(64)}/person.ics`,
      `/ical/x/person.ics`,
      `/ical/${secret}`,
      `/ical/${secret}/other.ics`,
      `/ical/${secret}/rotation/nobody.ics`,
      `/ical/${secret}/rotation/web`,
      `/ical/${secret.toUpperCase()}/person.ics?token=${secret}`,
    ]) {
      const answer = await read(world.url + path);
      assert.equal(answer.status, 404, path);
      assert.deepEqual(problemOf(answer), problemOf(unknown), path);
    }
    for (const path of [`/ical//${secret}/person.ics/`, `/ICAL/${secret}/person.ics`, `/%69cal/${secret}/x`])
      await read(world.url + path);
    await read(`${link}/person.ics`, { method: 'DELETE' });
    assert.ok(world.log.some((line) => line.includes('/ical/…')));
    assert.doesNotMatch(world.log.join('').toLowerCase(), new RegExp(secret));
    const { sql } = world.app.database;
    const stored = JSON.stringify([
      await sql.selectFrom('calendar_links').selectAll().execute(),
      await sql.selectFrom('jobs').selectAll().execute(),
    ]);
    assert.ok(stored.includes(idOf(world, adele)) && !stored.includes(secret));

    // A calendar that asks without pause.
    const answers = await Promise.all(
      Array.from({ length: 40 }, async () => (await read(`${link}/person.ics`, { method: 'HEAD' })).status),
    );
    assert.ok(answers.includes(200) && answers.includes(429));
    await world.pass(60_000);
    assert.equal((await read(`${link}/person.ics`)).status, 200);
  });

  it('end when their owner says so, in chat or in the console, and when there are too many', async () => {
    const world = await open();
    const page = consolePerson(world, adele);
    const links = async (): Promise<CalendarLinkRows['links']> =>
      ((await page.get('/calendar-links')).body as CalendarLinkRows).links;
    const first = `${await linkOf(world, adele)}/person.ics`;
    await world.pass(1000);
    const made = (await page.post('/calendar-links')).body as NewCalendar;
    assert.deepEqual(
      made.rotations.map(({ name, url }) => [name, url.replace(/^.*[0-9a-f]{64}/, '')]),
      [['Büro 1.x', rotation]],
    );
    assert.equal((await read(made.person)).status, 200);
    const [newest, older] = await links();
    assert.ok(newest?.fetchedAt && older && older.fetchedAt === null);

    // Nobody else can end it.
    const { status } = await consolePerson(world, alex).post(`/calendar-links/${newest.id}/revoke`);
    assert.equal(status, 404);
    assert.equal((await page.post(`/calendar-links/${newest.id}/revoke`)).status, 200);
    assert.equal((await read(made.person)).status, 404);
    assert.equal((await read(first)).status, 200);

    for (let count = 1; count < MOST_CALENDAR_LINKS; count++) {
      await world.pass(1000);
      assert.equal(((await page.post('/calendar-links')).body as NewCalendar).say, null);
    }
    assert.match(await say(world, adele, 'my calendar'), /You already had 5 links, so the one/);
    assert.equal((await links()).length, MOST_CALENDAR_LINKS);
    assert.equal((await read(first)).status, 404);
    const last = `${await linkOf(world, adele)}/person.ics`;
    const ofAlex = `${await linkOf(world, alex)}/person.ics`;
    assert.match(await say(world, adele, 'my calendar off'), /Your 5 calendar links no longer work/);
    assert.match(await say(world, adele, 'my calendar off'), /You have no calendar link/);
    assert.deepEqual([(await read(last)).status, (await read(ofAlex)).status], [404, 200]);

    // They are part of the data about a person.
    const path = `/api/v1/people/${idOf(world, adele)}`;
    const link = `${await linkOf(world, adele)}/person.ics`;
    const exported = (await world.api('GET', path)).body as { calendarLinks: object[] };
    assert.deepEqual(
      exported.calendarLinks.map((one) => Object.keys(one)),
      [['createdAt', 'fetchedAt']],
    );
    assert.deepEqual((await world.api('POST', `${path}/revoke`)).body, { identities: 0, calendarLinks: 1 });
    assert.equal((await read(link)).status, 404);
    const other = `${await linkOf(world, adele)}/person.ics`;
    const forgotten = (await world.api('DELETE', path)).body as { calendarLinks: number };
    assert.equal(forgotten.calendarLinks, 1);
    assert.equal((await read(other)).status, 404);
  });

  it('show at each fetch what their owner may see then', async () => {
    const file = (callers: string): string => `${yaml}\npermissions: {callers: [${callers}]}\n`;
    const world = await open(file(`{user: ${adele}}, {user: ${megan}}`));
    const reload = async (callers: string): Promise<void> =>
      await world.app.reload(readRingdownYaml(file(callers), {}));
    await say(world, adele, 'cover payments until tomorrow 23:00');
    const link = await linkOf(world, adele);
    const statuses = async (): Promise<number[]> => [
      (await read(`${link}/person.ics`)).status,
      (await read(link + rotation)).status,
    ];
    assert.deepEqual(await statuses(), [200, 200]);
    // They may no longer ask who is on call: their own duties stay, without the names of others.
    await reload(`{user: ${megan}}`);
    assert.deepEqual(await statuses(), [200, 404]);
    const own = await read(`${link}/person.ics`);
    assert.ok(own.events.length > 0);
    assert.doesNotMatch(own.text, /Alex|Megan/);
    assert.doesNotMatch(await say(world, adele, 'my calendar'), /rotation/);
    // While the directory does not answer, a calendar keeps what it has.
    await reload(`{user: ${adele}}`);
    world.emulator.faults.add({ operation: 'graph.*', kind: 'status', status: 403, times: 100 });
    await world.pass(5 * 60_000 + 1000);
    assert.deepEqual(await statuses(), [503, 503]);
    world.emulator.faults.clear();
    await world.pass(60_000);
    assert.deepEqual(await statuses(), [200, 200]);
    // One account is disabled, another is gone.
    const other = await linkOf(world, megan);
    assert.equal((await read(`${other}/person.ics`)).status, 200);
    const person = world.emulator.people.find(adele) ?? assert.fail();
    world.emulator.people.add({ ...person, accountEnabled: false });
    world.emulator.people.remove(megan);
    await world.pass(5 * 60_000 + 1000);
    assert.deepEqual(await statuses(), [404, 404]);
    assert.equal((await read(`${other}/person.ics`)).status, 404);
    const { sql } = world.app.database;
    const count = async (): Promise<number> => (await sql.selectFrom('calendar_links').execute()).length;
    assert.equal(await count(), 3);
    await sweep(sql, Date.now() + 92 * DAY, 90);
    assert.equal(await count(), 0);
  });

  it('show the duties of a calendar, and the cover that was agreed on; nothing is claimed before it was read', async () => {
    const day = (days: number): string =>
      DateTime.utc().startOf('day').plus({ days }).toFormat("yyyyMMdd'T'HHmmss'Z'");
    const week = (who: string, from: number): string[] => [
      `UID:${who}`,
      `DTSTART:${day(from)}`,
      `DTEND:${day(from + 7)}`,
      `SUMMARY:${who}`,
    ];
    const server = await calendarServer(calendar(week(adele, -1), week(alex, 6)));
    const says = server.answer;
    server.answer = (_request, response) => answerWith(response, 503);
    const file = `policies:
  payments: {steps: [{targets: [{ical: "${server.url}", allowPrivate: true}, {shifts: 22222222-2222-4222-8222-222222222222}]}]}`;
    const world = await open(file);
    const heard = await say(world, adele, 'my calendar');
    const [own = '', whole = ''] = heard.match(/http\S+\.ics/g) ?? [];
    assert.match(whole, /\/rotation\/127\.0\.0\.1%20%23\w{6}\.ics$/);
    assert.deepEqual([(await read(own)).status, (await read(whole)).status], [503, 503]);
    assert.match(await say(world, adele, `swap payments with ${alex} tomorrow`), /could not be read/);

    server.answer = says;
    await world.app.reload(readRingdownYaml(file, {}));
    await until(async () => (await read(whole)).status === 200, 'the calendar is read', ASKING_MS);
    assert.deepEqual((await read(own)).events, ['On call: payments']);
    // Graph will go on to refuse these Shifts. The calendar of everybody does not wait for them.
    world.emulator.faults.add({ operation: 'graph.listShifts', kind: 'status', status: 403, times: 100 });
    await world.pass(61_000);
    assert.equal((await read(own)).status, 200);

    await say(world, alex, 'thanks');
    await say(world, adele, `swap payments with ${alex} tomorrow`);
    const { channel } = world.emulator;
    const question = channel.messages(channel.personal(alex).id).at(-1) ?? assert.fail();
    await channel.press(alex, question, 'Yes, exchange');
    await world.settle();
    const covered = await read(whole);
    assert.deepEqual(
      covered.events.map((one) => one.replace(/^127\.0\.0\.1 #\w{6}: /, '')),
      ['nobody', adele, alex, adele, alex, adele, alex, 'nobody'],
    );
    assert.doesNotMatch(heard + covered.text, new RegExp(SECRET));
  });

  onPostgres((open2, freshUrl) => {
    it('end in all replicas at once, and are the same in each', async () => {
      const url = await freshUrl();
      const one = await startWorld({ database: await open2(url), yaml });
      const two = await startWorld({
        database: await open2(url),
        yaml,
        with: one,
        env: { PUBLIC_URL: one.url },
      });
      const link = await linkOf(one, adele);
      const path = `${new URL(link).pathname}${rotation}`;
      const answers = await Promise.all([one, two].map(async (world) => await read(world.url + path)));
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200],
      );
      assert.equal(answers[0]?.headers.get('etag'), answers[1]?.headers.get('etag'));
      await say(one, adele, 'my calendar off');
      assert.equal((await read(two.url + path)).status, 404);
      // Many at once leave no link too many.
      const pages = [one, two].map((world) => consolePerson(world, adele));
      const many = Array.from({ length: 4 }, () => pages).flat();
      await Promise.all(many.map(async (page) => await page.post('/calendar-links')));
      const left = await one.app.database.sql.selectFrom('calendar_links').select('id').execute();
      assert.equal(left.length, MOST_CALENDAR_LINKS);
    });
  });
});
