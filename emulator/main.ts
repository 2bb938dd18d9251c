import { parseArgs } from 'node:util';
import { createEmulator } from './emulator.ts';
import type { Addresses } from './emulator.ts';
import { directory } from './people/directory.ts';
import { settingsFor } from './settings.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    port: { type: 'string', default: process.env['PORT'] ?? '0' },
    people: { type: 'string', default: '0' },
  },
});

const emulator = createEmulator({
  port: Number(values.port),
  ...(process.env['EMULATOR_ACCESS_KEY'] ? { accessKey: process.env['EMULATOR_ACCESS_KEY'] } : {}),
  ...(process.env['EMULATOR_GRAPH_TOKEN'] ? { graphToken: process.env['EMULATOR_GRAPH_TOKEN'] } : {}),
});
for (const person of directory({ count: Number(values.people) })) emulator.people.add(person);
const addresses = await emulator.start();
process.stdout.write(values.json ? `${JSON.stringify(addresses)}\n` : forPeople(addresses));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void emulator.stop());
}

/** Output in `.env` format: everything else is a comment. */
function forPeople(where: Addresses): string {
  const bot = 'http://127.0.0.1:3978';
  const settings = {
    // The emulated chat sends no tokens, so the bot must stay on this machine.
    HOST: '127.0.0.1',
    PUBLIC_URL: bot,
    DANGEROUSLY_ALLOW_ANONYMOUS: 'true',
    ...settingsFor(where),
  };
  return [
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
    '',
    `# Phones: ${where.phonesUrl}   State: ${where.controlUrl}/state`,
    '# When the bot is running, connect the chat to it:',
    `#   curl -X POST -H 'X-Emulator-Control: 1' -H 'Content-Type: application/json' \\`,
    `#     -d '{"url":"${bot}/api/messages"}' ${where.controlUrl}/channel/connect`,
    '# Stop with Ctrl-C.',
    '',
  ].join('\n');
}
