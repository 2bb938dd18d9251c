import assert from 'node:assert/strict';
import { Kysely, PGliteDialect } from 'kysely';
import { migrate } from '../../src/database/migrate.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { ChosenLanguages } from '../../src/languages/chosenLanguages.ts';
import { oldLanguages } from '../../src/languages/upkeep.ts';
import { databaseOn, type Database } from '../../src/database/open.ts';
import { afterTest } from '../support/afterTest.ts';
import { advance, testClock, type FakeClock } from '../support/clock.ts';
import { emptyPglite, forEachDatabase, onPostgres } from '../support/databases.ts';
import { plainTransact } from '../support/plainTransact.ts';

const adele = '87D349ED-44d7-43e1-9a83-5f2406dee5bd';
const yes = async (): Promise<boolean> => true;
const poll = async (clock: FakeClock): Promise<void> => await advance(clock, 6_000, async () => undefined);

async function start(database: Database, clock: FakeClock = testClock()): Promise<ChosenLanguages> {
  const languages = new ChosenLanguages({ database, transact: plainTransact(database), clock });
  await languages.start();
  afterTest(() => languages.stop());
  return languages;
}

describe('A chosen language', () => {
  forEachDatabase((open) => {
    let database: Database;
    before('open the database', async () => {
      database = await open();
    });
    beforeEach('nobody has chosen', async () => {
      await database.sql.deleteFrom('languages').execute();
    });

    const rules: readonly [
      what: string,
      chosen: string | null,
      otherwise: (string | null | undefined)[],
      used: string | undefined,
    ][] = [
      ['nothing is known', null, [undefined, null], undefined],
      ['the client says one', null, ['en-GB', 'fr', 'de'], 'en-GB'],
      ['only the last message is known', null, [undefined, 'pt-BR', 'de'], 'pt-BR'],
      ['only the policy says one', null, [undefined, null, 'de'], 'de'],
      ['somebody has chosen', 'de', [undefined, null], 'de'],
      ['the client says another one', 'de', ['en-GB'], 'de'],
      ['a Swiss client says German to somebody who chose English', 'en', ['de-CH'], 'en'],
      ['the client adds a region, for times and numbers', 'en', ['en-GB'], 'en-GB'],
      ['the language has a region of its own', 'pt-BR', ['pt-PT'], 'pt-PT'],
      ['only something of less weight has the same language', 'en', ['de-DE', 'en-GB'], 'en'],
    ];
    for (const [what, chosen, otherwise, used] of rules) {
      it(`is ${used ?? 'unknown'} if ${what}`, async () => {
        const languages = await start(database);
        if (chosen !== null) await languages.choose(adele, chosen, yes);
        assert.equal(languages.of(adele, ...otherwise), used);
        assert.equal(languages.of(undefined, ...otherwise), otherwise.find(Boolean) ?? undefined);
      });
    }

    it('is known after a restart, until it is forgotten', async () => {
      const before = await start(database);
      await before.choose(adele, 'de', yes);
      await before.choose(adele, 'en', yes);
      const after = await start(database);
      assert.equal(after.of(adele.toLowerCase(), 'de-DE'), 'en');
      assert.equal(await after.export(adele), 'en');
      await after.choose(adele, null, yes);
      assert.equal(after.of(adele, 'de-DE'), 'de-DE');
      assert.equal(await after.export(adele), null);
    });

    it('is not stored for a redelivered message', async () => {
      const languages = await start(database);
      assert.equal(await languages.choose(adele, 'de', async () => false), false);
      assert.equal(languages.of(adele), undefined);
    });

    it('is spoken on a call if it differs', async () => {
      const languages = await start(database);
      await languages.choose(adele, 'de', yes);
      const target = { kind: 'teamsUser', id: adele, displayName: 'Adele Vance' } as const;
      assert.equal(languages.ofCallee(target, 'en'), 'de');
      assert.equal(languages.ofCallee(target, 'de-CH'), null);
      assert.equal(languages.ofCallee({ ...target, kind: 'voiceApp' }, 'en'), null);
      assert.equal(languages.ofCallee({ ...target, id: 'somebody else' }, 'en'), null);
    });

    it('is deleted after some time outside Teams, where ids rarely come again', async () => {
      const clock = testClock();
      const languages = await start(database, clock);
      await languages.choose(adele, 'de', yes);
      await languages.choose('webchat|nadia', 'de', yes);
      await oldLanguages(new Date(clock.now()), 10).execute(database.sql);
      assert.equal((await database.sql.selectFrom('languages').execute()).length, 2);
      await oldLanguages(new Date(clock.now() + 1), 10).execute(database.sql);
      assert.equal(await languages.export(adele), 'de');
      assert.equal(await languages.export('webchat|nadia'), null);
      await poll(clock);
      assert.deepEqual([languages.of(adele), languages.of('webchat|nadia')], ['de', undefined]);
    });

    it('is known seconds later if it was stored, but could not be read', async () => {
      const clock = testClock();
      let isAway = false;
      const reading = {
        get sql() {
          if (isAway) throw new Error('the database is away');
          return database.sql;
        },
      };
      const languages = new ChosenLanguages({
        database: reading,
        transact: plainTransact(database),
        clock,
      });
      await languages.start();
      afterTest(() => languages.stop());
      isAway = true;
      assert.equal(await languages.choose(adele, 'de', yes), true);
      await poll(clock);
      assert.equal(languages.of(adele), undefined);
      isAway = false;
      await poll(clock);
      assert.equal(languages.of(adele), 'de');
    });
  });

  it('can be stored in a database of the version before', async () => {
    const pglite = await emptyPglite();
    const before = migrations.filter(({ version }) => version < 17);
    assert.equal(await migrate(new Kysely({ dialect: new PGliteDialect({ pglite }) }), before), 16);
    const database = await databaseOn(pglite);
    afterTest(async () => await database.close());
    const languages = await start(database);
    assert.equal(languages.of(adele), undefined);
    await languages.choose(adele, 'de', yes);
    assert.equal(languages.of(adele), 'de');
  });

  onPostgres((open, freshUrl) => {
    it('is known to another replica seconds later, also that it was forgotten', async () => {
      const url = await freshUrl();
      const clock = testClock();
      const [one, other] = [await start(await open(url), clock), await start(await open(url), clock)];
      await one.choose(adele, 'de', yes);
      await poll(clock);
      assert.equal(other.of(adele), 'de');
      await other.choose(adele, null, yes);
      await poll(clock);
      assert.equal(one.of(adele), undefined);
    });
  });
});
