import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import * as z from 'zod';
import { RingdownError } from '../../src/errors.ts';
import { openToAll, type Handle, type HttpRequest, type Route } from '../../src/http/route.ts';
import { StrangersBodies } from '../../src/http/body.ts';
import { pathForLog } from '../../src/http/requestLog.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { silent } from '../support/log.ts';
import { until } from '../support/until.ts';
import { aProblem, dial, post, problemOf, raw, servers, untilClosed } from '../support/http/harness.ts';

const LIMIT = 512 * 1024;

/** Admits everybody as an authenticated sender. */
function toKnown(handle: Handle): Route['admit'] {
  return async () => await Promise.resolve({ isKnown: true, handle });
}

const echo: Route = {
  method: 'POST',
  path: '/echo/:name',
  body: 'json',
  admit: toKnown(async ({ params, body, rawBody }) => ({
    status: 200,
    body: { params, body, bytes: rawBody.toString() },
  })),
};
const hello: Route = {
  method: 'GET',
  path: '/hello',
  body: 'none',
  admit: toKnown(async () => ({ status: 200, body: { hello: 'you' } })),
};

function failing(error: unknown): Route {
  return {
    ...hello,
    admit: toKnown(async () => {
      throw error;
    }),
  };
}

/** A route that waits until the test lets it answer. */
function slow(): { route: Route; entered: Promise<void>; answer: () => void } {
  const entered = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const handle = async () => {
    entered.resolve();
    await answered.promise;
    return { status: 200, body: 'done' };
  };
  return {
    route: { method: 'GET', path: '/slow', body: 'none', admit: toKnown(handle) },
    entered: entered.promise,
    answer: answered.resolve,
  };
}

