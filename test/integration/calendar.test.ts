import assert from 'node:assert/strict';
import * as z from 'zod';
import { readRingdownYaml } from '../../src/config/ringdownYaml.ts';
import { consolePerson } from '../support/console/person.ts';
import { forEachDatabaseByTurns, openEmbedded } from '../support/databases.ts';
import {
  answerWith,
  calendarServer,
  SECRET,
  type CalendarServer,
} from '../support/schedules/calendarServer.ts';
import { calendar } from '../support/schedules/calendarText.ts';
import { ASKING_MS, until } from '../support/until.ts';
import { startWorld, type World } from '../support/world.ts';

const second = 1000;
const minute = 60 * second;

const onDuty = (...lines: string[]): string =>
  calendar(['UID:1', 'DTSTART:20200101T000000Z', 'DTEND:20400101T000000Z', ...lines]);

const yaml = (ical: string): string => `
operators: [Megan Bowen]
rotations:
  db: {ical: "${ical}", allowPrivate: true}
policies:
  payments:
    steps:
      - {targets: [{rotation: db}], ringTimeoutSeconds: 20}
      - {targets: [{ical: "${ical}", allowPrivate: true}, {user: Nestor Wilke}], ringTimeoutSeconds: 20}
`;

const escalation = z.object({
  id: z.string(),
  calls: z.array(z.object({ target: z.object({ displayName: z.string() }) })),
  timeline: z.array(z.object({ type: z.string(), data: z.unknown().optional() })),
});

describe('a calendar of duties', () => {
  forEachDatabaseByTurns((open) => {
    let server: CalendarServer;
    let world: World;

    beforeEach(async () => {
      server = await calendarServer(onDuty('SUMMARY:On Call - Debra Berger - Payments'));
      world = await startWorld({ database: await open(), yaml: yaml(server.url) });
    });

    async function called(): Promise<z.infer<typeof escalation>> {
      const body = { policy: 'payments', summary: 'It burns' };
      const { id } = escalation.parse((await world.api('POST', '/api/v1/escalations', body)).body);
      await world.pass(15 * second);
      return escalation.parse((await world.api('GET', `/api/v1/escalations/${id}`)).body);
    }
    const names = ({ calls }: z.infer<typeof escalation>): string[] =>
      calls.map(({ target }) => target.displayName);

    const reload = async (): Promise<void> => await world.app.reload(readRingdownYaml(yaml(server.url), {}));

    /** The source says something else from now on. Ringdown asks it after some minutes, or if it is told to. */
    async function changed(
      answer: CalendarServer['answer'],
      says: string,
      ask: () => Promise<void> = reload,
    ): Promise<void> {
      server.answer = answer;
      const asked = server.asked.length;
      await ask();
      await until(() => server.asked.length > asked, 'the source is asked again');
      await until(async () => (await onCall()).includes(says), `“on call” says ${says}`, ASKING_MS);
    }

    async function onCall(): Promise<string> {
      const { channel } = world.emulator;
      const { conversationId } = await channel.send({ from: 'Joni Sherman', text: 'on call payments' });
      await world.pass(second);
      return JSON.stringify(channel.messages(conversationId).at(-1)?.activity);
    }

    it('calls whom it says, then whom it says now, and the same while its source is away', async () => {
      assert.deepEqual(names(await called()).slice(0, 2), ['Debra Berger', 'Debra Berger']);
      await changed(
        (_request, response) => void response.end(onDuty('ATTENDEE:alex@contoso.example')),
        'Alex Wilber',
        async () => await world.pass(6 * minute),
      );
      assert.equal(names(await called())[0], 'Alex Wilber');
      await changed((_request, response) => answerWith(response, 503), 'Alex Wilber');
      // Four hours later.
      const since = new Date(Date.now() - 4 * 60 * minute);
      await world.app.database.sql.updateTable('calendars').set({ as_of: since }).execute();
      await reload();
      await until(
        async () => /has not been reachable for \d hours/.test(await onCall()),
        'its age is said',
        ASKING_MS,
      );
      assert.equal(names(await called())[0], 'Alex Wilber');

      const megan = consolePerson(world, 'Megan Bowen');
      const now = Date.now();
      const range = `from=${new Date(now).toISOString()}&to=${new Date(now + 60 * minute).toISOString()}`;
      const shown = await Promise.all(
        ['/duty?' + range, '/policies', '/health'].map(async (page) => await megan.get(page)),
      );
      assert.match(JSON.stringify(shown[0]?.body), /Alex Wilber.*has not been reachable/s);
      const everything = JSON.stringify([shown, world.log, await world.api('GET', '/api/v1/escalations')]);
      assert.doesNotMatch(everything, new RegExp(SECRET));
    });

    it('calls nobody when nobody is on duty or known, says so, and the ladder goes on', async () => {
      await changed((_request, response) => void response.end(calendar()), 'nobody is on duty');
      const nobody = await called();
      assert.deepEqual(names(nobody), ['Nestor Wilke']);
      assert.deepEqual(nobody.timeline.find(({ type }) => type === 'skipped')?.data, {
        name: 'db',
        reason: 'nobodyOnDuty',
      });
      await changed((_request, response) => void response.end(onDuty("SUMMARY:Zoë O'Neil")), "Zoë O'Neil");
      const unknown = await called();
      assert.deepEqual(unknown.timeline.find(({ type }) => type === 'skipped')?.data, {
        name: "Zoë O'Neil",
        reason: 'notFound',
      });
    });
  });

  it('is refused in a request, whose address nobody fetches', async () => {
    const server = await calendarServer(onDuty('SUMMARY:Debra Berger'));
    const world = await startWorld({ database: await openEmbedded() });
    const { status } = await world.api('POST', '/api/v1/escalations', {
      steps: [{ targets: [{ ical: server.url }] }],
      summary: 'It burns',
    });
    assert.deepEqual([status, server.asked.length], [400, 0]);
  });
});
