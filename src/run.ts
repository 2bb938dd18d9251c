import { createApp, type App } from './app.ts';
import { parseCommand } from './chat/language/parseCommand.ts';
import { systemClock } from './clock.ts';
import { readConfig, readConfigAgain, secretValues, type Config } from './config/config.ts';
import { ConfigFaults } from './config/faults.ts';
import { loadDotEnv } from './config/dotEnv.ts';
import { createLog } from './operations/logging/log.ts';
import { startTracing } from './operations/tracing/tracing.ts';
import { whenOrphaned } from './operations/orphaned.ts';
import { createRedaction } from './operations/logging/redaction.ts';
import { noTracing } from './database/tracing.ts';

/** How long a graceful stop may take before it is forced. */
const GRACE_MS = 9_000;

/** How long to wait at a stop for a load balancer to notice that readiness fails. Ctrl-C does not wait. */
const DRAIN_MS = 1_500;

/** Exit codes: 1 for a fault of the set-up, 70 (EX_SOFTWARE) for a fault of the program. */
const EXIT_CONFIG = 1;
const EXIT_FAULT = 70;

function readConfigOrExit(): Config {
  try {
    loadDotEnv();
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigFaults)) throw error;
    console.error(error.message);
    process.exit(EXIT_CONFIG);
  }
}

// The reader of stdout may be gone; that is no reason to stop calling people.
process.stdout.on('error', () => undefined);

const config = readConfigOrExit();
// Secrets of a reloaded file are added: the old ones may still appear somewhere.
let secrets = secretValues(config);
let tracing = noTracing;
const log = createLog(config.logLevel, () => secrets, {
  write: (line) => {
    process.stdout.write(line);
    tracing.line(line);
  },
});

// The Bot Framework SDK prints a message for each token that it rejects, and anybody can send one.
console.error = (...said: unknown[]) => log.debug({ said: said.map(String) }, 'output of a library');

// If npm is killed by any signal, stop as well, so that no orphan is left behind.
if (process.env['npm_lifecycle_event'] !== undefined) {
  whenOrphaned(
    () => process.ppid,
    () => process.kill(process.pid, 'SIGTERM'),
    systemClock,
  );
}

let app: App | null = null;
let stopping = false;

async function stop(signal: NodeJS.Signals): Promise<void> {
  if (stopping) {
    log.warn({ signal }, 'stopping at once');
    process.exit(EXIT_FAULT);
  }
  stopping = true;
  log.info({ signal }, 'stopping');
  // Exit even if something still keeps the process open.
  setTimeout(() => process.exit(EXIT_FAULT), GRACE_MS + 1_000).unref();
  await app?.stop(GRACE_MS, signal === 'SIGTERM' ? DRAIN_MS : 0);
  log.info('stopped');
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stop(signal).then(
      () => process.exit(0),
      (error: unknown) => {
        log.fatal({ err: error }, 'stopping failed');
        process.exit(EXIT_FAULT);
      },
    );
  });
}
process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'unhandled rejection'));

/** The ringdown.yaml in use. */
let inForce = config.ringdown;

async function readAgain(running: App): Promise<void> {
  let next: Config;
  try {
    next = readConfigAgain(process.env, inForce);
  } catch (error) {
    if (!(error instanceof ConfigFaults)) throw error;
    const faults = error.message.split('\n');
    log.error({ faults }, 'the new configuration is invalid; keeping the old one');
    await running.reloadRefused(error.faults.length);
    return;
  }
  secrets = [...new Set([...secrets, ...secretValues(next)])];
  inForce = next.ringdown;
  log.info('configuration file reloaded');
  try {
    await running.reload(next.ringdown);
  } catch (error) {
    log.error(
      { err: error },
      'the new configuration is in use, but its heartbeats or names were not checked; send SIGHUP again',
    );
  }
}

/** A SIGHUP that arrives during the start is handled afterwards. */
let isWanted = false;
let isReady = false;
function readAgainIfReady(): void {
  isWanted = !isReady;
  if (!app || !isReady) return;
  readAgain(app).catch((error: unknown) =>
    log.error({ err: error }, 'reloading the configuration file failed'),
  );
}
process.on('SIGHUP', readAgainIfReady);

/** The first command does not wait for the phrases. Other languages than English are read when somebody needs them. */
function readPhrases(): void {
  parseCommand('status', []);
}

try {
  tracing = await startTracing(process.env, log);
  app = await createApp({ config, log, tracing, clock: systemClock, sharesTime: true });
  app.metrics.watchProcess();
  const { port } = await app.start();
  log.info({ host: config.host, port }, 'ready');
  isReady = true;
  setImmediate(readPhrases);
  if (isWanted) readAgainIfReady();
} catch (error) {
  log.fatal({ err: error }, 'cannot start');
  const said = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${createRedaction(secrets)(said)}\n`);
  process.exit(EXIT_FAULT);
}
