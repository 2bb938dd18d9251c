import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CoverChange, Cover } from '../../src/schedules/coverStore.ts';
import type { Rotation } from '../../src/schedules/onDuty.ts';
import {
  dutiesOf,
  dutiesOfPerson,
  rangesFor,
  sequenceOf,
  sharedDuties,
  type Duty,
} from '../../src/escalations/dutyCalendar.ts';
import { dutyPlan, type DutyFacts, type Named, type Reached } from '../../src/escalations/dutyPlan.ts';
import { idOf } from '../support/escalations/people.ts';
import { itInBoth, runs } from '../support/long.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const here = 'https://ringdown.contoso.example';
const names = ['Adele', 'Alex', 'Megan'];
const target = (name: string): Cover['person'] => ({
  kind: 'teamsUser',
  id: idOf(name),
  displayName: name,
});
const reach = (words: Named): Reached => {
  const name = 'user' in words ? words.user : '';
  return { targets: names.includes(name) ? [target(name)] : [], skipped: [] };
};
const web: Rotation = {
  members: ['Adele', 'Alex'],
  every: 7 * DAY,
  handover: { weekday: 1, hour: 9, minute: 0 },
  timeZone: 'Europe/Berlin',
};
const at = (time: string): number => Date.parse(time);
/** A Tuesday; summer time begins in Berlin on the 29th. */
const now = at('2026-03-24T12:00:00Z');

const cover = (name: string, from: number, until: number, takenAt: number): Cover => ({
  id: `${name} ${from}`,
  policy: 'payments',
  rotation: null,
  person: target(name),
  from,
  until,
  takenAt,
});
const changesOf = (covers: readonly Cover[]): CoverChange[] =>
  covers.map(({ policy, from, until, takenAt }) => ({ policy, from, to: until, at: takenAt }));

/** The duties of a rotation, as a calendar that is fetched then shows them. */
function duties(
  when: number,
  {
    rotation = web,
    covers = [],
    policy = 'payments',
  }: { rotation?: Rotation; covers?: Cover[]; policy?: string } = {},
): Duty[] {
  const rotations = { web: rotation };
  const spec = { rotation: 'web' };
  const { shown, planned: range } = rangesFor(when, spec, rotations);
  const facts: DutyFacts = {
    rotations,
    covers: covers.filter((one) => one.policy === policy).toSorted((a, b) => b.takenAt - a.takenAt),
    shiftsOf: () => [],
    reach,
  };
  const spans = dutyPlan(spec, range.from, range.to, facts);
  return dutiesOf({ policy, spec, ...range, spans }, shown, changesOf(covers), here);
}

const inWords = ({ from, to, people, instead, policies }: Duty): string => {
  const time = (one: number): string => new Date(one).toISOString().slice(5, 16);
  const who = people.map(({ displayName }) => displayName).join(', ') || 'nobody';
  const other = instead ? ` for ${instead.map(({ displayName }) => displayName).join(', ')}` : '';
  return `${time(from)} ${time(to)} ${who}${other} (${policies.join(', ')})`;
};

