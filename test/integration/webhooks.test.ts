import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { post } from '../../src/webhooks/post.ts';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { receiver } from '../support/webhookReceiver.ts';
import { startWorld, type World } from '../support/world.ts';

const second = 1000;

const yaml = (webhook: string): string => `
operators: [Megan Bowen]
webhooks: [${webhook}]
policies:
  payments: {steps: [{targets: [{user: Debra Berger}]}, {targets: [{user: Nestor Wilke}], ringTimeoutSeconds: 20}]}
`;

async function escalate(world: World): Promise<string> {
  const { body } = await world.api('POST', '/api/v1/escalations', {
    policy: 'payments',
    summary: 'It burns',
  });
  return (body as { id: string }).id;
}

describe('webhooks', function () {
  forEachDatabaseByTurns((open) => {
    it('send the events of an escalation in order, signed with every secret', async () => {
      const { url, heard } = await receiver();
      const hook = `{url: "${url}", secrets: [new, old], allowPrivate: true}`;
      const world = await startWorld({ database: await open(), yaml: yaml(hook) });
      const id = await escalate(world);
      await world.pass(10 * second);
      await world.api('POST', `/api/v1/escalations/${id}/acknowledge`, { by: 'Alex Wilber', note: 'mine' });
      await world.api('POST', `/api/v1/escalations/${id}/resolve`, { by: 'Alex Wilber' });
      await world.pass(5 * second);
      const types = heard.map(({ type }) => type);
      assert.deepEqual(types.slice(0, 4), ['started', 'call_placed', 'call_ended', 'call_placed']);
      assert.deepEqual(types.filter((type) => type !== 'call_ended').slice(-2), ['acknowledged', 'resolved']);
      for (const { type, body, headers } of heard) {
        const [time = '', ...marks] = String(headers['x-ringdown-signature']).split(',');
        assert.deepEqual(
          marks,
          ['new', 'old'].map((secret) => {
            const signed = `${time.replace('t=', '')}.${body}`;
            return `v1=${createHmac('sha256', secret).update(signed).digest('hex')}`;
          }),
        );
        const told = JSON.parse(body) as { id: string; type: string; escalation: { id: string } };
        assert.equal(told.type, type);
        assert.equal(told.escalation.id, id);
        assert.equal(told.id, headers['x-ringdown-delivery']);
      }
      const acknowledged = heard.find(({ type }) => type === 'acknowledged');
      assert.match(acknowledged?.body ?? '', /"by":\{"name":"Alex Wilber","way":"api"\},"note":"mine"/);
    });

    it('retry until accepted, while later events wait', async () => {
      const { url, heard, answer } = await receiver();
      answer.status = 500;
      const hook = `{url: "${url}", secrets: [s], events: [started, resolved], allowPrivate: true}`;
      const world = await startWorld({ database: await open(), yaml: yaml(hook) });
      const id = await escalate(world);
      await world.api('POST', `/api/v1/escalations/${id}/resolve`, { by: 'Alex Wilber' });
      await world.pass(20 * second);
      assert.ok(heard.length >= 2);
      assert.ok(heard.every(({ type }) => type === 'started'));
      assert.equal(new Set(heard.map(({ headers }) => headers['x-ringdown-delivery'])).size, 1);
      answer.status = 200;
      await world.pass(60 * second);
      assert.equal(heard.at(-1)?.type, 'resolved');
      const count = heard.length;
      await world.pass(60 * second);
      assert.equal(heard.length, count);
    });

    it('give up after a day, and operators and the timeline say so', async () => {
      const { url, heard, answer } = await receiver();
      answer.status = 302;
      const hook = `{url: "${url}", secrets: [s], events: [started], allowPrivate: true}`;
      const world = await startWorld({ database: await open(), yaml: yaml(hook) });
      const id = await escalate(world);
      await world.pass(2 * second);
      await world.app.database.sql
        .updateTable('webhook_deliveries')
        .set({ created_at: new Date(Date.now() - 25 * 3_600_000) })
        .execute();
      await world.pass(30 * second);
      assert.ok(heard.every(({ headers }) => headers['x-ringdown-event'] === 'started'));
      const { status, problem } = await world.app.database.sql
        .selectFrom('webhook_deliveries')
        .select(['status', 'problem'])
        .executeTakeFirstOrThrow();
      assert.deepEqual([status, problem], ['givenUp', 'HTTP 302: redirects are not followed']);
      const { timeline } = (await world.api('GET', `/api/v1/escalations/${id}`)).body as {
        timeline: { type: string }[];
      };
      assert.ok(timeline.some(({ type }) => type === 'webhookGivenUp'));
      const chat = world.emulator.channel.messages(world.emulator.channel.personal('Megan Bowen').id);
      assert.match(
        JSON.stringify(chat.map(({ activity }) => activity)),
        /Gave up on the webhook to 127\.0\.0\.1:\d+/,
      );
    });
  });

  it('reach no private address unless allowed, however it is written', async () => {
    const { url, heard } = await receiver();
    const { port } = new URL(url);
    const hosts = ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433'];
    for (const host of hosts) {
      const outcome = await post({
        url: `http://${host}:${port}/hook`,
        headers: {},
        body: '{}',
        allowPrivate: false,
      });
      assert.ok(!outcome.delivered && /private network/.test(outcome.problem), host);
    }
    assert.equal(heard.length, 0);
    assert.deepEqual(await post({ url, headers: {}, body: '{}', allowPrivate: true }), { delivered: true });
  });
});
