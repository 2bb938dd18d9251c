import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import {
  dutyOf,
  spanInReturn,
  spanToGive,
  type DutySpan,
  type NamedTime,
  type Span,
} from '../../src/schedules/exchangedSpans.ts';
import { givable, inReturn } from '../../src/schedules/exchanging.ts';
import { onDuty, type TurnRotation } from '../../src/schedules/onDuty.ts';
import { itInBoth, runs } from '../support/long.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const zone = 'Europe/Berlin';
const berlin = (time: string): number => DateTime.fromISO(time, { zone }).toMillis();
const shown = (span: Span | null): string =>
  span === null
    ? 'nothing'
    : [span.from, span.to]
        .map((at) => DateTime.fromMillis(at, { zone }).toFormat('MM-dd HH:mm'))
        .join(' to ');

/** Spans by the member who is on duty. */
function planOf(rotation: TurnRotation, from: number, to: number): DutySpan[] {
  const plan: DutySpan[] = [];
  for (let at = from; at < to;) {
    const { member, until } = onDuty(rotation, at);
    plan.push({ from: at, to: Math.min(until, to), targets: [{ kind: 'teamsUser', id: member }] });
    at = until;
  }
  return plan;
}

const rotation = (every: number, hour: number, members = ['Adele', 'Alex']): TurnRotation => ({
  members,
  every,
  handover: { weekday: 1, hour, minute: 0 },
  timeZone: zone,
});
// A Wednesday. In these weeks Adele has Monday 2 March to 9 March, and the odd days.
const now = berlin('2026-03-04T12:10');
const ahead = (one: TurnRotation, days = 90): DutySpan[] => planOf(one, now - 26 * HOUR, now + days * DAY);
const day = (date: string): NamedTime => ({
  kind: 'day',
  from: berlin(date),
  to: berlin(`${DateTime.fromISO(date).plus({ days: 1 }).toISODate()}`),
});
const nights: DutySpan[] = ['03-05', '03-06', '03-08'].map((date) => ({
  from: berlin(`2026-${date}T18:00`),
  to: berlin(`2026-${date}T18:00`) + 14 * HOUR,
  targets: [{ kind: 'teamsUser', id: 'Adele' }],
}));

describe('what somebody gives in an exchange of duty', () => {
  const weekly = ahead(rotation(WEEK, 9));
  const daily = ahead(rotation(DAY, 9));
  const who = onDuty(rotation(WEEK, 9), now).member;
  const today = onDuty(rotation(DAY, 9), now).member;
  const tomorrow = today === 'Adele' ? 'Alex' : 'Adele';
  const moment = (time: string): NamedTime => ({ kind: 'moment', at: berlin(time) });
  const range = (from: string, to: string): NamedTime => ({
    kind: 'range',
    from: berlin(from),
    to: berlin(to),
  });
  const cases: readonly (readonly [string, DutySpan[], string, NamedTime, string])[] = [
    ['of a week, the day', weekly, who, day('2026-03-06'), '03-06 00:00 to 03-07 00:00'],
    ['of a week that ends that day, the rest', weekly, who, day('2026-03-09'), '03-09 00:00 to 03-09 09:00'],
    ['a turn of a day as a whole', daily, tomorrow, day('2026-03-05'), '03-05 09:00 to 03-06 09:00'],
    ['of a turn that ends that day, the rest', daily, today, day('2026-03-05'), '03-05 00:00 to 03-05 09:00'],
    [
      'of a turn that has begun, what is left soon',
      daily,
      today,
      day('2026-03-04'),
      '03-04 12:45 to 03-05 09:00',
    ],
    [
      'the night that begins then, not the one that ends',
      nights,
      'Adele',
      day('2026-03-06'),
      '03-06 18:00 to 03-07 08:00',
    ],
    [
      'of the night that ends then, the rest',
      nights,
      'Adele',
      day('2026-03-07'),
      '03-07 00:00 to 03-07 08:00',
    ],
    ['the night of that moment', nights, 'Adele', moment('2026-03-07T01:00'), '03-06 18:00 to 03-07 08:00'],
    ['of a week at a moment, its day', weekly, who, moment('2026-03-06T18:00'), '03-06 00:00 to 03-07 00:00'],
    [
      'what is within a range',
      weekly,
      who,
      range('2026-03-06T18:00', '2026-03-07T08:00'),
      '03-06 18:00 to 03-07 08:00',
    ],
    [
      'only their own part of a range',
      weekly,
      who,
      range('2026-03-08T18:00', '2026-03-10T08:00'),
      '03-08 18:00 to 03-09 09:00',
    ],
    ['nothing of others', weekly, who, day('2026-03-11'), 'nothing'],
    ['nothing that is over', daily, today, range('2026-03-04T09:00', '2026-03-04T12:00'), 'nothing'],
  ];
  for (const [title, plan, person, named, expected] of cases) {
    it(title, () => {
      assert.equal(shown(spanToGive(dutyOf(person, plan), named, now, zone)), expected);
    });
  }

  it('a day of 23 hours when the clocks go forward', () => {
    const plan: DutySpan[] = [
      { from: now, to: now + 40 * DAY, targets: [{ kind: 'teamsUser', id: 'Adele' }] },
    ];
    const span = spanToGive(dutyOf('Adele', plan), day('2026-03-29'), now, zone);
    assert.equal(shown(span), '03-29 00:00 to 03-30 00:00');
    assert.equal(span && (span.to - span.from) / HOUR, 23);
  });

  it('no part of a duty that several people share', () => {
    const targets = ['Adele', 'Alex'].map((id) => ({ kind: 'teamsUser', id }));
    assert.deepEqual(dutyOf('Adele', [{ from: now, to: now + DAY, targets }]), []);
  });
});

