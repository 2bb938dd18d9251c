import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { newestCall, startWorld } from '../support/world.ts';

const minute = 60_000;

describe('a deadline that has failed forty times', function () {
  this.timeout(600_000);

  forEachDatabaseByTurns((open) => {
    it('is still tried: the phone is let go when that can be stored', async () => {
      const world = await startWorld({ database: await open() });
      const { emulator, app } = world;
      emulator.people.script('Adele Vance', { byHand: true });
      await emulator.channel.send({ from: 'Megan Bowen', text: 'call Adele Vance: the build is red' });
      await world.pass(5_000);
      assert.ok(emulator.phone('Adele Vance').incoming(), 'her phone rings');
      // What fails takes its number all the same.
      for (const statement of [
        'CREATE SEQUENCE failures',
        `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           RAISE EXCEPTION 'failure number %', nextval('failures');
         END $$`,
        'CREATE TRIGGER failing BEFORE UPDATE ON calls FOR EACH ROW EXECUTE FUNCTION fail()',
      ])
        await sql.raw(statement).execute(app.database.sql);
      const failures = async (): Promise<number> =>
        (await sql<{ n: number }>`SELECT last_value::int AS n FROM failures`.execute(app.database.sql))
          .rows[0]?.n ?? 0;
      for (let passed = 0; passed < 180 && (await failures()) < 40; passed++) await world.pass(minute);
      assert.ok((await failures()) >= 40, `it failed ${await failures()} times`);
      assert.equal((await newestCall(world))?.status, 'dialing');
      for (const statement of [
        'DROP TRIGGER failing ON calls',
        'DROP FUNCTION fail',
        'DROP SEQUENCE failures',
      ])
        await sql.raw(statement).execute(app.database.sql);
      await world.pass(5 * minute);
      assert.equal(emulator.phone('Adele Vance').incoming(), null, 'her phone is let go');
      const call = await newestCall(world);
      assert.equal(call?.status, 'ended');
      assert.ok(call.reason, 'and it is told why');
    });
  });
});
