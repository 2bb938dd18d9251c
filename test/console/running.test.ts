import assert from 'node:assert/strict';
import { sql as raw } from 'kysely';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { page } from '../support/console/pages.ts';
import { ask, list, member, text, type Answer } from '../support/http/api/api.ts';
import { startWorld, type World } from '../support/world.ts';

const second = 1000;
const yaml = `
operators: [megan@contoso.example]
permissions: {console: {readers: [{user: isaiah@contoso.example}]}}
rotations: {web: {members: [adele@contoso.example], every: 1w, handover: "Mon 09:00"}}
policies:
  payments:
    steps:
      - {targets: [{user: debra@contoso.example}], ringTimeoutSeconds: 30}
      - {targets: [{user: nestor@contoso.example}]}
      - {targets: [{user: alex@contoso.example}, {rotation: web}]}
    repeat: 1
`;

/** Debra has declined, and Nestor’s phone rings. */
async function ringing(world: World): Promise<string> {
  const links = [{ text: 'dashboard', href: 'https://grafana.contoso.example/d/1' }];
  const body = { policy: 'payments', summary: 'Checkout errors', severity: 'critical', links };
  const started = await ask(world, 'POST', '/api/v1/escalations', { body });
  await world.pass(15 * second);
  return text(started, 'id');
}

const names = (answer: Answer, at: string, path: string): unknown[] =>
  list(answer, at).map((one) => member(one, path));