describe('what they get in return', () => {
  const give = (from: string, hours: number): Span => ({
    from: berlin(from),
    to: berlin(from) + hours * HOUR,
  });
  const back = (plan: DutySpan[], gives: Span, busy: Span[] = []): string =>
    shown(spanInReturn(dutyOf('Alex', plan), gives, { now, zone, busy }));
  const alone = (...spans: Span[]): DutySpan[] =>
    spans.map((span) => ({ ...span, targets: [{ kind: 'teamsUser', id: 'Alex' }] }));

  it('the same weekday of a longer turn', () => {
    const plan = alone(give('2026-03-09T09:00', 7 * 24));
    assert.equal(back(plan, give('2026-03-06T00:00', 24)), '03-13 00:00 to 03-14 00:00');
  });
  it('the next turn that is as long, also before what they give', () => {
    const plan = alone(give('2026-03-06T09:00', 24), give('2026-03-08T09:00', 24));
    assert.equal(back(plan, give('2026-03-20T09:00', 24)), '03-06 09:00 to 03-07 09:00');
  });
  it('not a turn that begins before the answer may come, if there is another', () => {
    const plan = alone(give('2026-03-04T09:00', 48), give('2026-03-10T09:00', 48));
    assert.equal(back(plan, give('2026-03-20T09:00', 8)), '03-10 09:00 to 03-10 17:00');
  });
  it('not while they have another duty', () => {
    const plan = alone(give('2026-03-06T09:00', 24), give('2026-03-08T09:00', 24));
    const busy = [give('2026-03-06T20:00', 2)];
    assert.equal(back(plan, give('2026-03-20T09:00', 24), busy), '03-08 09:00 to 03-09 09:00');
  });
  it('nothing if no turn is as long, or none comes in eight weeks', () => {
    assert.equal(back(alone(give('2026-03-06T09:00', 8)), give('2026-03-20T09:00', 24)), 'nothing');
    assert.equal(back(alone(give('2026-05-06T09:00', 24)), give('2026-03-20T09:00', 24)), 'nothing');
  });

  itInBoth('leaves both as many hours as before, and nobody is on duty twice or missing', () => {
    const anyRotation = fc
      .record({
        every: fc.constantFrom(6 * HOUR, 12 * HOUR, DAY, 2 * DAY, WEEK),
        weekday: fc.integer({ min: 1, max: 7 }),
        hour: fc.integer({ min: 0, max: 23 }),
        members: fc.integer({ min: 2, max: 4 }),
        timeZone: fc.constantFrom(zone, 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'),
      })
      .map(({ every, weekday, hour, members, timeZone }): TurnRotation => ({
        members: ['Adele', 'Alex', 'Megan', 'Chris'].slice(0, members),
        every,
        handover: { weekday, hour, minute: 0 },
        timeZone,
      }));
    // Most of these weeks have a day on which some clocks change.
    const anyNow = fc.integer({ min: 0, max: 400 * 24 }).map((hours) => berlin('2026-01-01') + hours * HOUR);
    fc.assert(
      fc.property(anyRotation, anyNow, fc.integer({ min: 0, max: 20 }), (one, at, days) => {
        const begin = DateTime.fromMillis(at, { zone: one.timeZone }).startOf('day').plus({ days });
        const named: NamedTime = {
          kind: 'day',
          from: begin.toMillis(),
          to: begin.plus({ days: 1 }).toMillis(),
        };
        const plan = planOf(one, at - 26 * HOUR, at + 60 * DAY);
        const plans = new Map([['web', plan]]);
        const [found] = givable(plans, 'Adele', { named, now: at, zone: one.timeZone });
        if (!found) return;
        const inExchange = inReturn(
          plans,
          { asker: 'Adele', asked: 'Alex' },
          { ...found, now: at, zone: one.timeZone },
        );
        assert.notEqual(inExchange, 'busy');
        if (inExchange === 'busy' || inExchange.takes === null) return;
        const after = covered(covered(plan, found.gives, 'Alex'), inExchange.takes, 'Adele');
        for (const person of ['Adele', 'Alex']) {
          assert.equal(hours(dutyOf(person, after)), hours(dutyOf(person, plan)), person);
        }
        for (const [index, span] of after.entries()) {
          assert.equal(span.from, index === 0 ? plan[0]?.from : after[index - 1]?.to);
        }
        assert.equal(after.at(-1)?.to, plan.at(-1)?.to);
        assert.ok(found.gives.from > at && inExchange.takes.from > at);
      }),
      { numRuns: runs(25) },
    );
  });
});

/** The plan with a cover on top. */
function covered(plan: readonly DutySpan[], span: Span, person: string): DutySpan[] {
  return plan.flatMap((one) => {
    const piece = (from: number, to: number, targets: DutySpan['targets']): DutySpan[] =>
      from < to ? [{ from, to, targets }] : [];
    const [from, to] = [Math.max(one.from, span.from), Math.min(one.to, span.to)];
    if (from >= to) return [one];
    return [
      ...piece(one.from, from, one.targets),
      ...piece(from, to, [{ kind: 'teamsUser', id: person }]),
      ...piece(to, one.to, one.targets),
    ];
  });
}

const hours = (spans: readonly Span[]): number =>
  spans.reduce((sum, { from, to }) => sum + (to - from) / HOUR, 0);