describe('the HTTP server', () => {
  const serve = servers();

  describe('a route', () => {
    it('receives parameters, query, headers, the parsed body and its bytes', async () => {
      let seen: HttpRequest | undefined;
      const route: Route = {
        ...echo,
        admit: toKnown(async (request) => {
          seen = request;
          return { status: 204 };
        }),
      };
      const { url } = await serve([route]);
      const answer = await post(`${url}/echo/J%C3%B6rg?a=1&b=2?3&c=4%005`, ' {"x": 1}', { 'X-Own': 'yes' });
      assert.equal(answer.status, 204);
      assert.deepEqual(seen?.params, { name: 'Jörg' });
      assert.deepEqual(
        [...(seen?.query ?? [])],
        [
          ['a', '1'],
          ['b', '2?3'],
          ['c', '45'],
        ],
      );
      assert.equal(seen?.headers['x-own'], 'yes');
      assert.deepEqual(seen?.body, { x: 1 });
      assert.equal(seen?.rawBody.toString(), ' {"x": 1}');
      assert.equal(seen?.reference, answer.headers.get('x-request-id'));
    });

    it('accepts bytes of any type if it is raw', async () => {
      const route: Route = {
        method: 'POST',
        path: '/raw',
        body: 'raw',
        admit: toKnown(async ({ rawBody, body }) => ({
          status: 200,
          body: { bytes: rawBody.toString('hex'), body },
        })),
      };
      const { url } = await serve([route]);
      const answer = await post(`${url}/raw`, new Uint8Array([0, 255]), { 'Content-Type': 'image/png' });
      assert.deepEqual(await answer.json(), { bytes: '00ff' });
    });

    it('may answer text with its own headers, and HEAD gets them without the text', async () => {
      const page: Route = {
        ...hello,
        admit: toKnown(async () => ({
          status: 200,
          body: '<p>',
          headers: { 'Content-Type': 'text/html' },
        })),
      };
      const { url } = await serve([page]);
      const answer = await fetch(`${url}/hello`);
      assert.deepEqual([answer.headers.get('content-type'), await answer.text()], ['text/html', '<p>']);
      const head = await fetch(`${url}/hello`, { method: 'HEAD' });
      assert.deepEqual(
        [head.status, head.headers.get('content-type'), await head.text()],
        [200, 'text/html', ''],
      );
    });
  });

  for (const path of [
    '/echo/a/',
    '//echo/a',
    '/echo//a',
    '///echo///a//',
    '/echo/a/?x=//y/',
    '/echo/a?x=//y/',
  ]) {
    it(`treats ${path} as /echo/a, and keeps the query`, async () => {
      let seen: HttpRequest | undefined;
      const handle: Handle = async (request) => {
        seen = request;
        return { status: 204 };
      };
      const { port } = await serve([{ ...echo, admit: toKnown(handle) }]);
      const lines = [
        `POST ${path} HTTP/1.1`,
        'Host: a',
        'Content-Type: application/json',
        'Content-Length: 2',
      ];
      const answer = await raw(port, `${lines.join('\r\n')}\r\nConnection: close\r\n\r\n{}`);
      assert.match(answer, /^HTTP\/1.1 204 /);
      assert.deepEqual(seen?.params, { name: 'a' });
      assert.equal(seen?.query.get('x'), path.includes('?') ? '//y/' : null);
    });
  }

  it('reports requests that match no route, by path, method or form', async () => {
    const told: string[] = [];
    const { url, port } = await serve([hello], {
      refusedStranger: async ({ route, path, error }) => {
        told.push(`${route} ${error.code} ${path}`);
        await Promise.resolve();
      },
    });
    await fetch(`${url}/other/?token=secret`);
    await post(`${url}/hello`, '{}');
    await fetch(`${url}/hello`);
    await raw(port, 'GET http://[/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    assert.deepEqual(told, [
      'none not_found /other',
      'none method_not_allowed /hello',
      'none bad_request http://[/x',
    ]);
  });

  it('sets security headers, and none that reveals the software', async () => {
    const { url } = await serve([hello]);
    for (const path of ['/hello', '/unknown']) {
      const { headers } = await fetch(url + path);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
      assert.equal(headers.get('server'), null);
      assert.equal(headers.get('x-powered-by'), null);
    }
  });

  it('sends HSTS if it is reached by https, and only then', async () => {
    const [plain, secure] = [await serve([hello]), await serve([hello], { isHttps: true })];
    for (const path of ['/hello', '/unknown']) {
      const header = async (url: string): Promise<string | null> =>
        (await fetch(url + path)).headers.get('strict-transport-security');
      assert.equal(await header(plain.url), null);
      assert.equal(await header(secure.url), 'max-age=31536000');
    }
  });

  describe('bad input gets a problem document', () => {
    const unread = aProblem('bad_request', 400, 'The request cannot be read', 'The body is not valid JSON.');
    const notJson = aProblem('unsupported_media_type', 415, 'The body is not JSON');
    const tooLarge = aProblem('payload_too_large', 413, 'The body is too large');
    const notFound = aProblem('not_found', 404, 'Not found');
    const json = { 'Content-Type': 'application/json' };
    const packed = { ...json, 'Content-Encoding': 'gzip' };
    const cases: [string, string, RequestInit, unknown][] = [
      ['broken JSON', '/echo/a', { body: '{"a":', headers: json }, unread],
      ['no body', '/echo/a', { headers: json }, unread],
      ['bytes that are not UTF-8', '/echo/a', { body: new Uint8Array([34, 255, 34]), headers: json }, unread],
      [
        'JSON nested too deeply',
        '/echo/a',
        { body: '['.repeat(200_000) + ']'.repeat(200_000), headers: json },
        aProblem('bad_request', 400, 'The request cannot be read', 'The body is nested too deeply.'),
      ],
      ['a form', '/echo/a', { body: new URLSearchParams({ a: '1' }) }, notJson],
      ['no content type', '/echo/a', { body: new Uint8Array([123, 125]) }, notJson],
      [
        'JSON in another character set',
        '/echo/a',
        { body: '{}', headers: { 'Content-Type': 'application/json; charset=utf-16' } },
        notJson,
      ],
      [
        'text',
        '/echo/a',
        { body: '{}', headers: { 'Content-Type': 'text/plain; a=application/json' } },
        notJson,
      ],
      ['a body over the limit', '/echo/a', { body: `"${'x'.repeat(LIMIT)}"`, headers: json }, tooLarge],
      [
        'a body that decompresses to more than the limit',
        '/echo/a',
        { body: gzipSync(Buffer.alloc(200 * LIMIT)), headers: packed },
        tooLarge,
      ],
      [
        'a body that cannot be decompressed',
        '/echo/a',
        { body: 'no gzip', headers: packed },
        aProblem('bad_request', 400, 'The request cannot be read', 'The body cannot be decompressed.'),
      ],
      [
        'a truncated compressed body',
        '/echo/a',
        { body: gzipSync('{"a":"b"}').subarray(0, -9), headers: packed },
        aProblem('bad_request', 400, 'The request cannot be read', 'The body cannot be decompressed.'),
      ],
      [
        'an unknown content encoding',
        '/echo/a',
        { body: '{}', headers: { ...json, 'Content-Encoding': 'br' } },
        aProblem(
          'unsupported_media_type',
          415,
          'The body is not JSON',
          'Send the body uncompressed or with gzip.',
        ),
      ],
      ['an unknown path', '/nothing', { body: '{}', headers: json }, notFound],
      ['a path with markup', '/<script>', { body: '{}', headers: json }, notFound],
      ['a path that cannot be decoded', '/echo/%zz', { body: '{}', headers: json }, notFound],
      ['a path with a control character', '/echo/a%00b', { body: '{}', headers: json }, notFound],
    ];
    for (const [name, path, init, expected] of cases) {
      it(name, async () => {
        const { url } = await serve([echo]);
        assert.deepEqual(await problemOf(await fetch(url + path, { method: 'POST', ...init })), expected);
      });
    }

    it('a wrong method, with the allowed ones', async () => {
      const { url } = await serve([hello, { ...echo, path: '/hello' }]);
      const answer = await fetch(`${url}/hello`, { method: 'DELETE' });
      assert.deepEqual(answer.headers.get('allow')?.split(', ').toSorted(), ['GET', 'HEAD', 'POST']);
      assert.deepEqual(await problemOf(answer), aProblem('method_not_allowed', 405, 'Method not allowed'));
    });

    it('an endless body without a length, and the connection can be reused', async () => {
      const { port } = await serve([echo]);
      const socket = await dial(port);
      socket.write(
        'POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      );
      const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
      for (let sent = 0; sent < 40; sent++) socket.write(chunk);
      const first: unknown[] = await once(socket, 'data');
      assert.match(String(first[0]), /^HTTP\/1\.1 413 .*"code":"payload_too_large"/s);
      socket.write('0\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      assert.match(await untilClosed(socket), /^HTTP\/1\.1 404 /);
    });

    const packedUp = gzipSync('{"a":"b"}');
    for (const [what, headers, body] of [
      ['a body of exactly the limit', {}, `"${'x'.repeat(LIMIT - 2)}"`],
      ['a compressed body', { 'Content-Encoding': 'gzip' }, packedUp],
      ['CloudEvents', { 'Content-Type': 'application/cloudevents-batch+json; charset=utf-8' }, '[]'],
    ] as const) {
      it(`but not ${what}`, async () => {
        const { url } = await serve([echo]);
        assert.equal((await post(`${url}/echo/a`, body, headers)).status, 200);
      });
    }
  });

  describe('malformed HTTP', () => {
    const host = 'Host: x\r\nConnection: close\r\n\r\n';
    const cases: [string, string, number][] = [
      // On the first two, restify itself ends the process.
      ['an invalid Host', 'GET /hello HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n', 400],
      ['an invalid target', `GET http://[ HTTP/1.1\r\n${host}`, 400],
      ['a target that is a path of two slashes', `GET //[ HTTP/1.1\r\n${host}`, 404],
      ['OPTIONS *', `OPTIONS * HTTP/1.1\r\n${host}`, 400],
      ['a rare method', `PROPFIND /hello HTTP/1.1\r\n${host}`, 405],
      ['garbage', 'hello\r\n\r\n', 400],
      ['no Host', 'GET /hello HTTP/1.1\r\n\r\n', 400],
      ['endless headers', `GET /hello HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n${host}`, 431],
      [
        'a broken chunk',
        `POST /echo/a HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nHost: x\r\n\r\nzz\r\n`,
        400,
      ],
    ];
    for (const [name, text, status] of cases) {
      it(`${name} gets ${status}`, async () => {
        const { port, url } = await serve([hello, echo]);
        const answer = await raw(port, text);
        assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
        assert.equal((await fetch(`${url}/hello`)).status, 200);
      });
    }

    it('an upgrade is ignored, and the request answered', async () => {
      const { port } = await serve([hello]);
      const answer = await raw(
        port,
        `GET /hello HTTP/1.1\r\nUpgrade: h2c\r\nHost: x\r\nConnection: close, Upgrade\r\n\r\n`,
      );
      assert.match(answer, /^HTTP\/1\.1 200 /);
    });

    it('a client that sends headers or body too slowly is disconnected', async () => {
      const { port } = await serve([echo], {
        timeouts: { headersTimeout: 40, requestTimeout: 80, connectionsCheckingInterval: 10 },
      });
      const starts = [
        'GET /hel',
        'POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
      ];
      for (const start of starts) {
        assert.match(await raw(port, start), /^HTTP\/1\.1 408 .*"status":408/s);
      }
    });
  });

  describe('strangers', () => {
    /** Sends the head of a body of ten bytes, and one of them. */
    const begin = async (port: number): Promise<Awaited<ReturnType<typeof dial>>> => {
      const socket = await dial(port);
      socket.write(
        'POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n"',
      );
      return socket;
    };
    const open: Route = {
      ...echo,
      admit: openToAll(async ({ body }) => await Promise.resolve({ status: 200, body: { body } })),
    };
    const closed: Route = {
      ...echo,
      admit: async () => await Promise.reject(new RingdownError('unauthorized')),
    };

    for (const [what, headers, body] of [
      ['that cannot be decompressed', { 'Content-Encoding': 'gzip' }, 'garbage'],
      ['that is too large', {}, 'x'.repeat(2 * LIMIT)],
      ['that is not JSON', { 'Content-Type': 'image/png' }, 'x'],
    ] as const) {
      it(`are refused before their body is read: one ${what} is refused for its key`, async () => {
        const { url } = await serve([closed]);
        assert.equal((await post(`${url}/echo/a`, body, headers)).status, 401);
      });
    }

    it('are refused even if their body never comes', async () => {
      const { port } = await serve([closed]);
      const socket = await begin(port);
      assert.match(String(await once(socket, 'data')), /^HTTP\/1\.1 401 /);
      socket.destroy();
    });

    it('have a limited number of bodies in progress: the oldest is evicted, and a fast one gets through', async () => {
      let admitted = 0;
      const counting: Route = {
        ...open,
        admit: async (head) => {
          admitted += 1;
          return await open.admit(head);
        },
      };
      const { port, url } = await serve([counting], { strangersBodies: new StrangersBodies({ atOnce: 2 }) });
      const oldest = await begin(port);
      await until(() => admitted === 1, 'the first request has arrived');
      const next = await begin(port);
      await until(() => admitted === 2, 'the second request has arrived');
      const givesWay = once(oldest, 'data');
      assert.equal((await post(`${url}/echo/a`, '"quick"')).status, 200);
      assert.match(String(await givesWay), /^HTTP\/1\.1 503 /);
      const comesThrough = once(next, 'data');
      next.write('is slow "');
      assert.match(String(await comesThrough), /^HTTP\/1\.1 200 /);
      for (const socket of [oldest, next]) socket.destroy();
    });

    it('are answered 503 if their body takes too long', async () => {
      const { port } = await serve([open], { strangersBodies: new StrangersBodies({ ms: 20 }) });
      const socket = await begin(port);
      assert.match(String(await once(socket, 'data')), /^HTTP\/1\.1 503 .*"code":"unavailable"/s);
      socket.destroy();
    });

    it('are admitted by a credential in the body, and by nothing else', async () => {
      const byBody: Route = {
        ...echo,
        admit: async () =>
          await Promise.resolve({
            byBody: async ({ body }) => {
              if (body === 'key') return async () => await Promise.resolve({ status: 200 });
              throw await Promise.resolve(new RingdownError('unauthorized'));
            },
          }),
      };
      const refused: string[] = [];
      const { url } = await serve([byBody], {
        refusedStranger: async ({ route }) => {
          refused.push(route);
          await Promise.resolve();
        },
      });
      assert.equal((await post(`${url}/echo/a`, '"key"')).status, 200);
      assert.equal((await post(`${url}/echo/a`, '"no key"')).status, 401);
      assert.deepEqual(refused, ['POST /echo/:name']);
    });

    it('cause a limited number of log lines a minute; known senders cause one each', async () => {
      const { url, lines } = await serve([closed, failing(new RingdownError('not_found'))]);
      const many = 100;
      for (let n = 0; n < many; n++) await post(`${url}/echo/${n}`, '{}');
      for (let n = 0; n < many; n++) await fetch(`${url}/hello`);
      const logged = (path: RegExp, level: string): number =>
        lines.filter((line) => path.test(line) && line.includes(`"level":"${level}"`)).length;
      await until(() => logged(/"path":"\/hello"/, 'info') === many, 'those of known senders are logged');
      assert.equal(logged(/"path":"\/echo/, 'info'), 60);
      assert.equal(logged(/"path":"\/echo/, 'debug'), many - 60);
      assert.equal(logged(/many unauthenticated requests/, 'warn'), 1);
    });
  });

  describe('errors of a route', () => {
    it('of the catalogue are answered by their code', async () => {
      const error = new RingdownError('target_ambiguous', {
        detail: 'Two people are called Adele.',
        extra: { candidates: ['a', 'b'], code: 'other', status: 1 },
        cause: new Error('inner'),
      });
      const { url } = await serve([failing(error)]);
      const answer = await fetch(`${url}/hello`);
      assert.equal(answer.status, 422);
      assert.deepEqual(await problemOf(answer), {
        ...Object(aProblem('target_ambiguous', 422, 'Several people match', 'Two people are called Adele.')),
        candidates: ['a', 'b'],
      });
    });

    it('say how to authenticate', async () => {
      const { url } = await serve([failing(new RingdownError('unauthorized'))]);
      assert.equal((await fetch(`${url}/hello`)).headers.get('www-authenticate'), 'Bearer');
    });

    it('are 503 with Retry-After if the database is away', async () => {
      const { url, lines } = await serve([failing(new Error('Connection terminated unexpectedly'))]);
      const answer = await fetch(`${url}/hello`);
      assert.equal(answer.status, 503);
      assert.equal(answer.headers.get('retry-after'), '5');
      assert.deepEqual(await problemOf(answer), aProblem('unavailable', 503, 'Not available right now'));
      assert.match(lines.join(''), /Connection terminated unexpectedly/);
    });

    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    for (const [name, route] of Object.entries({
      'an error of a library': failing(
        Object.assign(new Error('secret inside'), { statusCode: 418, body: 'secret' }),
      ),
      'something that is not an error': failing('secret inside'),
      'an answer that is not JSON': {
        ...hello,
        admit: toKnown(async () => ({ status: 200, body: circular })),
      },
    })) {
      it(`never show ${name}; the log has it under the same reference`, async () => {
        const { url, lines } = await serve([route]);
        const answer = await fetch(`${url}/hello`);
        const reference = answer.headers.get('x-request-id');
        assert.deepEqual(await problemOf(answer), aProblem('internal', 500, 'Something went wrong'));
        assert.ok(
          lines.some(
            (line) => line.includes(`"reference":"${reference}"`) && line.includes('"level":"error"'),
          ),
        );
      });
    }
  });

  describe('the request log', () => {
    it('has one line each, at debug, or at info for failures, without anything secret', async () => {
      const callback: Route = {
        ...echo,
        path: '/api/callbacks/:callId/:secret',
        admit: toKnown(async () => ({ status: 200 })),
      };
      const { url, lines } = await serve([callback]);
      const headers = { Authorization: 'Bearer s3cret' };
      await post(`${url}/api/callbacks/call_1/s3cret?token=s3cret`, '{}', headers);
      await post(`${url}//api/callbacks/call_1/s3cret?token=s3cret`, '{}', headers);
      await post(`${url}/api/callbacks/call_1/s3cret`, '{"s3cret', headers);
      await until(() => lines.length === 3, 'all are logged');
      const line = z.object({ level: z.string(), path: z.string(), status: z.number() });
      const logged = lines.map((one) => line.parse(JSON.parse(one)));
      assert.deepEqual(
        logged.map(({ level, path, status }) => [level, path, status]),
        [
          ['debug', '/api/callbacks/call_1/…', 200],
          ['debug', '/api/callbacks/call_1/…', 200],
          ['info', '/api/callbacks/call_1/…', 400],
        ],
      );
      assert.doesNotMatch(lines.join(''), /s3cret/);
    });

    for (const [url, path] of [
      ['/api/callbacks/c/secret', '/api/callbacks/c/…'],
      ['/api/callbacks/c/secret/secret?secret', '/api/callbacks/c/…'],
      ['/api/callbacks//c/secret', '/api/callbacks//c/…'],
      ['/API/Callbacks/c/secret', '/API/Callbacks/c/…'],
      ['http://x/api/callbacks/c/secret', 'http://x/api/callbacks/c/…'],
      ['/api/callbacks/c', '/api/callbacks/c'],
      ['/ical/secret/person.ics', '/ical/…'],
      ['//ical//secret/rotation/web.ics?secret', '//ical//…'],
      ['http://x/ICAL/secret', 'http://x/ICAL/…'],
      ['/%69c%61l/secret/person.ics', '/ical/…'],
      ['/hello?token=secret', '/hello'],
      ['/hello#secret', '/hello'],
    ] as const) {
      it(`${url} is logged as ${path}`, () => assert.equal(pathForLog(url), path));
    }

    it('reports a client that did not wait', async () => {
      const { route, entered, answer } = slow();
      const { port, lines } = await serve([route]);
      const socket = await dial(port);
      socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
      await entered;
      socket.destroy();
      await until(() => lines.some((line) => line.includes('"aborted":true')), 'it is logged');
      answer();
    });
  });

  describe('stopping', () => {
    it('waits for requests in progress, then closes their connections', async () => {
      const { route, entered, answer } = slow();
      const { server, port } = await serve([route]);
      const answered = raw(port, 'GET /slow HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n');
      await entered;
      const closed = server.close(60_000);
      await assert.rejects(dial(port), /ECONNREFUSED/);
      answer();
      assert.match(await answered, /^HTTP\/1\.1 200 .*\r\nConnection: close\r\n.*\r\ndone$/s);
      await closed;
    });

    it('closes idle connections at once, including those that never sent anything', async () => {
      const { server, port, url, lines } = await serve([hello]);
      const gone = untilClosed(await dial(port));
      await (await fetch(`${url}/hello`)).text();
      await server.close(60_000);
      await gone;
      assert.doesNotMatch(lines.join(''), /aborted requests at shutdown/);
    });

    it('aborts requests that exceed the grace period', async () => {
      const { route, entered, answer } = slow();
      const { server, port, lines } = await serve([route]);
      const cut = raw(port, 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
      await entered;
      await server.close(10);
      assert.equal(await cut, '');
      assert.match(lines.join(''), /aborted requests at shutdown/);
      answer();
    });

    it('waits for the work of a disconnected client', async () => {
      const { route, entered, answer } = slow();
      const { server, port } = await serve([route]);
      const socket = await dial(port);
      socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
      await entered;
      socket.destroy();
      let closed = false;
      const closing = server.close(60_000).then(() => (closed = true));
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(closed, false);
      answer();
      await closing;
    });

    it('may be called twice, and without a start', async () => {
      const { server } = await serve([hello]);
      await Promise.all([server.close(1_000), server.close(1_000)]);
      await createHttpServer({ log: silent, routes: [] }).close(1_000);
    });
  });

  it('reports that the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const server = createHttpServer({ log: silent, routes: [] });
    await assert.rejects(server.listen('127.0.0.1', port), { code: 'EADDRINUSE' });
    await server.close(0);
    other.close();
    await once(other, 'close');
  });
});
