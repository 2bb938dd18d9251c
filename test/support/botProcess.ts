import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../demo/ports.ts';
import type { Emulator } from '../../emulator/emulator.ts';
import { settingsFor } from '../../emulator/settings.ts';
import { ASKING_MS, until } from './until.ts';
import { API_KEY } from './world.ts';

/** A readiness probe without an answer is repeated after this long. */
const READINESS_MS = 15_000;

/** The bot in its own process, for tests that kill it. */
export interface BotProcess {
  url: string;
  /** Starts it. With a place it kills itself there (see crashingBot.ts). */
  start(crash?: { place: string; times?: number }): Promise<void>;
  /** Resolves when it has exited by itself. @returns the signal that ended it */
  ended(): Promise<NodeJS.Signals | null>;
  /** Whether it has exited, or was not started. */
  readonly hasEnded: boolean;
  /** The exit code of the last run; null after a signal, or while running. */
  readonly exitCode: number | null;
  /** The output since its last start. */
  readonly output: string;
  kill(signal: NodeJS.Signals): void;
  get(path: string): Promise<unknown>;
  /** Kills it if it is running, and waits for the exit. */
  stop(): Promise<void>;
}

/** The environment variables that every program needs. Without the cache each process compiles everything again. */
export function ownEnv(): Record<string, string> {
  const { PATH = '', NODE_COMPILE_CACHE } = process.env;
  return NODE_COMPILE_CACHE === undefined ? { PATH } : { PATH, NODE_COMPILE_CACHE };
}

/**
 * @param database a URL, or the folder of an embedded database
 * @param more environment variables that override those set here
 * @param how.asItIs runs the real program, which does not kill itself
 * @param how.program runs another program instead
 */
export async function botProcess(
  emulator: Emulator,
  database: { url: string } | { dataDir: string },
  more: Record<string, string> = {},
  { asItIs = false, program }: { asItIs?: boolean; program?: URL } = {},
): Promise<BotProcess> {
  const port = more['PORT'] ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...ownEnv(),
    PORT: String(port),
    HOST: '127.0.0.1',
    PUBLIC_URL: url,
    DANGEROUSLY_ALLOW_ANONYMOUS: 'true',
    ...settingsFor(emulator.addresses),
    API_KEYS: `tests:${createHash('sha256').update(API_KEY).digest('hex')}`,
    ...('url' in database ? { DATABASE_URL: database.url } : { DATA_DIR: database.dataDir }),
    ...more,
  };
  const own = asItIs
    ? new URL('../../src/main.ts', import.meta.url)
    : new URL('crashingBot.ts', import.meta.url);
  const script = fileURLToPath(program ?? own);
  let child: ChildProcess | null = null;
  let signal: NodeJS.Signals | null = null;
  let exitCode: number | null = null;
  let output = '';

  return {
    url,
    get hasEnded() {
      return child === null;
    },
    get exitCode() {
      return exitCode;
    },
    get output() {
      return output;
    },
    async start(crash) {
      output = '';
      const args = crash ? [crash.place, String(crash.times ?? 1)] : [];
      const started = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
      child = started;
      started.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      started.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
      started.once('exit', (code, by) => {
        exitCode = code;
        signal = by;
        if (child === started) child = null;
      });
      await until(
        async () => {
          if (child !== started && !crash) throw new Error(`the bot ended:\n${output.slice(-3000)}`);
          if (child !== started) return true;
          return await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(READINESS_MS) }).then(
            (response) => response.ok,
            () => false,
          );
        },
        'the bot is ready',
        ASKING_MS,
      );
    },
    async ended() {
      await until(() => child === null, 'the bot has exited by itself');
      return signal;
    },
    kill(by) {
      child?.kill(by);
    },
    async stop() {
      const last = child;
      if (!last) return;
      const gone = new Promise<void>((resolve) => last.once('exit', () => resolve()));
      last.kill('SIGKILL');
      await gone;
    },
    async get(path) {
      const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${API_KEY}` } });
      return await response.json();
    },
  };
}
