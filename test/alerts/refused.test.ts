import assert from 'node:assert/strict';
import { openEmbedded } from '../support/databases.ts';
import { API_KEY, startWorld, type World } from '../support/world.ts';
import { alertmanagerBody } from '../support/alerts/bodies.ts';

const second = 1000;
const YAML = `
operators: [Megan Bowen]
policies: {payments: {steps: [{targets: [{user: Adele Vance}]}]}}
`;

async function post(world: World, path: string, key: string | null): Promise<number> {
  const response = await fetch(`${world.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify(alertmanagerBody()),
  });
  await response.body?.cancel();
  return response.status;
}

const told = (world: World): string[] =>
  world.emulator.channel
    .messages(world.emulator.channel.personal('Megan Bowen').id)
    .map(({ activity }) => JSON.stringify(activity))
    .filter((text) => text.includes('needs your attention'));

describe('an alert sent to a malformed or wrong address', function () {
  const open = async (): Promise<World> => await startWorld({ database: await openEmbedded(), yaml: YAML });

  it('is accepted if the address has extra slashes', async () => {
    const world = await open();
    for (const path of ['/api/v1/alerts/alertmanager/payments/', '//api/v1/alerts//alertmanager/payments']) {
      assert.equal(await post(world, path, API_KEY), 202, path);
    }
    await world.settle();
    assert.equal((await world.app.escalations.list({ limit: 5 })).length, 1);
  });

  it('is reported to the operators, with one line of fixed words for all requests by strangers', async () => {
    const world = await open();
    for (let n = 0; n < 40; n++) await post(world, `/api/v1/alerts/look-at-evil-${n}.example/x`, null);
    for (let n = 0; n < 40; n++) await post(world, `/api/v1/alerts/grafana/evil-${n}`, 'no-key');
    await world.pass(12 * second);
    const [message = '', ...more] = told(world);
    assert.equal(more.length, 0);
    assert.match(message, /no valid key or signature, or its address does not exist.*\(80 times\)/);
    assert.doesNotMatch(message, /evil/);
    const rows = await world.app.database.sql.selectFrom('operator_notices').select('id').execute();
    assert.equal(rows.length, 1, 'requests are counted, not stored');
  });
});
