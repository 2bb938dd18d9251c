import assert from 'node:assert/strict';
import { sample, seed, soakCalls } from '../support/long.ts';
import { soak } from '../support/soak/soak.ts';

/** What two replicas bear on two idle cores while they are killed (docs/reliability.md). */
const RATE = 6;
const WHOLE = { calls: soakCalls, drops: true, kills: Math.ceil(soakCalls / 125), freezeMs: 60_000 };
const SAMPLED = { calls: 120, drops: false, kills: 4, freezeMs: 8_000 };

describe('a soak: many calls, two replicas, kills, one that stands still, faulty events, faulty services', function () {
  this.timeout(6 * 60 * 60_000);

  it('calls everybody once, ends every call, and every card shows its end', async () => {
    const lines: string[] = [];
    const form = sample === 1 ? WHOLE : SAMPLED;
    const result = await soak({ ...form, rate: RATE, seed, print: (line) => void lines.push(line) });
    const { calledTwice, neverCalled, notEnded, cardsNotFinal, kills } = result;
    lines.push(JSON.stringify(result));
    assert.deepEqual(
      { calledTwice, neverCalled, notEnded, cardsNotFinal, kills },
      { calledTwice: 0, neverCalled: 0, notEnded: 0, cardsNotFinal: 0, kills: form.kills },
      lines.join('\n'),
    );
  });
});