describe('the duties of a calendar', () => {
  it('shows the turn in progress from its true begin, some days back, and 90 days ahead', () => {
    const shown = duties(now);
    assert.deepEqual(shown.slice(0, 3).map(inWords), [
      '03-16T08:00 03-23T08:00 Adele (payments)',
      '03-23T08:00 03-30T07:00 Alex (payments)',
      '03-30T07:00 04-06T07:00 Adele (payments)',
    ]);
    const last = shown.at(-1);
    assert.ok(last && last.to > now + 90 * DAY && last.to - last.from === 7 * DAY);
  });

  it('has one duty for a cover that lasts over a hand-over, and gives it to who took it only', () => {
    const taken = cover('Megan', at('2026-03-29T18:00:00Z'), at('2026-03-31T06:00:00Z'), now);
    const all = duties(now, { covers: [taken] });
    assert.deepEqual(all.slice(1, 4).map(inWords), [
      '03-23T08:00 03-29T18:00 Alex (payments)',
      '03-29T18:00 03-31T06:00 Megan for Alex, Adele (payments)',
      '03-31T06:00 04-06T07:00 Adele (payments)',
    ]);
    assert.deepEqual(dutiesOfPerson(all, idOf('Megan')).map(inWords), [inWords(all[2] ?? assert.fail())]);
    assert.ok(dutiesOfPerson(all, idOf('Adele')).every(({ people }) => people[0]?.displayName === 'Adele'));
  });

  it('makes one duty of what is the same in several policies, and two where a cover makes them differ', () => {
    const taken = cover('Megan', at('2026-03-25T00:00:00Z'), at('2026-03-26T00:00:00Z'), now);
    const both = (covers: Cover[]): Duty[] =>
      sharedDuties([...duties(now, { covers }), ...duties(now, { covers, policy: 'shop' })]);
    assert.ok(both([]).every(({ policies }) => policies.join() === 'payments,shop'));
    assert.deepEqual(
      both([taken])
        .slice(1, 5)
        .map(inWords)
        .toSorted((one, other) => one.localeCompare(other)),
      [
        '03-23T08:00 03-25T00:00 Alex (payments)',
        '03-23T08:00 03-30T07:00 Alex (shop)',
        '03-25T00:00 03-26T00:00 Megan for Alex (payments)',
        '03-26T00:00 03-30T07:00 Alex (payments)',
      ],
    );
  });

  it('keeps the UID of a turn that a cover shortens or takes whole, and its SEQUENCE only grows', () => {
    const [begin, end] = [at('2026-03-30T07:00:00Z'), at('2026-04-06T07:00:00Z')];
    const found = (covers: Cover[], more: CoverChange[] = []): Duty => {
      const changes = [...changesOf(covers), ...more];
      const all = duties(now, { covers });
      const duty = all.find((one) => one.from === begin) ?? assert.fail();
      const times = changes.filter((one) => one.from <= duty.to && one.to >= duty.from).map((one) => one.at);
      return { ...duty, changedAt: times.length > 0 ? Math.max(...times) : null };
    };
    const half = cover('Megan', begin + 2 * DAY, end, now);
    const whole = cover('Alex', begin, end, now + 60_000);
    // Ended before it began: only the change is left.
    const ended: CoverChange = { policy: 'payments', from: begin, to: begin, at: now + 120_000 };
    const stages = [found([]), found([half]), found([half, whole]), found([half], [ended])];
    assert.deepEqual(stages.map(inWords), [
      '03-30T07:00 04-06T07:00 Adele (payments)',
      '03-30T07:00 04-01T07:00 Adele (payments)',
      '03-30T07:00 04-06T07:00 Alex for Adele (payments)',
      '03-30T07:00 04-01T07:00 Adele (payments)',
    ]);
    assert.equal(new Set(stages.map(({ uid }) => uid)).size, 1);
    const sequences = stages.map(sequenceOf);
    assert.deepEqual(
      sequences,
      [...new Set(sequences)].toSorted((one, other) => one - other),
    );
    assert.equal(sequences[0], 0);
    assert.ok((sequences[3] ?? 0) < 2 ** 31);
  });

  it('shows somebody who is always on duty once, until the end of the calendar', () => {
    const alone = { ...web, members: ['Adele'] };
    const [today, tomorrow] = [now, now + DAY].map((when) => duties(when, { rotation: alone }));
    assert.equal(today?.length, 1);
    assert.deepEqual(
      today?.[0] && { from: today[0].from, to: today[0].to },
      rangesFor(now, { rotation: 'web' }, { web: alone }).shown,
    );
    assert.equal(today?.[0]?.uid, tomorrow?.[0]?.uid);
  });

  it('shows fewer days of a rotation that changes all the time', () => {
    for (const [every, days] of [
      [4 * HOUR, 91],
      [HOUR, 20],
      [1000, -9],
    ] as const) {
      const { shown, planned } = rangesFor(now, { rotation: 'web' }, { web: { every } });
      assert.equal(Math.floor((shown.to - at('2026-03-24T00:00:00Z')) / DAY), days, `${every}`);
      assert.ok((planned.to - planned.from) / every <= 700);
    }
  });

  itInBoth('is the plan: no gap and no overlap; each UID once, and the same on every later day', () => {
    const hours = fc.integer({ min: -10 * 24, max: 85 * 24 });
    const covers = fc.array(
      fc.record({ who: fc.constantFrom(...names), from: hours, hours: fc.integer({ min: 1, max: 400 }) }),
      { maxLength: 6 },
    );
    const rotation = fc.record({
      members: fc.array(fc.constantFrom(...names, 'Nobody'), { minLength: 1, maxLength: 4 }),
      every: fc.constantFrom(12 * HOUR, DAY, 7 * DAY, 35 * DAY, 91 * HOUR, 5.5 * HOUR),
      handover: fc.record({
        weekday: fc.integer({ min: 1, max: 7 }),
        hour: fc.integer({ min: 0, max: 23 }),
        minute: fc.constantFrom(0, 30),
      }),
      timeZone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'),
    });
    fc.assert(
      fc.property(rotation, covers, fc.integer({ min: 1, max: 400 }), (given, some, later) => {
        const taken = some.map((one, index) =>
          cover(one.who, now + one.from * HOUR, now + (one.from + one.hours) * HOUR, now - index * HOUR),
        );
        const all = duties(now, { rotation: given, covers: taken });
        const { shown } = rangesFor(now, { rotation: 'web' }, { web: given });
        const sampled = Math.ceil(all.length / 5);
        assert.ok((all[0]?.from ?? Infinity) <= shown.from);
        assert.ok((all.at(-1)?.to ?? 0) >= shown.to);
        for (const [index, one] of all.entries()) {
          assert.ok(one.from < one.to);
          if (index > 0) assert.equal(one.from, all[index - 1]?.to);
          if (index % sampled !== 0) continue;
          const middle = Math.floor((one.from + one.to) / 2);
          const [expected] = dutyPlan({ rotation: 'web' }, middle, middle + 1, {
            rotations: { web: given },
            covers: taken,
            shiftsOf: () => [],
            reach,
          });
          assert.deepEqual(one.people, expected?.targets);
        }
        assert.equal(new Set(all.map(({ uid }) => uid)).size, all.length);
        const after = duties(now + later * HOUR, { rotation: given, covers: taken });
        const uids = new Map(all.map((one) => [inWords(one), one.uid]));
        // Turns of the same person in a row may be one that is longer than the plan reaches.
        const isShort = ({ from, to }: Duty): boolean => to - from < 14 * DAY;
        for (const one of after.filter(isShort)) {
          const known = uids.get(inWords(one));
          if (known !== undefined) assert.equal(one.uid, known);
        }
      }),
      { numRuns: runs(15) },
    );
  });
});
