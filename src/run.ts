import { createApp, type App } from './app.ts';
import { systemClock } from './clock.ts';
import { readConfig, readConfigAgain, secretValues, type Config } from './config/config.ts';
import { ConfigFaults } from './config/faults.ts';
import { loadDotEnv } from './config/dotEnv.ts';
import { createLog } from './operations/logging/log.ts';
import { startTracing } from './operations/tracing/tracing.ts';
import { whenOrphaned } from './operations/orphaned.ts';
import { createRedaction } from './operations/logging/redaction.ts';
import { noTracing } from './database/tracing.ts';

/** How long a stop may take before it is forced. */
const GRACE_MS = 9_000;

/** How long a load balancer is given to see that readiness is red. Ctrl-C does not wait for that. */
const DRAIN_MS = 1_500;

/** Exit codes: 1 for a fault of the set-up, 70 (EX_SOFTWARE) for one of the program. */
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

// Whoever read the log may have gone; that is no reason to stop calling people.
process.stdout.on('error', () => undefined);

const config = readConfigOrExit();
// Those of a file that was read again come on top: the old ones may still stand somewhere.
let secrets = secretValues(config);
let tracing = noTracing;
const log = createLog(config.logLevel, () => secrets, {
  write: (line) => {
    process.stdout.write(line);
    tracing.line(line);
  },
});

// The SDK of the Bot Framework prints what is wrong with each token that it refuses, and anybody can send one.
console.error = (...said: unknown[]) =>
  log.debug({ said: said.map(String) }, 'a library has printed something');

// By whatever signal npm has died: nobody would find what it left behind.
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
  // Whatever still holds the process open must not hold it for ever.
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
process.on('unhandledRejection', (reason) =>
  log.error({ err: reason }, 'a promise was left without an owner'),
);

/** Of the file that is in force. */
let inForce = config.ringdown;

async function readAgain(running: App): Promise<void> {
  let next: Config;
  try {
    next = readConfigAgain(process.env, inForce);
  } catch (error) {
    if (!(error instanceof ConfigFaults)) throw error;
    const faults = error.message.split('\n');
    log.error({ faults }, 'the new configuration is faulty; the old one stays');
    await running.reloadRefused(error.faults.length);
    return;
  }
  secrets = [...new Set([...secrets, ...secretValues(next)])];
  inForce = next.ringdown;
  log.info('the configuration file was read again');
  try {
    await running.reload(next.ringdown);
  } catch (error) {
    log.error(
      { err: error },
      'the new configuration is in force, but its heartbeats or names were not checked; send SIGHUP again',
    );
  }
}

/** One that comes while all is being started is not forgotten. */
let isWanted = false;
let isReady = false;
function readAgainIfReady(): void {
  isWanted = !isReady;
  if (!app || !isReady) return;
  readAgain(app).catch((error: unknown) =>
    log.error({ err: error }, 'reading the configuration file again went wrong'),
  );
}
process.on('SIGHUP', readAgainIfReady);

try {
  tracing = await startTracing(process.env, log);
  app = await createApp({ config, log, tracing, clock: systemClock, sharesTime: true });
  app.metrics.watchProcess();
  const { port } = await app.start();
  log.info({ host: config.host, port }, 'ready');
  isReady = true;
  if (isWanted) readAgainIfReady();
} catch (error) {
  log.fatal({ err: error }, 'cannot start');
  const said = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${createRedaction(secrets)(said)}\n`);
  process.exit(EXIT_FAULT);
}
