import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { NoAnswer, ServiceConnections, type ServiceAnswer } from '../../src/directory/serviceConnections.ts';

describe('connections to services', () => {
  let server: Server;
  let url: string;
  let connections: ServiceConnections;
  let sockets: Socket[];
  let answer: RequestListener;

  beforeEach(async () => {
    sockets = [];
    answer = (_request, response) => response.end('{}');
    connections = new ServiceConnections();
    server = createServer((request, response) => answer(request, response));
    server.on('connection', (socket) => sockets.push(socket));
    url = await listening(server);
  });
  afterEach(async () => {
    connections.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  async function listening(one: Server): Promise<string> {
    one.listen(0, '127.0.0.1');
    await once(one, 'listening');
    const address = one.address();
    return typeof address === 'object' && address ? `http://127.0.0.1:${address.port}/` : '';
  }

  async function get(signal = new AbortController().signal): Promise<ServiceAnswer> {
    return await connections.send({ url, method: 'GET', headers: {}, signal });
  }

  const failed = (sent: boolean) => (error: unknown) => {
    assert.ok(error instanceof NoAnswer, String(error));
    assert.equal(error.sent, sent);
    return true;
  };

  it('are reused by the next request', async () => {
    await get();
    await get();
    assert.equal(sockets.length, 1);
  });

  it('are limited: some of a hundred concurrent requests wait for the others', async () => {
    const held: (() => void)[] = [];
    answer = (_request, response) => {
      held.push(() => response.end());
      if (held.length === 64) for (const end of held.splice(0)) end();
    };
    await Promise.all(Array.from({ length: 128 }, async () => await get()));
    assert.equal(sockets.length, 64);
  });

  it('are closed on stop', async () => {
    await get();
    const [socket] = sockets;
    assert.ok(socket);
    const closed = once(socket, 'close');
    connections.close();
    await closed;
  });

  it('return the answer, and do not follow a redirect', async () => {
    answer = (_request, response) => {
      response.statusCode = 307;
      response.setHeader('location', 'http://evil.example/');
      response.end('elsewhere');
    };
    const { status, headers, body } = await get();
    assert.deepEqual([status, headers.location], [307, 'http://evil.example/']);
    assert.equal(body.toString(), 'elsewhere');
  });

  it('send a whole body, measured in bytes', async () => {
    let received = '';
    answer = (request, response) => {
      request.setEncoding('utf8');
      request.on('data', (chunk: string) => (received += chunk));
      request.on('end', () => response.end(request.headers['content-length']));
    };
    const signal = new AbortController().signal;
    const sent = await connections.send({ url, method: 'POST', headers: {}, body: '{"é":1}', signal });
    assert.equal(received, '{"é":1}');
    assert.equal(sent.body.toString(), '8');
  });

  it('distinguish a lost request from one that was never sent', async () => {
    answer = (request) => request.socket.destroy();
    await assert.rejects(get(), failed(true));
    answer = (_request, response) => {
      response.setHeader('content-length', '100');
      response.write('half');
      response.socket?.end();
    };
    await assert.rejects(get(), failed(true));
    const closed = createServer();
    const nobody = await listening(closed);
    closed.close();
    await once(closed, 'close');
    const { signal } = new AbortController();
    await assert.rejects(
      connections.send({ url: nobody, method: 'GET', headers: {}, signal }),
      failed(false),
    );
  });

  it('report a request as not sent if it was aborted while it waited for a connection', async () => {
    const stop = new AbortController();
    const arrived = new Promise<void>((resolve) => {
      let count = 0;
      answer = () => {
        count += 1;
        if (count === 64) resolve();
      };
    });
    const rest = new AbortController();
    const holding = Array.from(
      { length: 64 },
      async () => await assert.rejects(get(rest.signal), failed(true)),
    );
    await arrived;
    const waiting = assert.rejects(get(stop.signal), failed(false));
    stop.abort();
    await waiting;
    rest.abort();
    await Promise.all(holding);
  });
});
