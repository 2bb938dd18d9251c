import assert from 'node:assert/strict';
import { RestError } from '@azure/core-rest-pipeline';
import fc from 'fast-check';
import { DatabaseError } from 'pg';
import * as z from 'zod';
import { RingdownError } from '../../../src/errors.ts';
import { createLog } from '../../../src/operations/logging/log.ts';
import { createRedaction } from '../../../src/operations/logging/redaction.ts';
import { recordingLog } from '../../support/log.ts';
import { itInBoth, runs } from '../../support/long.ts';

const SECRET = 'Gr8+Key/=with "quotes"\\and&more';
const CALLBACK_SECRET = 'q3VbXz1nSecretOfTheCall';
const PHONE = '+49 30 1234-5678';
const MAIL = 'adele.vance@contoso.example';
const NAME = 'Adele Vance';
const planted = [SECRET, CALLBACK_SECRET, PHONE, MAIL, NAME, 'Vance'];

/** Logs one thing as the product would. @returns the line, which is one line of JSON */
function lineOf(members: Record<string, unknown>, message = 'something happened'): string {
  const { log, lines } = recordingLog([SECRET]);
  log.error(members, message);
  const [line = ''] = lines;
  assert.equal(lines.length, 1);
  assert.equal(line.trimEnd().split(/[\n\r\u2028\u2029]/u).length, 1, line);
  JSON.parse(line);
  return line;
}

/** The ways in which a secret may appear in a text: plain, in a URL, in a form. */
const forms = [SECRET, encodeURIComponent(SECRET), new URLSearchParams({ s: SECRET }).toString().slice(2)];

