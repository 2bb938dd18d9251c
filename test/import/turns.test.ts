import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { onDuty } from '../../src/schedules/onDuty.ts';
import { imported } from '../support/import/imported.ts';
import { itInBoth, runs } from '../support/long.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BEGIN = Date.parse('2026-01-15T00:00Z');
const END = BEGIN + 366 * DAY;

/** A rotation without gaps, as people set it up in any of the systems. */
interface Plan {
  people: number;
  /** Of the turn: how many of which unit. */
  count: number;
  unit: 'hours' | 'days' | 'weeks';
  /** Local time. */
  start: string;
  zone: string;
  /** Which of the people begins. */
  from: number;
}

const hour = fc.integer({ min: 0, max: 23 });
const plans = (units: Plan['unit'][], zones: string[]): fc.Arbitrary<Plan> =>
  fc
    .record({
      people: fc.integer({ min: 1, max: 5 }),
      unit: fc.constantFrom(...units),
      count: fc.integer({ min: 1, max: 9 }),
      day: fc.integer({ min: 0, max: 400 }),
      hour,
      half: fc.boolean(),
      zone: fc.constantFrom(...zones),
      from: fc.nat(4),
    })
    .map(({ day, hour: at, half, unit, count, ...rest }) => ({
      ...rest,
      unit,
      // Turns of an hour would make the year long.
      count: unit === 'hours' ? count * 4 : count,
      from: rest.from % rest.people,
      start: DateTime.fromISO('2024-11-01T00:00', { zone: 'utc' })
        .plus({ days: day, hours: at, minutes: half ? 30 : 0 })
        .toFormat("yyyy-MM-dd'T'HH:mm:ss"),
    }));

const zones = ['Europe/Berlin', 'America/New_York', 'UTC', 'Asia/Kolkata', 'Australia/Lord_Howe'];
const still = ['UTC', 'Asia/Kolkata', 'America/Phoenix'];
const mail = (index: number): string => `person${index}@contoso.example`;
const nobody = { results: [], next: null };

function isNearChange(at: number, zone: string): boolean {
  return DateTime.fromMillis(at - DAY, { zone }).offset !== DateTime.fromMillis(at + DAY, { zone }).offset;
}

/** The turns of a year by the plan's own rule, in local time: beginning, and who. */
function turnsOf(plan: Plan): { begins: number; ends: number; member: string }[] {
  const start = DateTime.fromISO(plan.start, { zone: 'utc' });
  const at = (turn: number): number =>
    start
      .plus({ [plan.unit]: plan.count * turn })
      .setZone(plan.zone, { keepLocalTime: true })
      .toMillis();
  const lengthMs = { hours: HOUR, days: DAY, weeks: 7 * DAY }[plan.unit] * plan.count;
  const found = [];
  // Long before the first turn of the year, and only each few of short turns, but all when the clocks change.
  for (let turn = Math.max(0, Math.floor((BEGIN - at(0)) / lengthMs) - 2); at(turn) < END; turn += 1) {
    const [begins, ends] = [at(turn), at(turn + 1)];
    if (ends <= BEGIN || (lengthMs < 7 * DAY && turn % 9 !== 0 && !isNearChange(begins, plan.zone))) continue;
    found.push({ begins, ends, member: mail((plan.from + turn) % plan.people) });
  }
  return found;
}

/** Who is on duty in the file that the command writes is who is on duty by the plan, all year. */
function assertSame(plan: Plan, key: string, text: object): void {
  const { yaml, rotations } = imported(key, text, BEGIN);
  const [rotation] = Object.values(rotations);
  assert.ok(rotation, yaml);
  for (const { begins, ends, member } of turnsOf(plan)) {
    // A turn that the spring change skips as a whole.
    if (ends <= begins) continue;
    for (const at of [begins, begins + 60_000, ends - 60_000].filter(
      (time) => time >= BEGIN && time < ends,
    )) {
      assert.equal(onDuty(rotation, at).member, member, `${new Date(at).toISOString()}\n${yaml}`);
    }
  }
}

const iso = ({ start, zone }: Plan): string => String(DateTime.fromISO(start, { zone }).toISO());

/** As the other systems count: the person who begins is the first of the list. */
const inOrder = ({ people, from }: Plan): number[] =>
  Array.from({ length: people }, (_, index) => (from + index) % people);

const users = (people: number) =>
  Array.from({ length: people }, (_, index) => ({
    id: `U${index}`,
    email: mail(index),
    username: mail(index),
  }));

