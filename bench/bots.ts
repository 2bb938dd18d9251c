import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Addresses } from '../emulator/emulator.ts';
import { freePort } from '../demo/ports.ts';
import { startArguments } from '../demo/startCommand.ts';

/** Of the configured key; it may do everything. */
export const API_KEY = 'a-key-for-the-benchmark';

const START_LIMIT_MS = 180_000;

export interface BotOptions {
  emulator: Addresses;
  /** A URL of PostgreSQL, the folder of an embedded database, or `memory` for one that is kept nowhere. */
  database: { url: string } | { dataDir: string } | 'memory';
  /** ringdown.yaml; the limits are raised if nothing is given. */
  yaml?: string;
  env?: Record<string, string>;
  /** Another program in place of Ringdown, with the same environment. */
  program?: URL;
  /** Node's own options, such as `--cpu-prof`. */
  nodeOptions?: readonly string[];
}

/** A program under measurement, in a process of its own. */
export interface BenchBot {
  url: string;
  port: number;
  /** Milliseconds from its start until it was ready. */
  readyMs: number;
  pid: number;
  usage(): Usage;
  kill(): Promise<void>;
  /** Asks it to end, waits, and removes what it left behind. */
  stop(): Promise<void>;
}

export interface Usage {
  /** Resident memory in MB; NaN where the system does not tell. */
  residentMb: number;
  /** Processor time so far: in the program itself, in the system for it; milliseconds. */
  userMs: number;
  systemMs: number;
}

/** A configuration in which no limit of ours stands in the way of measuring. */
export const NO_LIMITS =
  'limits: {createCallsPerSecond: 1000, perCaller: 1000000/1h, perCallee: 1000000/1h}\n';

/** Starts a program, and waits until it is ready. */
export async function startBot(options: BotOptions): Promise<BenchBot> {
  const { emulator, database, yaml = NO_LIMITS, env = {}, program, nodeOptions = [] } = options;
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-bench-'));
  const configFile = join(folder, 'ringdown.yaml');
  writeFileSync(configFile, yaml);
  const port = Number(env['PORT'] ?? (await freePort()));
  const url = `http://127.0.0.1:${port}`;
  const begin = performance.now();
  // A peer has the same flags.
  const child = spawn(process.execPath, [...nodeOptions, ...startArguments(program)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_ENV: 'production',
      PORT: String(port),
      HOST: '127.0.0.1',
      PUBLIC_URL: url,
      DANGEROUSLY_ALLOW_ANONYMOUS: 'true',
      MicrosoftAppTenantId: emulator.tenantId,
      ACS_CONNECTION_STRING: emulator.connectionString,
      ACS_RESOURCE_ID: emulator.resourceId,
      ACS_CALLBACK_OPENID_URL: emulator.openIdUrl,
      ACS_CALLBACK_ISSUER: emulator.issuer,
      COGNITIVE_SERVICES_ENDPOINT: 'https://speech.contoso.example',
      GRAPH_URL: emulator.graphUrl,
      GRAPH_TOKEN: emulator.graphToken,
      TEAMS_SERVICE_URL: emulator.connectorUrl,
      CONFIG_FILE: configFile,
      LOG_LEVEL: 'warn',
      API_KEYS: `bench:${createHash('sha256').update(API_KEY).digest('hex')}`,
      ...(database === 'memory'
        ? { DATABASE_URL: 'memory:' }
        : 'url' in database
          ? { DATABASE_URL: database.url }
          : { DATA_DIR: database.dataDir }),
      ...env,
    },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-5_000)));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    await untilReady(child, url, begin);
  } catch (error) {
    child.kill('SIGKILL');
    remove();
    throw new Error(`a program did not start:\n${output}`, { cause: error });
  }
  const readyMs = performance.now() - begin;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    await gone;
  };
  return {
    url,
    port,
    readyMs,
    pid: child.pid ?? 0,
    usage: () => usageOf(child.pid ?? 0),
    kill: async () => {
      await end('SIGKILL');
      remove();
    },
    stop: async () => {
      await end('SIGTERM');
      remove();
    },
  };
}

async function untilReady(child: ChildProcess, url: string, begin: number): Promise<void> {
  while (performance.now() - begin < START_LIMIT_MS) {
    if (child.exitCode !== null) break;
    const ready = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    await pause(10);
  }
  throw new Error(`not ready (exit ${child.exitCode})`);
}

/** Source: proc(5), on Linux only. */
function usageOf(pid: number): Usage {
  try {
    const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // In clock ticks: 100 a second.
    const [user, system] = [Number(fields[11]) * 10, Number(fields[12]) * 10];
    return { residentMb: Math.round(Number(resident) / 1024), userMs: user, systemMs: system };
  } catch {
    return { residentMb: Number.NaN, userMs: Number.NaN, systemMs: Number.NaN };
  }
}
