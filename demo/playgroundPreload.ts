/*
 * Loaded into the Agents Playground before its own code (node --import). By default it
 * listens on every network interface and takes messages from anybody. Here it listens on this machine only, and ends
 * when the demo ends, for whatever reason.
 */
import { Server } from 'node:net';

const listen: unknown = Reflect.get(Server.prototype, 'listen');

Reflect.set(Server.prototype, 'listen', function (this: Server, ...args: unknown[]): unknown {
  const [port, ...rest] = args;
  const local = typeof port === 'number' ? [{ port, host: '127.0.0.1' }, ...rest] : args;
  const server: unknown = typeof listen === 'function' ? Reflect.apply(listen, this, local) : this;
  return server;
});

// The other end is held by the demo's process.
process.stdin.once('end', () => process.exit()).resume();
