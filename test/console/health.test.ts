import assert from 'node:assert/strict';
import type { Health, WebhookDelivery } from '../../src/console/model.ts';
import { consolePerson } from '../support/console/person.ts';
import { openEmbedded } from '../support/databases.ts';
import { receiver } from '../support/webhookReceiver.ts';
import { startWorld, type World } from '../support/world.ts';

const second = 1000;
const megan = 'Megan Bowen';
const alex = 'Alex Wilber';

const yaml = `
operators: [${megan}]
permissions: {console: {readers: [{user: Lee Gu}]}}
policies:
  payments: {steps: [{targets: [{user: Debra Berger}]}]}
`;
const hash = '0123456789abcdef'.repeat(4);

describe('the health of the console', () => {
  async function open(more = ''): Promise<World> {
    return await startWorld({ database: await openEmbedded(), yaml: `${more}${yaml}` });
  }

  async function health(world: World): Promise<Health> {
    const { status, body } = await consolePerson(world, megan).get('/health');
    assert.equal(status, 200, JSON.stringify(body));
    return body as Health;
  }

  async function escalate(world: World): Promise<void> {
    await world.api('POST', '/api/v1/escalations', { policy: 'payments', summary: 'It burns' });
    await world.pass(2 * second);
  }

  it('is for readers who see all, and its buttons are for operators', async () => {
    const world = await open();
    assert.equal((await consolePerson(world, alex).get('/health')).status, 403);
    assert.equal((await consolePerson(world, 'Lee Gu').get('/health')).status, 200);
    for (const path of ['/health/check', '/pause', '/resume', '/webhooks/deliveries/1/send-again']) {
      assert.equal((await consolePerson(world, 'Lee Gu').post(path, { attempts: 1 })).status, 403, path);
      assert.equal((await consolePerson(world, alex).post(path, { attempts: 1 })).status, 403, path);
    }
    assert.equal((await health(world)).paused, null);
  });

  it('runs the doctor in this process: one run at a time, and at most one in 30 seconds', async () => {
    const world = await open();
    assert.equal((await health(world)).checkedAt, null);
    const person = consolePerson(world, megan);
    const answers = await Promise.all([person.post('/health/check'), person.post('/health/check')]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    );
    const [{ findings, checkedAt }, other] = answers.map(({ body }) => body as Health) as [Health, Health];
    assert.notEqual(checkedAt, null);
    assert.equal(other.checkedAt, checkedAt);
    assert.deepEqual(
      findings.flatMap(({ level, name }) => (level === 'fault' ? [name] : [])),
      [],
    );
    assert.ok(findings.some(({ name }) => name === 'anonymousChat'));
    assert.ok(findings.every(({ name }) => name !== 'databaseInUse'));
    await world.pass(20 * second);
    await person.post('/health/check');
    assert.equal((await health(world)).checkedAt, checkedAt);
    await world.pass(20 * second);
    await person.post('/health/check');
    assert.notEqual((await health(world)).checkedAt, checkedAt);
  });

  it('pauses and resumes like chat, and the audit says who did it', async () => {
    const world = await open();
    const person = consolePerson(world, megan);
    const { status } = await person.post('/pause');
    assert.equal(status, 200);
    const { paused } = await health(world);
    assert.equal(paused?.by, megan);
    await person.post('/pause');
    await person.post('/resume');
    assert.equal((await health(world)).paused, null);
    const rows = await world.app.database.sql
      .selectFrom('audit')
      .select(['what', 'who_name'])
      .where('what', 'in', ['paused', 'resumed'])
      .orderBy('id')
      .execute();
    assert.deepEqual(
      rows.map(({ what, who_name }) => `${what} ${who_name}`),
      [`paused ${megan}`, `resumed ${megan}`],
    );
  });

  it('records in the audit who tried to pause or resume without the right, like chat', async () => {
    const world = await open();
    for (const path of ['/pause', '/resume', '/health/check']) {
      assert.equal((await consolePerson(world, alex).post(path)).status, 403);
    }
    const rows = await world.app.database.sql
      .selectFrom('audit')
      .select(['what', 'who_name'])
      .where('what', '=', 'mayNotPause')
      .execute();
    assert.deepEqual(
      rows.map(({ who_name: name }) => name),
      [alex, alex],
    );
  });

  it('shows heartbeats, integrations and notices', async () => {
    const world = await open(`
heartbeats: [{name: nightly, every: 2m, policy: payments}, {name: hourly, every: 1h, policy: payments}]
integrations:
  - {name: probes, kind: pagerduty, hash: '${hash}', policy: payments}
`);
    await world.api('POST', '/api/v1/heartbeats/nightly');
    const begun = await health(world);
    const [nightly, hourly] = begun.heartbeats;
    assert.equal(Date.parse(nightly?.dueAt ?? '') - Date.parse(nightly?.lastAt ?? ''), 120 * second);
    assert.deepEqual([nightly?.silent, hourly?.lastAt], [false, null]);
    assert.deepEqual(begun.integrations, [
      { name: 'probes', kind: 'pagerduty', policy: 'payments', lastAt: null, failed: 0 },
    ]);
    await world.pass(180 * second);
    const late = await health(world);
    assert.deepEqual(
      late.heartbeats.map(({ silent }) => silent),
      [true, false],
    );
    assert.ok(late.notices.some(({ text }) => text.startsWith('Nobody in payments acknowledged')));
  });

  it('shows webhooks by their origin, never their secrets', async () => {
    const hook = await receiver();
    const secretUrl = hook.url.replace('/hook', '/services/T0/B0/sEcReTpAtH?token=sEcReTqUeRy');
    const world = await open(`webhooks: [{url: "${secretUrl}", secrets: [sEcReTkEy], allowPrivate: true}]`);
    await escalate(world);
    const [webhook] = (await health(world)).webhooks;
    assert.equal(webhook?.origin, new URL(hook.url).origin);
    assert.equal(webhook?.waiting, 0);
    assert.deepEqual(webhook?.deliveries.map(({ type }) => type).at(-1), 'started');
    const person = consolePerson(world, megan);
    const all = [await person.get('/health'), await person.post('/health/check')];
    assert.doesNotMatch(JSON.stringify(all), /sEcReT/);
  });

  describe('sending a delivery again', () => {
    async function delivered(world: World): Promise<WebhookDelivery> {
      const found = (await health(world)).webhooks[0]?.deliveries.find(({ type }) => type === 'started');
      return found ?? assert.fail('nothing was sent');
    }

    const path = ({ id }: WebhookDelivery): string => `/webhooks/deliveries/${id}/send-again`;

    async function started(): Promise<{ world: World; hook: Awaited<ReturnType<typeof receiver>> }> {
      const hook = await receiver();
      const world = await open(
        `webhooks: [{url: "${hook.url}", secrets: [s], events: [started, resolved], allowPrivate: true}]`,
      );
      await escalate(world);
      return { world, hook };
    }

    it('sends the same body and id, once for a double click, and the audit says who did it', async () => {
      const { world, hook } = await started();
      const { heard } = hook;
      const delivery = await delivered(world);
      const person = consolePerson(world, megan);
      const press = async (): Promise<unknown> =>
        (await person.post(path(delivery), { attempts: delivery.attempts })).body;
      assert.deepEqual(
        await Promise.all([press(), press()]).then((all) => all.map((one) => JSON.stringify(one)).toSorted()),
        ['{"state":"already"}', '{"state":"sending"}'],
      );
      await world.pass(2 * second);
      assert.deepEqual(await press(), { state: 'already' });
      assert.equal(heard.length, 2);
      const [one, other] = heard;
      assert.deepEqual(
        [one?.body, one?.headers['x-ringdown-delivery']],
        [other?.body, other?.headers['x-ringdown-delivery']],
      );
      const again = await delivered(world);
      assert.deepEqual([again.status, again.attempts], ['delivered', 2]);
      const audited = await world.app.database.sql
        .selectFrom('audit')
        .select(['who_name', 'why'])
        .where('what', '=', 'webhookSentAgain')
        .execute();
      assert.deepEqual(audited, [{ who_name: megan, why: `delivery ${delivery.id}` }]);
    });

    it('works for one that was given up, before later events of its escalation', async () => {
      const { world, hook } = await started();
      const delivery = await delivered(world);
      await world.app.database.sql
        .updateTable('webhook_deliveries')
        .set({ status: 'givenUp', problem: 'HTTP 500', ended_at: new Date() })
        .execute();
      hook.answer.status = 500;
      const [escalation] = (
        (await world.api('GET', '/api/v1/escalations')).body as { items: { id: string }[] }
      ).items;
      await world.api('POST', `/api/v1/escalations/${escalation?.id}/resolve`, { by: alex });
      await world.pass(1 * second);
      hook.answer.status = 200;
      hook.heard.length = 0;
      await consolePerson(world, megan).post(path(delivery), { attempts: delivery.attempts });
      await world.pass(20 * second);
      assert.deepEqual(
        hook.heard.map(({ type }) => type),
        ['started', 'resolved'],
      );
    });

    it('answers 404 for what does not exist', async () => {
      const { world } = await started();
      const person = consolePerson(world, megan);
      for (const id of ['999', 'evt_1', '1e3'])
        assert.equal(
          (await person.post(`/webhooks/deliveries/${id}/send-again`, { attempts: 1 })).status,
          404,
        );
    });
  });
});
