import assert from 'node:assert/strict';
import * as z from 'zod';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { startWorld } from '../support/world.ts';

const second = 1000;
const yaml = `
permissions: {phones: {countries: [DE]}}
policies:
  night:
    ways: [teams, mobile]
    steps:
      - {targets: [{user: adele@contoso.example}, {user: irvin@contoso.example}], ringTimeoutSeconds: 10}
`;

const Escalation = z.looseObject({
  id: z.string(),
  status: z.string(),
  acknowledgedBy: z.looseObject({ name: z.string(), way: z.string() }).nullable(),
  calls: z.array(z.looseObject({ target: z.looseObject({ kind: z.string(), displayName: z.string() }) })),
  timeline: z.array(z.looseObject({ type: z.string(), data: z.looseObject({}).optional() })),
});

describe('Teams, then the mobile', () => {
  forEachDatabaseByTurns((open) => {
    it('is called until somebody acknowledges there, with a key or in the chat', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const { people, channel } = world.emulator;
      people.script('Adele Vance', { noAnswer: true });
      const start = async (): Promise<() => Promise<z.infer<typeof Escalation>>> => {
        const { body } = await world.api('POST', '/api/v1/escalations', { policy: 'night', summary: 'Down' });
        const { id } = Escalation.parse(body);
        return async () => Escalation.parse((await world.api('GET', `/api/v1/escalations/${id}`)).body);
      };

      // Adele's mobile answers, and nobody presses a key. Irvin has no Teams Phone licence.
      const first = await start();
      await world.pass(14 * second);
      const phone = world.emulator.phone('+493023125001');
      assert.equal(phone.rings().length, 1);
      await channel.send({ from: 'Adele Vance', text: 'ack' });
      const inChat = await first();
      assert.deepEqual(inChat.acknowledgedBy, { ...inChat.acknowledgedBy, name: 'Adele Vance', way: 'chat' });
      await world.pass(12 * second);
      assert.ok(phone.rings().every(({ endedAt }) => endedAt !== null));
      assert.deepEqual(
        (await first()).timeline.flatMap(({ type, data }) =>
          type === 'callEnded' ? [data?.['mobile']] : [],
        ),
        [undefined, true],
        'the timeline tells which phone it was',
      );

      people.change('Adele Vance', { mobilePhone: null });
      const later = await start();
      await world.pass(30 * second);
      const byKey = await later();
      assert.deepEqual(byKey.acknowledgedBy, { ...byKey.acknowledgedBy, name: 'Irvin Sayers', way: 'keys' });
      assert.deepEqual(
        byKey.calls.map(({ target: { kind, displayName } }) => `${displayName}: ${kind}`),
        ['Adele Vance: teamsUser', 'Irvin Sayers: phone'],
      );
      assert.deepEqual(
        byKey.timeline.flatMap(({ type, data }) => (type === 'withoutWay' ? [data] : [])),
        [
          { name: 'Adele Vance', way: 'mobile', reason: 'noMobile' },
          { name: 'Irvin Sayers', way: 'teams', reason: 'noTeamsPhone' },
        ],
      );
      assert.ok(!world.log.join('').includes('23125008'), 'a number of a person is in the log');
    });
  });
});
