import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { publicLookup } from '../../../src/config/publicLookup.ts';
import {
  fetchCalendar,
  MOST_BYTES,
  type Fetched,
  type Validators,
} from '../../../src/schedules/ical/fetchCalendar.ts';
import { afterTest } from '../../support/afterTest.ts';
import {
  answerWith,
  calendarServer,
  SECRET,
  type CalendarServer,
} from '../../support/schedules/calendarServer.ts';

const TEXT = 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n';
const nothing: Validators = { etag: null, lastModified: null };

describe('a calendar is fetched', () => {
  let server: CalendarServer;

  beforeEach(async () => {
    server = await calendarServer(TEXT);
  });

  const fetched = async (ical = server.url, known = nothing): Promise<Fetched> =>
    await fetchCalendar({ ical, allowPrivate: true }, known, { folder: '' });
  /** The problem, which never shows the address. */
  const problem = async (ical?: string): Promise<string> => {
    const result = await fetched(ical);
    assert.ok(result.kind === 'failed', result.kind);
    assert.doesNotMatch(result.problem, new RegExp(SECRET));
    return result.problem;
  };

  it('and only again if it has changed', async () => {
    server.answer = (request, response) => {
      if (request.headers['if-none-match'] === '"1"') answerWith(response, 304);
      else answerWith(response, 200, { etag: '"1"', 'last-modified': 'Mon, 23 Nov 2026 03:00:00 GMT' }, TEXT);
    };
    const first = await fetched();
    assert.ok(first.kind === 'new');
    assert.equal(Buffer.from(first.bytes).toString(), TEXT);
    assert.deepEqual(await fetched(server.url, { etag: first.etag, lastModified: first.lastModified }), {
      kind: 'unchanged',
    });
    assert.equal(server.asked[1]?.headers['if-modified-since'], 'Mon, 23 Nov 2026 03:00:00 GMT');
    assert.equal(server.asked[0]?.headers['user-agent'], 'Ringdown');
  });

  it('compressed, and through a redirect', async () => {
    server.answer = ({ url }, response) => {
      if (url?.endsWith('/basic.ics')) answerWith(response, 302, { location: '/moved' });
      else answerWith(response, 200, { 'content-encoding': 'gzip' }, gzipSync(TEXT));
    };
    const result = await fetched();
    assert.ok(result.kind === 'new');
    assert.equal(Buffer.from(result.bytes).toString(), TEXT);
  });

  it('not if it is too large, also when a small answer grows', async () => {
    server.answer = (_request, response) => void response.end(Buffer.alloc(MOST_BYTES + 1, 'x'));
    assert.equal(await problem(), 'it is too large');
    const bomb = gzipSync(Buffer.alloc(MOST_BYTES + 1, 'x'));
    server.answer = (_request, response) => answerWith(response, 200, { 'content-encoding': 'gzip' }, bomb);
    assert.equal(await problem(), 'it is too large');
  });

  for (const [title, answer, words] of [
    ['an error', { status: 404, headers: {} }, 'HTTP 404'],
    ['an unasked 304', { status: 304, headers: {} }, 'HTTP 304'],
    ['a redirect in circles', { status: 301, headers: { location: '/again' } }, 'too many redirects'],
    ['a redirect to nowhere', { status: 302, headers: {} }, 'HTTP 302'],
    [
      'a redirect to plain http elsewhere',
      { status: 302, headers: { location: 'http://contoso.example/' } },
      'a redirect does not lead to an https address',
    ],
    [
      'a redirect to a file',
      { status: 302, headers: { location: 'file:///etc/passwd' } },
      'a redirect does not lead to an https address',
    ],
    [
      'an unknown compression',
      { status: 200, headers: { 'content-encoding': 'br' } },
      'its compression is unknown',
    ],
  ] as const) {
    it(`not if the answer is ${title}`, async () => {
      server.answer = (_request, response) => answerWith(response, answer.status, answer.headers);
      assert.equal(await problem(), words);
    });
  }

  it('not from a private network: by its address, by what a name resolves to, or by a redirect', async () => {
    const parts = {
      folder: '',
      lookup: publicLookup((_host, done) => done(null, [{ address: '10.1.2.3', family: 4 }])),
    };
    for (const ical of [
      server.url,
      server.url.replace('127.0.0.1', 'localhost'),
      'https://10.1.2.3/x',
      'https://calendar.contoso.example/x',
    ]) {
      const result = await fetchCalendar({ ical, allowPrivate: false }, nothing, parts);
      assert.ok(result.kind === 'failed' && /private network/.test(result.problem), ical);
    }
    assert.equal(server.asked.length, 0);
  });

  it('from a file, relative to the folder of ringdown.yaml', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'calendar-'));
    afterTest(async () => await rm(folder, { recursive: true }));
    await writeFile(join(folder, 'duty.ics'), TEXT);
    const fromFile = async (ical: string) =>
      await fetchCalendar({ ical, allowPrivate: false }, nothing, { folder });
    const found = await fromFile('duty.ics');
    assert.equal(found.kind === 'new' && Buffer.from(found.bytes).toString(), TEXT);
    assert.deepEqual(await fromFile('gone.ics'), { kind: 'failed', problem: 'ENOENT' });
    assert.deepEqual(await fromFile('.'), { kind: 'failed', problem: 'it is no file' });
  });
});
