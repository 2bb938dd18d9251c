import assert from 'node:assert/strict';
import type { Severity } from '../../src/escalations/escalation.ts';
import type { LadderEvent } from '../../src/escalations/ladder/events.ts';
import { at, Climbing, step, type End } from '../support/escalations/climbing.ts';

/** The same alert arrives again at `second`, with other words. */
function again(
  type: 'joined' | 'reworded',
  second: number,
  severity: Severity,
  summary = 'Checkout is down',
): LadderEvent {
  return { type, at: at(second), words: { summary, details: null, severity, links: [] } };
}

/** Applies the event to the ladder of a warning. */
function climbed(
  event: LadderEvent,
  more: { pauseSeconds?: number; end?: End; acknowledgedAt?: number } = {},
): Climbing {
  const { pauseSeconds = 0, end = 'noAnswer', acknowledgedAt } = more;
  const steps = [step('Adele', { pauseSeconds }), step('Alex')];
  const climbing = new Climbing({ steps, severity: 'warning' }, { fate: () => end });
  if (acknowledgedAt !== undefined) climbing.acknowledge(acknowledgedAt, 'Adele');
  return climbing.when((Date.parse(event.at) - Date.parse(at(0))) / 1000, () => event).run();
}

const restarts = ({ timeline }: Climbing): boolean => timeline.includes('startedAgain');

describe('an escalation whose alert arrives again', () => {
  for (const type of ['joined', 'reworded'] as const) {
    it(`has the new words, and says in the timeline that it is worse (${type})`, () => {
      const climbing = climbed(again(type, 3, 'critical', 'Checkout and basket are down'));
      const { severity, summary } = climbing.escalation;
      assert.deepEqual([severity, summary], ['critical', 'Checkout and basket are down']);
      assert.ok(climbing.timeline.includes('worse'));
      assert.ok(!restarts(climbing), 'somebody is being called');
    });

    it(`does not start again if only its words change or it becomes less severe (${type})`, () => {
      for (const event of [again(type, 3, 'warning', 'other words'), again(type, 3, 'info')]) {
        const before = climbed({ type: 'wake', at: at(3) });
        const climbing = climbed(event);
        assert.ok(climbing.escalation.revision > before.escalation.revision);
        assert.ok(!climbing.timeline.includes('worse'));
      }
    });

    it(`calls at once during a long pause if it is worse (${type})`, () => {
      const pause = { pauseSeconds: 600 };
      const worse = climbed(again(type, 60, 'critical'), pause);
      assert.ok(restarts(worse));
      assert.deepEqual(worse.calls.map(({ name, from }) => `${from} ${name}`).slice(0, 2), [
        '0 Adele',
        '60 Adele',
      ]);
      assert.ok(!restarts(climbed(again(type, 60, 'warning', 'other words'), pause)));
      assert.ok(!restarts(climbed(again(type, 600, 'critical'), pause)), 'the next is called in a moment');
    });
  }

  it('calls again after an acknowledgement only if it is worse', () => {
    const worse = climbed(again('joined', 60, 'critical'), { acknowledgedAt: 5 });
    assert.ok(restarts(worse));
    for (const severity of ['warning', 'info'] as const) {
      const same = climbed(again('joined', 60, severity, 'other words'), { acknowledgedAt: 5 });
      assert.equal(same.escalation.ladder.status, 'acknowledged');
      assert.equal(same.escalation.summary, 'other words');
    }
  });

  it('does not call again after an acknowledgement if it only stands for other alerts', () => {
    const climbing = climbed(again('reworded', 60, 'critical'), { acknowledgedAt: 5 });
    assert.equal(climbing.escalation.ladder.status, 'acknowledged');
    assert.equal(climbing.escalation.severity, 'critical');
  });

  it('keeps its revision if nothing is new', () => {
    const { revision } = climbed({ type: 'wake', at: at(3) }).escalation;
    assert.equal(climbed(again('reworded', 3, 'warning')).escalation.revision, revision);
  });
});
