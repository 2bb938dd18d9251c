import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Addresses } from '../emulator/emulator.ts';
import { settingsFor } from '../emulator/settings.ts';
import { startArguments } from './startCommand.ts';

export interface BotOptions {
  emulator: Addresses;
  port: number;
  /** Kept between runs, or `memory:` for nothing kept. */
  database: { dataDir: string } | 'memory';
  /** Lines of the bot's log that people should see. */
  onLog?: (line: string) => void;
  /** It ended although nobody asked it to. */
  onCrash?: (code: number | null, signal: NodeJS.Signals | null) => void;
  /** What the policies of the demo speak; English if absent. */
  language?: string | undefined;
  env?: Record<string, string>;
}

/** A first start makes the database: seconds, and far more on a machine that is busy with other things. */
const START_LIMIT_MS = 180_000;
const POLL_MS = 50;

/** Policies to try, with the people of the emulator. */
const demoFile = fileURLToPath(new URL('./ringdown.yaml', import.meta.url));

/** The bot as a process of its own, set up to talk to the emulator. If it is killed, it can be started again: calls live on. */
export class Bot {
  readonly url: string;
  /** A key that may do everything under /api/v1. */
  readonly apiKey: string;
  readonly #options: BotOptions;
  #process: ChildProcess | null = null;
  #stopping = false;

  constructor(options: BotOptions) {
    this.#options = options;
    this.url = `http://127.0.0.1:${options.port}`;
    this.apiKey = `demo_${randomBytes(18).toString('base64url')}`;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Resolves when the bot is ready; throws with the end of its log if it does not start. */
  async start(): Promise<void> {
    const lines: string[] = [];
    const run: { end: string | null } = { end: null };
    const child = spawn(process.execPath, startArguments(), {
      env: this.#environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C in the terminal must reach it once only, through stop().
      detached: true,
    });
    this.#process = child;
    const take = (chunk: Buffer): void => {
      for (const line of chunk.toString().split('\n')) {
        if (!line.trim()) continue;
        lines.push(line);
        if (lines.length > 50) lines.shift();
        this.#options.onLog?.(line);
      }
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('exit', (code, signal) => {
      run.end = `The bot ended while it started (${signal ?? code}).`;
      if (this.#process === child) this.#process = null;
      if (!this.#stopping) this.#options.onCrash?.(code, signal);
    });
    const deadline = Date.now() + START_LIMIT_MS;
    while (run.end === null && Date.now() < deadline) {
      if (await this.#isReady()) return;
      await pause(POLL_MS);
    }
    const why = run.end ?? `The bot was not ready after ${START_LIMIT_MS / 1000} s.`;
    throw new Error([why, ...lines.slice(-15)].join('\n'));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#process;
    if (!child || child.exitCode !== null) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const forced = setTimeout(() => child.kill('SIGKILL'), 12_000);
    await exited;
    clearTimeout(forced);
  }

  /** Asks the bot's API. @returns the answer's JSON; null if it is not up, or has no such thing */
  async get(path: string): Promise<unknown> {
    try {
      const response = await fetch(`${this.url}${path}`, {
        headers: { authorization: `Bearer ${this.apiKey}` },
        signal: AbortSignal.timeout(5_000),
      });
      return response.ok ? await response.json() : null;
    } catch {
      // Not up at this moment: asked again.
      return null;
    }
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(1_000) })).ok;
    } catch {
      return false;
    }
  }

  #environment(): Record<string, string> {
    const { emulator, database, port, language = 'en' } = this.#options;
    // Nothing of the surrounding environment may leak in: the demo is the same everywhere.
    const kept = Object.fromEntries(
      ['PATH', 'HOME', 'TMPDIR', 'SystemRoot', 'LANG'].flatMap((name) => {
        const value = process.env[name];
        return value ? [[name, value]] : [];
      }),
    );
    return {
      ...kept,
      PORT: String(port),
      HOST: '127.0.0.1',
      PUBLIC_URL: this.url,
      DANGEROUSLY_ALLOW_ANONYMOUS: 'true',
      ...settingsFor(emulator),
      API_KEYS: `demo:${hashOf(this.apiKey)}`,
      DEMO_PAGERDUTY_HASH: hashOf(`${this.apiKey}-pagerduty`),
      DEMO_GRAFANA_HASH: hashOf(`${this.apiKey}-grafana`),
      DEMO_GRAFANA_SECRET: `${this.apiKey}-secret`,
      DEMO_LANGUAGE: language,
      ...(database === 'memory' ? { DATABASE_URL: 'memory:' } : { DATA_DIR: database.dataDir }),
      CONFIG_FILE: demoFile,
      // The bot stops by itself if the demo dies: see whenOrphaned in src/run.ts.
      npm_lifecycle_event: 'demo',
      ...this.#options.env,
    };
  }
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
