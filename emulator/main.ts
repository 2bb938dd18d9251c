import { parseArgs } from 'node:util';
import { createEmulator } from './emulator.ts';
import type { Addresses } from './emulator.ts';
import { directory } from './people/directory.ts';

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

function forPeople(where: Addresses): string {
  const lines: [string, string][] = [
    ['ACS_CONNECTION_STRING', where.connectionString],
    ['ACS_RESOURCE_ID', where.resourceId],
    ['ACS_CALLBACK_OPENID_URL', where.openIdUrl],
    ['ACS_CALLBACK_ISSUER', where.issuer],
    ['GRAPH_URL', where.graphUrl],
    ['GRAPH_TOKEN', where.graphToken],
  ];
  const environment = lines.map(([name, value]) => `${name}=${value}\n`).join('');
  return `${environment}\nControl: ${where.controlUrl}/state\nStop with Ctrl-C.\n`;
}
