import assert from 'node:assert/strict';
import type { Escalation } from '../../../src/escalations/escalation.ts';
import { climb } from '../../../src/escalations/ladder/climb.ts';
import { readLadder, storedLadder } from '../../../src/escalations/ladder/stored.ts';
import { triesLeft } from '../../../src/escalations/ladder/wrongPins.ts';
import { at, Climbing, step } from '../../support/escalations/climbing.ts';

describe('wrong PINs', () => {
  const running = { paused: false, by: null };
  const wrong = (escalation: Escalation, key: string, refused: boolean) =>
    climb(escalation, { type: 'wrongPin', at: at(9), key, name: 'Adele', refused }, running);

  it('end a call after three, and lock the keys of that person after six', () => {
    let { escalation } = new Climbing({ steps: [step('Adele')] });
    const left: number[] = [];
    const told: string[] = [];
    for (const refused of [false, false, true, false, false, true]) {
      const climbed = wrong(escalation, 'adele', refused);
      escalation = climbed.escalation;
      left.push(triesLeft(escalation.ladder, 'adele'));
      told.push(
        ...climbed.timeline.map((one) =>
          one.type === 'pinRefused' ? `refused${one.data.locked ? ', locked' : ''}` : one.type,
        ),
      );
    }
    assert.deepEqual(left, [3, 3, 3, 2, 1, 0]);
    assert.deepEqual(told, [
      'pinWrong',
      'pinWrong',
      'pinWrong',
      'refused',
      'pinWrong',
      'pinWrong',
      'pinWrong',
      'refused, locked',
    ]);
    assert.equal(triesLeft(escalation.ladder, 'alex'), 3);
    assert.equal(triesLeft(readLadder(storedLadder(escalation.ladder)), 'adele'), 0);
  });

  it('are not forgotten when the ladder starts again', () => {
    const { escalation } = new Climbing({ steps: [step('Adele')] });
    const once = wrong(escalation, 'adele', false).escalation;
    const words = { summary: 's', details: null, severity: 'critical' as const, links: [] };
    const again = climb(once, { type: 'joined', at: at(20), words, again: true }, running).escalation;
    assert.equal(again.ladder.runs, 1);
    assert.deepEqual(again.ladder.wrongPins, [{ key: 'adele', count: 1 }]);
  });
});
