import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { afterTest } from './afterTest.ts';

export interface Heard {
  type: string;
  body: string;
  headers: IncomingHttpHeaders;
}

/** An external program that receives events of escalations. A test can change its answers. */
export async function receiver(): Promise<{ url: string; heard: Heard[]; answer: { status: number } }> {
  const heard: Heard[] = [];
  const answer = { status: 204 };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      heard.push({ type: String(request.headers['x-ringdown-event']), body, headers: request.headers });
      response.writeHead(answer.status, answer.status === 302 ? { location: '/elsewhere' } : {});
      response.end('never read');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterTest(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  return { url: `http://127.0.0.1:${address.port}/hook`, heard, answer };
}
