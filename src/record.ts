import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, env, stdin, stdout, versions } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { createApp } from './app.ts';
import { azureCredential, botCredential } from './config/azureCredential.ts';
import { timeNow, systemClock } from './clock.ts';
import { readConfig, secretValues, type Config } from './config/config.ts';
import { ConfigFaults } from './config/faults.ts';
import { loadDotEnv } from './config/dotEnv.ts';
import { createLog } from './operations/logging/log.ts';
import { examine } from './operations/doctor/doctor.ts';
import { placeTestCall, type TestCallEnd } from './operations/doctor/testCall.ts';
import { exitCode } from './operations/record/document.ts';
import { record } from './operations/record/record.ts';
import type { Answer } from './operations/record/run.ts';
import { steps } from './operations/record/steps.ts';

/*
 * `npm run record -- --call <person> [--step <id>]… [--yes] [--out <folder>]`: tries what docs/unconfirmed.md lists
 * against the configured services, and writes a record without secrets, names or ids. Exit codes: see exitCode; 2 for
 * a wrong command line or configuration.
 */

const USAGE = `npm run record -- --call <person> [--step <id>]… [--yes] [--out <folder>]
steps: ${steps.map(({ id }) => id).join(', ')}
`;

function readOptions() {
  const { values } = parseArgs({
    args: argv.slice(2),
    options: {
      call: { type: 'string' },
      step: { type: 'string', multiple: true, default: [] },
      yes: { type: 'boolean', default: false },
      out: { type: 'string', default: 'records' },
    },
  });
  const unknown = values.step.filter((id) => !steps.some((step) => step.id === id));
  if (unknown.length > 0) throw new TypeError(`unknown step: ${unknown.join(', ')}`);
  const chosen = steps.filter(({ id }) => values.step.length === 0 || values.step.includes(id));
  if (values.call === undefined && chosen.some(({ kind }) => kind === 'call')) {
    throw new TypeError('--call is missing: name the person to call');
  }
  return { ...values, chosen };
}

function leave(problem: unknown): never {
  process.stderr.write(`${problem instanceof Error ? problem.message : 'a fault'}\n\n${USAGE}`);
  process.exit(2);
}

function print(line: string): void {
  stdout.write(`${line}\n`);
}

/** Places one call from a separate instance on the same database, like any replica. */
async function call(config: Config, isUp: boolean, person: string): Promise<TestCallEnd | null> {
  const app = await createApp({
    config: isUp ? { ...config, host: '127.0.0.1', port: 0 } : config,
    clock: systemClock,
    log: createLog('fatal', secretValues(config)),
  });
  try {
    await app.start();
    return await placeTestCall(person, { ...app, print });
  } finally {
    await app.stop(5_000);
  }
}

async function answers({ publicUrl }: Config): Promise<boolean> {
  try {
    return (await fetch(`${publicUrl}/healthz`, { signal: AbortSignal.timeout(10_000) })).ok;
  } catch {
    return false;
  }
}

const options = (() => {
  try {
    return readOptions();
  } catch (error) {
    return leave(error);
  }
})();
const config = (() => {
  try {
    loadDotEnv();
    return readConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigFaults)) throw error;
    return leave(error);
  }
})();

/** Without a terminal nobody can answer, so questions for people stay open. */
const terminal = stdin.isTTY ? createInterface({ input: stdin, output: stdout }) : null;
async function ask(text: string): Promise<Answer> {
  for (;;) {
    const said = (await terminal?.question(`${text} [yes/no/skip] `))?.trim().toLowerCase() ?? 'skip';
    const answer = (['yes', 'no', 'skip'] as const).find((one) => said !== '' && one.startsWith(said));
    if (answer !== undefined) return answer;
  }
}

const written = await record(
  {
    config,
    version: manifest.version,
    node: versions.node,
    environment: env,
    person: options.call,
    chosen: options.chosen,
  },
  {
    clock: systemClock,
    examine: async () =>
      await examine(config, {
        clock: systemClock,
        azure: await azureCredential(config.cloud),
        botIdentity: await botCredential(config),
      }),
    call: async () => await call(config, await answers(config), options.call ?? ''),
    prepare: async (step) => {
      if (step.kind === 'examine') return true;
      print(step.prepare);
      if (step.kind === 'byHand') return terminal !== null;
      return options.yes || (await ask('Place the call?')) === 'yes';
    },
    ask: async ({ text }) => await ask(text),
    print,
  },
);
terminal?.close();

const name = `ringdown-${timeNow(systemClock).slice(0, 19).replaceAll(':', '')}Z`;
print(`\n${written.markdown}`);
process.exitCode = exitCode(written.steps);
try {
  mkdirSync(options.out, { recursive: true });
  for (const [ending, text] of Object.entries({ md: written.markdown, json: written.json })) {
    writeFileSync(join(options.out, `${name}.${ending}`), text);
    print(`written: ${join(options.out, `${name}.${ending}`)}`);
  }
} catch {
  print(`${options.out} is not writable: use --out, or copy the text above.`);
  process.exitCode = 1;
}
