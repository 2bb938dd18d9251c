import assert from 'node:assert/strict';
import { climb } from '../../../src/escalations/ladder/climb.ts';
import type { FrozenStep } from '../../../src/escalations/escalation.ts';
import { at, actor, Climbing, step, type End } from '../../support/escalations/climbing.ts';

/** How each person's calls end, one after another; the last end repeats. */
const fates =
  (people: Record<string, End | End[]>) =>
  (name: string, nth: number): End => {
    const given = people[name] ?? 'noAnswer';
    return typeof given === 'string' ? given : (given[nth - 1] ?? given.at(-1) ?? 'noAnswer');
  };

const byWays = (people: string, more: Partial<FrozenStep> = {}): FrozenStep =>
  step(people, { ways: ['teams', 'mobile'], ...more });
const twoSteps = [step('Adele'), step('Alex')];
const exhaustedAt = (seconds: number): string[] => [
  `${seconds} exhausted`,
  `${seconds} tell that nobody acknowledged`,
];

const stories: { it: string; climbing: () => Climbing; tells: string[] }[] = [
  {
    it: 'calls people one after another, and tells when nobody acknowledged',
    climbing: () => new Climbing({ steps: [step('Adele Alex')] }),
    tells: ['0 call Adele', '45 call Alex', ...exhaustedAt(90)],
  },
  ...(['declined', 'unreachable', 'notAllowed', 'answered', 'failed'] as const).map((end) => ({
    it: `${end}: calls the next person at once`,
    climbing: () => new Climbing({ steps: twoSteps }, { fate: fates({ Adele: end }) }),
    tells: [
      '0 call Adele',
      `${{ declined: 5, unreachable: 1, notAllowed: 1, answered: 60, failed: 1 }[end]} call Alex`,
      ...exhaustedAt({ declined: 50, unreachable: 46, notAllowed: 46, answered: 105, failed: 46 }[end]),
    ],
  })),
  ...(['declined', 'unreachable', 'notAllowed'] as const).map((end) => ({
    it: `${end}: does not call the person again, even with tries left`,
    climbing: () => new Climbing({ steps: [step('Adele', { tries: 3 })] }, { fate: fates({ Adele: end }) }),
    tells: ['0 call Adele', ...exhaustedAt(end === 'declined' ? 5 : 1)],
  })),
  {
    it: 'no answer: calls the person again at once while there are tries left',
    climbing: () => new Climbing({ steps: [step('Adele Alex', { tries: 2 })] }),
    tells: ['0 call Adele', '45 call Adele', '90 call Alex', '135 call Alex', ...exhaustedAt(180)],
  },
  {
    it: 'busy: calls the person again after 15 s, and the next people wait',
    climbing: () =>
      new Climbing(
        { steps: [step('Adele Alex', { tries: 2 })] },
        { fate: fates({ Adele: 'busy', Alex: 'declined' }) },
      ),
    tells: ['0 call Adele', '16 call Adele', '17 call Alex', ...exhaustedAt(22)],
  },
  {
    it: 'busy in parallel: the other people do not wait',
    climbing: () =>
      new Climbing(
        { steps: [step('Adele Alex', { tries: 2, mode: 'parallel' })] },
        { fate: fates({ Adele: 'busy', Alex: 'declined' }) },
      ),
    tells: ['0 call Adele', '0 call Alex', '16 call Adele', ...exhaustedAt(17)],
  },
  {
    it: 'unknown: calls the next person at once, the same person not until 30 s after the ring timeout',
    climbing: () =>
      new Climbing(
        { steps: [step('Adele Alex', { tries: 2 })] },
        { fate: fates({ Adele: ['unknown', 'declined'], Alex: 'declined' }) },
      ),
    tells: ['0 call Adele', '30 call Alex', '105 call Adele', ...exhaustedAt(110)],
  },
  {
    it: 'unknown: does not call the person earlier in the next step either',
    climbing: () =>
      new Climbing(
        { steps: [step('Adele'), step('Adele Alex')] },
        { fate: fates({ Adele: ['unknown', 'declined'], Alex: 'declined' }) },
      ),
    tells: ['0 call Adele', '30 call Alex', '105 call Adele', ...exhaustedAt(110)],
  },
  {
    it: 'parallel: calls everybody at once, and ends the step with the last call',
    climbing: () =>
      new Climbing(
        { steps: [step('Adele Alex Megan', { mode: 'parallel' }), step('Diego')] },
        { fate: fates({ Adele: 'declined', Alex: 'busy' }) },
      ),
    tells: ['0 call Adele', '0 call Alex', '0 call Megan', '45 call Diego', ...exhaustedAt(90)],
  },
  {
    it: 'pauses before the next step and the next round, but not after the last step',
    climbing: () =>
      new Climbing(
        { steps: [step('Adele', { pauseSeconds: 60 }), step('Alex', { pauseSeconds: 10 })], repeat: 1 },
        { fate: fates({ Adele: 'declined', Alex: 'declined' }) },
      ),
    tells: ['0 call Adele', '65 call Alex', '80 call Adele', '145 call Alex', ...exhaustedAt(150)],
  },
  {
    it: 'repeats all steps as often as the policy says',
    climbing: () => new Climbing({ steps: twoSteps, repeat: 2 }, { fate: () => 'declined' }),
    tells: [0, 10, 20]
      .flatMap((start) => [`${start} call Adele`, `${start + 5} call Alex`])
      .concat(exhaustedAt(30)),
  },
  {
    it: 'calls a person once who is named twice in a step',
    climbing: () => new Climbing({ steps: [step('Adele Alex Adele', { mode: 'parallel' })] }),
    tells: ['0 call Adele', '0 call Alex', ...exhaustedAt(45)],
  },
  {
    it: 'ends at once, without pauses and rounds, if nobody can be called',
    climbing: () =>
      new Climbing(
        { steps: [step('Adele', { pauseSeconds: 60 }), step('Alex')], repeat: 5 },
        { nobody: ['Adele', 'Alex'] },
      ),
    tells: exhaustedAt(0),
  },
  {
    it: 'skips a step in which nobody can be called',
    climbing: () =>
      new Climbing(
        { steps: [step('Adele', { pauseSeconds: 60 }), step('Alex')], repeat: 1 },
        { nobody: ['Adele'], fate: () => 'declined' },
      ),
    tells: ['0 call Alex', '5 call Alex', ...exhaustedAt(10)],
  },
  {
    it: 'asks three times whom a step means, then goes to the next step',
    climbing: () => new Climbing({ steps: twoSteps }, { resolveAfter: null }),
    tells: exhaustedAt(120),
  },
  {
    it: 'accepts a late answer while it waits for one',
    climbing: () => new Climbing({ steps: [step('Adele')] }, { resolveAfter: 50 }),
    tells: ['50 call Adele', ...exhaustedAt(95)],
  },
  {
    it: 'acknowledged: calls nobody any more, and tells people on the phone',
    climbing: () => new Climbing({ steps: [step('Adele Alex'), step('Megan')] }).acknowledge(50, 'Alex'),
    tells: ['0 call Adele', '45 call Alex', '50 acknowledged by Alex', '50 tell that it is over'],
  },
  {
    it: 'accepts a second acknowledgement of the same person, and refuses one of another person',
    climbing: () =>
      new Climbing({ steps: twoSteps })
        .acknowledge(10, 'Adele')
        .acknowledge(11, 'ADELE', 'api')
        .acknowledge(12, 'Alex'),
    tells: [
      '0 call Adele',
      '10 acknowledged by Adele',
      '10 tell that it is over',
      '12 refused: already_acknowledged',
    ],
  },
  {
    it: 'acknowledged, but not resolved in time: starts again',
    climbing: () =>
      new Climbing(
        { steps: [step('Adele')], acknowledgeTimeoutMs: 600_000 },
        { fate: () => 'declined' },
      ).acknowledge(3, 'Adele'),
    tells: [
      '0 call Adele',
      '3 acknowledged by Adele',
      '3 tell that it is over',
      '603 open',
      '603 call Adele',
      ...exhaustedAt(608),
    ],
  },
  {
    it: 'acknowledged and resolved in time: does not start again',
    climbing: () =>
      new Climbing({ steps: [step('Adele')], acknowledgeTimeoutMs: 600_000 })
        .acknowledge(3, 'Adele')
        .resolve(500),
    tells: [
      '0 call Adele',
      '3 acknowledged by Adele',
      '3 tell that it is over',
      '500 resolved',
      '500 tell that it is over',
    ],
  },
  {
    it: 'closes an acknowledged test, since nobody will resolve it',
    climbing: () => new Climbing({ steps: [step('Adele')], test: true }).acknowledge(3, 'Adele'),
    tells: [
      '0 call Adele',
      '3 acknowledged by Adele',
      '3 tell that it is over',
      '33 resolved',
      '33 tell that it is over',
    ],
  },
  {
    it: 'ends a test that nobody acknowledged',
    climbing: () => new Climbing({ steps: [step('Adele')], test: true }, { fate: () => 'declined' }),
    tells: ['0 call Adele', ...exhaustedAt(5)],
  },
  {
    it: 'acknowledged and never resolved: closes by itself',
    climbing: () =>
      new Climbing({ steps: [step('Adele')], autoResolveMs: 600_000 }).acknowledge(3, 'Adele').join(400),
    tells: [
      '0 call Adele',
      '3 acknowledged by Adele',
      '3 tell that it is over',
      '603 resolved',
      '603 tell that it is over',
    ],
  },
  {
    it: 'acknowledged and never resolved: if both are due at the same time, calls again and does not close',
    climbing: () =>
      new Climbing(
        { steps: [step('Adele')], acknowledgeTimeoutMs: 600_000, autoResolveMs: 600_000 },
        { fate: () => 'declined' },
      )
        .acknowledge(3, 'Adele')
        .acknowledge(650, 'Alex'),
    tells: [
      '0 call Adele',
      '3 acknowledged by Adele',
      '3 tell that it is over',
      '603 open',
      '603 call Adele',
      ...exhaustedAt(608),
      '650 acknowledged by Alex',
      '650 tell that it is over',
      '1250 open',
      '1250 call Adele',
      ...exhaustedAt(1255),
    ],
  },
  {
    it: 'not acknowledged: does not close by itself',
    climbing: () => new Climbing({ steps: [step('Adele')], autoResolveMs: 10_000 }),
    tells: ['0 call Adele', ...exhaustedAt(45)],
  },
  {
    it: 'resolved: calls nobody any more',
    climbing: () => new Climbing({ steps: twoSteps, repeat: 3 }).resolve(20),
    tells: ['0 call Adele', '20 resolved', '20 tell that it is over'],
  },
  {
    it: 'cancelled: calls nobody any more, and cannot be acknowledged',
    climbing: () =>
      new Climbing({ steps: twoSteps }).cancel(20).acknowledge(21, 'Adele').resolve(22).cancel(23),
    tells: [
      '0 call Adele',
      '20 cancelled',
      '20 tell that it is over',
      '21 refused: wrong_state',
      '22 refused: wrong_state',
      '23 refused: wrong_state',
    ],
  },
  {
    it: 'exhausted: can still be acknowledged and resolved, but not cancelled',
    climbing: () =>
      new Climbing({ steps: [step('Adele')] }).cancel(100).acknowledge(101, 'Alex').resolve(102),
    tells: [
      '0 call Adele',
      ...exhaustedAt(45),
      '100 refused: wrong_state',
      '101 acknowledged by Alex',
      '101 tell that it is over',
      '102 resolved',
      '102 tell that it is over',
    ],
  },
  {
    it: 'the same alert joins while it runs, and starts it again when it is exhausted',
    climbing: () =>
      new Climbing({ steps: [step('Adele')] }, { fate: () => 'declined' }).join(2).join(60).join(61),
    tells: ['0 call Adele', ...exhaustedAt(5), '60 open', '60 call Adele', ...exhaustedAt(65)],
  },
  {
    it: 'the same alert adds no call after an acknowledgement',
    climbing: () => new Climbing({ steps: twoSteps }).acknowledge(5, 'Adele').join(30),
    tells: ['0 call Adele', '5 acknowledged by Adele', '5 tell that it is over'],
  },
  {
    it: 'passed on: hangs up, and calls the next person at once',
    climbing: () =>
      new Climbing({ steps: [step('Adele Alex', { tries: 3 })] }, { fate: () => 'declined' }).passOn(
        3,
        'Adele',
      ),
    tells: ['0 call Adele', '3 call Alex', ...exhaustedAt(8)],
  },
  {
    it: 'passed on before the call: does not call the person in this step',
    climbing: () => new Climbing({ steps: [step('Adele Alex Megan')] }).passOn(3, 'Alex'),
    tells: ['0 call Adele', '45 call Megan', ...exhaustedAt(90)],
  },
  {
    it: 'next person, please: goes on from everybody who is being called',
    climbing: () =>
      new Climbing({ steps: [step('Adele Alex', { mode: 'parallel' }), step('Megan')] }).passOn(10, null),
    tells: ['0 call Adele', '0 call Alex', '10 call Megan', ...exhaustedAt(55)],
  },
  {
    it: 'next person, please: ends a pause',
    climbing: () =>
      new Climbing(
        { steps: [step('Adele', { pauseSeconds: 600 }), step('Alex')] },
        { fate: () => 'declined' },
      ).passOn(60, null),
    tells: ['0 call Adele', '60 call Alex', ...exhaustedAt(65)],
  },
  {
    it: 'passed on to the same person: waits until the first call has ended',
    climbing: () =>
      new Climbing(
        { steps: [step('Adele'), step('Adele')] },
        { fate: fates({ Adele: ['noAnswer', 'declined'] }) },
      ).passOn(3, 'Adele'),
    tells: ['0 call Adele', '4 call Adele', ...exhaustedAt(9)],
  },
  {
    it: 'cannot be passed on when it is over',
    climbing: () => new Climbing({ steps: twoSteps }).acknowledge(5, 'Adele').passOn(6, null),
    tells: ['0 call Adele', '5 acknowledged by Adele', '5 tell that it is over', '6 refused: wrong_state'],
  },
  {
    it: 'calls are paused: adds no call; resumed: goes on where it was',
    climbing: () => new Climbing({ steps: twoSteps }, { fate: () => 'declined' }).pause(1).resume(1000),
    tells: ['0 call Adele', '1000 call Alex', ...exhaustedAt(1005)],
  },
  {
    it: 'calls are paused during a pause of the policy: keeps the rest of that pause',
    climbing: () =>
      new Climbing(
        { steps: [step('Adele', { pauseSeconds: 100 }), step('Alex')] },
        { fate: () => 'declined' },
      )
        .pause(10)
        .resume(20),
    tells: ['0 call Adele', '105 call Alex', ...exhaustedAt(110)],
  },
  {
    it: 'calls are paused: does not keep asking whom the step means, and skips no step',
    climbing: () =>
      new Climbing({ steps: twoSteps }, { resolveAfter: 50, fate: () => 'declined' }).pause(1).resume(1000),
    tells: ['1000 call Adele', '1055 call Alex', ...exhaustedAt(1060)],
  },
  {
    it: 'calls are paused and it is acknowledged: calls again later if nobody has resolved it',
    climbing: () =>
      new Climbing({ steps: [step('Adele')], acknowledgeTimeoutMs: 60_000 }, { fate: () => 'declined' })
        .pause(1)
        .acknowledge(10, 'Adele')
        .resume(30),
    tells: [
      '0 call Adele',
      '10 acknowledged by Adele',
      '10 tell that it is over',
      '70 open',
      '70 call Adele',
      ...exhaustedAt(75),
    ],
  },
  {
    it: 'bundling: calls nobody before it ends, then goes on',
    climbing: () =>
      new Climbing({ steps: [step('Adele')] }, { resolveAfter: 1, fate: () => 'declined' }).bundle(0, 30),
    tells: ['30 call Adele', ...exhaustedAt(35)],
  },
  {
    it: 'bundling while calls are paused: waits until both are over',
    climbing: () =>
      new Climbing({ steps: [step('Adele')] }, { resolveAfter: 1, fate: () => 'declined' })
        .bundle(0, 30)
        .pause(10)
        .resume(20),
    tells: ['30 call Adele', ...exhaustedAt(35)],
  },
  {
    it: 'calls are paused: can still be acknowledged',
    climbing: () =>
      new Climbing({ steps: twoSteps, acknowledgeTimeoutMs: 60_000 }, { fate: () => 'declined' })
        .pause(1)
        .acknowledge(10, 'Adele')
        .resume(500),
    tells: [
      '0 call Adele',
      '10 acknowledged by Adele',
      '10 tell that it is over',
      '70 open',
      '500 call Adele',
      '505 call Alex',
      ...exhaustedAt(510),
    ],
  },
  ...(['noAnswer', 'busy', 'unreachable', 'notAllowed', 'answered', 'failed'] as const).map((end) => ({
    it: `by ways, ${end} in Teams: calls the mobile at once, then the next person`,
    climbing: () =>
      new Climbing({ steps: [byWays('Adele Alex')] }, { fate: fates({ Adele: end, Alex: 'declined' }) }),
    tells: ((mobile: number) => [
      '0 call Adele',
      `${mobile} call Adele's mobile`,
      `${mobile + 45} call Alex`,
      ...exhaustedAt(mobile + 50),
    ])({ noAnswer: 45, busy: 1, unreachable: 1, notAllowed: 1, answered: 60, failed: 1 }[end]),
  })),
  {
    it: 'by ways, declined in Teams: leaves the mobile alone',
    climbing: () => new Climbing({ steps: [byWays('Adele Alex', { tries: 2 })] }, { fate: () => 'declined' }),
    tells: ['0 call Adele', '5 call Alex', ...exhaustedAt(10)],
  },
  {
    it: 'by ways, tries: goes through all phones of a person so often, and leaves out the useless ones',
    climbing: () =>
      new Climbing(
        { steps: [byWays('Adele Alex', { tries: 2 })] },
        { fate: fates({ Adele: ['noAnswer', 'notAllowed'], Alex: 'notAllowed' }) },
      ),
    tells: [
      '0 call Adele', "45 call Adele's mobile", '90 call Adele', "91 call Adele's mobile",
      '136 call Alex', "137 call Alex's mobile", "182 call Alex's mobile", ...exhaustedAt(227),
    ], // prettier-ignore
  },
  {
    it: 'by ways, busy: the next round waits as for a second call to the same phone',
    climbing: () =>
      new Climbing(
        { steps: [byWays('Adele', { tries: 2 })] },
        { fate: fates({ Adele: 'busy', "Adele's mobile": 'busy' }) },
      ),
    tells: [
      '0 call Adele',
      "1 call Adele's mobile",
      '17 call Adele',
      "18 call Adele's mobile",
      ...exhaustedAt(19),
    ],
  },
  {
    it: 'by ways, unknown in Teams: the mobile waits until Teams cannot ring any more, the others do not',
    climbing: () =>
      new Climbing(
        { steps: [byWays('Adele Alex')] },
        { fate: fates({ Adele: 'unknown', "Adele's mobile": 'declined', Alex: 'declined' }) },
      ),
    tells: ['0 call Adele', '30 call Alex', "105 call Adele's mobile", ...exhaustedAt(110)],
  },
  {
    it: 'by ways, somebody who cannot take it: none of their phones is called again',
    climbing: () =>
      new Climbing({ steps: [byWays('Adele Alex')] }, { fate: () => 'declined' }).passOn(3, 'Adele'),
    tells: ['0 call Adele', '3 call Alex', ...exhaustedAt(8)],
  },
  {
    it: 'by ways in parallel: the people at the same time, the phones of each one after another',
    climbing: () =>
      new Climbing(
        { steps: [byWays('Adele Alex', { mode: 'parallel' })] },
        { fate: fates({ Alex: 'busy' }) },
      ),
    tells: [
      '0 call Adele',
      '0 call Alex',
      "1 call Alex's mobile",
      "45 call Adele's mobile",
      ...exhaustedAt(90),
    ],
  },
  {
    it: 'by ways, without a mobile: calls Teams, or the next person',
    climbing: () =>
      new Climbing(
        { steps: [byWays('Adele'), step('Adele Alex', { ways: ['mobile'] })] },
        { noMobile: ['Adele'], fate: () => 'declined' },
      ),
    tells: ['0 call Adele', "5 call Alex's mobile", ...exhaustedAt(10)],
  },
];

