import assert from 'node:assert/strict';
import { Kysely, PGliteDialect, sql } from 'kysely';
import { migrate } from '../../src/database/migrate.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { databaseOn, type Database } from '../../src/database/open.ts';
import {
  coverAt,
  coverOfId,
  coversIn,
  coversNow,
  endCover,
  replaceCover,
  takeCover,
  type NewCover,
} from '../../src/schedules/coverStore.ts';
import { sweep } from '../../src/operations/retention.ts';
import { afterTest } from '../support/afterTest.ts';
import { emptyPglite, forEachDatabase } from '../support/databases.ts';
import { idOf } from '../support/escalations/people.ts';

const HOUR = 3_600_000;
const now = Date.parse('2026-03-02T12:00:00Z');
const policy = 'payments';

/** Hours are counted from `now`. */
const cover = (name: string, from: number, until: number): NewCover => ({
  policy,
  person: { kind: 'teamsUser', id: idOf(name), displayName: name },
  from: now + from * HOUR,
  until: now + until * HOUR,
});

describe('covers', () => {
  forEachDatabase((open) => {
    let database: Database;
    before(async () => {
      database = await open();
    });
    beforeEach(async () => {
      await database.sql.deleteFrom('covers').execute();
      await database.sql.deleteFrom('cover_spans').execute();
    });

    /** Who covers at each hour, from `now` on. */
    const hours = async (count: number): Promise<string> => {
      const names = [];
      for (let hour = 0; hour < count; hour += 1)
        names.push((await coverAt(database.sql, policy, now + hour * HOUR))?.person.displayName ?? '-');
      return names.join(' ');
    };
    const take = async (one: NewCover, hour = 0): Promise<string> =>
      await takeCover(database.sql, one, now + hour * HOUR);

    it('can begin later, and where they overlap, the one taken last wins', async () => {
      await take(cover('Adele', 1, 5), -2);
      await take(cover('Alex', 2, 3), -1);
      assert.equal(await hours(6), '- Adele Alex Adele Adele -');
      await take(cover('Megan', 0, 3), -3);
      assert.equal(await hours(6), 'Megan Adele Alex Adele Adele -');
    });

    it('are the same cover if the same person takes the same span again, which then wins', async () => {
      const id = await take(cover('Adele', 1, 4), -3);
      await take(cover('Alex', 2, 3), -2);
      assert.equal(await take(cover('Adele', 1, 4), -1), id);
      assert.equal(await hours(5), '- Adele Adele Adele -');
      assert.equal((await coversIn(database.sql, now, now + 9 * HOUR)).length, 2);
    });

    it('start again if they were ended and the same person takes the same span again', async () => {
      const id = await take(cover('Adele', 0, 6));
      await endCover(database.sql, id, now + 2 * HOUR);
      assert.equal(await take(cover('Adele', 0, 6), 4), id);
      assert.equal(await hours(7), 'Adele Adele - - Adele Adele -');
      const later = await take(cover('Alex', 7, 9));
      await endCover(database.sql, later, now + HOUR);
      await take(cover('Alex', 7, 9), 8);
      assert.equal(await hours(10), 'Adele Adele - - Adele Adele - - Alex -');
    });

    it('taken in chat end the covers of now, and leave those that begin later', async () => {
      await replaceCover(database.sql, cover('Adele', -3, 8));
      await take(cover('Alex', -2, 4), -2);
      await take(cover('Megan', 5, 6), -1);
      await replaceCover(database.sql, cover('Diego', 0, 2));
      assert.equal(await hours(7), 'Diego Diego - - - Megan -');
      const past = await coversIn(database.sql, now - 3 * HOUR, now);
      assert.deepEqual(
        past.map(({ person, from, until }) => [
          person.displayName,
          (from - now) / HOUR,
          (until - now) / HOUR,
        ]),
        [
          ['Alex', -2, 0],
          ['Adele', -3, 0],
        ],
      );
    });

    it('of an exchange lie under one that is taken in chat, and go on after it', async () => {
      await take({ ...cover('Alex', -1, 4), rotation: 'web' }, -1);
      await replaceCover(database.sql, cover('Diego', 0, 2));
      assert.equal(await hours(5), 'Diego Diego Alex Alex -');
    });

    it('count for those who cover now: of each rotation one, and nobody under a cover of all rotations', async () => {
      const covering = async (): Promise<string[]> =>
        (await coversNow(database.sql, policy, now)).map(({ person }) => person.displayName);
      await take(cover('Megan', -1, 4), -6);
      await take({ ...cover('Alex', -1, 4), rotation: 'web' }, -5);
      await take({ ...cover('Adele', -1, 4), rotation: 'web' }, -4);
      await take({ ...cover('Alex', -1, 4), rotation: 'db' }, -3);
      assert.deepEqual(await covering(), ['Alex', 'Adele', 'Megan']);
      await take(cover('Diego', -1, 1), -2);
      assert.deepEqual(await covering(), ['Diego']);
    });

    it('end when they are ended, before they begin or while they last, and only once', async () => {
      const later = await take(cover('Adele', 2, 4), -1);
      const running = await take(cover('Alex', -1, 2), -1);
      await replaceCover(database.sql, { ...cover('Megan', 0, 3), policy: 'web' });
      const inChat = (await coverAt(database.sql, 'web', now))?.id ?? '';
      for (const id of [later, running, inChat]) {
        await endCover(database.sql, id, now + HOUR);
        await endCover(database.sql, id, now + 2 * HOUR);
      }
      assert.equal(await hours(5), 'Alex - - - -');
      assert.equal(await coverAt(database.sql, 'web', now + HOUR), null);
      assert.equal((await coverOfId(database.sql, running))?.until, now + HOUR);
      assert.equal((await coverOfId(database.sql, inChat))?.until, now + HOUR);
      assert.deepEqual(
        (await coversIn(database.sql, now, now + 9 * HOUR, policy)).map(({ id }) => id),
        [running],
      );
      assert.equal(await coverOfId(database.sql, 'none'), null);
    });

    it('are deleted when retention ends', async () => {
      await replaceCover(database.sql, cover('Adele', -80, -60));
      await take(cover('Alex', -80, -50), -80);
      await take(cover('Megan', -80, -20), -80);
      assert.equal(await sweep(database.sql, now, 2), 2);
      assert.deepEqual(
        (await coversIn(database.sql, now - 90 * HOUR, now)).map(({ person }) => person.displayName),
        ['Megan'],
      );
    });

    describe('while a replica of the version before still runs', () => {
      /** As the version before stores a cover. */
      const takeAsBefore = async (name: string, from: number, until: number): Promise<void> => {
        const values = {
          person: JSON.stringify(cover(name, from, until).person),
          until: new Date(now + until * HOUR),
          created_at: new Date(now + from * HOUR),
        };
        await database.sql
          .insertInto('covers')
          .values({ policy, ...values })
          .onConflict((conflict) => conflict.column('policy').doUpdateSet(values))
          .execute();
      };
      /** As the version before reads it. */
      const asBefore = async (): Promise<string | undefined> => {
        const row = await database.sql
          .selectFrom('covers')
          .select(['person', 'until'])
          .where('policy', '=', policy)
          .executeTakeFirst();
        return row && row.until.getTime() > now ? row.person.displayName : undefined;
      };

      it('count if they were taken there', async () => {
        await takeAsBefore('Adele', -2, 3);
        await takeAsBefore('Alex', -1, 2);
        assert.equal(await hours(3), 'Alex Alex -');
        await take(cover('Megan', 1, 2), -0.5);
        assert.equal(await hours(3), 'Alex Megan -');
        await takeAsBefore('Diego', 0, 3);
        assert.equal(await hours(3), 'Diego Diego Diego');
      });

      it('count there if they were taken in chat, until they end', async () => {
        await takeAsBefore('Adele', -2, 3);
        await replaceCover(database.sql, cover('Alex', -1, 2));
        assert.equal(await asBefore(), 'Alex');
        await takeAsBefore('Megan', -0.5, 2);
        assert.equal(await asBefore(), 'Megan');
        await endCover(database.sql, (await coverAt(database.sql, policy, now))?.id ?? '', now);
        assert.equal(await asBefore(), undefined);
      });
    });
  });

  it('of a database of the version before stay', async () => {
    const pglite = await emptyPglite();
    const before = new Kysely<object>({ dialect: new PGliteDialect({ pglite }) });
    const old = migrations.filter(({ version }) => version < 18);
    assert.equal(await migrate(before, old), 17);
    await sql`INSERT INTO covers (policy, person, until, created_at) VALUES
      ('payments', ${JSON.stringify(cover('Adele', -1, 2).person)}, ${new Date(now + 2 * HOUR)}, ${new Date(now - HOUR)}),
      ('web', ${JSON.stringify(cover('Alex', -1, 2).person)}, ${new Date(now + 2 * HOUR)}, ${new Date(now - HOUR)})
    `.execute(before);
    const database = await databaseOn(pglite);
    afterTest(async () => await database.close());
    const kept = await coversIn(database.sql, now, now + HOUR);
    assert.deepEqual(kept.map((one) => `${one.policy}: ${one.person.displayName}`).toSorted(), [
      'payments: Adele',
      'web: Alex',
    ]);
    assert.equal(new Set(kept.map(({ id }) => id)).size, 2);
  });
});
