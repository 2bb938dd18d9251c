import { writeSync } from 'node:fs';
import { ChildProcess } from 'node:child_process';
import { Server, Socket } from 'node:net';
import { inspect } from 'node:util';

/** How long the process may take to end after the last test. */
const patienceMs = 10_000;

/**
 * Call it after the last test. What a test left open keeps the process alive: this ends it then, says what is open, and
 * makes the run fail. It keeps nothing alive itself.
 */
export function endsSoon(): void {
  setTimeout(() => {
    // Written at once: the process ends before a stream would be flushed.
    writeSync(2, `\nLeft open ${patienceMs / 1000} s after the last test:\n${open().join('\n')}\n`);
    // mocha sets the code to the number of failures when the process exits: this comes after it.
    process.on('exit', () => (process.exitCode = 1));
    process.exit();
  }, patienceMs).unref();
}

/** What keeps the process alive, one line each. */
function open(): string[] {
  const kinds = `  ${process.getActiveResourcesInfo().join(', ') || 'nothing that Node names'}`;
  // Undocumented, and the only way to tell which socket or child it is.
  const handles: unknown = Reflect.get(process, '_getActiveHandles');
  const list: unknown = typeof handles === 'function' ? Reflect.apply(handles, process, []) : [];
  return [kinds, ...(Array.isArray(list) ? list.map((handle) => `  - ${described(handle)}`) : [])];
}

function described(handle: unknown): string {
  if (handle instanceof ChildProcess) return `child process ${handle.pid}: ${handle.spawnargs.join(' ')}`;
  if (handle instanceof Server) return `server on ${inspect(handle.address())}`;
  if (handle instanceof Socket) {
    const { localAddress, localPort, remoteAddress, remotePort } = handle;
    return `socket ${localAddress}:${localPort} to ${remoteAddress}:${remotePort}`;
  }
  return typeof handle === 'object' && handle !== null ? handle.constructor.name : String(handle);
}
