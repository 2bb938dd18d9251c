import assert from 'node:assert/strict';
import fc from 'fast-check';
import { InOrder } from '../../demo/inOrder.ts';
import { Timelines } from '../../demo/timelines.ts';

const HOLD_MS = 1000;

interface Printed {
  words: string;
  place: number;
  isLate: boolean;
}

function printing(): { lines: InOrder; printed: Printed[] } {
  const printed: Printed[] = [];
  const lines = new InOrder(HOLD_MS, ({ at, words }, place) =>
    printed.push({ words, place, isLate: at < place }),
  );
  return { lines, printed };
}

describe('what the demo tells', () => {
  it('stands in order of time: an answer behind what it answers, though its line was heard first', () => {
    const { lines, printed } = printing();
    lines.add({ at: 0, who: 'Megan', words: 'call Adele' });
    lines.add({ at: 91, who: 'Ringdown', words: 'Placing the call …' });
    lines.heardUntil(100);
    assert.deepEqual(printed, []);
    lines.add({ at: 75, who: 'call', words: 'The call was requested.' });
    lines.add({ at: 94, who: 'call', words: 'Calling …' });
    lines.heardUntil(1092);
    assert.deepEqual(
      printed.map(({ words }) => words),
      ['call Adele', 'The call was requested.', 'Placing the call …'],
    );
    lines.end();
    assert.deepEqual(
      printed.map(({ place, isLate }) => [place, isLate]),
      [
        [0, false],
        [75, false],
        [91, false],
        [94, false],
      ],
    );
  });

  it('never goes back, loses nothing, and says so of a line that comes too late', () => {
    const line = fc.record({ at: fc.nat(20_000), delayMs: fc.nat(3000) });
    fc.assert(
      fc.property(fc.array(line), (happened) => {
        const { lines, printed } = printing();
        const heard = happened
          .map(({ at, delayMs }, id) => ({ at, id, heardAt: at + delayMs }))
          .toSorted((a, b) => a.heardAt - b.heardAt);
        for (const { at, id, heardAt } of heard) {
          lines.add({ at, who: '', words: String(id) });
          lines.heardUntil(heardAt);
        }
        lines.end();
        assert.deepEqual(
          printed.map(({ words }) => Number(words)).toSorted((a, b) => a - b),
          happened.map((_, id) => id),
        );
        const places = printed.map(({ place }) => place);
        assert.deepEqual(
          places,
          places.toSorted((a, b) => a - b),
        );
        for (const { words, isLate } of printed) {
          const { delayMs = 0 } = happened[Number(words)] ?? {};
          assert.ok(!isLate || delayMs > HOLD_MS, `${words} was heard in time`);
        }
      }),
    );
  });

  it('is each line once, also those that come between others, and those that are alike', async () => {
    const at = (second: number): string => new Date(second * 1000).toISOString();
    const entry = (second: number, type: string) => ({ at: at(second), type });
    let timeline = [entry(1, 'queued'), entry(3, 'connected')];
    const call = () => ({
      id: 'call_1',
      status: 'connected',
      createdAt: at(1),
      disposition: null,
      reason: null,
      escalationId: null,
      target: { displayName: 'Adele Vance' },
      timeline,
    });
    const get = async (path: string): Promise<unknown> => {
      await Promise.resolve();
      if (path.startsWith('/api/v1/calls/')) return call();
      return { items: path.startsWith('/api/v1/calls?') ? [{ ...call(), seen: timeline.length }] : [] };
    };
    const told: number[] = [];
    const timelines = new Timelines({ get }, 0, (_who, _words, when) => told.push(when / 1000));
    await timelines.tell();
    timeline = [
      entry(1, 'queued'),
      entry(2, 'dialing'),
      entry(3, 'connected'),
      entry(4, 'retried'),
      entry(4, 'retried'),
    ];
    await timelines.tell();
    await timelines.tell();
    assert.deepEqual(told, [1, 3, 2, 4, 4]);
  });
});
