import assert from 'node:assert/strict';
import { sample, seed } from '../support/long.ts';
import { soak } from '../support/soak.ts';

/** What two replicas bear on two cores while they are killed (docs/reliability.md). */
const WHOLE = { calls: 2_500, rate: 6, drops: true, killEveryMs: 8_000 };
const SAMPLED = { calls: 120, rate: 6, drops: false, killEveryMs: 4_000 };

describe('a soak: many calls, two replicas, kills, faulty events, a faulty service', function () {
  this.timeout(90 * 60_000);

  it('calls everybody once, ends every call, and every card shows its end', async () => {
    const lines: string[] = [];
    const result = await soak({
      ...(sample === 1 ? WHOLE : SAMPLED),
      seed,
      print: (line) => void lines.push(line),
    });
    const { calledTwice, neverCalled, notEnded, cardsNotFinal, kills } = result;
    assert.deepEqual(
      { calledTwice, neverCalled, notEnded, cardsNotFinal },
      { calledTwice: 0, neverCalled: 0, notEnded: 0, cardsNotFinal: 0 },
      lines.join('\n'),
    );
    assert.ok(kills > 0, 'somebody was killed');
  });
});
