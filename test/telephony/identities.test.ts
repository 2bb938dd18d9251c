import assert from 'node:assert/strict';
import { CommunicationIdentityClient } from '@azure/communication-identity';
import { createEmulator, type Emulator } from '../../emulator/emulator.ts';
import type { Database } from '../../src/database/open.ts';
import { sourceIdentity } from '../../src/telephony/identities.ts';
import { afterTest } from '../support/afterTest.ts';
import { forEachDatabaseByTurns, onPostgres } from '../support/databases.ts';

describe('the identity that places calls', () => {
  let emulator: Emulator;
  let client: CommunicationIdentityClient;
  beforeEach(async () => {
    emulator = createEmulator();
    afterTest(async () => await emulator.stop());
    const { connectionString } = await emulator.start();
    client = new CommunicationIdentityClient(connectionString, {
      allowInsecureConnection: true,
      retryOptions: { maxRetries: 0 },
    });
  });

  forEachDatabaseByTurns((open) => {
    let database: Database;
    beforeEach(async () => {
      database = await open();
    });
    const identity = async (configured: string | null = null): Promise<string> =>
      await sourceIdentity(database.sql, client, configured);

    it('is the configured one, if there is one', async () => {
      assert.equal(await identity('8:acs:configured'), '8:acs:configured');
      assert.equal(emulator.requests.count('createIdentity'), 0);
    });

    it('is created once and kept', async () => {
      const id = await identity();
      assert.deepEqual(emulator.identities.list(), [id]);
      assert.equal(await identity(), id);
      assert.equal(emulator.requests.count('createIdentity'), 1);
    });

    it('is created once for concurrent callers; surplus ones are deleted', async () => {
      const ids = await Promise.all(Array.from({ length: 4 }, async () => await identity()));
      assert.equal(new Set(ids).size, 1);
      assert.deepEqual(emulator.identities.list(), ids.slice(0, 1));
    });

    it('is used even if the surplus one cannot be deleted', async () => {
      emulator.faults.add({ operation: 'deleteIdentity', kind: 'status', status: 403, times: 5 });
      const ids = await Promise.all([identity(), identity()]);
      assert.equal(new Set(ids).size, 1);
    });

    it('is created later if the service fails now', async () => {
      emulator.faults.add({ operation: 'createIdentity', kind: 'status', status: 429 });
      await assert.rejects(identity(), { statusCode: 429 });
      const id = await identity();
      assert.deepEqual(emulator.identities.list(), [id]);
    });
  });

  onPostgres((open, freshUrl) => {
    it('is the same for two processes that start at the same time', async () => {
      const url = await freshUrl();
      const databases = await Promise.all([open(url), open(url)]);
      const ids = await Promise.all(
        databases.map(async ({ sql }) => await sourceIdentity(sql, client, null)),
      );
      assert.equal(ids[0], ids[1]);
      assert.deepEqual(emulator.identities.list(), [ids[0]]);
    });
  });
});
