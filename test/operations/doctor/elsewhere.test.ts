import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEmulator, type Addresses } from '../../../emulator/emulator.ts';
import { settingsFor } from '../../../emulator/settings.ts';
import { readConfig } from '../../../src/config/config.ts';
import { inspectDatabase, type DatabaseThere } from '../../../src/database/inspect.ts';
import { lockDataDir } from '../../../src/database/dataDirLock.ts';
import { checkDatabase } from '../../../src/operations/doctor/databaseCheck.ts';
import { catalogue } from '../../../src/operations/doctor/findings.ts';
import { checkReach } from '../../../src/operations/doctor/reachCheck.ts';
import { freePort } from '../../../demo/ports.ts';
import { afterTest } from '../../support/afterTest.ts';
import { fillDataDir } from '../../support/databases.ts';
import { botProcess, ownEnv } from '../../support/botProcess.ts';
import { itLong } from '../../support/long.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'ringdown-doctor-'));
  afterTest(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const minimal = {
  PUBLIC_URL: 'https://ringdown.contoso.example',
  MicrosoftAppId: '22222222-aaaa-4bbb-8ccc-000000000002',
  MicrosoftAppPassword: 'the-secret-of-the-bot',
  MicrosoftAppTenantId: '22222222-aaaa-4bbb-8ccc-000000000003',
  ACS_CONNECTION_STRING: 'endpoint=https://contoso.communication.azure.com/;accesskey=c2VjcmV0',
  ACS_RESOURCE_ID: '22222222-aaaa-4bbb-8ccc-000000000004',
};

describe('the doctor and the embedded database', function () {
  const config = readConfig(minimal, () => undefined);
  const names = (state: Parameters<typeof checkDatabase>[1]): string[] =>
    checkDatabase(config, state).flatMap(({ name }) => name ?? []);

  it('says that it is for trying Ringdown, and checks it without starting Ringdown', async () => {
    const dataDir = folder();
    const before = await inspectDatabase({ url: null, dataDir }, Date.now);
    assert.deepEqual(before, { kind: 'new' });
    await fillDataDir(dataDir);
    const state = await inspectDatabase({ url: null, dataDir }, Date.now);
    assert.ok(state.kind === 'there');
    assert.equal(state.version, state.wanted);
    assert.deepEqual(names(state), ['databaseEmbedded']);
  });

  it('does not touch that of a running Ringdown', async () => {
    const dataDir = folder();
    await fillDataDir(dataDir);
    const release = await lockDataDir(dataDir);
    afterTest(release);
    const state = await inspectDatabase({ url: null, dataDir }, Date.now);
    assert.deepEqual(names(state), ['databaseEmbedded', 'databaseInUse']);
  });

  it('reports a server that is too old, a standby, and a pooler', () => {
    const old: DatabaseThere = {
      kind: 'there',
      serverVersion: 12,
      version: 7,
      wanted: 7,
      mayCreate: true,
      pooled: false,
      readOnly: null,
      now: 0,
      askedAt: 0,
      late: { jobs: 0, oldestSeconds: 0 },
      sourceIdentity: null,
    };
    assert.deepEqual(names(old), ['databaseEmbedded', 'databaseTooOld']);
    const standby: DatabaseThere = { ...old, serverVersion: 17, readOnly: 'standby' };
    assert.deepEqual(names(standby), ['databaseEmbedded', 'databaseReadOnly']);
    assert.deepEqual(names({ ...old, serverVersion: 17, pooled: true }), [
      'databaseEmbedded',
      'databasePooled',
    ]);
  });
});

describe('the doctor and certificates', () => {
  it('distinguishes an untrusted certificate from an unreachable server', async () => {
    const path = folder();
    const [key, cert] = [join(path, 'key.pem'), join(path, 'cert.pem')];
    execFileSync(
      'openssl',
      // prettier-ignore
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'],
      { stdio: 'ignore' },
    );
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    afterTest(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const away = `http://127.0.0.1:${await freePort()}`;
    const config = readConfig({ ...minimal, ACS_CALLBACK_OPENID_URL: away }, () => undefined);
    const publicUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const findings = await checkReach({ config, publicUrl, now: Date.now });
    assert.deepEqual(
      findings.flatMap(({ name }) => name ?? []),
      ['publicUrlCertificate', 'callbackKeysUnreachable'],
    );
  });
});

describe('npm run doctor', function () {
  async function doctor(
    env: Record<string, string>,
    ...args: string[]
  ): Promise<{ code: number; output: string }> {
    return await new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [join(root, 'src', 'doctor.ts'), ...args],
        { cwd: folder(), env: { ...ownEnv(), ...env } },
        (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
      );
    });
  }

  const settings = (addresses: Addresses, port: number, dataDir: string): Record<string, string> => ({
    PORT: String(port),
    HOST: '127.0.0.1',
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DANGEROUSLY_ALLOW_ANONYMOUS: 'true',
    ...settingsFor(addresses),
    DATA_DIR: dataDir,
  });

  it('reports every wrong setting (configurationInvalid) and exits with 1', async () => {
    const { code, output } = await doctor({ PORT: 'many', ACS_ENDPOINT: 'ftp://x' });
    assert.equal(code, 1);
    for (const name of ['PORT', 'ACS_ENDPOINT', 'PUBLIC_URL', 'ACS_RESOURCE_ID']) {
      assert.match(output, new RegExp(`FAULT +configuration +configurationInvalid: ${name} `));
    }
    assert.equal(catalogue.configurationInvalid.level, 'fault');
  });

  it('places a test call that says that it is one, and exits with 0 if it is answered and there are no faults', async () => {
    const emulator = createEmulator({ timings: {} });
    const addresses = await emulator.start();
    afterTest(async () => await emulator.stop());
    emulator.people.script('Adele Vance', { answers: { afterMs: 100, listens: true } });
    const dataDir = folder();
    await fillDataDir(dataDir);
    const env = settings(addresses, await freePort(), dataDir);

    // Nothing runs at PUBLIC_URL. That is the only fault, and the doctor itself receives the events.
    const { code, output } = await doctor(env, '--call', 'adele@contoso.example');
    assert.equal(code, 1, output);
    assert.match(output, /FAULT +callbacks +publicUrlUnreachable/);
    assert.match(output, /Test call call_\w+ to Adele Vance/);
    assert.match(output, /\n {2}answered/);
    assert.deepEqual(emulator.phone('Adele Vance').spoken(), [
      'This is a test call from Ringdown. Your phone works. Goodbye.',
    ]);
    assert.equal(emulator.phone('Adele Vance').rings().length, 1);
  });

  itLong('does not call while a running Ringdown holds the embedded database', async () => {
    const emulator = createEmulator();
    await emulator.start();
    afterTest(async () => await emulator.stop());
    const dataDir = folder();
    await fillDataDir(dataDir);
    const bot = await botProcess(emulator, { dataDir });
    afterTest(async () => await bot.stop());
    await bot.start();
    const env = settings(emulator.addresses, Number(new URL(bot.url).port), dataDir);
    const all = await doctor(env);
    assert.equal(all.code, 0, all.output);
    assert.match(all.output, /note +database +databaseInUse/);
    assert.match(all.output, /No faults found\.\n$/);
    const { code, output } = await doctor(env, '--call', 'Adele Vance');
    assert.equal(code, 1);
    assert.match(output, /Say “call me”/);
    assert.equal(emulator.calls.list().length, 0);
  });

  itLong('prints its usage', async () => {
    const { code, output } = await doctor({}, '--ring', 'x');
    assert.equal(code, 1);
    assert.match(output, /npm run doctor -- \[--call <person>\]/);
  });
});
