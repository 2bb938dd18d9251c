import { writeSync } from 'node:fs';
import { ChildProcess } from 'node:child_process';
import { Server, Socket } from 'node:net';
import { inspect } from 'node:util';

/** How long the process may take to exit after the last test. */
const patienceMs = 10_000;

/**
 * Call this after the last test. If a test left something open, the process does not exit: this ends it, lists what
 * is open, and fails the run. It keeps nothing alive itself.
 */
export function endsSoon(): void {
  setTimeout(() => {
    // Write synchronously: the process exits before a stream would be flushed.
    writeSync(2, `\nLeft open ${patienceMs / 1000} s after the last test:\n${open().join('\n')}\n`);
    // mocha sets the exit code to the number of failures on exit; this runs after it.
    process.on('exit', () => (process.exitCode = 1));
    process.exit();
  }, patienceMs).unref();
}

/** What keeps the process alive, one line each. */
function open(): string[] {
  const kinds = `  ${process.getActiveResourcesInfo().join(', ') || 'nothing that Node names'}`;
  // Undocumented, but the only way to tell which socket or child it is.
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
