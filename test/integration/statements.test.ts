import assert from 'node:assert/strict';
import { counted } from '../support/counted.ts';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { newestCall, startWorld, type World } from '../support/world.ts';

const second = 1000;
const MANY = 20;

/**
 * Limits, so that the number of statements does not grow unnoticed. Counted, without BEGIN and COMMIT: 13 until it rings
 * on the embedded database and 15 on PostgreSQL (5 of them only for the first call of a process); 45 and 56 in all,
 * including polls for jobs. Merged card updates change that by a few. If you need more, change the number and say why.
 */
const MOST = { untilItRings: 18, inAll: 60 };
/** The same for an alert, including cards. Counted: 14 and 15 until it rings. */
const MOST_OF_AN_ALERT = { untilItRings: 18 };

const policyYaml = (name: string): string =>
  `  ${name}: {steps: [{targets: [{user: adele@contoso.example}]}]}\n`;

async function alert(world: World, policy: string): Promise<void> {
  const labels = { alertname: 'Alert', instance: policy };
  const body = { version: '4', status: 'firing', alerts: [{ fingerprint: policy, labels }] };
  const { status } = await world.api('POST', `/api/v1/alerts/alertmanager/${policy}`, body);
  assert.equal(status, 202);
}

describe('statements to the database', () => {
  forEachDatabaseByTurns((open) => {
    it('handle policies together if many alerts come, each for another policy', async () => {
      const { database, since } = counted(await open(), (node) =>
        /\bintake\b.*\bbody\b/.test(JSON.stringify(node)),
      );
      const policies = Array.from({ length: MANY }, (_, at) => `p${at}`);
      const world = await startWorld({ database, yaml: `policies:\n${policies.map(policyYaml).join('')}` });
      // Each as soon as the previous one is stored, so that work piles up.
      for (const policy of policies) await alert(world, policy);
      // Some calls may have to wait for their turn, so time must pass.
      await world.pass(2 * second);
      // Stored once, and read together with the others that came meanwhile.
      const statements = since();
      assert.ok(statements > MANY && statements <= 2 * MANY, `${statements} for ${MANY}`);
    });

    it('are few for an alert', async () => {
      const { database, since } = counted(await open());
      const world = await startWorld({
        database,
        yaml: `policies:\n${policyYaml('one')}${policyYaml('two')}`,
      });
      await alert(world, 'one');
      await world.pass(60 * second);
      let untilItRings = 0;
      world.emulator.changes.subscribe((change) => {
        if (change.type === 'phone' && change.what === 'rings') untilItRings ||= since();
      });
      since();
      await alert(world, 'two');
      await world.settle();
      assert.ok(
        untilItRings > 0 && untilItRings <= MOST_OF_AN_ALERT.untilItRings,
        `${untilItRings} until it rings`,
      );
    });

    it('are few for a call from the chat', async () => {
      const { database, since } = counted(await open());
      const world = await startWorld({ database });
      const say = async (text: string): Promise<void> => {
        await world.emulator.channel.send({ from: 'Megan Bowen', text });
        await world.settle();
      };
      await say('help');
      since();
      await say('call Adele Vance: the build is red');
      const untilItRings = since();
      await world.pass(30 * second);
      const inAll = untilItRings + since();
      assert.equal((await newestCall(world))?.disposition, 'answered');
      assert.ok(untilItRings > 0 && untilItRings <= MOST.untilItRings, `${untilItRings} until it rings`);
      assert.ok(inAll <= MOST.inAll, `${inAll} in all`);
    });
  });
});
