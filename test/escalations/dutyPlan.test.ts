import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import type { Database } from '../../src/database/open.ts';
import { storableJson } from '../../src/database/storable.ts';
import type { Shift } from '../../src/directory/directory.ts';
import { coversIn, takeCover, type Cover } from '../../src/schedules/coverStore.ts';
import {
  dutyPlan,
  isTooFine,
  namedIn,
  type DutyFacts,
  type Named,
  type PlannedSpan,
  type Reached,
} from '../../src/escalations/dutyPlan.ts';
import type { TargetSpec } from '../../src/escalations/escalation.ts';
import type { CalendarDuty } from '../../src/schedules/calendarDuty.ts';
import { onDuty, type Rotation } from '../../src/schedules/onDuty.ts';
import { findNow } from '../../src/escalations/findNow.ts';
import { Targets } from '../../src/escalations/targets.ts';
import { callableOf, toTarget } from '../../src/directory/callable.ts';
import { FakeClock } from '../support/clock.ts';
import { openEmbedded } from '../support/databases.ts';
import { FakeDirectory, idOf, person } from '../support/escalations/people.ts';
import { silent } from '../support/log.ts';
import { itInBoth, runs } from '../support/long.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const zone = 'Europe/Berlin';
const team = '22222222-2222-4222-8222-222222222222';
const berlin = (time: string): number => DateTime.fromISO(time, { zone }).toMillis();
const web: Rotation = {
  members: ['Adele', 'Alex'],
  every: WEEK,
  handover: { weekday: 1, hour: 9, minute: 0 },
  timeZone: zone,
};

const duty = (name: string, from: string, to: string): CalendarDuty => ({
  from: berlin(from),
  to: berlin(to),
  people: [{ words: [name] }],
  priority: 0,
  level: 0,
});
const db: Rotation = {
  calendar: {
    kind: 'known',
    from: berlin('2026-03-23T09:00'),
    to: berlin('2026-03-27T09:00'),
    asOf: berlin('2026-03-23T09:00'),
    duties: [
      duty('Adele', '2026-03-22T09:00', '2026-03-25T09:00'),
      duty('Alex', '2026-03-24T09:00', '2026-03-25T09:00'),
      // The same person, by other words.
      {
        ...duty('Alex', '2026-03-24T09:00', '2026-03-25T09:00'),
        people: [{ words: ['Alex', 'alex@contoso.example'] }],
      },
      duty('Nobody', '2026-03-26T09:00', '2026-04-01T09:00'),
    ],
  },
};

const target = (name: string): Cover['person'] => ({
  kind: 'teamsUser',
  id: idOf(name),
  displayName: name,
});
const cover = (name: string, from: string, until: string, taken: string): Cover => ({
  id: `${name} ${from}`,
  policy: 'payments',
  person: target(name),
  from: berlin(from),
  until: berlin(until),
  takenAt: berlin(taken),
  rotation: null,
});
const shift = (name: string, from: string, until: string): Shift => ({
  userId: idOf(name),
  startsAt: berlin(from),
  endsAt: berlin(until),
  name: null,
});

/** "Mon 9:00 Adele": when each span begins. `>`: a hand-over. */
const lines = (spans: readonly PlannedSpan[]): string[] =>
  spans.map(({ from, kind, targets, skipped, handOver, covered }) => {
    const begins = DateTime.fromMillis(from, { zone }).toFormat('ccc d HH:mm');
    const names = targets.map(({ displayName }) => displayName).join(', ') || 'nobody';
    const instead = covered && ` instead of ${covered.instead.targets[0]?.displayName ?? 'nobody'}`;
    const reasons = skipped.map(({ reason }) => ` (${reason})`).join('');
    return `${begins}${handOver ? ' >' : ''} ${kind} ${names}${instead ?? ''}${reasons}`;
  });

const people = new Map(['Adele', 'Alex', 'Megan'].map((name) => [name, target(name)]));
const reach = (words: Named): Reached | null => {
  if ('userId' in words) {
    const found = [...people.values()].find(({ id }) => id === words.userId);
    return found ? { targets: [found], skipped: [] } : null;
  }
  const name = 'user' in words ? words.user : 'oneOf' in words ? (words.oneOf[0] ?? '') : '';
  const found = people.get(name);
  return found
    ? { targets: [found], skipped: [] }
    : { targets: [], skipped: [{ name, reason: 'notFound' as const }] };
};

