import assert from 'node:assert/strict';
import type { Purpose, Requester, Target } from '../../src/calls/call.ts';
import { CallService } from '../../src/calls/callService.ts';
import type { Database } from '../../src/database/open.ts';
import { Audit, recordingRefusals } from '../../src/permissions/audit.ts';
import { OptOuts } from '../../src/permissions/optOuts.ts';
import { Permissions } from '../../src/permissions/permissions.ts';
import { NotPermitted } from '../../src/permissions/refusal.ts';
import { readRingdownYaml } from '../../src/config/ringdownYaml.ts';
import { testClock } from '../support/clock.ts';
import { plainTransact } from '../support/plainTransact.ts';
import { forEachDatabase, onPostgres } from '../support/databases.ts';

const minute = 60_000;
const speak: Purpose = { kind: 'speak', message: 'hello' };
const target = (id: string): Target =>
  id.startsWith('+') ? { kind: 'phone', id, displayName: id } : { kind: 'teamsUser', id, displayName: id };
const chat = (name: string): Requester => ({ kind: 'chat', key: name, name, objectId: name });
const key: Requester = { kind: 'api', key: 'ci', name: 'ci' };

/** One of several processes on a database. It dials nobody. */
function replicaOn(database: Database, clock: ReturnType<typeof testClock>, limits: string) {
  const phones = 'permissions: {phones: {callers: [{user: megan}], countries: [DE]}}';
  const ringdown = readRingdownYaml(`limits: ${limits}\n${phones}`, {});
  const audit = new Audit(database.sql, clock);
  const transact = recordingRefusals(plainTransact(database), audit);
  const calls = new CallService({
    database,
    transact,
    clock,
    ringTimeoutSeconds: 45,
    createCallsPerSecond: 10,
  });
  const optOuts = new OptOuts(database.sql, clock);
  const nobody = { get: async () => null, isMemberOf: async () => new Set<string>() };
  const permissions = new Permissions({
    database,
    audit,
    clock,
    optOuts,
    directory: { ...nobody, find: async () => ({ kind: 'none', suggestions: [] }) },
    ringdown: () => ringdown,
  });
  calls.placing.guardWith(permissions);

  /** @returns `call`, or the reason of the refusal and the seconds until the next attempt */
  const call = async (requestedBy: Requester, callee: string, purpose = speak): Promise<string> => {
    try {
      await calls.place({ target: target(callee), requestedBy, purpose, language: 'en' });
      return 'placed';
    } catch (error) {
      if (!(error instanceof NotPermitted)) throw error;
      assert.equal(error.code, 'rate_limited');
      return `${error.words.reason} ${String(error.extra?.['retryInSeconds'])}`;
    }
  };
  return { call, calls, permissions, optOuts };
}

