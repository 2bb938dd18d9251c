import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { alertmanagerBody, azureBody, grafanaBody, pagerDutyBody } from '../support/alerts/bodies.ts';
import { forEachDatabaseByTurns, onPostgres, pollingOften } from '../support/databases.ts';
import { startWorld, type World } from '../support/world.ts';

const second = 1000;
const minute = 60 * second;
const KEY = 'an-integration-key-for-tests';
const hash = createHash('sha256').update(KEY).digest('hex');
const PD_KEY = '0123456789abcdef0123456789abcdef';

const GRAFANA_KEY = 'a-key-of-grafana-for-tests';

const YAML = `
operators: [Megan Bowen]
integrations:
  - {name: prometheus, kind: alertmanager, hash: ${hash}, policy: payments}
  - {name: probes, kind: pagerduty, hash: ${createHash('sha256').update(PD_KEY).digest('hex')}, policy: payments}
  - {name: grafana, kind: grafana, hash: ${createHash('sha256').update(GRAFANA_KEY).digest('hex')}, policy: payments, signatureSecret: grafana-secret}
policies:
  payments:
    steps:
      - {targets: [{user: Adele Vance}], tries: 2}
      - {targets: [{user: Alex Wilber}]}
  other:
    steps: [{targets: [{user: Alex Wilber}]}]
`;

interface EscalationAnswer {
  id: string;
  status: string;
  policy: string | null;
  dedupKey: string | null;
  summary: string;
  details: string | null;
  severity: string;
  acknowledgedBy: { name: string } | null;
  calls: { id: string }[];
  timeline: { type: string; data?: Record<string, unknown> }[];
}

async function post(
  world: World,
  path: string,
  body: unknown,
  key: string | null = KEY,
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${world.url}/api/v1/${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : null };
}

const AM = 'alerts/alertmanager/payments';
const PD = 'alerts/pagerduty/v2/enqueue';

/** All escalations, oldest first, each with its timeline. */
async function escalations(world: World): Promise<EscalationAnswer[]> {
  const list = (await world.api('GET', '/api/v1/escalations?limit=200')).body as { items: { id: string }[] };
  const found: EscalationAnswer[] = [];
  for (const { id } of list.items) {
    found.push((await world.api('GET', `/api/v1/escalations/${id}`)).body as EscalationAnswer);
  }
  return found.toReversed();
}

async function only(world: World): Promise<EscalationAnswer> {
  const [one, ...others] = await escalations(world);
  assert.ok(one);
  assert.equal(others.length, 0);
  return one;
}

const rings = (world: World, name: string): number => world.emulator.phone(name).rings().length;