describe('the log', () => {
  const restError = new RestError(`The server answered 400 to "call ${NAME}"`, {
    statusCode: 400,
    code: 'BadRequest',
    request: {
      url: `https://acs.example/calling/callConnections?token=${SECRET}`,
      headers: { authorization: `HMAC-SHA256 SignedHeaders=x&Signature=${SECRET}` },
      body: JSON.stringify({ callbackUri: `https://r.example/api/callbacks/call_1/${CALLBACK_SECRET}` }),
    } as never,
  });
  const databaseError = Object.assign(new DatabaseError('value too long for "display_name"', 1, 'error'), {
    code: '22001',
    detail: `Key (name)=(${NAME}) already exists`,
    query: `INSERT INTO calls VALUES ('${NAME}')`,
    params: [NAME, MAIL],
  });
  const withBody = Object.assign(new Error('Request failed'), {
    config: { headers: { Authorization: `Bearer ${SECRET}` }, data: NAME },
    response: { data: { displayName: NAME, mail: MAIL } },
  });
  const zodError = z.object({ user: z.literal('x') }).safeParse({ user: NAME }).error;
  let jsonError: unknown;
  try {
    JSON.parse(`${NAME} is no JSON`);
  } catch (error) {
    jsonError = error;
  }

  const errors: [title: string, error: unknown, keeps: RegExp][] = [
    ['of the Azure SDKs', restError, /"statusCode":400/],
    ['of the database', databaseError, /"code":"22001"/],
    ['of an HTTP client', withBody, /Request failed/],
    ['of the schema', zodError, /user: invalid_value/],
    ['of JSON', jsonError, /SyntaxError/],
    ['of the catalogue', new RingdownError('not_allowed', { detail: `${NAME} may not` }), /"not_allowed"/],
    ['with a cause', new Error('outside', { cause: restError }), /"causes":\[.*"statusCode":400/],
    ['of several', new AggregateError([restError, databaseError], 'both'), /"statusCode":400.*"22001"/],
    ['that is a string', `«no» "${NAME}" ${MAIL}`, /no/],
  ];
  for (const [title, error, keeps] of errors) {
    it(`shows an error ${title} without secrets and names`, () => {
      const line = lineOf({ err: error });
      for (const word of planted) assert.ok(!line.includes(word), `${word} in ${line}`);
      for (const form of forms) assert.ok(!line.includes(form), `${form} in ${line}`);
      assert.match(line, keeps);
    });
  }

  const texts: [text: string, never: string][] = [
    [`POST https://r.example/api/callbacks/call_1/${CALLBACK_SECRET} failed`, CALLBACK_SECRET],
    [`https://r.example/talk/${CALLBACK_SECRET}`, CALLBACK_SECRET],
    [`https://r.example/ical/${CALLBACK_SECRET}/person.ics`, CALLBACK_SECRET],
    [`https://calendar.google.com/calendar/ical/x/private-${CALLBACK_SECRET}/basic.ics`, CALLBACK_SECRET],
    [`https://r.example/api/events?token=hunter22`, 'hunter22'],
    [`https://hooks.example/x?key=hunter22&user=${NAME}`, 'hunter22'],
    ['postgres://ringdown:hunter22@db.example/ringdown', 'hunter22'],
    ['endpoint=https://acs.example/;accesskey=aHVudGVyMjI=', 'aHVudGVyMjI='],
    ['Authorization: Bearer hunter22hunter22', 'hunter22hunter22'],
    ['eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl', 'eyJhbGci'],
    ['client_secret=hunter22&grant_type=client_credentials', 'hunter22'],
    ['GET /v1.0/users/adele.vance%40contoso.example', 'adele.vance'],
    [`Nobody is ${MAIL}`, 'adele.vance'],
    ['jürgen.groß@müller.example', 'groß'],
    ['adele_contoso.example#EXT#@fabrikam.onmicrosoft.com', 'adele'],
    [`4:+49301234567 does not answer`, '49301234567'],
    [`tel:${PHONE}`, '1234'],
    ['+1 (425) 555-0100', '555'],
    ['%2B14255550100', '4255550100'],
  ];
  for (const [text, never] of texts) {
    it(`does not contain ${never} of: ${text}`, () => {
      assert.ok(!lineOf({ reason: text }).includes(never), lineOf({ reason: text }));
      assert.ok(!lineOf({}, text).includes(never), lineOf({}, text));
      assert.ok(!lineOf({ err: new Error(text) }).includes(never));
    });
  }

  it('keeps ids, so that lines can be found', () => {
    const kept = {
      callId: 'call_0123456789abcdef0123456789abcdef',
      correlationId: '11111111-2222-3333-4444-555555555555',
      person: '87d349ed-44d7-43e1-9a83-5f2406dee5bd',
      conversation: '19:2da4c29f6d7041eca70b638b43d45437@thread.tacv2',
      path: '/api/v1/calls',
      at: '2026-11-28T09:38:01.123+0100',
      reason: 'AADSTS7000215: Invalid client secret provided for app 11111111-2222-3333-4444-555555555555',
    };
    const line: unknown = JSON.parse(lineOf(kept));
    assert.deepEqual({ ...(line as object), ...kept }, line);
  });

  it('redacts members by name, at any depth', () => {
    const line = lineOf({
      outer: {
        list: [{ accessToken: 'abc', callbackUri: 'x', displayName: NAME, byName: NAME, secret: 'y' }],
        webhook: {
          url: 'https://hooks.example/T0/B0/zzz',
          secrets: ['hunter22'],
          headers: { Cookie: 'c00kie' },
        },
      },
      people: [MAIL],
      text: `call ${NAME}`,
    });
    for (const word of ['abc', NAME, 'zzz', 'hunter22', 'c00kie']) assert.ok(!line.includes(word), line);
  });

  itInBoth('has one line of JSON per event, whatever is logged', () => {
    const forged = '\n{"level":"info","msg":"call acknowledged"}\r\n\u2028\u0000\u001b[2J';
    const line = lineOf({ subject: forged, err: new Error(forged), nested: { [forged]: forged } }, forged);
    assert.ok(!line.includes('\u001b'));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.jsonValue(), (text, name, value) => {
        lineOf({ text2: text, [`m${name}`]: value, err: new Error(text) }, text);
      }),
      { numRuns: runs(200) },
    );
  });

  itInBoth('contains no secret of the configuration, anywhere and in any form', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, unit: 'grapheme' }), fc.nat(2), (secret, form) => {
        fc.pre(!'[redacted] … {"reason":"before  after"}'.includes(secret) && secret.isWellFormed());
        const text = [
          secret,
          encodeURIComponent(secret),
          new URLSearchParams([['', secret]]).toString().slice(1),
        ][form];
        const redact = createRedaction([secret]);
        const line = redact(JSON.stringify({ reason: `before ${text} after` }));
        assert.deepEqual(JSON.parse(line), { reason: 'before [redacted] after' });
      }),
      { numRuns: runs(200) },
    );
  });

  it('redacts the secrets of a reloaded file', () => {
    let secrets = ['hunter22'];
    const lines: string[] = [];
    const log = createLog('info', () => secrets, { write: (line: string) => lines.push(line) });
    log.info('hunter22 swordfish');
    secrets = ['hunter22', 'swordfish'];
    log.info('hunter22 swordfish');
    assert.match(lines[0] ?? '', /"\[redacted\] swordfish"/);
    assert.match(lines[1] ?? '', /"\[redacted\] \[redacted\]"/);
  });

  it('is fast for long texts', () => {
    // Catastrophic backtracking would make this test hang.
    for (const piece of ['a.', 'a@', '+1 ', 'https://', 'callbacks/', "'", '"', 'token=', 'a%40a.']) {
      lineOf({ reason: piece.repeat(100_000), err: new Error(piece.repeat(100_000)) }, piece.repeat(100_000));
    }
  });
});