describe('import: the same person is on duty as in the other system, all year, whatever the clocks do', () => {
  itInBoth('Grafana OnCall: shifts that last until the next', () => {
    fc.assert(
      fc.property(plans(['hours', 'days', 'weeks'], zones), fc.boolean(), (plan, isWeb) => {
        const { people, count, unit, zone, start, from } = plan;
        const seconds = { hours: 3600, days: 86_400, weeks: 604_800 }[unit];
        assertSame(plan, 'grafana-oncall', {
          users: users(people),
          schedules: [
            { id: 'S', name: 'S', type: isWeb ? 'web' : 'calendar', time_zone: zone, shifts: ['O'] },
          ],
          on_call_shifts: [
            {
              id: 'O',
              type: 'rolling_users',
              start,
              time_zone: isWeb ? zone : null,
              duration: seconds * count,
              frequency: { hours: 'hourly', days: 'daily', weeks: 'weekly' }[unit],
              interval: count,
              rolling_users: Array.from({ length: people }, (_, index) => [`U${index}`]),
              start_rotation_from_user_index: from,
            },
          ],
          escalation_chains: nobody,
          escalation_policies: nobody,
        });
      }),
      { numRuns: runs(8, 1_000) },
    );
  });

  itInBoth('Grafana OnCall: a shift a day on every day; weeks begin on the first day of the week', () => {
    const days = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
    const cases = fc.tuple(plans(['days', 'weeks'], zones), fc.integer({ min: 0, max: 6 }));
    fc.assert(
      fc.property(cases, ([made, weekStart]) => {
        const plan = made.unit === 'weeks' ? { ...made, count: 1 } : made;
        const { people, count, unit, zone, from } = plan;
        const start = DateTime.fromISO(plan.start, { zone: 'utc' });
        const intoWeek = (start.weekday - 1 - weekStart + 7) % 7;
        // The first turn of a week is short; the others begin on the first day of the week.
        const counted = unit === 'weeks' ? start.minus({ days: intoWeek }) : start;
        assertSame({ ...plan, start: counted.toFormat("yyyy-MM-dd'T'HH:mm:ss") }, 'grafana-oncall', {
          users: users(people),
          schedules: [{ id: 'S', name: 'S', type: 'calendar', time_zone: zone, shifts: ['O'] }],
          on_call_shifts: [
            {
              id: 'O',
              type: 'rolling_users',
              start: plan.start,
              duration: 86_400,
              frequency: unit === 'weeks' ? 'weekly' : 'daily',
              interval: count,
              week_start: days[weekStart],
              by_day: days,
              rolling_users: Array.from({ length: people }, (_, index) => [`U${index}`]),
              start_rotation_from_user_index: from,
            },
          ],
          escalation_chains: [],
          escalation_policies: [],
        });
      }),
      { numRuns: runs(4, 500) },
    );
  });

  itInBoth('Opsgenie', () => {
    const some = fc.oneof(plans(['days', 'weeks'], zones), plans(['hours'], still));
    fc.assert(
      fc.property(some, (plan) => {
        assertSame(plan, 'opsgenie', {
          users: users(plan.people).map(({ id, email }) => ({ id, username: email })),
          schedules: [
            {
              id: 'S',
              name: 'S',
              timezone: plan.zone,
              rotations: [
                {
                  type: { hours: 'hourly', days: 'daily', weeks: 'weekly' }[plan.unit],
                  length: plan.count,
                  startDate: iso(plan),
                  participants: inOrder(plan).map((index) => ({ type: 'user', id: `U${index}` })),
                },
              ],
            },
          ],
          escalations: [],
        });
      }),
      { numRuns: runs(6, 500) },
    );
  });

  itInBoth('PagerDuty', () => {
    const some = fc.oneof(plans(['days', 'weeks'], zones), plans(['hours'], still));
    fc.assert(
      fc.property(some, (plan) => {
        const seconds = { hours: 3600, days: 86_400, weeks: 604_800 }[plan.unit];
        assertSame(plan, 'pagerduty', {
          users: users(plan.people),
          schedules: [
            {
              id: 'S',
              name: 'S',
              time_zone: plan.zone,
              schedule_layers: [
                {
                  start: '2024-01-01T00:00:00Z',
                  end: null,
                  rotation_virtual_start: iso(plan),
                  rotation_turn_length_seconds: seconds * plan.count,
                  users: inOrder(plan).map((index) => ({ user: { id: `U${index}` } })),
                  restrictions: [],
                },
              ],
            },
          ],
          escalation_policies: [],
        });
      }),
      { numRuns: runs(6, 500) },
    );
  });
});
