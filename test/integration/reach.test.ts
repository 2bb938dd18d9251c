import assert from 'node:assert/strict';
import nodeIcal from 'node-ical';
import * as z from 'zod';
import { openEmbedded } from '../support/databases.ts';
import { calendarServer } from '../support/schedules/calendarServer.ts';
import { berlinAs, calendar } from '../support/schedules/calendarText.ts';
import { startWorld } from '../support/world.ts';

const second = 1000;
const minute = 60 * second;

/** A duty of a day, every day, as Outlook publishes it. */
const zone = 'W. Europe Standard Time';
const outlook = calendar(berlinAs(zone), [
  'UID:040000008200E00074C5B7101A82E008',
  `DTSTART;TZID=${zone}:20200101T090000`,
  `DTEND;TZID=${zone}:20200102T090000`,
  'RRULE:FREQ=DAILY',
  'SUMMARY:On-call',
  'ATTENDEE;CN="Vance\\, A.";ROLE=REQ-PARTICIPANT:mailto:adele@contoso.example',
]);

const escalation = z.object({
  id: z.string(),
  acknowledgedBy: z.looseObject({ name: z.string(), way: z.string() }).nullable(),
  calls: z.array(
    z.object({ target: z.object({ kind: z.string(), displayName: z.string() }), disposition: z.string() }),
  ),
});

describe('the calendar that people have, and the phones they carry', () => {
  it('reach who is on duty: in Teams, then on the mobile, where keys acknowledge; a cover shows', async () => {
    const server = await calendarServer(outlook);
    const world = await startWorld({
      database: await openEmbedded(),
      yaml: `
timeZone: Europe/Berlin
permissions: {phones: {countries: [DE]}}
rotations:
  db: {ical: "${server.url}", allowPrivate: true}
policies:
  payments: {ways: [teams, mobile], steps: [{targets: [{rotation: db}], ringTimeoutSeconds: 20}]}
`,
    });
    const { people, channel } = world.emulator;
    people.script('Adele Vance', { noAnswer: true });
    people.script('+493023125001', { answers: { afterMs: second, replies: ['1', '5'] } });

    const asked = await world.api('POST', '/api/v1/escalations', { policy: 'payments', summary: 'Down' });
    const { id } = z.object({ id: z.string() }).parse(asked.body);
    await world.pass(50 * second);
    const now = escalation.parse((await world.api('GET', `/api/v1/escalations/${id}`)).body);
    assert.deepEqual([now.acknowledgedBy?.name, now.acknowledgedBy?.way], ['Adele Vance', 'keys']);
    assert.deepEqual(
      now.calls.map(({ target, disposition }) => `${target.displayName}, ${target.kind}: ${disposition}`),
      ['Adele Vance, teamsUser: no_answer', 'Adele Vance, phone: acknowledged'],
    );

    const say = async (from: string, text: string): Promise<string> => {
      const { conversationId } = await channel.send({ from, text });
      await world.settle();
      return channel.messages(conversationId).at(-1)?.activity.text ?? '';
    };
    await say('Megan Bowen', 'cover payments until tomorrow 23:00');
    const link = /http\S+\/rotation\/db\.ics/.exec(await say('Adele Vance', 'my calendar'))?.[0] ?? '';
    const events = Object.values(await nodeIcal.async.parseICS(await (await fetch(link)).text()));
    const duties = events.flatMap((one) => (one?.type === 'VEVENT' ? [one] : []));
    const onDutyIn = (ms: number): unknown[] => {
      const then = Date.now() + ms;
      return duties.flatMap(({ start, end, summary }) =>
        +start <= then && then < +(end ?? start) ? [summary] : [],
      );
    };
    assert.deepEqual(onDutyIn(10 * minute), ['db: Megan Bowen']);
    assert.deepEqual(onDutyIn(3 * 24 * 60 * minute), ['db: Adele Vance']);
  });
});