describe('the ladder of an escalation', () => {
  for (const { it: title, climbing, tells } of stories) {
    it(title, () => {
      assert.deepEqual(climbing().run().told, tells);
    });
  }

  it('writes each decision with its reason in the timeline', () => {
    const climbing = new Climbing(
      { steps: [step('Adele Nobody', { pauseSeconds: 5 }), step('Alex')], repeat: 1 },
      { nobody: ['Nobody'], fate: () => 'declined' },
    ).run();
    const once = ['skipped', 'calling', 'callEnded', 'pausing', 'calling', 'callEnded'];
    assert.deepEqual(climbing.timeline, ['opened', ...once, 'repeating', ...once, 'exhausted']);
  });

  it('says once that somebody has no mobile, and which calls are at a mobile', () => {
    const { timeline, effects } = new Climbing(
      { steps: [byWays('Adele Alex')], repeat: 2 },
      { noMobile: ['Adele'] },
    ).run();
    assert.equal(timeline.filter((type) => type === 'withoutWay').length, 1);
    assert.equal(effects.filter(({ effect }) => effect.kind === 'call').length, 9);
    const { notes } = new Climbing({ steps: [byWays('Adele', { tries: 2 })] }).run();
    assert.deepEqual(
      notes.flatMap((note) =>
        note.type === 'calling' || note.type === 'callEnded'
          ? [[note.type, note.data.mobile ?? false, ...(note.type === 'calling' ? [note.data.try] : [])]]
          : [],
      ),
      [
        ['calling', false, 1], ['callEnded', false], ['calling', true, 1], ['callEnded', true],
        ['calling', false, 2], ['callEnded', false], ['calling', true, 2], ['callEnded', true],
      ], // prettier-ignore
    );
  });

  it('writes the end of a call that was left in the timeline, too', () => {
    const climbing = new Climbing({ steps: twoSteps }).acknowledge(10, 'Megan').run();
    assert.deepEqual(climbing.timeline, ['opened', 'calling', 'acknowledged', 'callEnded']);
  });

  it('a round in which nobody could be called is not repeated', () => {
    const climbing = new Climbing({ steps: twoSteps, repeat: 3 }, { nobody: ['Adele', 'Alex'] }).run();
    assert.ok(!climbing.timeline.includes('repeating'));
  });

  it('ignores a late answer about another round, or from before it started again', () => {
    const climbing = new Climbing(
      { steps: [step('Adele')], repeat: 1 },
      { fate: () => 'declined', resolveAfter: 10 },
    );
    // Each answer arrives while the ladder asks about the same step of another round or run.
    const late = (second: number, place: { run: number; round: number }): Climbing =>
      climbing.when(second, () => ({
        type: 'stepResolved',
        at: at(second),
        step: 0,
        ...place,
        ...onlyMegan,
      }));
    const onlyMegan = {
      people: [{ key: 'Megan', target: { kind: 'teamsUser' as const, id: 'megan', displayName: 'Megan' } }],
      skipped: [],
      remembered: [],
    };
    late(5, { run: 0, round: 1 });
    late(20, { run: 0, round: 0 });
    climbing.join(100);
    late(105, { run: 0, round: 0 });
    assert.deepEqual(
      climbing.run().calls.map(({ name, from }) => `${from} ${name}`),
      ['10 Adele', '25 Adele', '110 Adele', '125 Adele'],
    );
  });

  it('applies the end of a call once, however often it is reported', () => {
    for (const end of ['noAnswer', 'busy', 'unknown', 'declined'] as const) {
      const climbing = new Climbing({ steps: [step('Adele Alex', { tries: 3 })] }, { fate: () => end });
      const again = (): void => {
        const before = climbing.escalation;
        for (let index = 0; index < climbing.calls.length; index++) {
          const event = climbing.endedAgain(index);
          if (event) climbing.take({ ...event, at: at(climbing.now) });
        }
        assert.deepEqual(climbing.escalation, before, end);
      };
      for (const second of [1, 6, 17, 31, 46, 50, 91, 106]) {
        climbing.when(second, () => {
          again();
          return null;
        });
      }
      climbing.run();
      again();
    }
  });

  it('accepts notes at any time', () => {
    const climbing = new Climbing({ steps: twoSteps }).cancel(1).run();
    const { revision, ladder } = climbing.escalation;
    climbing.take({ type: 'noted', at: at(9), entry: { type: 'told', data: { name: 'ops' } } });
    assert.equal(climbing.timeline.at(-1), 'told');
    assert.equal(climbing.escalation.revision, revision + 1);
    assert.deepEqual(climbing.escalation.ladder, ladder);
  });

  it('a refused event changes nothing', () => {
    const { escalation } = new Climbing({ steps: twoSteps }).cancel(1).run();
    const notPaused = { paused: false, by: null };
    const again = climb(escalation, { type: 'resolved', at: at(2), by: actor('Adele') }, notPaused);
    assert.equal(again.escalation, escalation);
    assert.deepEqual([again.effects, again.timeline], [[], []]);
  });

  it('has an end time until it starts again', () => {
    const climbing = new Climbing({ steps: [step('Adele')] }, { fate: () => 'declined' }).run();
    assert.equal(climbing.escalation.ladder.endedAt, at(5));
    climbing.take({ type: 'joined', at: at(50) });
    assert.equal(climbing.escalation.ladder.endedAt, null);
    climbing.take({ type: 'resolved', at: at(51), by: actor('Adele') });
    assert.equal(climbing.escalation.ladder.endedAt, at(51));
    assert.equal(climbing.escalation.ladder.endedBy?.name, 'Adele');
  });
});
