/*
 * Loaded into the Agents Playground before its own code (node --import). It listens on every network interface, and
 * takes messages from whoever reaches it: here it stays on this machine. And it ends with the demo, whatever ended that.
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
