import assert from 'node:assert/strict';
import { page } from '../support/console/pages.ts';
import { openEmbedded } from '../support/databases.ts';
import { ask, list, member, text } from '../support/http/api/api.ts';
import { startWorld } from '../support/world.ts';

const second = 1000;
const yaml = `
permissions:
  callers: [{user: megan@contoso.example}]
  console: {readers: [{user: isaiah@contoso.example}]}
policies: {payments: {steps: [{targets: [{user: nestor@contoso.example}]}]}}
`;
const range = 'from=2026-03-02T00:00:00.000Z&to=2026-03-09T00:00:00.000Z';
const questions = [
  `duty?${range}`,
  'policies',
  'policies/payments',
  'calls',
  'escalations',
  'charts',
] as const;

describe('people whom `permissions.callers` excludes, in the console', () => {
  it('get no answers about people, as in chat: no calendar, no policies, no history', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml });
    for (const path of questions) {
      const answer = await page(world, 'Nestor Wilke').get(`/${path}`);
      assert.deepEqual([answer.status, answer.code], [403, 'not_allowed'], path);
      assert.equal((await page(world, 'Megan Bowen').get(`/${path}`)).status, 200, path);
      assert.equal((await page(world, 'Isaiah Langer').get(`/${path}`)).status, 200, `${path} for a reader`);
    }
    const views = [
      ['duty', '2026-03-02T00:00:00.000Z..2026-03-09T00:00:00.000Z'],
      ['policies', ''],
      ['policy', 'critical:payments'],
    ] as const;
    for (const [view, id] of views) {
      assert.equal((await page(world, 'Nestor Wilke').stream(view, id)).status, 403, view);
      assert.equal((await page(world, 'Megan Bowen').stream(view, id)).status, 200, view);
    }
  });

  it('see and acknowledge the escalations that call them, as on their cards', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml });
    const body = { policy: 'payments', summary: 'Checkout errors' };
    const id = text(await ask(world, 'POST', '/api/v1/escalations', { body }), 'id');
    await world.pass(5 * second);
    const nestor = page(world, 'Nestor Wilke');
    assert.equal(list(await nestor.get('/now'), 'escalations').length, 1);
    const act = await nestor.post(`/escalations/${id}/act`, { act: 'acknowledge', revision: 1 });
    assert.equal(member(act.body, 'done'), true);
  });
});
