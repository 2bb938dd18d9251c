import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { openToAll, type Route, type StreamBody } from '../../src/http/route.ts';
import { dial, servers } from '../support/http/harness.ts';
import { until } from '../support/until.ts';

const streaming = (body: StreamBody): Route => ({
  method: 'GET',
  path: '/stream',
  body: 'none',
  admit: openToAll(async () => await Promise.resolve({ status: 200, body })),
});

/** Writes what `tell` is given, until the stream is over. */
function told(): { body: StreamBody; tell: (text: string) => void; ended: Promise<void> } {
  let wake = (): void => undefined;
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const waiting: string[] = [];
  return {
    ended,
    tell: (text) => {
      waiting.push(text);
      wake();
    },
    async *body(over) {
      over.addEventListener('abort', () => wake());
      try {
        while (!over.aborted) {
          yield* waiting.splice(0);
          if (over.aborted) return;
          await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        end();
      }
    },
  };
}

describe('answers that are streams', () => {
  const serve = servers();

  it('arrive piece by piece, and end when the client goes', async () => {
    const { body, tell, ended } = told();
    const { url, lines } = await serve([streaming(body)]);
    const over = new AbortController();
    const response = await fetch(`${url}/stream`, { signal: over.signal });
    const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader();
    for (const text of ['one', 'two']) {
      tell(text);
      assert.equal(new TextDecoder().decode((await reader?.read())?.value), text);
    }
    over.abort();
    await ended;
    await until(() => lines.some((line) => line.includes('"path":"/stream"')), 'the request is in the log');
    const logged = lines.filter((line) => line.includes('"path":"/stream"'));
    assert.equal(logged.length, 1, 'one line in the log, at the end');
    assert.match(logged[0] ?? '', /"status":200/);
  });

  it('end at once when the server closes', async () => {
    const { body, ended } = told();
    const { url, server } = await serve([streaming(body)]);
    const response = await fetch(`${url}/stream`);
    // Longer than a test may take.
    await server.close(24 * 60 * 60_000);
    await ended;
    assert.equal(await response.text(), '');
  });

  it('are read only as fast as the client reads', async () => {
    let made = 0;
    const { port } = await serve([
      streaming(async function* (over) {
        for (; !over.aborted; made++) {
          yield 'x'.repeat(64 * 1024);
          await setImmediate();
        }
      }),
    ]);
    const socket = await dial(port);
    socket.pause();
    socket.write('GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
    let before = -1;
    const stands = (): boolean => {
      const isStill = before === made && made > 0;
      before = made;
      return isStill;
    };
    await until(stands, 'the server waits for the client', 300);
    assert.ok(made < 500, `${made} pieces were made for a client that does not read`);
    socket.destroy();
    await once(socket, 'close');
  });

  it('do not begin for HEAD', async () => {
    const { body, ended } = told();
    const { url } = await serve([streaming(body)]);
    assert.equal((await fetch(`${url}/stream`, { method: 'HEAD' })).status, 200);
    await ended;
  });

  it('leave room for other connections', async () => {
    const streams = told();
    const { url } = await serve([streaming(streams.body)], {
      connectionLimits: { open: 2, receiving: 1 },
    });
    const open = await Promise.all(Array.from({ length: 5 }, async () => await fetch(`${url}/stream`)));
    assert.equal((await fetch(`${url}/none`)).status, 404);
    for (const response of open) assert.equal(response.status, 200);
    const reads = open.map(async ({ body }) => await body?.getReader().read());
    for (let nth = 0; nth < open.length; nth++) streams.tell('still here');
    await Promise.any(reads);
  });
});
