import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { FrozenStep, Way } from '../../../src/escalations/escalation.ts';
import { readLadder, storedLadder } from '../../../src/escalations/ladder/stored.ts';
import { actor, at, Climbing, step, type End, type Fate } from '../../support/escalations/climbing.ts';
import { itInBoth, runs } from '../../support/long.ts';

const names = ['Adele', 'Alex', 'Megan', 'Diego', 'Nestor'];
const RETRIED: readonly End[] = ['noAnswer', 'busy', 'answered', 'failed', 'unknown'];
/** This phone is of no use, but another one may be. */
const USELESS: readonly End[] = ['unreachable', 'notAllowed'];
const BUSY_PAUSE = 15;
const UNKNOWN_PAUSE = 45 + 30;

const end = fc.constantFrom<End>(
  'declined', 'busy', 'unreachable', 'notAllowed', 'noAnswer', 'answered', 'failed', 'unknown',
); // prettier-ignore
const fate: fc.Arbitrary<Fate> = fc.record({ end, after: fc.integer({ min: 0, max: 90 }) });

const steps: fc.Arbitrary<FrozenStep[]> = fc.array(
  fc
    .record({
      people: fc.array(fc.constantFrom(...names, 'Nobody'), { minLength: 1, maxLength: 4 }),
      mode: fc.constantFrom('sequence' as const, 'parallel' as const),
      tries: fc.integer({ min: 1, max: 3 }),
      pauseSeconds: fc.constantFrom(0, 0, 60),
      ways: fc.constantFrom<Way[][]>(['teams'], ['teams', 'mobile'], ['mobile', 'teams'], ['mobile']),
    })
    .map(({ people, ...more }) => step(people.join(' '), more)),
  { minLength: 1, maxLength: 3 },
);

interface Setting {
  steps: FrozenStep[];
  repeat: number;
  acknowledgeTimeoutMs: number | null;
  autoResolveMs: number;
  fates: Fate[];
  resolveAfter: number;
  noMobile: string[];
}

const setting: fc.Arbitrary<Setting> = fc.record({
  steps,
  repeat: fc.integer({ min: 0, max: 2 }),
  acknowledgeTimeoutMs: fc.constantFrom(null, 60_000, 1_800_000),
  autoResolveMs: fc.constantFrom(30_000, 1_800_000),
  fates: fc.array(fate, { minLength: 1, maxLength: 12 }),
  resolveAfter: fc.constantFrom(0, 0, 3, 25),
  noMobile: fc.constantFrom([], ['Alex'], ['Alex', 'Adele']),
});

function begin({ fates, resolveAfter, noMobile, ...policy }: Setting): Climbing {
  let calls = 0;
  return new Climbing(policy, {
    nobody: ['Nobody'],
    noMobile,
    resolveAfter,
    fate: () => fates[calls++ % fates.length] ?? { end: 'declined', after: 1 },
  });
}

/** What people and the service do meanwhile, at some second. */
const deeds: fc.Arbitrary<((climbing: Climbing) => void)[]> = fc.array(
  fc
    .record({
      second: fc.integer({ min: 0, max: 600 }),
      who: fc.constantFrom(...names),
      index: fc.nat({ max: 20 }),
      deed: fc.constantFrom(
        'acknowledge', 'acknowledge', 'passOn', 'next', 'resolve', 'cancel', 'join', 'pause', 'bundle', 'wake', 'endAgain',
        'resolveStepAgain',
      ), // prettier-ignore
    })
    .map(({ deed, second, who, index }) => (climbing: Climbing) => {
      switch (deed) {
        case 'acknowledge':
          return climbing.acknowledge(second, who);
        case 'passOn':
          return climbing.passOn(second, who);
        case 'next':
          return climbing.passOn(second, null);
        case 'resolve':
          return climbing.resolve(second);
        case 'cancel':
          return climbing.cancel(second);
        case 'join':
          return climbing.join(second);
        case 'pause':
          return climbing.pause(second, index % 2 === 0).resume(second + 5 * index);
        case 'bundle':
          return climbing.bundle(second, 30);
        case 'wake':
          return climbing.when(second, () => ({ type: 'wake', at: at(second) }));
        case 'endAgain':
          // The end of a call is reported again.
          return climbing.when(second, () => climbing.endedAgain(index));
        default:
          // The answer to an earlier question arrives again.
          return climbing.when(second, () => climbing.resolvedAgain(index));
      }
    }),
  { maxLength: 8 },
);

const lived = fc.tuple(setting, deeds).map(([one, doings]) => {
  const climbing = begin(one);
  for (const doing of doings) doing(climbing);
  return { setting: one, climbing: climbing.run() };
});

