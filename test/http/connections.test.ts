import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { openToAll, type Route } from '../../src/http/route.ts';
import { dial, raw, servers, untilClosed } from '../support/http/harness.ts';
import { until } from '../support/until.ts';

const LIMITS = { connectionLimits: { open: 20, receiving: 5 } };
const ASK = 'GET /hello HTTP/1.1\r\nHost: x\r\n';
const POST = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n';

const hello: Route = {
  method: 'GET',
  path: '/hello',
  body: 'none',
  admit: openToAll(async () => ({ status: 200, body: { hello: 'you' } })),
};
const echo: Route = {
  method: 'POST',
  path: '/echo',
  body: 'json',
  admit: openToAll(async ({ body }) => ({ status: 200, body })),
};

describe('the connections of the HTTP server', () => {
  const serve = servers();
  /** Opens connections one after another, and sends this on each. */
  async function open(port: number, count: number, sent = ''): Promise<Socket[]> {
    const sockets: Socket[] = [];
    for (let nth = 0; nth < count; nth++) {
      const socket = await dial(port);
      socket.on('error', () => undefined).resume();
      if (sent !== '') socket.write(sent);
      sockets.push(socket);
    }
    return sockets;
  }
  const closed = (sockets: readonly Socket[]): boolean[] => sockets.map(({ closed: is }) => is);
  const end = (sockets: readonly Socket[]): void => sockets.forEach((socket) => void socket.destroy());

  for (const [name, sent, kept] of [
    ['say nothing', '', 20],
    ['stop in the middle of their headers', ASK, 20],
    ['stop in the middle of their bodies', `${POST}{"a"`, 5],
  ] as const) {
    it(`are limited: the oldest of those that ${name} are closed, and others are answered`, async () => {
      const { port } = await serve([hello, echo], LIMITS);
      const strangers = await open(port, 100, sent);
      await until(() => closed(strangers.slice(0, -kept)).every(Boolean), 'the oldest are closed');
      assert.match(await raw(port, `${ASK}Connection: close\r\n\r\n`), /^HTTP\/1\.1 200 /);
      // The connection that asked replaced another one.
      assert.deepEqual(closed(strangers.slice(1 - kept)).includes(true), false);
      end(strangers);
    });
  }

  for (const [name, head, framed] of [
    ['with a length', 'Content-Length: 104857600', (part: string) => part],
    ['without one', 'Transfer-Encoding: chunked', (part: string) => `10000\r\n${part}\r\n`],
  ] as const) {
    it(`with a body of 100 MB ${name} are closed after part of it, with an answer`, async () => {
      const { port } = await serve([echo]);
      const [socket] = await open(port, 1);
      assert.ok(socket);
      let answer = '';
      socket.on('data', (part: Buffer) => (answer += part.toString()));
      socket.write(`POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${head}\r\n\r\n`);
      const piece = framed('x'.repeat(0x10000));
      const pieces = 100 * 16;
      let sent = 0;
      while (sent < pieces && !socket.destroyed) {
        sent += 1;
        if (socket.write(piece)) continue;
        // Not `once`: writing to a connection that is being closed ends in an error.
        await new Promise<void>((resolve) => void socket.once('drain', resolve).once('close', resolve));
      }
      assert.ok(sent < pieces, `${sent} of ${pieces} pieces were read`);
      assert.match(answer, /^HTTP\/1\.1 413 /);
    });
  }

  it('that were answered before are kept longer than those without a request', async () => {
    const { port } = await serve([hello], LIMITS);
    const [known] = await open(port, 1);
    assert.ok(known);
    const answers = (): Promise<unknown> => {
      known.write(`${ASK}\r\n`);
      return once(known, 'data');
    };
    await answers();
    const strangers = await open(port, 100);
    await until(() => closed(strangers).filter(Boolean).length === 81, 'the oldest are closed');
    await answers();
    end([known, ...strangers]);
  });

  it('that are idle after an answer are closed too, if there are too many', async () => {
    const { port } = await serve([hello], LIMITS);
    const idle = await open(port, 100, `${ASK}\r\n`);
    await until(() => closed(idle.slice(0, -20)).every(Boolean), 'the oldest are closed');
    assert.ok(!closed(idle.slice(-20)).includes(true));
    end(idle);
  });

  it('are left alone while a complete request is being answered, however many there are', async () => {
    const answer = Promise.withResolvers<void>();
    let waiting = 0;
    const slow: Route = {
      ...echo,
      admit: async () =>
        await Promise.resolve({
          isKnown: true,
          handle: async ({ body }) => {
            waiting += 1;
            await answer.promise;
            return { status: 200, body };
          },
        }),
    };
    const { port, url } = await serve([slow, hello], LIMITS);
    const senders = Array.from({ length: 100 }, async () => {
      const socket = await dial(port);
      socket.write(POST.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n') + '{"a":"b"}');
      return await untilClosed(socket);
    });
    await until(() => waiting === 100, 'all requests have arrived');
    end(await open(port, 100));
    assert.equal((await fetch(`${url}/hello`)).status, 200);
    answer.resolve();
    for (const sender of senders) assert.match(await sender, /^HTTP\/1\.1 200 /);
  });

  it('handle one request at a time: the next one does not start early, and its sender can see that', async () => {
    const gate = Promise.withResolvers<void>();
    let begun = 0;
    const slow: Route = {
      method: 'GET',
      path: '/slow',
      body: 'none',
      admit: openToAll(async () => {
        begun += 1;
        await gate.promise;
        return { status: 200, body: { begun } };
      }),
    };
    const { port } = await serve([slow]);
    const socket = await dial(port);
    const answered = untilClosed(socket);
    socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2_000));
    await until(() => begun > 0, 'the first has begun');
    gate.resolve();
    const text = await answered;
    assert.equal(begun, 1);
    assert.equal(text.match(/^HTTP\/1\.1 200 /gm)?.length, 1);
    assert.match(text, /^Connection: close\r$/m);
  });

  it('handle the next request as soon as the previous one is answered', async () => {
    const { port } = await serve([hello, echo]);
    const socket = await dial(port);
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    for (let nth = 1; nth <= 20; nth++) {
      socket.write(`${POST}{"a":"b"}`);
      await until(() => text.match(/\{"a":"b"\}/g)?.length === nth, `answer ${nth}`);
    }
    assert.doesNotMatch(text, /^Connection: close/m);
    socket.destroy();
  });

  it('of slow senders with a valid key are kept before those of strangers', async () => {
    const keyed: Route = {
      ...echo,
      path: '/keyed',
      admit: async () => ({ isKnown: true, handle: async () => ({ status: 200 }) }),
    };
    const { port } = await serve([hello, echo, keyed], LIMITS);
    const [sender] = await open(port, 1, `${POST.replace('/echo', '/keyed')}{"a"`);
    const strangers = await open(port, 50, `${POST}{"a"`);
    await until(() => closed(strangers.slice(0, -5)).every(Boolean), 'the oldest are closed');
    assert.ok(sender);
    const answered = untilClosed(sender);
    sender.end(':"b"}');
    assert.match(await answered, /^HTTP\/1\.1 200 /);
    end(strangers);
  });

  it('are logged once a minute if some are closed, without their addresses', async () => {
    const { port, lines } = await serve([hello], LIMITS);
    const strangers = await open(port, 200);
    await until(() => closed(strangers.slice(0, -20)).every(Boolean), 'the oldest are closed');
    const told = lines.filter((line) => line.includes('too many connections'));
    assert.equal(told.length, 1);
    assert.doesNotMatch(told.join(''), /127\.0\.0\.1/);
    end(strangers);
  });
});
