import { argv } from 'node:process';
import { parseArgs } from 'node:util';
import { createApp } from './app.ts';
import { azureCredential, botCredential } from './config/azureCredential.ts';
import { systemClock } from './clock.ts';
import { readConfig, secretValues, type Config } from './config/config.ts';
import { ConfigFaults } from './config/faults.ts';
import { loadDotEnv } from './config/dotEnv.ts';
import { createLog } from './operations/logging/log.ts';
import { examine } from './operations/doctor/doctor.ts';
import { found, type Finding } from './operations/doctor/findings.ts';
import { hasNoFaults, report } from './operations/doctor/report.ts';
import { placeTestCall } from './operations/doctor/testCall.ts';

/*
 * `npm run doctor [-- --call <person>] [-- --json]`: checks the set-up against the real services, and says how to fix
 * each fault. Exit code 0 only if everything is right, and the test call, if requested, was answered.
 */

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

const USAGE = 'npm run doctor -- [--call <person>] [--json]';

function readOptions(): { call: string | undefined; json: boolean } | null {
  try {
    const { values } = parseArgs({
      args: argv.slice(2),
      options: { call: { type: 'string' }, json: { type: 'boolean', default: false } },
    });
    return { call: values.call, json: values.json };
  } catch {
    return null;
  }
}

function readConfigOrFindings(): { config: Config } | { findings: Finding[] } {
  try {
    loadDotEnv();
    return { config: readConfig(process.env) };
  } catch (error) {
    if (!(error instanceof ConfigFaults)) throw error;
    return {
      findings: error.faults.map(({ name, problem, example }) =>
        found(
          'configurationInvalid',
          `${name} ${problem}.`,
          example === '' ? name : `for example ${name}=${example}`,
        ),
      ),
    };
  }
}

/**
 * The call is placed by a separate instance on the same database, like any replica. Its callbacks go to the instance
 * at PUBLIC_URL: another replica, or this one if none is running.
 */
async function testCall(config: Config, isUp: boolean, person: string): Promise<boolean> {
  const app = await createApp({
    config: isUp ? { ...config, host: '127.0.0.1', port: 0 } : config,
    clock: systemClock,
    log: createLog('fatal', secretValues(config)),
  });
  try {
    await app.start();
    return (await placeTestCall(person, { ...app, print }))?.disposition === 'answered';
  } finally {
    await app.stop(5_000);
  }
}

const options = readOptions();
if (options === null) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(1);
}
const read = readConfigOrFindings();
const findings =
  'findings' in read
    ? read.findings
    : await examine(read.config, {
        clock: systemClock,
        azure: await azureCredential(read.config.cloud),
        botIdentity: await botCredential(read.config),
      });
print(options.json ? JSON.stringify(findings, null, 2) : report(findings).join('\n'));
process.exitCode = hasNoFaults(findings) ? 0 : 1;

if (options.call !== undefined && 'config' in read) {
  const { config } = read;
  const names = new Set(findings.map(({ name }) => name));
  if (config.acs.cognitiveServicesEndpoint === undefined) {
    print('No test call: without speech it could not say that it is a test. See “speech” above.');
    process.exitCode = 1;
  } else if (names.has('databaseInUse')) {
    print('No test call: a running Ringdown holds the embedded database. Say “call me” in the chat instead.');
    process.exitCode = 1;
  } else {
    const answered = await testCall(config, !names.has('publicUrlUnreachable'), options.call);
    if (!answered) process.exitCode = 1;
  }
}