const often = { numRuns: runs(500) };

describe('whatever happens to an escalation', () => {
  itInBoth('nobody has two of its calls at a time, even if a call may only still be at the phone', () => {
    fc.assert(
      fc.property(lived, ({ climbing: { calls } }) => {
        for (const name of names) {
          const own = calls.filter((call) => call.name === name);
          for (const [index, call] of own.entries()) {
            const next = own[index + 1];
            if (!next) continue;
            assert.ok(call.to !== null, 'it never ended');
            const free = call.to + (call.ended === 'unknown' ? UNKNOWN_PAUSE : 0);
            assert.ok(next.from >= free, `${name} at ${next.from}, not free before ${free}`);
          }
        }
      }),
      often,
    );
  });

  itInBoth('it calls only while it is open and not paused', () => {
    fc.assert(
      fc.property(lived, ({ climbing: { effects } }) => {
        for (const { effect, at: seconds, ladder, paused } of effects) {
          if (effect.kind !== 'call') continue;
          assert.deepEqual([ladder.status, paused], ['open', false]);
          assert.ok((ladder.bundledUntil ?? '') <= at(seconds), 'it has to bundle first');
        }
      }),
      often,
    );
  });

  itInBoth('it stands still exactly while calls are paused', () => {
    fc.assert(
      fc.property(lived, ({ climbing: { stood, timeline } }) => {
        for (const { paused, ladder } of stood) {
          assert.equal(ladder.halted, paused && ladder.status === 'open');
          if (ladder.halted) assert.equal(ladder.wakeAt, null);
        }
        const turns = timeline.filter((type) => type === 'halted' || type === 'resumed');
        assert.ok(!turns.some((type, nth) => type === 'resumed' && turns[nth - 1] !== 'halted'));
      }),
      often,
    );
  });

  itInBoth('it always ends, and says so', () => {
    fc.assert(
      fc.property(lived, ({ climbing }) => {
        const { status, phase, wakeAt, engaged, endedAt } = climbing.escalation.ladder;
        assert.ok(status !== 'open' && status !== 'acknowledged');
        assert.notEqual(endedAt, null);
        assert.deepEqual([phase.kind, wakeAt], ['over', null]);
        assert.ok(engaged.every((one) => !('callId' in one)));
        const exhausted = climbing.timeline.filter((type) => type === 'exhausted').length;
        const told = climbing.effects.filter(({ effect }) => effect.kind === 'tellExhausted').length;
        assert.equal(told, exhausted);
      }),
      often,
    );
  });

  itInBoth('its ladder is read from the database as it was stored', () => {
    fc.assert(
      fc.property(lived, ({ climbing: { stood } }) => {
        for (const { ladder } of stood) {
          const json: unknown = JSON.parse(JSON.stringify(storedLadder(ladder)));
          assert.deepEqual(json, storedLadder(ladder));
          assert.deepEqual(readLadder(storedLadder(ladder)), ladder);
        }
      }),
      { numRuns: runs(100) },
    );
  });

  itInBoth('one acknowledgement wins each time', () => {
    fc.assert(
      fc.property(lived, ({ climbing: { timeline } }) => {
        const times = timeline.filter((type) => type === 'acknowledged' || type === 'startedAgain');
        assert.ok(!times.some((type, index) => type === 'acknowledged' && times[index + 1] === type));
      }),
      often,
    );
  });

  itInBoth('every call has an attempt name of its own', () => {
    fc.assert(
      fc.property(lived, ({ climbing: { effects } }) => {
        const attempts = effects.flatMap(({ effect }) => (effect.kind === 'call' ? [effect.attempt] : []));
        assert.equal(new Set(attempts).size, attempts.length);
      }),
      often,
    );
  });

  itInBoth('its revision grows exactly when its timeline grows', () => {
    fc.assert(
      fc.property(lived, ({ climbing }) => {
        let { revision } = climbing.escalation;
        climbing.take({ type: 'wake', at: at(100_000) });
        assert.equal(climbing.escalation.revision, revision);
        revision = climbing.escalation.revision;
        climbing.take({ type: 'noted', at: at(100_001), entry: { type: 'told', data: { name: 'ops' } } });
        assert.equal(climbing.escalation.revision, revision + 1);
      }),
      { numRuns: runs(100) },
    );
  });
});