describe('what runs, in the console', () => {
  forEachDatabaseByTurns((open) => {
    it('shows an escalation to the people of its policy, with its ladder and what they may do', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const id = await ringing(world);
      const now = await page(world, 'Alex Wilber').get('/now');
      assert.deepEqual(names(now, 'escalations', 'id'), [id]);
      assert.deepEqual(names(now, 'escalations.0.steps', 'state'), ['done', 'now', 'later']);
      assert.deepEqual(names(now, 'escalations.0.steps.0.people', 'name'), ['Debra Berger']);
      assert.equal(member(now.body, 'escalations.0.steps.0.people.0.text'), 'Declined');
      assert.equal(member(now.body, 'escalations.0.steps.1.people.0.state'), 'dialing');
      assert.deepEqual(member(now.body, 'escalations.0.steps.2.targets'), ['Alex Wilber', 'Rotation web']);
      assert.deepEqual(
        ['round', 'rounds', 'may'].map((at) => member(now.body, `escalations.0.${at}`)),
        [1, 2, ['acknowledge', 'callNext', 'resolve', 'stop']],
      );
      assert.deepEqual(list(now, 'calls'), [], 'its calls stand in its ladder');
      assert.deepEqual(names(now, 'recent', 'callee'), ['Debra Berger']);
      assert.equal(member(now.body, 'recent.0.policy'), 'payments');

      const called = await page(world, 'Nestor Wilke').get(`/escalations/${id}`);
      assert.deepEqual(member(called.body, 'may'), [
        'acknowledge',
        'cantTake',
        'callNext',
        'resolve',
        'stop',
      ]);
      assert.deepEqual(names(called, 'links', 'text'), ['dashboard']);
      assert.deepEqual(names(called, 'calls', 'callee'), ['Debra Berger', 'Nestor Wilke']);
      const ended = list(called, 'timeline').find((one) => member(one, 'type') === 'callEnded');
      assert.equal(member(ended, 'call.callee'), 'Debra Berger');
      assert.equal(member(ended, 'call.id'), member(called.body, 'calls.0.id'));
    });

    it('shows people nothing of what does not concern them, as if it did not exist', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const id = await ringing(world);
      const seen = await page(world, 'Isaiah Langer').get(`/escalations/${id}`);
      const callId = String(member(seen.body, 'calls.0.id'));

      const stranger = page(world, 'Grady Archie');
      const now = await stranger.get('/now');
      assert.deepEqual(now.body, { paused: null, escalations: [], calls: [], recent: [] });
      const asked = [
        stranger.get(`/escalations/${id}`),
        stranger.get(`/calls/${callId}`),
        stranger.post(`/calls/${callId}/hang-up`),
        stranger.post(`/escalations/${id}/act`, { act: 'acknowledge', revision: 1 }),
        stranger.get('/escalations/esc_none'),
        stranger.get('/calls/none'),
      ];
      for (const { status, code } of await Promise.all(asked)) {
        assert.deepEqual([status, code], [404, 'not_found']);
      }
      for (const view of [`escalation&id=${id}`, `call&id=${callId}`]) {
        assert.equal((await stranger.stream(view)).status, 404);
      }
    });

    it('shows everything to readers and operators, who act only by the rights of the card', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const id = await ringing(world);
      for (const [name, operates] of [
        ['Isaiah Langer', false],
        ['Megan Bowen', true],
      ] as const) {
        const reader = page(world, name);
        const me = await reader.get('/me');
        assert.deepEqual([member(me.body, 'seesAll'), member(me.body, 'operates')], [true, operates]);
        const now = await reader.get('/now');
        assert.deepEqual(names(now, 'escalations', 'may'), [[]]);
        const act = await reader.post(`/escalations/${id}/act`, { act: 'acknowledge', revision: 99 });
        assert.equal(act.status, 200);
        assert.equal(member(act.body, 'done'), false);
        assert.match(text(act, 'say'), /people/);

        const call = await reader.get(
          `/calls/${String(member((await reader.get(`/escalations/${id}`)).body, 'calls.0.id'))}`,
        );
        assert.notEqual(member(call.body, 'ids.callConnectionId'), undefined);
        assert.equal(member(call.body, 'message'), 'Checkout errors');
        assert.equal(member(call.body, 'may.hangUp'), false);
      }
      const debra = page(world, 'Debra Berger');
      const own = await debra.get(`/calls/${String(member((await debra.get('/now')).body, 'recent.0.id'))}`);
      assert.equal(member(own.body, 'ids'), null, 'ids for the support are for those who see all');
    });

    it('lets one of two people acknowledge, and tells the other who was first', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const id = await ringing(world);
      const people = ['Alex Wilber', 'Adele Vance'];
      const body = { act: 'acknowledge', revision: 99 };
      const acts = await Promise.all(
        people.map(async (name) => await page(world, name).post(`/escalations/${id}/act`, body)),
      );
      const winner = acts.findIndex((act) => member(act.body, 'done') === true);
      const loser = acts.find((act) => member(act.body, 'done') === false);
      assert.ok(winner >= 0 && loser);
      assert.match(text(loser, 'say'), new RegExp(people[winner] ?? ''));
      const detail = await page(world, 'Alex Wilber').get(`/escalations/${id}`);
      assert.deepEqual(member(detail.body, 'may'), ['resolve']);
      const line = list(detail, 'timeline').find((one) => member(one, 'type') === 'acknowledged');
      assert.equal(member(line, 'text'), `Acknowledged by ${people[winner]}, in the console.`);
      const again = await page(world, people[winner] ?? '').post(`/escalations/${id}/act`, body);
      assert.equal(member(again.body, 'done'), true);

      const api = await ask(world, 'GET', `/api/v1/escalations/${id}`);
      assert.equal(member(api.body, 'acknowledgedBy.way'), 'console');
    });

    it('shows for a day what nobody acknowledged, after what is open, and lets people acknowledge it', async () => {
      const world = await startWorld({
        database: await open(),
        yaml: yaml.replace('repeat: 1', 'repeat: 0'),
      });
      for (const name of ['Debra Berger', 'Nestor Wilke', 'Alex Wilber', 'Adele Vance']) {
        world.emulator.people.script(name, { declines: { afterMs: 1000 } });
      }
      const summaries = async (): Promise<unknown[]> =>
        names(await page(world, 'Alex Wilber').get('/now'), 'escalations', 'summary');
      const start = async (summary: string): Promise<string> =>
        text(
          await ask(world, 'POST', '/api/v1/escalations', { body: { policy: 'payments', summary } }),
          'id',
        );
      const taken = await start('Disk full');
      await page(world, 'Alex Wilber').post(`/escalations/${taken}/act`, { act: 'acknowledge', revision: 1 });
      await world.pass(second);
      const missed = await start('Checkout errors');
      await world.pass(120 * second);
      assert.equal(
        text(await page(world, 'Alex Wilber').get(`/escalations/${missed}`), 'status'),
        'exhausted',
      );
      await start('Latency');
      assert.deepEqual(await summaries(), ['Latency', 'Checkout errors', 'Disk full']);
      const now = await page(world, 'Alex Wilber').get('/now');
      assert.deepEqual(
        ['text', 'nextAt', 'may'].map((at) => member(now.body, `escalations.1.${at}`)),
        ['Nobody acknowledged', null, ['acknowledge', 'resolve']],
      );
      assert.deepEqual(list(await page(world, 'Grady Archie').get('/now'), 'escalations'), []);
      const body = { act: 'acknowledge', revision: 1 };
      const act = await page(world, 'Alex Wilber').post(`/escalations/${missed}/act`, body);
      assert.equal(member(act.body, 'done'), true);
      assert.deepEqual(await summaries(), ['Latency', 'Disk full', 'Checkout errors'], 'the oldest first');
    });

    it('no longer shows what nobody acknowledged after a day', async () => {
      const world = await startWorld({ database: await open(), yaml });
      await ringing(world);
      const { sql } = world.app.database;
      const shown = async (status: string, hoursAgo: number): Promise<number> => {
        await sql
          .updateTable('escalations')
          .set({
            status,
            ended_at: raw`created_at - ${hoursAgo} * interval '1 hour'`,
            ladder: raw`ladder || ${JSON.stringify({ status })}::jsonb`,
          })
          .execute();
        return list(await page(world, 'Alex Wilber').get('/now'), 'escalations').length;
      };
      assert.equal(await shown('exhausted', 23), 1);
      assert.equal(await shown('exhausted', 25), 0);
    });

    it('passes an escalation on, and stops it', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const id = await ringing(world);
      const nestor = page(world, 'Nestor Wilke');
      const passed = await nestor.post(`/escalations/${id}/act`, { act: 'cantTake', revision: 1 });
      assert.equal(member(passed.body, 'done'), true);
      await world.pass(2 * second);
      const later = await nestor.get(`/escalations/${id}`);
      assert.deepEqual(names(later, 'steps', 'state'), ['done', 'done', 'now']);
      const stopped = await nestor.post(`/escalations/${id}/act`, { act: 'stop', revision: 1 });
      assert.equal(member(stopped.body, 'done'), true);
      assert.equal(text(await nestor.get(`/escalations/${id}`), 'status'), 'cancelled');
      const refused = await nestor.post(`/escalations/${id}/act`, { act: 'explode', revision: 1 });
      assert.deepEqual([refused.status, refused.code], [400, 'bad_request']);
    });

    it('shows people their own calls, in their language, and hangs up', async () => {
      const world = await startWorld({ database: await open(), yaml });
      await world.emulator.channel.send({ from: 'Alex Wilber', text: 'call nestor: the build is broken' });
      await world.pass(3 * second);
      const alex = page(world, 'Alex Wilber', { 'accept-language': 'de' });
      const now = await alex.get('/now');
      assert.deepEqual(names(now, 'calls', 'callee'), ['Nestor Wilke']);
      const id = String(member(now.body, 'calls.0.id'));
      const call = await alex.get(`/calls/${id}`);
      assert.equal(text(call, 'message'), 'the build is broken');
      assert.equal(member(call.body, 'may.hangUp'), true);
      assert.deepEqual((await page(world, 'Adele Vance').get('/now')).body, {
        paused: null,
        escalations: [],
        calls: [],
        recent: [],
      });
      const hungUp = await alex.post(`/calls/${id}/hang-up`);
      assert.equal(member(hungUp.body, 'done'), true);
      assert.match(text(hungUp, 'say'), /beendet/);
      await world.pass(5 * second);
      assert.equal(text(await alex.get(`/calls/${id}`), 'state'), 'ended');
      assert.equal(member((await alex.post(`/calls/${id}/hang-up`)).body, 'done'), false);
    });
  });
});
