import assert from 'node:assert/strict';
import type { FakeClock as TestClock } from '../support/clock.ts';
import type { Database } from '../../src/database/open.ts';
import { Callees } from '../../src/escalations/callees.ts';
import type { FrozenStep, StepPeople, TargetSpec } from '../../src/escalations/escalation.ts';
import type { CalendarDuty } from '../../src/schedules/calendarDuty.ts';
import { onDuty, type Rotation } from '../../src/schedules/onDuty.ts';
import type { PhoneRules } from '../../src/escalations/phoneTargets.ts';
import { Targets, type DutyPlan, type Reach } from '../../src/escalations/targets.ts';
import { testClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
import { silent } from '../support/log.ts';
import { FakeDirectory, idOf, person, teamsOnly } from '../support/escalations/people.ts';

const WEEK = 7 * 86_400_000;
const group = '11111111-1111-4111-8111-111111111111';
const team = '22222222-2222-4222-8222-222222222222';
const helpDesk = 'abcdef33-3333-4333-8333-333333333333';

const web: Rotation = {
  members: ['Adele', 'Alex'],
  every: WEEK,
  handover: { weekday: 1, hour: 9, minute: 0 },
  timeZone: 'Europe/Berlin',
};

const step = (...targets: TargetSpec[]): FrozenStep => ({
  targets,
  mode: 'sequence',
  tries: 1,
  pauseSeconds: 0,
});

/** "Adele, Alex; Megan: guest" */
function words({ people, skipped, remembered }: StepPeople): string {
  const called = people.map(({ target }) => target.displayName).join(', ');
  const parts = [called, ...skipped.map(({ name, reason }) => `${name}: ${reason}`)];
  if (remembered.length > 0) parts.push(`remembered: ${remembered.join(', ')}`);
  return parts.join('; ');
}

describe('a target of a step', () => {
  forEachDatabase((open) => {
    let database: Database;
    let clock: TestClock;
    let directory: FakeDirectory;
    let plan: DutyPlan;
    let phones: PhoneRules;
    let targets: Targets;

    before(async () => {
      database = await open();
    });
    beforeEach(async () => {
      await database.sql.deleteFrom('settings').execute();
      await database.sql.deleteFrom('covers').execute();
      clock = testClock();
      directory = new FakeDirectory('Adele', 'Alex', 'Megan', 'Diego');
      phones = { isOn: true, countries: ['DE'] };
      plan = { rotations: { web }, voiceApps: { 'help desk': helpDesk } };
      targets = new Targets({
        sql: database.sql,
        directory,
        plan: () => plan,
        phones: () => phones,
        clock,
        log: silent,
      });
    });

    const ofStep = async (...specs: TargetSpec[]): Promise<string> =>
      words(await targets.ofStep('payments', step(...specs)));
    const cover = async (name: string, ms: number, policy = 'payments'): Promise<void> => {
      await database.sql
        .insertInto('covers')
        .values({
          policy,
          person: JSON.stringify({ kind: 'teamsUser', id: idOf(name), displayName: name }),
          until: new Date(clock.now() + ms),
          created_at: new Date(clock.now()),
        })
        .execute();
    };
    const dutyNow = (): string => onDuty(web, clock.now()).member;
    const dutyNext = (): string => onDuty(web, onDuty(web, clock.now()).until).member;

    describe('with a mobile', () => {
      const ways: FrozenStep['ways'] = ['teams', 'mobile'];
      const phonesOf = async (frozen: FrozenStep): Promise<string[]> => {
        const found = await targets.ofStep('payments', frozen, undefined, 'lookedUp');
        return [
          ...found.people.map(
            ({ target, phones: all = [target] }) =>
              `${target.displayName} ${all.map(({ kind, id }) => (kind === 'phone' ? id : kind)).join(' ')}`,
          ),
          ...found.skipped.map(({ name, reason }) => `skipped ${name} ${reason}`),
          ...(found.without ?? []).map(({ name, way, reason }) => `${name} not by ${way}: ${reason}`),
          ...found.remembered.map((name) => `remembered ${name}`),
        ];
      };
      beforeEach(() =>
        directory.numbers.set('Adele', ['+49 170 1234567']).set('Nestor', ['+49 170 7654321']),
      );

      it('has both phones, and people without a mobile have the other one', async () => {
        directory.add(
          person('Nestor', { assignedPlans: teamsOnly }),
          person('Gone', { accountEnabled: false }),
        );
        const users = ['Adele', 'Alex', 'Nestor', 'Gone'].map((user) => ({ user }));
        assert.deepEqual(await phonesOf({ ...step(...users), ways }), [
          'Adele teamsUser +491701234567',
          'Alex teamsUser',
          'Nestor +491707654321',
          'skipped Gone disabled',
          'Alex not by mobile: noMobile',
          'Nestor not by teams: noTeamsPhone',
        ]);
        assert.deepEqual(
          await phonesOf({ ...step({ user: 'Nestor' }, { user: 'Alex' }), ways: ['mobile'] }),
          ['Nestor +491707654321', 'skipped Alex noMobile'],
        );
        assert.deepEqual(await phonesOf(step({ user: 'Nestor' })), ['skipped Nestor noTeamsPhone']);
        const asked = [...directory.askedNumbers];
        const { people: assumed } = await targets.ofStep(null, { ...step({ user: 'Alex' }), ways });
        assert.deepEqual([assumed[0]?.phones?.[1]?.id, directory.askedNumbers], ['', asked]);
      });

      it('is called on the number of the last answer while the directory is away, if it is still allowed', async () => {
        const frozen = { ...step({ user: 'Adele' }, { mobileOf: 'Adele' }, { user: 'Alex' }), ways };
        await phonesOf(frozen);
        directory.state = 'away';
        const names = ['remembered Adele', 'remembered Alex'];
        assert.deepEqual(await phonesOf(frozen), [
          'Adele teamsUser +491701234567', 'Alex teamsUser', 'Alex not by mobile: directoryUnavailable', ...names,
        ]); // prettier-ignore
        phones = { isOn: true, countries: ['AT'] };
        assert.equal((await phonesOf(frozen))[0], 'Adele teamsUser');
        // Somebody who has no number any more.
        [phones, directory.state] = [{ isOn: true, countries: ['DE'] }, 'well'];
        directory.numbers.clear();
        await phonesOf(frozen);
        directory.state = 'away';
        assert.equal((await phonesOf(frozen))[0], 'Adele teamsUser');
      });
    });

    describe('can be', () => {
      const cases: { it: string; given?: () => void; targets: TargetSpec[]; means: string }[] = [
        { it: 'a person', targets: [{ user: 'adele@contoso.example' }], means: 'Adele' },
        { it: 'a name that nobody has', targets: [{ user: 'Nobody' }], means: '; Nobody: notFound' },
        {
          it: 'a name that several people have',
          given: () => void directory.add(person('Chris A'), person('Chris B')),
          targets: [{ user: 'Chris' }],
          means: '; Chris: ambiguous',
        },
        {
          it: 'a group, whose people keep their order',
          given: () => void directory.groups.set(group, ['Adele', 'Megan']),
          targets: [{ group }],
          means: 'Adele, Megan',
        },
        {
          it: 'a phone number, as people write it',
          targets: [{ phone: '+493023125001' }],
          means: '+49 30 23125001',
        },
        {
          it: 'a phone number of a country that is no longer allowed',
          given: () => void (phones = { isOn: true, countries: ['AT'] }),
          targets: [{ phone: '+493023125001' }],
          means: '; +49 30 23125001: phoneNotAllowed',
        },
        {
          it: 'a phone number without a number to call from',
          given: () => void (phones = { isOn: false, countries: ['DE'] }),
          targets: [{ phone: '+493023125001' }],
          means: '; +49 30 23125001: phonesOff',
        },
        { it: 'a group that does not exist', targets: [{ group }], means: `; ${group}: emptyGroup` },
        {
          it: 'an empty group',
          given: () => void directory.groups.set(group, []),
          targets: [{ group }],
          means: `; ${group}: emptyGroup`,
        },
        {
          it: "a person's manager",
          given: () => void directory.managers.set('Adele', 'Megan'),
          targets: [{ managerOf: 'Adele' }],
          means: 'Megan',
        },
        {
          it: 'the manager of a person who has none',
          targets: [{ managerOf: 'Adele' }],
          means: '; Adele: noManager',
        },
        { it: 'the manager of nobody', targets: [{ managerOf: 'Nobody' }], means: '; Nobody: notFound' },
        { it: 'a voice app by name', targets: [{ voiceApp: 'help desk' }], means: 'help desk' },
        { it: 'a voice app by id', targets: [{ voiceApp: helpDesk }], means: helpDesk },
        {
          it: 'a voice app that the file no longer has',
          targets: [{ voiceApp: 'front desk' }],
          means: '; front desk: notInFile',
        },
        {
          it: 'a rotation that the file no longer has',
          targets: [{ rotation: 'constructor' }],
          means: '; constructor: notInFile',
        },
        {
          it: 'the people on shift',
          given: () => void directory.onShift.set(team, ['Alex', 'Diego']),
          targets: [{ shifts: team, fallback: { user: 'Megan' } }],
          means: 'Alex, Diego',
        },
        {
          it: 'a shift that nobody has: the fallback',
          given: () => void directory.onShift.set(team, []),
          targets: [{ shifts: team, fallback: { user: 'Megan' } }],
          means: `Megan; ${team}: nobodyOnDuty`,
        },
        {
          it: 'a shift that nobody has, without a fallback',
          targets: [{ shifts: team }],
          means: `; ${team}: nobodyOnDuty`,
        },
        {
          it: 'a shift of a person who cannot be called: the fallback',
          given: () => {
            directory.add(person('Gus', { userType: 'Guest' }));
            directory.onShift.set(team, ['Gus']);
          },
          targets: [{ shifts: team, fallback: { user: 'Megan' } }],
          means: 'Megan; Gus: guest',
        },
        {
          it: 'a person who is named twice: called once, in the first place',
          given: () => void directory.groups.set(group, ['Adele', 'Megan']),
          targets: [{ user: 'Megan' }, { group }, { user: 'megan@contoso.example' }],
          means: 'Megan, Adele',
        },
      ];
      for (const { it: title, given, targets: specs, means } of cases) {
        it(title, async () => {
          given?.();
          assert.equal(await ofStep(...specs), means);
        });
      }

      it('is called as a voice app if it is one', async () => {
        const { people } = await targets.ofStep(null, step({ voiceApp: 'help desk' }));
        assert.deepEqual(people, [
          {
            key: `voiceApp:${helpDesk}`,
            target: { kind: 'voiceApp', id: helpDesk, displayName: 'help desk' },
          },
        ]);
      });
    });

    it('is the same phone if the id of the voice app is in capitals', async () => {
      const { people } = await targets.ofStep(null, step({ voiceApp: helpDesk.toUpperCase() }));
      assert.deepEqual(
        people.map(({ key, target }) => [key, target.id]),
        [[`voiceApp:${helpDesk}`, helpDesk]],
      );
    });

    it('is skipped with a reason if the person cannot be called', async () => {
      directory.add(
        person('Dora', { accountEnabled: false }),
        person('Gus', { userType: 'Guest' }),
        person('Nora', { assignedPlans: [] }),
        person('Theo', { assignedPlans: teamsOnly }),
        person('Una', { assignedPlans: null, accountEnabled: null }),
      );
      directory.groups.set(group, ['Adele', 'Dora', 'Gus', 'Nora', 'Theo', 'Una']);
      assert.equal(
        await ofStep({ group }),
        'Adele, Una; Dora: disabled; Gus: guest; Nora: noLicence; Theo: noTeamsPhone',
      );
    });

    describe('that is a calendar', () => {
      const duty = (named: string[], more: Partial<CalendarDuty> = {}): CalendarDuty => ({
        from: clock.now() - 3_600_000,
        to: clock.now() + 3_600_000,
        people: [{ words: named }],
        priority: 0,
        level: 0,
        ...more,
      });
      const says = (...duties: CalendarDuty[]): void => {
        const [from, to] = [clock.now() - 86_400_000, clock.now() + 86_400_000];
        const calendar = { kind: 'known' as const, duties, from, to, asOf: clock.now() };
        plan = { ...plan, rotations: { db: { calendar } } };
      };

      it('means all who are on duty now, each by the first words that the directory knows', async () => {
        says(
          duty(['adele@contoso.example', 'Alex'], { priority: 2 }),
          duty(['adele.old@contoso.example', 'Megan'], { priority: 1 }),
          duty(['Diego'], { from: clock.now() + 1 }),
          duty([], { priority: 3 }),
          duty(['Zoe', 'zoe']),
        );
        assert.equal(await ofStep({ rotation: 'db' }), 'Megan, Adele; db: notFound; Zoe: notFound');
        assert.equal(targets.turnEnds('db'), clock.now() + 1);
      });

      it('means people without Teams too, if they have a mobile', async () => {
        directory.add(person('Nestor', { assignedPlans: teamsOnly }));
        directory.numbers.set('Nestor', ['+49 170 7654321']);
        says(duty(['Nestor']));
        const frozen: FrozenStep = { ...step({ rotation: 'db' }), ways: ['teams', 'mobile'] };
        const { people, skipped } = await targets.ofStep('payments', frozen, undefined, 'lookedUp');
        assert.deepEqual([people.map(({ target }) => target.id), skipped], [['+491707654321'], []]);
      });

      it('means nobody between duties, and nothing is known of one that was never read', async () => {
        says();
        assert.equal(await ofStep({ rotation: 'db' }), '; db: nobodyOnDuty');
        assert.equal(targets.turnEnds('db'), null);
        clock.setTime(clock.now() + 2 * 86_400_000);
        assert.equal(await ofStep({ rotation: 'db' }), '; db: calendarUnavailable');
        plan = { ...plan, rotations: { db: { calendar: { kind: 'unknown' } } } };
        assert.equal(await ofStep({ rotation: 'db' }), '; db: calendarUnavailable');
      });

      it('means the person who covers', async () => {
        says(duty(['Adele']));
        await cover('Megan', 3_600_000);
        assert.equal(await ofStep({ rotation: 'db' }), 'Megan');
      });

      it('means the same people, or those of its last duty, while the directory is away', async () => {
        says(duty(['Adele']), duty(['Alex']));
        await ofStep({ rotation: 'db' });
        directory.state = 'away';
        const again = await targets.ofStep('payments', step({ rotation: 'db' }));
        assert.equal(words(again), 'Adele, Alex; remembered: db');
        says(duty(['Diego']));
        assert.equal(await ofStep({ rotation: 'db' }), 'Adele, Alex; remembered: db');
      });
    });

    describe('that is a rotation', () => {
      it('means the person on duty now', async () => {
        assert.equal(await ofStep({ rotation: 'web' }), dutyNow());
        assert.equal(targets.turnEnds('web'), onDuty(web, clock.now()).until);
        assert.equal(targets.turnEnds('constructor'), null);
      });

      it('means the next member after the handover', async () => {
        const before = dutyNow();
        clock.setTime(onDuty(web, clock.now()).until);
        assert.notEqual(dutyNow(), before);
        assert.equal(await ofStep({ rotation: 'web' }), dutyNow());
      });

      it('means the person who covers, until the cover ends', async () => {
        await cover('Megan', 3_600_000);
        assert.equal(await ofStep({ rotation: 'web' }), 'Megan');
        clock.setTime(clock.now() + 3_600_000);
        assert.equal(await ofStep({ rotation: 'web' }), dutyNow());
      });

      it('is covered only in its policy', async () => {
        await cover('Megan', 3_600_000, 'warehouse');
        assert.equal(await ofStep({ rotation: 'web' }, { user: 'Diego' }), `${dutyNow()}, Diego`);
        await cover('Megan', 3_600_000);
        assert.equal(await ofStep({ rotation: 'web' }, { user: 'Diego' }), 'Megan, Diego');
        const { people } = await targets.ofStep(null, step({ rotation: 'web' }));
        assert.equal(people[0]?.target.displayName, dutyNow());
      });

      it('is covered without a directory', async () => {
        await cover('Megan', 3_600_000);
        directory.state = 'away';
        assert.equal(await ofStep({ rotation: 'web' }), 'Megan');
      });

      it('follows a changed file', async () => {
        plan = { ...plan, rotations: { web: { ...web, members: ['Diego'] } } };
        assert.equal(await ofStep({ rotation: 'web' }), 'Diego');
      });
    });

    describe('while the directory does not answer', () => {
      it('means the people of last time', async () => {
        directory.groups.set(group, ['Adele', 'Megan']);
        directory.managers.set('Adele', 'Diego');
        const specs: TargetSpec[] = [{ user: 'Alex' }, { group }, { managerOf: 'Adele' }];
        assert.equal(await ofStep(...specs), 'Alex, Adele, Megan, Diego');
        directory.state = 'away';
        assert.equal(await ofStep(...specs), `Alex, Adele, Megan, Diego; remembered: Alex, ${group}, Adele`);
      });

      it('means the people of the latest answer', async () => {
        directory.groups.set(group, ['Adele']);
        await ofStep({ group });
        directory.groups.set(group, ['Megan']);
        await ofStep({ group });
        directory.state = 'away';
        assert.equal(await ofStep({ group }), `Megan; remembered: ${group}`);
      });

      it('means nobody if it was never looked up', async () => {
        directory.state = 'away';
        assert.equal(await ofStep({ user: 'Adele' }), '; Adele: directoryUnavailable');
      });

      it('is called as it is if it is an object id', async () => {
        directory.state = 'away';
        const id = idOf('Adele');
        assert.equal(await ofStep({ user: id.toUpperCase() }), id.toUpperCase());
        const { people } = await targets.ofStep('payments', step({ user: id.toUpperCase() }));
        assert.deepEqual(
          people.map(({ target }) => [target.kind, target.id]),
          [['teamsUser', id]],
        );
      });

      it('does not keep the other targets of the step from being called', async () => {
        await ofStep({ user: 'Alex' });
        directory.state = 'away';
        assert.equal(
          await ofStep({ user: 'Adele' }, { voiceApp: 'help desk' }, { user: 'Alex' }),
          'help desk, Alex; Adele: directoryUnavailable; remembered: Alex',
        );
      });

      it('means the member on duty now, if that member was ever looked up', async () => {
        await ofStep({ user: dutyNow() });
        await ofStep({ user: dutyNext() });
        await ofStep({ rotation: 'web' });
        clock.setTime(onDuty(web, clock.now()).until);
        directory.state = 'away';
        assert.equal(await ofStep({ rotation: 'web' }), `${dutyNow()}; remembered: web`);
      });

      it('means the last known member on duty otherwise', async () => {
        const before = dutyNow();
        await ofStep({ rotation: 'web' });
        clock.setTime(onDuty(web, clock.now()).until);
        directory.state = 'away';
        assert.equal(await ofStep({ rotation: 'web' }), `${before}; remembered: web`);
      });

      it('does not mean a person who covered earlier', async () => {
        await cover('Megan', 1_000);
        await ofStep({ rotation: 'web' });
        clock.setTime(clock.now() + 1_000);
        directory.state = 'away';
        assert.equal(await ofStep({ rotation: 'web' }), `; ${dutyNow()}: directoryUnavailable`);
      });

      it('means the people who were on shift last, or the fallback', async () => {
        const spec: TargetSpec = { shifts: team, fallback: { user: 'Megan' } };
        directory.onShift.set(team, []);
        await ofStep(spec);
        directory.state = 'away';
        assert.equal(await ofStep(spec), `Megan; ${team}: directoryUnavailable; remembered: ${team}`);
        directory.state = 'well';
        directory.onShift.set(team, ['Alex']);
        await ofStep(spec);
        directory.state = 'away';
        assert.equal(await ofStep(spec), `Alex; remembered: ${team}`);
      });

      it('waits five seconds for it', async () => {
        await ofStep({ user: 'Adele' });
        directory.state = 'silent';
        const found = ofStep({ user: 'Adele' });
        await clock.tick(5_000);
        assert.equal(await found, 'Adele; remembered: Adele');
      });

      it('treats an unexpected error like no answer', async () => {
        await ofStep({ user: 'Adele' });
        directory.state = 'broken';
        assert.equal(await ofStep({ user: 'Adele' }), 'Adele; remembered: Adele');
      });

      it('calls nobody if the stored people cannot be read', async () => {
        directory.state = 'away';
        await database.sql
          .insertInto('settings')
          .values({ name: 'target:{"user":"Adele"}', value: JSON.stringify([{ kind: 'fax' }]) })
          .execute();
        assert.equal(await ofStep({ user: 'Adele' }), '; Adele: directoryUnavailable');
      });
    });

    describe('before anybody is called, tells whether it reaches', () => {
      const steps = (...specs: TargetSpec[]): FrozenStep[] => specs.map((spec) => step(spec));
      const startedBy = { kind: 'api', key: 'ci', name: 'ci' } as const;
      const reachable = async (policy: string | null, these: FrozenStep[]): Promise<Reach> =>
        await new Callees({
          targets,
          optedOut: async () => new Set(),
          presence: async () => null,
        }).reachable({ policy, steps: these, severity: 'critical', startedBy });

      it('somebody, and who is skipped, with step and reason', async () => {
        directory.add(person('Gus', { userType: 'Guest' }));
        assert.deepEqual(
          await reachable('payments', steps({ user: 'Gus' }, { user: 'Adele' }, { user: 'Nobody' })),
          {
            reached: 'somebody',
            skipped: [
              { step: 1, name: 'Gus', reason: 'guest' },
              { step: 3, name: 'Nobody', reason: 'notFound' },
            ],
          },
        );
      });

      it('nobody', async () => {
        directory.add(person('Gus', { userType: 'Guest' }));
        const reach = await reachable(null, steps({ user: 'Gus' }, { group }));
        assert.equal(reach.reached, 'nobody');
      });

      it('an unknown number of people while the directory is away', async () => {
        directory.state = 'away';
        const reach = await reachable(null, steps({ user: 'Adele' }, { user: 'Alex' }));
        assert.equal(reach.reached, 'unknown');
      });

      it('people, within three seconds', async () => {
        directory.state = 'silent';
        const found = reachable(null, steps({ user: 'Adele' }, { shifts: team, fallback: { user: 'Alex' } }));
        await clock.tick(3_000);
        assert.equal((await found).reached, 'unknown');
      });
    });
  });
});