describe('if nobody acknowledges', () => {
  itInBoth('everybody in every step of every round is called as often as the tries and outcomes say', () => {
    fc.assert(
      fc.property(setting, (one) => {
        const { calls, escalation } = begin(one).run();
        assert.equal(escalation.ladder.status, 'exhausted');
        const waysTo = (name: string, { ways = [] }: FrozenStep): Way[] =>
          ways.filter((way) => way === 'teams' || !one.noMobile.includes(name));
        const callable = one.steps.map((frozen) =>
          [...new Set(frozen.targets.map((target) => ('user' in target ? target.user : '')))].filter(
            (name) => name !== 'Nobody' && waysTo(name, frozen).length > 0,
          ),
        );
        const rounds = callable.some((people) => people.length > 0) ? one.repeat + 1 : 0;
        for (let round = 0; round < rounds; round++) {
          for (const [index, people] of callable.entries()) {
            for (const name of people) {
              const own = calls.filter(
                (call) => call.name === name && call.where.round === round && call.where.step === index,
              );
              const frozen = one.steps[index];
              assert.ok(frozen);
              const isDecided = own.some(({ fate: { end: how } }) => ![...RETRIED, ...USELESS].includes(how));
              for (const way of waysTo(name, frozen)) {
                const there = own.filter(({ mobile }) => mobile === (way === 'mobile'));
                const retried = there.slice(0, -1).every((call) => RETRIED.includes(call.fate.end));
                const last = there.at(-1);
                assert.ok(retried && there.length <= frozen.tries);
                const isDone =
                  there.length === frozen.tries || (last && USELESS.includes(last.fate.end)) || isDecided;
                assert.ok(isDone, `${name} was given up`);
              }
              const others = own.slice(0, -1).map(({ fate: { end: how } }) => how);
              assert.ok(own.length > 0 && others.every((how) => how !== 'declined'));
              const known = own.every(({ mobile }) =>
                waysTo(name, frozen).includes(mobile ? 'mobile' : 'teams'),
              );
              assert.ok(known, 'a call in a way that nobody named');
            }
          }
        }
        const expected = calls.every(({ where }) => where.round < rounds && where.run === 0);
        assert.ok(expected, 'a call of nowhere');
      }),
      often,
    );
  });

  itInBoth('a sequence has one call at a time, a parallel step calls everybody at once', () => {
    fc.assert(
      fc.property(setting, (one) => {
        const { calls } = begin(one).run();
        for (const call of calls) {
          const mode = one.steps[call.where.step]?.mode;
          const others = calls.filter(
            (other) =>
              other !== call &&
              other.where.step === call.where.step &&
              other.where.round === call.where.round,
          );
          if (mode === 'sequence') {
            assert.ok(others.every(({ from, to }) => from >= (call.to ?? 0) || (to ?? 0) <= call.from));
          }
        }
        const first = calls.filter(({ where }) => where.step === 0 && where.round === 0);
        if (one.steps[0]?.mode === 'parallel') {
          const begins = names.flatMap((name) => first.find((call) => call.name === name)?.from ?? []);
          assert.ok(new Set(begins).size <= 1, 'not all at once');
        }
      }),
      often,
    );
  });

  itInBoth('people wait only for busy and unknown phones, pauses and the directory', () => {
    fc.assert(
      fc.property(setting, (one) => {
        const { calls } = begin({ ...one, resolveAfter: 0 }).run();
        for (const [index, call] of calls.entries()) {
          const before = calls.slice(0, index);
          if (before.length === 0) continue;
          const lastEnd = Math.max(...before.map(({ to }) => to ?? 0));
          const pause = one.steps[before.at(-1)?.where.step ?? 0]?.pauseSeconds ?? 0;
          const own = before.findLast(({ name }) => name === call.name);
          const wait =
            own?.fate.end === 'unknown' ? UNKNOWN_PAUSE : own?.fate.end === 'busy' ? BUSY_PAUSE : 0;
          const latest = Math.max(lastEnd + pause, (own?.to ?? 0) + wait);
          assert.ok(call.from <= latest, `${call.name} waited from ${latest} to ${call.from}`);
          if (own && own.where.step === call.where.step && own.where.round === call.where.round)
            assert.ok(
              call.from >= (own.to ?? 0) + (own.mobile === call.mobile || wait !== BUSY_PAUSE ? wait : 0),
            );
        }
      }),
      often,
    );
  });
});

describe('people who acknowledge at the same time', () => {
  it('the first one wins, and the others learn who it was', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(names, { minLength: 2 }), (order) => {
        const climbing = new Climbing({ steps: [step('Adele Alex', { mode: 'parallel' })] });
        for (const name of order) climbing.take({ type: 'acknowledged', at: at(0), by: actor(name) });
        const [first] = order;
        assert.equal(climbing.escalation.ladder.acknowledgedBy?.name, first);
        const late = climbing.refusals.filter((refused) => refused === 'already_acknowledged');
        assert.equal(late.length, order.length - 1);
      }),
    );
  });
});
