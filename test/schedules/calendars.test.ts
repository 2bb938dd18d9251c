import assert from 'node:assert/strict';
import type { Database } from '../../src/database/open.ts';
import { hoursOld, peopleAt } from '../../src/schedules/calendarDuty.ts';
import type { CalendarNotice } from '../../src/schedules/calendarNotices.ts';
import { Calendars } from '../../src/schedules/calendars.ts';
import { testClock, type FakeClock } from '../support/clock.ts';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { FakeDirectory, person } from '../support/escalations/people.ts';
import { recordingLog } from '../support/log.ts';
import { plainTransact } from '../support/plainTransact.ts';
import {
  answerWith,
  calendarServer,
  SECRET,
  type CalendarServer,
} from '../support/schedules/calendarServer.ts';
import { calendar } from '../support/schedules/calendarText.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const always = ['DTSTART:20200101T000000Z', 'DTEND:20400101T000000Z'];
const onDuty = (name: string, ...more: (readonly string[])[]): string =>
  calendar(['UID:1', ...always, `SUMMARY:${name}`], ...more);

describe('calendars', () => {
  forEachDatabaseByTurns((open) => {
    let clock: FakeClock;
    let server: CalendarServer;
    let database: Database;
    let told: CalendarNotice[];
    let lines: string[];
    const directory = new FakeDirectory('Adele', 'Alex').add(person('Gus', { userType: 'Guest' }));

    beforeEach(async () => {
      clock = testClock();
      server = await calendarServer(onDuty('Adele'));
      database = await open();
      told = [];
    });

    /** One of the processes that share the database. */
    function replica(ical = server.url): { calendars: Calendars; now: () => string; asOf: () => number } {
      const recorded = recordingLog([]);
      ({ lines } = recorded);
      const source = { ical, allowPrivate: true };
      const calendars = new Calendars({
        sql: database.sql,
        transact: plainTransact(database),
        clock,
        log: recorded.log,
        directory,
        file: () => ({ timeZone: 'UTC', rotations: { db: source, web: {} } }),
        folder: '',
      });
      calendars.tellWith((_work, _subject, notice) => told.push(notice));
      const book = () => calendars.bookOf(source, 'UTC');
      return {
        calendars,
        now() {
          const known = book();
          if (known.kind === 'unknown') return 'unknown';
          return peopleAt(known.duties, clock.now())
            .map(({ words }) => words[0])
            .join(', ');
        },
        asOf() {
          const known = book();
          return known.kind === 'known' ? known.asOf : Number.NaN;
        },
      };
    }

    async function later(ms: number, ...replicas: { calendars: Calendars }[]): Promise<void> {
      clock.setTime(clock.now() + ms);
      for (const { calendars } of replicas) await calendars.refresh();
    }

    it('are fetched by one of the replicas every few minutes, and both know them', async () => {
      const [one, other] = [replica(), replica()];
      await Promise.all([one.calendars.refresh(), other.calendars.refresh()]);
      await other.calendars.refresh();
      assert.deepEqual([one.now(), other.now(), server.asked.length], ['Adele', 'Adele', 1]);
      server.answer = (_request, response) => void response.end(onDuty('Alex'));
      await later(MINUTE, one, other);
      assert.deepEqual([one.now(), server.asked.length], ['Adele', 1]);
      await later(4 * MINUTE, one, other);
      assert.deepEqual([one.now(), other.now(), server.asked.length], ['Alex', 'Alex', 2]);
      await one.calendars.refresh(true);
      assert.equal(server.asked.length, 3);
    });

    it('count as they last were while the source is away or sends something else, also after a restart', async () => {
      const before = replica();
      await before.calendars.start();
      const fetched = clock.now();
      await before.calendars.stop();
      for (const answer of ['<title>Sign in</title>', onDuty('Alex').slice(0, -30)]) {
        server.answer = (_request, response) => void response.end(answer);
        const after = replica();
        await after.calendars.start();
        await later(5 * MINUTE, after);
        assert.deepEqual([after.now(), after.asOf()], ['Adele', fetched]);
        await after.calendars.stop();
      }
      assert.deepEqual(told, []);
      const after = replica();
      await later(2 * HOUR, after);
      await later(2 * HOUR, after);
      assert.deepEqual(told, [
        { kind: 'calendarAway', calendar: 'db', problem: 'it is incomplete', hours: 2 },
      ]);
      assert.equal(
        hoursOld(after.calendars.bookOf({ ical: server.url, allowPrivate: true }, 'UTC'), clock.now()),
        4,
      );
      server.answer = (_request, response) => void response.end(onDuty('Alex'));
      await later(5 * MINUTE, after);
      assert.deepEqual([after.now(), after.asOf()], ['Alex', clock.now()]);
      // When it is away again, that is told again.
      server.answer = (_request, response) => answerWith(response, 500);
      await later(2 * HOUR, after);
      assert.equal(told.length, 2);
      assert.doesNotMatch(lines.join(''), new RegExp(SECRET));
    });

    it('that never answered are unknown, and operators hear it at once', async () => {
      server.answer = (_request, response) => answerWith(response, 404);
      const one = replica();
      await one.calendars.start();
      await later(MINUTE, one);
      assert.deepEqual([one.now(), server.asked.length], ['unknown', 2]);
      assert.deepEqual(told, [{ kind: 'calendarAway', calendar: 'db', problem: 'HTTP 404', hours: null }]);
      await one.calendars.stop();
    });

    it('name people whom the directory does not know: operators hear it once, until it is right', async () => {
      const text = onDuty(
        'Zoe',
        ['UID:2', ...always, 'ATTENDEE:gus@contoso.example'],
        ['UID:3', ...always, 'SUMMARY:Alex'],
        ['UID:4', 'DTSTART:never'],
      );
      server.answer = (_request, response) => void response.end(text);
      const one = replica();
      await one.calendars.refresh();
      const expected = [
        { kind: 'calendarEvents', calendar: 'db', events: 1 },
        { kind: 'calendarPerson', calendar: 'db', name: 'Zoe', why: 'notFound' },
        { kind: 'calendarPerson', calendar: 'db', name: 'gus@contoso.example', why: 'guest' },
      ];
      assert.deepEqual(told, expected);
      await later(13 * HOUR, one);
      assert.deepEqual(told, expected);
      // While the directory is away, nothing is told, and nothing forgotten.
      directory.state = 'away';
      await later(13 * HOUR, one);
      directory.state = 'well';
      await later(13 * HOUR, one);
      assert.deepEqual(told, expected);
    });
  });
});