describe('the duty plan', () => {
  const monday = '2026-03-23T00:00';
  const fortnightLater = '2026-04-06T00:00';
  const cases: {
    title: string;
    spec?: TargetSpec;
    rotation?: Partial<Rotation>;
    covers?: Cover[];
    shifts?: Shift[];
    from?: string;
    to?: string;
    spans: string[];
  }[] = [
    {
      title: 'has the turns of a rotation, also across a change of the clocks',
      spans: ['Mon 23 00:00 rotation Adele', 'Mon 23 09:00 > rotation Alex', 'Mon 30 09:00 > rotation Adele'],
    },
    {
      title: 'has the duties of a calendar: together, between them nobody, and nothing beyond what was read',
      spec: { rotation: 'db' },
      covers: [cover('Megan', '2026-03-24T12:00', '2026-03-24T18:00', '2026-03-23T12:00')],
      spans: [
        'Mon 23 00:00 rotation nobody (calendarUnavailable)',
        'Mon 23 09:00 rotation Adele',
        'Tue 24 09:00 > rotation Adele, Alex',
        'Tue 24 12:00 cover Megan instead of Adele',
        'Tue 24 18:00 rotation Adele, Alex',
        'Wed 25 09:00 > rotation nobody (nobodyOnDuty)',
        'Thu 26 09:00 > rotation nobody (notFound)',
        'Fri 27 09:00 rotation nobody (calendarUnavailable)',
      ],
    },
    {
      title: 'joins turns of a member who follows themselves',
      rotation: { members: ['Alex', 'Alex', 'Adele'] },
      from: '2026-03-30T00:00',
      to: '2026-04-20T00:00',
      spans: ['Mon 30 00:00 rotation Adele', 'Mon 30 09:00 > rotation Alex', 'Mon 13 09:00 > rotation Adele'],
    },
    {
      title: 'marks a hand-over at which the range begins',
      from: '2026-03-30T09:00',
      spans: ['Mon 30 09:00 > rotation Adele'],
    },
    {
      title: 'has a gap for a member who cannot be called',
      rotation: { members: ['Adele', 'Nobody'] },
      spans: [
        'Mon 23 00:00 rotation Adele',
        'Mon 23 09:00 > rotation nobody (notFound)',
        'Mon 30 09:00 > rotation Adele',
      ],
    },
    {
      title: 'shows whom a cover replaces; the one taken last wins',
      covers: [
        cover('Megan', '2026-03-25T12:00', '2026-03-25T18:00', '2026-03-24T12:00'),
        cover('Adele', '2026-03-25T09:00', '2026-03-31T09:00', '2026-03-23T12:00'),
      ],
      spans: [
        'Mon 23 00:00 rotation Adele',
        'Mon 23 09:00 > rotation Alex',
        'Wed 25 09:00 cover Adele instead of Alex',
        'Wed 25 12:00 cover Megan instead of Alex',
        'Wed 25 18:00 cover Adele instead of Alex',
        'Mon 30 09:00 > cover Adele instead of Adele',
        'Tue 31 09:00 rotation Adele',
      ],
    },
    {
      title: 'does not cut where a cover that does not count begins or ends',
      covers: [
        cover('Megan', '2026-03-23T12:00', '2026-04-03T12:00', '2026-03-23T12:00'),
        cover('Adele', '2026-03-25T09:00', '2026-03-26T09:00', '2026-03-22T12:00'),
      ],
      from: '2026-03-24T00:00',
      to: '2026-03-28T00:00',
      spans: ['Tue 24 00:00 cover Megan instead of Alex'],
    },
    {
      title: 'has a gap for a rotation that the file no longer has, unless somebody covers',
      spec: { rotation: 'constructor' },
      covers: [cover('Megan', '2026-03-24T00:00', '2026-03-25T00:00', '2026-03-23T12:00')],
      to: '2026-03-26T00:00',
      spans: [
        'Mon 23 00:00 rotation nobody (notInFile)',
        'Tue 24 00:00 cover Megan instead of nobody',
        'Wed 25 00:00 rotation nobody (notInFile)',
      ],
    },
    {
      title: 'has the shifts, and a gap where nobody has one',
      spec: { shifts: team },
      shifts: [
        shift('Adele', '2026-03-22T20:00', '2026-03-23T08:00'),
        shift('Alex', '2026-03-23T07:00', '2026-03-23T12:00'),
        shift('Stranger', '2026-03-23T20:00', '2026-03-23T22:00'),
      ],
      to: '2026-03-24T00:00',
      spans: [
        'Mon 23 00:00 shift Adele',
        'Mon 23 07:00 > shift Adele, Alex',
        'Mon 23 08:00 > shift Alex',
        'Mon 23 12:00 > shift nobody (nobodyOnDuty)',
        'Mon 23 20:00 > shift nobody (nobodyOnDuty)',
        'Mon 23 22:00 > shift nobody (nobodyOnDuty)',
      ],
    },
    {
      title: 'fills the time without a shift with the fallback, which can be covered if it is a rotation',
      spec: { shifts: team, fallback: { rotation: 'web' } },
      shifts: [shift('Adele', '2026-03-23T10:00', '2026-03-23T12:00')],
      covers: [cover('Megan', '2026-03-23T11:00', '2026-03-23T13:00', '2026-03-23T00:00')],
      to: '2026-03-24T00:00',
      spans: [
        'Mon 23 00:00 rotation Adele (nobodyOnDuty)',
        'Mon 23 09:00 > rotation Alex (nobodyOnDuty)',
        'Mon 23 10:00 > shift Adele',
        'Mon 23 12:00 > cover Megan instead of Alex (nobodyOnDuty)',
        'Mon 23 13:00 rotation Alex (nobodyOnDuty)',
      ],
    },
    {
      title: 'is empty for an empty range',
      to: monday,
      spans: [],
    },
  ];
  for (const one of cases) {
    it(one.title, () => {
      const facts: DutyFacts = {
        rotations: { web: { ...web, ...one.rotation }, db },
        covers: one.covers ?? [],
        shiftsOf: () => one.shifts ?? [],
        reach,
      };
      const range = [berlin(one.from ?? monday), berlin(one.to ?? fortnightLater)] as const;
      assert.deepEqual(lines(dutyPlan(one.spec ?? { rotation: 'web' }, ...range, facts)), one.spans);
    });
  }

  it('is not drawn for a rotation that changes every minute', () => {
    assert.equal(isTooFine({ every: 60_000 }, 100 * DAY), true);
    assert.equal(isTooFine({ every: HOUR }, 100 * DAY), false);
  });

  describe('for all rotations, covers and shifts', () => {
    let database: Database;
    before(async () => {
      database = await openEmbedded();
    });
    after(async () => await database.close());

    const names = ['Adele', 'Alex', 'Megan', 'Gus', 'Nobody'] as const;
    const name = fc.constantFrom(...names);
    const rotation = fc.record({
      members: fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
      every: fc.oneof(
        fc.integer({ min: 1, max: 14 }).map((days) => days * DAY),
        fc.integer({ min: 1, max: 30 }).map((hours) => hours * HOUR),
        fc.constantFrom(90 * 60_000, 100 * 60_000),
      ),
      handover: fc.record({
        weekday: fc.integer({ min: 1, max: 7 }),
        hour: fc.integer({ min: 0, max: 23 }),
        minute: fc.constantFrom(0, 30),
      }),
      timeZone: fc.constantFrom(zone, 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC'),
    });
    const around = fc
      .tuple(
        fc.constantFrom(
          '2026-03-29T01:00Z',
          '2026-10-25T01:00Z',
          '2026-03-08T07:00Z',
          '2026-11-01T06:00Z',
          '2026-04-04T15:00Z',
          '2026-07-01T00:00Z',
        ),
        fc.integer({ min: -40, max: 0 }),
      )
      .map(([time, hours]) => Date.parse(time) + hours * HOUR);
    const span = fc
      .tuple(fc.integer({ min: -30, max: 90 }), fc.integer({ min: 1, max: 60 }))
      .map(([begin, length]) => ({ begin: begin * HOUR, end: (begin + length) * HOUR }));
    const spec = fc.constantFrom<TargetSpec>(
      { rotation: 'web' },
      { shifts: team },
      { shifts: team, fallback: { rotation: 'web' } },
      { shifts: team, fallback: { user: 'Megan' } },
    );

    const called = ({ targets, skipped }: Reached): unknown => [
      targets.map(({ displayName }) => displayName),
      skipped,
    ];

    itInBoth(
      'fills the range without overlap, and agrees with whom a step would call at each instant',
      async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.record({
              spec,
              rotation,
              from: around,
              length: fc.integer({ min: 1, max: 80 * 60 }).map((minutes) => minutes * 60_000),
              covers: fc.array(fc.tuple(name, span), { maxLength: 5 }),
              shifts: fc.array(fc.tuple(name, span), { maxLength: 5 }),
              at: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 2, maxLength: 4 }),
            }),
            async ({ from, length, at, ...given }) => {
              const to = from + length;
              await database.sql.deleteFrom('cover_spans').execute();
              for (const [index, [who, { begin, end }]] of given.covers.entries()) {
                const one = {
                  policy: 'payments',
                  person: target(who),
                  from: from + begin,
                  until: from + end,
                };
                await takeCover(database.sql, one, from + index);
              }
              const directory = new FakeDirectory('Adele', 'Alex', 'Megan');
              directory.add(person('Gus', { userType: 'Guest' }));
              directory.planned.set(
                team,
                given.shifts.map(([who, { begin, end }]) => ({
                  userId: idOf(who),
                  startsAt: from + begin,
                  endsAt: from + end,
                  name: null,
                })),
              );
              const rotations = { web: given.rotation };
              const shifts = (await directory.shifts(team, from, to)) ?? [];
              const read = { rotations, shiftsOf: () => shifts };
              const known = new Map<string, Reached | null>();
              for (const words of namedIn(given.spec, read))
                known.set(storableJson(words), await reachOf(words, directory, from));
              const spans = dutyPlan(given.spec, from, to, {
                ...read,
                covers: await coversIn(database.sql, from, to, 'payments'),
                reach: (words) => known.get(storableJson(words)) ?? null,
              });

              assert.equal(spans[0]?.from, from);
              assert.equal(spans.at(-1)?.to, to);
              for (const [index, one] of spans.entries()) {
                assert.ok(one.from < one.to);
                if (index > 0) assert.equal(one.from, spans[index - 1]?.to);
              }
              const targetsAt = (instant: number): Targets =>
                new Targets({
                  sql: database.sql,
                  directory,
                  plan: () => ({ rotations, voiceApps: {} }),
                  phones: () => ({ isOn: false, countries: [] }),
                  clock: new FakeClock(instant),
                  log: silent,
                });
              const instants = [...at.map((part) => from + Math.floor(part * length)), ...edges(spans)];
              for (const instant of instants) {
                const planned = spans.find((one) => one.from <= instant && instant < one.to);
                assert.ok(planned);
                const step = { targets: [given.spec], mode: 'sequence', tries: 1, pauseSeconds: 0 } as const;
                const { people: now, skipped } = await targetsAt(instant).ofStep('payments', {
                  ...step,
                  targets: [...step.targets],
                });
                assert.deepEqual(
                  called(planned),
                  called({ targets: now.map(({ target: one }) => one), skipped }),
                );
                if (planned.kind === 'rotation' && 'rotation' in given.spec) {
                  const { member } = onDuty(given.rotation, instant);
                  assert.ok(
                    [...planned.targets.map((one) => one.displayName), 'Gus', 'Nobody'].includes(member),
                  );
                }
              }
            },
          ),
          { numRuns: runs(60) },
        );
      },
    );
  });
});

/** The instants around the first inner boundary of a plan. */
function edges(spans: readonly PlannedSpan[]): number[] {
  const bound = spans[1]?.from;
  return bound === undefined ? [] : [bound - 1, bound];
}

async function reachOf(words: Named, directory: FakeDirectory, now: number): Promise<Reached | null> {
  if ('voiceApp' in words || 'phone' in words) throw new Error('not in these plans');
  if (!('userId' in words)) return await findNow(words, directory, now);
  const found = await directory.get(words.userId);
  if (!found) return null;
  const can = callableOf(found);
  return can.callable
    ? { targets: [toTarget(found)], skipped: [] }
    : { targets: [], skipped: [{ name: found.displayName, reason: can.reason }] };
}
