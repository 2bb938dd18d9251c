import { subscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import type { Cost } from '../../scripts/tests/messages.ts';

/** Incremented by the code that opens one. */
export const opened = { databases: 0 };

let processes = 0;
subscribe('child_process', () => (processes += 1));

/** Linux counts in hundredths of a second. */
const TICK_MS = 10;

/** CPU time of children that have exited; zero without /proc. Milliseconds. */
function endedChildrenMs(): number {
  try {
    // After the name, which may contain anything, fields 14 and 15: user and system time of children.
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
  } catch {
    return 0;
  }
}

/** What this process has used so far. */
export function costsNow(): Cost {
  const { user, system } = process.cpuUsage();
  return {
    ms: performance.now(),
    cpuMs: (user + system) / 1000 + endedChildrenMs(),
    databases: opened.databases,
    processes,
  };
}

export function costSince(from: Cost): Cost {
  const now = costsNow();
  return {
    ms: now.ms - from.ms,
    cpuMs: now.cpuMs - from.cpuMs,
    databases: now.databases - from.databases,
    processes: now.processes - from.processes,
  };
}
