import assert from 'node:assert/strict';
import type { FakeClock as TestClock } from '../support/clock.ts';
import type { Database } from '../../src/database/open.ts';
import { Callees } from '../../src/escalations/callees.ts';
import type { FrozenStep, StepPeople, TargetSpec } from '../../src/escalations/escalation.ts';
import { onDuty, type Rotation } from '../../src/escalations/onDuty.ts';
import { Targets, type DutyPlan, type Reach } from '../../src/escalations/targets.ts';
import { testClock } from '../support/clock.ts';
import { forEachDatabase } from '../support/databases.ts';
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

describe('whom the targets of a step mean', () => {
  forEachDatabase((open) => {
    let database: Database;
    let clock: TestClock;
    let directory: FakeDirectory;
    let plan: DutyPlan;
    let targets: Targets;

    before(async () => {
      database = await open();
    });
    beforeEach(async () => {
      await database.sql.deleteFrom('settings').execute();
      await database.sql.deleteFrom('covers').execute();
      clock = testClock();
      directory = new FakeDirectory('Adele', 'Alex', 'Megan', 'Diego');
      plan = { rotations: { web }, voiceApps: { 'help desk': helpDesk } };
      targets = new Targets({ sql: database.sql, directory, plan: () => plan, clock });
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

    describe('each kind of target', () => {
      const cases: { it: string; given?: () => void; targets: TargetSpec[]; means: string }[] = [
        { it: 'a person', targets: [{ user: 'adele@contoso.example' }], means: 'Adele' },
        { it: 'nobody of that name', targets: [{ user: 'Nobody' }], means: '; Nobody: notFound' },
        {
          it: 'several of that name',
          given: () => void directory.add(person('Chris A'), person('Chris B')),
          targets: [{ user: 'Chris' }],
          means: '; Chris: ambiguous',
        },
        {
          it: 'the people of a group in their order',
          given: () => void directory.groups.set(group, ['Adele', 'Megan']),
          targets: [{ group }],
          means: 'Adele, Megan',
        },
        { it: 'a group that is not there', targets: [{ group }], means: `; ${group}: emptyGroup` },
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
        { it: 'who has no manager', targets: [{ managerOf: 'Adele' }], means: '; Adele: noManager' },
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
          it: 'those on shift',
          given: () => void directory.onShift.set(team, ['Alex', 'Diego']),
          targets: [{ shifts: team, fallback: { user: 'Megan' } }],
          means: 'Alex, Diego',
        },
        {
          it: 'nobody on shift: the fallback',
          given: () => void directory.onShift.set(team, []),
          targets: [{ shifts: team, fallback: { user: 'Megan' } }],
          means: `Megan; ${team}: nobodyOnDuty`,
        },
        {
          it: 'nobody on shift and no fallback',
          targets: [{ shifts: team }],
          means: `; ${team}: nobodyOnDuty`,
        },
        {
          it: 'somebody on shift who cannot be called: the fallback',
          given: () => {
            directory.add(person('Gus', { userType: 'Guest' }));
            directory.onShift.set(team, ['Gus']);
          },
          targets: [{ shifts: team, fallback: { user: 'Megan' } }],
          means: 'Megan; Gus: guest',
        },
        {
          it: 'somebody twice is called once, in the first place',
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

      it('a voice app is called as one', async () => {
        const { people } = await targets.ofStep(null, step({ voiceApp: 'help desk' }));
        assert.deepEqual(people, [
          {
            key: `voiceApp:${helpDesk}`,
            target: { kind: 'voiceApp', id: helpDesk, displayName: 'help desk' },
          },
        ]);
      });
    });

    it('a voice app whose id is written in capitals is the same phone', async () => {
      const { people } = await targets.ofStep(null, step({ voiceApp: helpDesk.toUpperCase() }));
      assert.deepEqual(
        people.map(({ key, target }) => [key, target.id]),
        [[`voiceApp:${helpDesk}`, helpDesk]],
      );
    });

    it('those who cannot be called are passed over, each with the reason', async () => {
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

    describe('a rotation', () => {
      it('means who has the duty now', async () => {
        assert.equal(await ofStep({ rotation: 'web' }), dutyNow());
        assert.equal(targets.rotationTurn('web')?.member, dutyNow());
        assert.equal(targets.rotationTurn('constructor'), null);
      });

      it('means the next member after the handover', async () => {
        const before = dutyNow();
        clock.setTime(onDuty(web, clock.now()).until);
        assert.notEqual(dutyNow(), before);
        assert.equal(await ofStep({ rotation: 'web' }), dutyNow());
      });

      it('who covers stands in for the member, until then', async () => {
        await cover('Megan', 3_600_000);
        assert.equal(await ofStep({ rotation: 'web' }), 'Megan');
        clock.setTime(clock.now() + 3_600_000);
        assert.equal(await ofStep({ rotation: 'web' }), dutyNow());
      });

      it('cover is for its policy, and for the rotation only', async () => {
        await cover('Megan', 3_600_000, 'warehouse');
        assert.equal(await ofStep({ rotation: 'web' }, { user: 'Diego' }), `${dutyNow()}, Diego`);
        await cover('Megan', 3_600_000);
        assert.equal(await ofStep({ rotation: 'web' }, { user: 'Diego' }), 'Megan, Diego');
        const { people } = await targets.ofStep(null, step({ rotation: 'web' }));
        assert.equal(people[0]?.target.displayName, dutyNow());
      });

      it('cover needs no directory', async () => {
        await cover('Megan', 3_600_000);
        directory.state = 'away';
        assert.equal(await ofStep({ rotation: 'web' }), 'Megan');
      });

      it('is read anew each time', async () => {
        plan = { ...plan, rotations: { web: { ...web, members: ['Diego'] } } };
        assert.equal(await ofStep({ rotation: 'web' }), 'Diego');
      });
    });

    describe('the directory does not answer', () => {
      it('whom the same words meant last time is called', async () => {
        directory.groups.set(group, ['Adele', 'Megan']);
        directory.managers.set('Adele', 'Diego');
        const specs: TargetSpec[] = [{ user: 'Alex' }, { group }, { managerOf: 'Adele' }];
        assert.equal(await ofStep(...specs), 'Alex, Adele, Megan, Diego');
        directory.state = 'away';
        assert.equal(await ofStep(...specs), `Alex, Adele, Megan, Diego; remembered: Alex, ${group}, Adele`);
      });

      it('last time is the last time indeed', async () => {
        directory.groups.set(group, ['Adele']);
        await ofStep({ group });
        directory.groups.set(group, ['Megan']);
        await ofStep({ group });
        directory.state = 'away';
        assert.equal(await ofStep({ group }), `Megan; remembered: ${group}`);
      });

      it('of words that were never looked up nobody is known', async () => {
        directory.state = 'away';
        assert.equal(await ofStep({ user: 'Adele' }), '; Adele: directoryUnavailable');
      });

      it('an object id is called as it is', async () => {
        directory.state = 'away';
        const id = idOf('Adele');
        assert.equal(await ofStep({ user: id.toUpperCase() }), id.toUpperCase());
        const { people } = await targets.ofStep('payments', step({ user: id.toUpperCase() }));
        assert.deepEqual(
          people.map(({ target }) => [target.kind, target.id]),
          [['teamsUser', id]],
        );
      });

      it('the others of the step are called', async () => {
        await ofStep({ user: 'Alex' });
        directory.state = 'away';
        assert.equal(
          await ofStep({ user: 'Adele' }, { voiceApp: 'help desk' }, { user: 'Alex' }),
          'help desk, Alex; Adele: directoryUnavailable; remembered: Alex',
        );
      });

      it('a rotation still means its member of now, if that one was ever looked up', async () => {
        await ofStep({ user: dutyNow() });
        await ofStep({ user: dutyNext() });
        await ofStep({ rotation: 'web' });
        clock.setTime(onDuty(web, clock.now()).until);
        directory.state = 'away';
        assert.equal(await ofStep({ rotation: 'web' }), `${dutyNow()}; remembered: web`);
      });

      it('… and else whoever had it last', async () => {
        const before = dutyNow();
        await ofStep({ rotation: 'web' });
        clock.setTime(onDuty(web, clock.now()).until);
        directory.state = 'away';
        assert.equal(await ofStep({ rotation: 'web' }), `${before}; remembered: web`);
      });

      it('who covered once does not stand for the rotation later', async () => {
        await cover('Megan', 1_000);
        await ofStep({ rotation: 'web' });
        clock.setTime(clock.now() + 1_000);
        directory.state = 'away';
        assert.equal(await ofStep({ rotation: 'web' }), `; ${dutyNow()}: directoryUnavailable`);
      });

      it('shifts: those who were on shift last, else the fallback', async () => {
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

      it('one that keeps silent is waited for five seconds', async () => {
        await ofStep({ user: 'Adele' });
        directory.state = 'silent';
        const found = ofStep({ user: 'Adele' });
        await clock.tick(5_000);
        assert.equal(await found, 'Adele; remembered: Adele');
      });

      it('one that fails in a way that nobody foresaw is as good as away', async () => {
        await ofStep({ user: 'Adele' });
        directory.state = 'broken';
        assert.equal(await ofStep({ user: 'Adele' }), 'Adele; remembered: Adele');
      });

      it('what is remembered and cannot be read is not called', async () => {
        directory.state = 'away';
        await database.sql
          .insertInto('settings')
          .values({ name: 'target:{"user":"Adele"}', value: JSON.stringify([{ kind: 'fax' }]) })
          .execute();
        assert.equal(await ofStep({ user: 'Adele' }), '; Adele: directoryUnavailable');
      });
    });

    describe('who can be called at all', () => {
      const steps = (...specs: TargetSpec[]): FrozenStep[] => specs.map((spec) => step(spec));
      const startedBy = { kind: 'api', key: 'ci', name: 'ci' } as const;
      const reachable = async (policy: string | null, these: FrozenStep[]): Promise<Reach> =>
        await new Callees({
          targets,
          optedOut: async () => new Set(),
          presence: async () => null,
        }).reachable({ policy, steps: these, severity: 'critical', startedBy });

      it('somebody, and who cannot, with step and reason', async () => {
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

      it('it is not known while the directory is away', async () => {
        directory.state = 'away';
        const reach = await reachable(null, steps({ user: 'Adele' }, { user: 'Alex' }));
        assert.equal(reach.reached, 'unknown');
      });

      it('it is told within three seconds', async () => {
        directory.state = 'silent';
        const found = reachable(null, steps({ user: 'Adele' }, { shifts: team, fallback: { user: 'Alex' } }));
        await clock.tick(3_000);
        assert.equal((await found).reached, 'unknown');
      });
    });
  });
});
