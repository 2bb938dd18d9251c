import { adaptiveCard, quoted, runs } from './elements.ts';
import type { Rendered } from './elements.ts';

/** A heading with lines below it. */
export function listCard(heading: string, lines: readonly string[]): Rendered {
  return adaptiveCard({
    body: [
      quoted(heading, { weight: 'Bolder', style: 'heading' }),
      ...lines.map((line) => runs([line], { spacing: 'Small' })),
    ],
    actions: [],
    text: [heading, ...lines].join('\n'),
  });
}
