import type { Part } from './part.ts';
import { soak } from './soak.ts';

/** Not how fast but how right: docs/reliability.md. */
export const soakPart: Part = {
  name: 'soak',
  title: 'Many calls, two replicas, random kills, faulty events, a faulty service',
  onRequest: true,
  async run({ seed, short, print, options }) {
    const { dispositions, ...result } = await soak({
      seed,
      print,
      calls: Number(options['calls'] ?? (short ? 120 : 5000)),
      rate: Number(options['rate'] ?? (short ? 10 : 25)),
      drops: !short,
      killEveryMs: short ? 3_000 : 8_000,
    });
    const wrong = (['calledTwice', 'neverCalled', 'notEnded', 'cardsNotFinal'] as const).filter(
      (fault) => result[fault] > 0,
    );
    const figures = { ...result, dispositions };
    return {
      tables: [
        {
          title: 'Soak',
          columns: ['figure', 'value'],
          rows: [...Object.entries(result), ['dispositions', JSON.stringify(dispositions)]],
        },
      ],
      figures,
      wrong: wrong.map((fault) => `${fault}: ${result[fault]}`),
    };
  },
};
