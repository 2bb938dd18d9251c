import assert from 'node:assert/strict';
import { createHttpHeaders, createPipelineRequest, RestError } from '@azure/core-rest-pipeline';
import { readFailure } from '../../src/telephony/serviceErrors.ts';

const NOW = Date.parse('2026-05-04T08:00:00.000Z');

function answered(status: number, headers: Record<string, string> = {}, code?: string): RestError {
  const request = createPipelineRequest({ url: 'https://acs.example/calling' });
  return new RestError('said', {
    statusCode: status,
    request,
    response: { request, status, headers: createHttpHeaders(headers) },
    ...(code === undefined ? {} : { code }),
  });
}

const aborted = Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' });

describe('a failed request', () => {
  const kinds: [string, unknown, string][] = [
    [
      'a plain string, for a 201 without an id',
      'callConnectionProperties / callConnectionId is missing',
      'accepted',
    ],
    ['a 201 that is not JSON', answered(201, {}, 'PARSE_ERROR'), 'accepted'],
    ['a 202 where 201 was expected', answered(202), 'accepted'],
    ['no connection', new RestError('refused', { code: 'ECONNREFUSED' }), 'retry'],
    ['a cut connection', new RestError('hang up', { code: 'ECONNRESET' }), 'retry'],
    ['our own time limit', aborted, 'retry'],
    ['anything else that is thrown', new TypeError('x'), 'retry'],
    ['nothing', undefined, 'retry'],
    ['a redirection that goes nowhere', answered(302), 'refused'],
    ...[400, 401, 403, 404, 405, 409, 410, 412, 501].map((status): [string, unknown, string] => [
      `${status}`,
      answered(status),
      'refused',
    ]),
    ...[408, 429, 500, 502, 503, 504].map((status): [string, unknown, string] => [
      `${status}`,
      answered(status),
      'retry',
    ]),
  ];
  for (const [title, error, kind] of kinds) {
    it(`${kind}: ${title}`, () => {
      assert.equal(readFailure(error, NOW).kind, kind);
    });
  }

  const pauses: [Record<string, string>, number | null][] = [
    [{}, null],
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '-5' }, 0],
    [{ 'retry-after': '1.5' }, 1_500],
    [{ 'retry-after': 'Mon, 04 May 2026 08:00:12 GMT' }, 12_000],
    [{ 'retry-after': 'Mon, 04 May 2026 07:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': '' }, null],
    [{ 'retry-after-ms': '250', 'retry-after': '7' }, 250],
    [{ 'x-ms-retry-after-ms': '400' }, 400],
    [{ 'retry-after-ms': 'x', 'retry-after': '3' }, 3_000],
    [{ 'retry-after-ms': '', 'retry-after': '3' }, 3_000],
    [{ 'retry-after-ms': '-1', 'retry-after': '3' }, 3_000],
    [{ 'retry-after': '1e9' }, 3_600_000],
  ];
  for (const [headers, pause] of pauses) {
    it(`with ${JSON.stringify(headers)} is retried after ${pause === null ? 'our own pause' : `${pause} ms`}`, () => {
      const failure = readFailure(answered(429, headers), NOW);
      assert.ok(failure.kind === 'retry');
      assert.equal(failure.retryAfterMs, pause);
    });
  }

  it('keeps the service’s message, shortened for the log', () => {
    const error = answered(403, {}, '10124');
    error.message = 'x'.repeat(5_000);
    const failure = readFailure(error, NOW);
    assert.ok(failure.kind === 'refused');
    assert.deepEqual(
      { ...failure.result, message: failure.result.message.length },
      { code: 403, subCode: 10124, message: 300 },
    );
  });

  for (const code of ['', ' ', 'Denied', '12.5', '1e400', 'REQUEST_SEND_ERROR']) {
    it(`has no subcode if the service sends ${JSON.stringify(code)}`, () => {
      const failure = readFailure(answered(400, {}, code), NOW);
      assert.ok(failure.kind === 'refused');
      assert.equal(failure.result.subCode, 0);
    });
  }
});
