import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, env, execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/*
 * `node scripts/bundle/compile.ts FOLDER`: starts the bundle once so that its compile cache is written next to it,
 * and stops it. The cache is valid for the same Node version, folder and user.
 */

const id = '00000000-0000-0000-0000-000000000000';
const ready = z.looseObject({ msg: z.literal('ready') });
const dataDir = mkdtempSync(join(tmpdir(), 'ringdown-compile-'));
const server = spawn(execPath, ['--v8-pool-size=1', '--max-semi-space-size=4', 'server/main.js'], {
  cwd: argv[2] ?? '.',
  stdio: ['ignore', 'pipe', 'inherit'],
  env: {
    PATH: env['PATH'],
    // Placeholders: nothing is sent to them.
    HOST: '127.0.0.1',
    PORT: '0',
    PUBLIC_URL: 'http://127.0.0.1:0',
    DATA_DIR: dataDir,
    DANGEROUSLY_ALLOW_ANONYMOUS: 'true',
    MicrosoftAppTenantId: id,
    ACS_RESOURCE_ID: id,
    ACS_CONNECTION_STRING: 'endpoint=http://127.0.0.1:9/;accesskey=bm9uZQ==',
    GRAPH_TOKEN: 'none',
    GRAPH_URL: 'http://127.0.0.1:9',
    COGNITIVE_SERVICES_ENDPOINT: 'https://speech.contoso.example',
  },
});
const ended = once(server, 'close');
try {
  for await (const line of createInterface(server.stdout)) {
    if (line.startsWith('{') && ready.safeParse(JSON.parse(line)).success) server.kill('SIGTERM');
  }
  await ended;
  if (server.exitCode !== 0) throw new Error(`the bundle ended with ${server.exitCode ?? server.signalCode}`);
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