describe('call limits', () => {
  forEachDatabase((open) => {
    it('apply to all phone numbers together, in a sliding hour', async () => {
      const clock = testClock();
      const { call, calls } = replicaOn(await open(), clock, '{phoneCallsPerHour: 2, perCallee: 9/1h}');
      assert.equal(await call(key, '+493012345601'), 'placed');
      await clock.tick(40 * minute);
      assert.equal(await call(chat('megan'), '+493012345602'), 'placed');
      assert.equal(await call(key, '+493012345603'), `phoneCallsPerHour ${20 * 60}`);
      // People in Teams are another matter.
      assert.equal(await call(key, 'adele'), 'placed');
      await clock.tick(20 * minute);
      assert.equal(await call(key, '+493012345603'), 'placed');
      assert.equal(await call(key, '+493012345604'), `phoneCallsPerHour ${40 * 60}`);
      // A call that was never sent costs nothing.
      for (const { id } of await calls.list({ limit: 1 })) await calls.hangUp(id, 'api');
      assert.equal(await call(key, '+493012345604'), 'placed');
    });

    it('of no calls at all refuse the first phone number', async () => {
      const { call } = replicaOn(await open(), testClock(), '{phoneCallsPerHour: 0}');
      assert.equal(await call(key, '+493012345601'), 'phoneCallsPerHour 3600');
    });

    it('know somebody’s own phone as theirs, as their opt-out does', async () => {
      const { call, calls, optOuts } = replicaOn(await open(), testClock(), '{perCallee: 1/1h}');
      const mobile: Target = { ...target('+493012345605'), personId: 'Adele' };
      const wished = { target: mobile, requestedBy: chat('megan'), purpose: speak, language: 'en' };
      assert.equal(await call(key, 'adele'), 'placed');
      await assert.rejects(calls.place(wished), { code: 'rate_limited' });
      await optOuts.stop({ ...chat('adele'), objectId: 'adele' });
      await assert.rejects(calls.place(wished), { code: 'not_allowed' });
    });

    it('apply to a caller, in a sliding window', async () => {
      const clock = testClock();
      const { call } = replicaOn(await open(), clock, '{perCaller: 2/10m}');
      assert.equal(await call(chat('megan'), 'adele'), 'placed');
      await clock.tick(4 * minute);
      assert.equal(await call(chat('megan'), 'alex'), 'placed');
      assert.equal(await call(chat('megan'), 'diego'), 'perCaller 360');
      assert.equal(await call(chat('lee'), 'diego'), 'placed', 'others are free');
      await clock.tick(6 * minute);
      assert.equal(await call(chat('megan'), 'diego'), 'placed');
      assert.equal(await call(chat('megan'), 'diego'), 'perCaller 240');
    });

    it('apply to a callee, for calls by people and by API keys', async () => {
      const { call } = replicaOn(await open(), testClock(), '{perCallee: 2/1h}');
      assert.equal(await call(chat('megan'), 'adele'), 'placed');
      assert.equal(await call(key, 'adele'), 'placed');
      assert.equal(await call(key, 'adele'), 'perCallee 3600');
      assert.equal(await call(chat('lee'), 'adele'), 'perCallee 3600');
      assert.equal(await call(key, 'alex'), 'placed');
    });

    it('do not cache a key for opt-outs that was rolled back with the call', async () => {
      const database = await open();
      const clock = testClock();
      const { call } = replicaOn(database, clock, '{perCallee: 1/1h}');
      assert.equal(await call(key, 'adele'), 'placed');
      const keptBy = replicaOn(database, clock, '{perCallee: 1/1h}');
      assert.equal(await keptBy.call(chat('megan'), 'adele'), 'perCallee 3600');
      await keptBy.optOuts.stop({ ...chat('adele'), objectId: 'adele' });
      await keptBy.optOuts.forgetIn(database.sql, 'adele');
      const started = new OptOuts(database.sql, clock);
      assert.deepEqual([...(await started.among(['adele']))], ['adele']);
    });

    it('do not apply to API keys as callers or to escalations, whose calls do not count', async () => {
      const { call } = replicaOn(await open(), testClock(), '{perCaller: 1/1h, perCallee: 1/1h}');
      const escalation: Requester = { kind: 'escalation', key: 'esc_1', name: 'prometheus' };
      const escalate: Purpose = {
        kind: 'escalate',
        escalationId: 'esc_1',
        message: '',
        step: 0,
        test: false,
      };
      for (let times = 0; times < 3; times++)
        assert.equal(await call(escalation, 'adele', escalate), 'placed');
      assert.equal(await call(key, 'adele'), 'placed');
      assert.equal(await call(escalation, 'adele', escalate), 'placed');
      assert.equal(await call(key, 'alex'), 'placed');
    });

    it('allow people to test their own phone, which does not count for others', async () => {
      const { call } = replicaOn(await open(), testClock(), '{perCallee: 1/1h}');
      for (let times = 0; times < 3; times++) assert.equal(await call(chat('adele'), 'adele'), 'placed');
      assert.equal(await call(chat('megan'), 'adele'), 'placed');
    });

    it('store nothing of a refused call but the refusal in the audit', async () => {
      const database = await open();
      const { call, calls } = replicaOn(database, testClock(), '{perCallee: 1/1h}');
      await call(key, 'adele');
      await call(key, 'adele');
      assert.equal((await calls.list({ limit: 10 })).length, 1);
      const rows = await database.sql.selectFrom('audit').select(['who', 'what', 'whom', 'why']).execute();
      assert.deepEqual(rows, [{ who: 'ci', what: 'refused', whom: 'teamsUser:adele', why: 'perCallee' }]);
    });

    it('tell in advance whether they would refuse', async () => {
      const { call, permissions } = replicaOn(await open(), testClock(), '{perCallee: 1/1h}');
      assert.equal(await permissions.whyNot(chat('lee'), target('adele')), null);
      await call(key, 'adele');
      assert.equal((await permissions.whyNot(chat('lee'), target('adele')))?.reason, 'perCallee');
      await assert.rejects(permissions.mayCall(key, target('adele')), { code: 'rate_limited' });
    });
  });

  onPostgres((open, freshUrl) => {
    it('allow one of many concurrent calls, on several replicas', async () => {
      const url = await freshUrl();
      const clock = testClock();
      const replicas = await Promise.all(
        [1, 2, 3].map(async () => replicaOn(await open(url), clock, '{perCaller: 4/1h, perCallee: 3/1h}')),
      );
      const callers = ['megan', 'lee', 'alex', 'diego'];
      const wishes = Array.from({ length: 24 }, (_, n) => ({
        replica: replicas[n % replicas.length],
        caller: callers[n % callers.length] ?? '',
      }));
      const came = await Promise.all(
        wishes.map(async ({ replica, caller }) => await replica?.call(chat(caller), 'adele')),
      );
      assert.equal(came.filter((one) => one === 'placed').length, 3);

      const many = await Promise.all(
        wishes.map(async ({ replica }, n) => await replica?.call(chat('nestor'), `callee ${n}`)),
      );
      assert.equal(many.filter((one) => one === 'placed').length, 4);
    });
  });
});
