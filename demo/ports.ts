import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Systems give out ports from 32768 (Linux) or 49152 (elsewhere) upwards by themselves, for port 0 and for each
 * outgoing connection. One below is nobody's by chance, also not while its process is being restarted.
 */
const FROM = 10_240;
const BELOW = 32_000;

/** A port of loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FROM, BELOW);
    if (await isFree(port)) return port;
  }
}

/** Whether nobody listens on that port of loopback now. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await Promise.race([
    once(server.listen(port, '127.0.0.1'), 'listening').then(() => true),
    once(server, 'error').then(() => false),
  ]).catch(() => false);
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}