describe('alerts', function () {
  forEachDatabaseByTurns((open) => {
    const worldOf = async (): Promise<World> => await startWorld({ database: await open(), yaml: YAML });

    it('from Alertmanager start an escalation, and resolve it', async () => {
      const world = await worldOf();
      const answer = await post(world, AM, alertmanagerBody());
      assert.deepEqual(answer, { status: 202, body: { status: 'accepted' } });
      await world.pass(500);
      const escalation = await only(world);
      assert.equal(escalation.status, 'open');
      assert.equal(escalation.summary, 'Checkout error rate over 5 %');
      assert.equal(escalation.severity, 'critical');
      await world.pass(3 * second);
      assert.equal(rings(world, 'Adele Vance'), 1);
      await world.pass(10 * second);
      assert.match(world.emulator.phone('Adele Vance').spoken()[0] ?? '', /Checkout error rate over 5 %/);

      await post(world, AM, alertmanagerBody([{ status: 'resolved' }]));
      await world.pass(500);
      assert.equal((await only(world)).status, 'resolved');
    });

    it('make two escalations if they fire, are resolved, and fire again', async () => {
      const world = await worldOf();
      for (const alert of [{}, { status: 'resolved' as const }, { startsAt: '2026-08-20T03:30:00.000Z' }]) {
        await post(world, AM, alertmanagerBody([alert]));
        // Two alerts of the same moment would have no order.
        await world.pass(500);
      }
      assert.deepEqual(
        (await escalations(world)).map(({ status }) => status),
        ['resolved', 'open'],
      );
    });

    it('that are only resolved do nothing', async () => {
      const world = await worldOf();
      assert.equal((await post(world, AM, alertmanagerBody([{ status: 'resolved' }]))).status, 202);
      await world.pass(500);
      assert.equal((await escalations(world)).length, 0);
    });

    it('make one escalation and one call if 100 identical ones arrive at once', async () => {
      const world = await startWorld({ database: pollingOften(await open()), yaml: YAML });
      const answers = await Promise.all(
        Array.from({ length: 100 }, async () => await post(world, AM, alertmanagerBody())),
      );
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [202]);
      await world.pass(3 * second);
      await only(world);
      assert.equal(rings(world, 'Adele Vance'), 1);
    });

    it('make one call that says how many if 500 different ones arrive within ten seconds', async function () {
      // The embedded database takes seconds for this even on an idle machine.
      const world = await worldOf();
      world.emulator.people.script('Adele Vance', { answers: { afterMs: 15 * second } });
      for (let part = 0; part < 10; part++) {
        await Promise.all(
          Array.from({ length: 50 }, async (_, index) => {
            const name = `Disk ${part * 50 + index} full`;
            return await post(world, AM, alertmanagerBody([{ fingerprint: name, summary: name }]));
          }),
        );
        await world.pass(second);
      }
      await world.pass(20 * second);
      const escalation = await only(world);
      assert.match(escalation.summary, /^500 alerts: Disk \d+ full/);
      assert.match(escalation.details ?? '', /- Disk .*\n- Disk .*and 475 more$/s);
      assert.equal(rings(world, 'Adele Vance'), 1);
      assert.match(world.emulator.phone('Adele Vance').spoken()[0] ?? '', /500 alerts/);
    });

    it('that arrive after the acknowledgement cause another call, one for all', async () => {
      const world = await worldOf();
      await post(world, AM, alertmanagerBody([{ fingerprint: 'one' }]));
      await world.pass(second);
      const first = await only(world);
      await world.api('POST', `/api/v1/escalations/${first.id}/acknowledge`, { by: 'Adele Vance' });
      await world.pass(5 * second);
      const before = rings(world, 'Adele Vance');
      for (const name of ['two', 'three', 'four']) {
        await post(world, AM, alertmanagerBody([{ fingerprint: name, summary: name }]));
        await world.pass(2 * second);
      }
      const [acknowledged, next, ...others] = await escalations(world);
      assert.equal(others.length, 0);
      assert.equal(acknowledged?.status, 'acknowledged');
      assert.equal(next?.status, 'open');
      assert.match(next?.summary ?? '', /^3 alerts: two/);
      assert.equal(
        rings(world, 'Adele Vance'),
        before,
        'a person who was just called is not called again yet',
      );
      await world.pass(30 * second);
      assert.equal(rings(world, 'Adele Vance'), before + 1);
      assert.match(world.emulator.phone('Adele Vance').spoken().at(-1) ?? '', /3 alerts/);
    });

    it('that arrived after the spoken message are not acknowledged by a key press, and cause another call', async () => {
      const world = await worldOf();
      world.emulator.people.script('Adele Vance', { byHand: true });
      await post(world, AM, alertmanagerBody([{ fingerprint: 'one', summary: 'one' }]));
      await world.pass(2 * second);
      const adele = world.emulator.phone('Adele Vance');
      adele.answer();
      await world.pass(2 * second);
      await post(world, AM, alertmanagerBody([{ fingerprint: 'two', summary: 'two' }]));
      await world.pass(500);
      adele.press('one');
      await world.pass(2 * second);
      const [first, next, ...others] = await escalations(world);
      assert.equal(others.length, 0);
      assert.deepEqual([first?.status, first?.summary], ['acknowledged', 'one']);
      assert.deepEqual([next?.status, next?.summary], ['open', 'two']);
      assert.ok(first?.timeline.some(({ type }) => type === 'notCovered'));
      await world.pass(40 * second);
      assert.equal(rings(world, 'Adele Vance'), 2);
    });

    it('that the card did not show are not acknowledged on the card', async () => {
      const world = await worldOf();
      world.emulator.people.script('Adele Vance', { byHand: true });
      await post(world, AM, alertmanagerBody([{ fingerprint: 'one', summary: 'one' }]));
      await world.pass(5 * second);
      const chat = world.emulator.channel.personal('Adele Vance').id;
      const [card] = structuredClone(world.emulator.channel.messages(chat));
      assert.ok(card);
      // Both at once, so the card cannot show it before the button is pressed.
      await post(world, AM, alertmanagerBody([{ fingerprint: 'two', summary: 'two' }]));
      await world.emulator.channel.press('Adele Vance', card, 'Acknowledge');
      await world.pass(40 * second);
      const all = await escalations(world);
      const acknowledged = all.find(({ status }) => status === 'acknowledged');
      assert.ok(acknowledged);
      // The order of the two decides whether the card already showed both.
      const covered = acknowledged.summary.startsWith('2 alerts');
      assert.equal(all.length, covered ? 1 : 2);
    });

    it('from Grafana are accepted only with the agreed signature over the bytes as sent', async () => {
      const world = await worldOf();
      const body = ` ${JSON.stringify(grafanaBody())}`;
      const send = async (headers: Record<string, string>): Promise<number> => {
        const response = await fetch(`${world.url}/api/v1/alerts/grafana/payments`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${GRAFANA_KEY}`, ...headers },
          body,
        });
        await response.body?.cancel();
        return response.status;
      };
      const sign = (text: string): string =>
        createHmac('sha256', 'grafana-secret').update(text).digest('hex');
      const time = String(Math.floor(Date.now() / 1000));
      assert.equal(await send({}), 401);
      assert.equal(await send({ 'x-grafana-alerting-signature': sign(body.trim()) }), 401);
      assert.equal(await send({ 'x-grafana-alerting-signature': sign(body) }), 202);
      const timed = { 'x-grafana-alerting-signature': sign(`${time}:${body}`) };
      assert.equal(await send(timed), 401);
      assert.equal(await send({ ...timed, 'x-some-time': time }), 202);
    });

    it('are resolved one by one, and the escalation with the last one', async () => {
      const world = await worldOf();
      await post(
        world,
        AM,
        alertmanagerBody([
          { fingerprint: 'a', summary: 'A' },
          { fingerprint: 'b', summary: 'B' },
        ]),
      );
      await world.pass(500);
      assert.match((await only(world)).summary, /^2 alerts: A/);
      await post(
        world,
        AM,
        alertmanagerBody([
          { fingerprint: 'a', status: 'resolved' },
          { fingerprint: 'b', summary: 'B' },
        ]),
      );
      await world.pass(500);
      const left = await only(world);
      assert.equal(left.status, 'open');
      assert.match(left.summary, /^1 alert \(1 resolved\): B/);
      await post(world, AM, alertmanagerBody([{ fingerprint: 'b', status: 'resolved' }]));
      await world.pass(500);
      assert.equal((await only(world)).status, 'resolved');
    });

    it('count as new alerts after a person has resolved the escalation', async () => {
      const world = await worldOf();
      await post(world, AM, alertmanagerBody());
      await world.pass(500);
      const { id } = await only(world);
      await world.api('POST', `/api/v1/escalations/${id}/resolve`, { by: 'Adele Vance' });
      await post(world, AM, alertmanagerBody());
      await world.pass(500);
      assert.deepEqual(
        (await escalations(world)).map(({ status }) => status),
        ['resolved', 'open'],
      );
    });

    it('restart an exhausted escalation when repeated, and add no call to an acknowledged one', async () => {
      const world = await worldOf();
      world.emulator.people.script('Adele Vance', { declines: { afterMs: second } });
      world.emulator.people.script('Alex Wilber', { declines: { afterMs: second } });
      await post(world, AM, alertmanagerBody());
      await world.pass(30 * second);
      assert.equal((await only(world)).status, 'exhausted');
      const before = rings(world, 'Adele Vance');
      await post(world, AM, alertmanagerBody());
      await world.pass(500);
      const again = await only(world);
      assert.equal(again.status, 'open');
      await world.pass(second);
      assert.equal(rings(world, 'Adele Vance'), before + 1);
      await world.api('POST', `/api/v1/escalations/${again.id}/acknowledge`, { by: 'Adele Vance' });
      await world.pass(10 * second);
      const calls = (await only(world)).calls.length;
      await post(world, AM, alertmanagerBody());
      await world.pass(2 * minute);
      assert.equal((await only(world)).calls.length, calls);
    });

    it('in PagerDuty’s format get PagerDuty’s answers, and are acknowledged and resolved', async () => {
      const world = await worldOf();
      const answer = await post(world, PD, pagerDutyBody('trigger'), null);
      assert.deepEqual(answer, {
        status: 202,
        body: { status: 'success', message: 'Event processed', dedup_key: 'shop/checkout/5xx' },
      });
      await world.pass(500);
      await post(world, PD, pagerDutyBody('acknowledge'), null);
      await world.pass(500);
      assert.equal((await only(world)).status, 'acknowledged');
      await post(world, PD, pagerDutyBody('resolve'), null);
      await world.pass(500);
      assert.equal((await only(world)).status, 'resolved');

      const made = await post(world, PD, pagerDutyBody('trigger', null), null);
      assert.match(JSON.stringify(made.body), /"dedup_key":"[0-9a-f]{32}"/);
      const faulty = await post(world, PD, { ...pagerDutyBody('trigger'), payload: {} }, null);
      assert.equal(faulty.status, 400);
      assert.match(JSON.stringify(faulty.body), /"status":"invalid event".*payload\.summary/);
      const stranger = await post(world, PD, { ...pagerDutyBody('trigger'), routing_key: 'no' }, null);
      assert.equal(stranger.status, 400);
      const stored = await world.app.database.sql.selectFrom('intake').select('body').execute();
      assert.ok(!JSON.stringify(stored).includes(PD_KEY), 'no key is kept');
    });

    it('from Grafana and Azure Monitor are accepted with an API key', async () => {
      const world = await worldOf();
      const grafana = await world.api('POST', '/api/v1/alerts/grafana/payments', grafanaBody());
      await world.pass(500);
      const azure = await world.api('POST', '/api/v1/alerts/azure-monitor/other', azureBody());
      assert.deepEqual([grafana.status, azure.status], [202, 202]);
      await world.pass(500);
      assert.deepEqual(
        (await escalations(world)).map(({ policy, summary }) => [policy, summary]),
        [
          ['payments', 'Queue older than 10 min'],
          ['other', 'cpu-high: CPU above 90 % (vm-1)'],
        ],
      );
    });

    it('are refused with a code, and the operators get a notice', async () => {
      const world = await worldOf();
      for (const [path, body, key, code] of [
        [AM, alertmanagerBody(), 'wrong', 'unauthorized'],
        [AM, alertmanagerBody(), null, 'unauthorized'],
        ['alerts/alertmanager/other', alertmanagerBody(), KEY, 'forbidden'],
        ['alerts/grafana/payments', grafanaBody(), KEY, 'forbidden'],
        ['alerts/alertmanager/nobody', alertmanagerBody(), 'a-key-for-tests-only', 'policy_not_found'],
        [AM, '{', KEY, 'bad_request'],
        [AM, {}, KEY, 'bad_request'],
        [AM, `{"pad":"${'x'.repeat(600_000)}"}`, KEY, 'payload_too_large'],
      ] as const) {
        const answer = await post(world, path, body, key);
        assert.equal((answer.body as { code: string }).code, code, path);
      }
      const token = await post(world, `${AM}?token=${KEY}`, alertmanagerBody(), null);
      assert.equal(token.status, 202, 'an integration key may be in the URL');
      assert.ok(!world.log.join('\n').includes(KEY), 'and is not logged');
      await world.pass(12 * second);
      const told = (): string[] =>
        world.emulator.channel
          .messages(world.emulator.channel.personal('Megan Bowen').id)
          .map(({ activity }) => JSON.stringify(activity))
          .filter((text) => /needs your attention.*rejected/.test(text));
      assert.equal(told().length, 1, 'they read one message');
      assert.match(
        told()[0] ?? '',
        /no valid key.*\(2 times\).*rejected \(policy_not_found\).*rejected \(payload_too_large\)/s,
      );
      await post(world, AM, '{');
      await world.pass(4 * minute);
      assert.equal(told().length, 1, 'and no other for a while');
      await world.pass(2 * minute);
      assert.equal(told().length, 2);
    });
  });

  onPostgres((open, freshUrl) => {
    it('make one escalation if 100 identical ones arrive at two replicas at once', async () => {
      const url = await freshUrl();
      const one = await startWorld({ database: pollingOften(await open(url)), yaml: YAML });
      const two = await startWorld({ database: pollingOften(await open(url)), yaml: YAML, with: one });
      await Promise.all(
        Array.from(
          { length: 100 },
          async (_, index) => await post(index % 2 === 0 ? one : two, AM, alertmanagerBody()),
        ),
      );
      await one.pass(2 * second);
      await only(one);
      assert.equal(rings(one, 'Adele Vance'), 1);
    });
  });
});
