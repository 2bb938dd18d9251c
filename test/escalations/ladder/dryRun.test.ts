import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Escalation, FrozenStep, StepPeople } from '../../../src/escalations/escalation.ts';
import { dryRun, type DryRun } from '../../../src/escalations/ladder/dryRun.ts';
import { freshLadder } from '../../../src/escalations/ladder/steps.ts';
import { at, Climbing, secondsOf, step } from '../../support/escalations/climbing.ts';
import { itInBoth, runs } from '../../support/long.ts';

const RING_TIMEOUT = 45;
const names = ['Adele', 'Alex', 'Megan', 'Diego'];

interface Plan {
  steps: FrozenStep[];
  repeat: number;
}

/** A fresh escalation of this policy. Nobody can be found under the name Nobody. */
function runOf({ steps, repeat }: Plan, ringsAt = (placedAt: number): number => placedAt): DryRun {
  const { escalation } = new Climbing({ steps, repeat });
  const fresh: Escalation = { ...escalation, revision: 1, ladder: freshLadder() };
  return dryRun(fresh, { people: steps.map(peopleOf), ringTimeoutSeconds: RING_TIMEOUT, ringsAt });
}

function peopleOf({ targets }: FrozenStep): StepPeople {
  const named = targets.flatMap((target) => ('user' in target ? [target.user] : []));
  const people = [...new Set(named.filter((name) => name !== 'Nobody'))].map((name) => ({
    key: name,
    target: { kind: 'teamsUser' as const, id: name.toLowerCase(), displayName: name },
  }));
  const skipped = named.flatMap((name) => (name === 'Nobody' ? [{ name, reason: 'notFound' as const }] : []));
  return { people, skipped, remembered: [] };
}

const told = ({ calls, overAt }: DryRun): string[] => [
  ...calls.map(({ key, ringsAt }) => `${secondsOf(ringsAt)} call ${key}`),
  ...(overAt === null ? [] : [`${secondsOf(overAt)} exhausted`]),
];

const steps = fc.array(
  fc
    .record({
      people: fc.array(fc.constantFrom(...names, 'Nobody'), { minLength: 1, maxLength: 4 }),
      mode: fc.constantFrom('sequence' as const, 'parallel' as const),
      tries: fc.integer({ min: 1, max: 3 }),
      pauseSeconds: fc.constantFrom(0, 0, 60),
    })
    .map(({ people, ...more }) => step(people.join(' '), more)),
  { minLength: 1, maxLength: 3 },
);

describe('the dry run of a policy', () => {
  itInBoth('calls whom an escalation calls that nobody answers, at the same times', () => {
    const plans = fc.record({ steps, repeat: fc.integer({ min: 0, max: 2 }) });
    fc.assert(
      fc.property(plans, (plan) => {
        const lived = new Climbing(plan, { nobody: ['Nobody'] }).run();
        const expected = lived.told.filter((line) => /call|exhausted/.test(line));
        const run = runOf(plan);
        assert.deepEqual(told(run), expected);
        assert.deepEqual(
          run.timeline.map(({ type }) => type),
          lived.timeline,
        );
      }),
      { numRuns: runs(200) },
    );
  });

  it('says when each step of each round begins', () => {
    const { begun } = runOf({ steps: [step('Adele', { pauseSeconds: 60 }), step('Alex Megan')], repeat: 1 });
    assert.deepEqual(
      begun.map(({ step: index, round, at: time }) => [round, index, secondsOf(time)]),
      [
        [0, 0, 0],
        [0, 1, 105],
        [1, 0, 195],
        [1, 1, 300],
      ],
    );
  });

  it('lets phones ring when quiet hours are over', () => {
    const quietUntil = Date.parse(at(600));
    const run = runOf({ steps: [step('Adele Alex', { tries: 2 })], repeat: 0 }, (placedAt) =>
      Math.max(placedAt, quietUntil),
    );
    assert.deepEqual(told(run), [
      '600 call Adele',
      '645 call Adele',
      '690 call Alex',
      '735 call Alex',
      '780 exhausted',
    ]);
  });

  it('stops counting when a policy calls too many people too often', () => {
    const crowd = Array.from({ length: 400 }, (_, index) => `P${index}`).join(' ');
    const run = runOf({ steps: [step(crowd, { tries: 10 })], repeat: 20 });
    assert.equal(run.overAt, null);
    assert.ok(run.calls.length > 500);
  });
});
