import type { HistoryTexts } from '../historyTexts.ts';
import type { Format } from '../language.ts';

export function history({ line }: Format): HistoryTexts {
  return {
    title: 'Last calls and alerts',
    titleOlder: 'Earlier calls and alerts',
    empty: () => 'No calls or alerts yet.',
    noOlder: () => 'There are no earlier ones.',
    older: 'Earlier',
    newest: 'Back to the newest',
    alert: 'Alert',
    test: 'Test',
    by: (name) => line`for ${name}`,
    said: (message) => line`"${message}"`,
    again: 'Call again',
    againTooltip: (callee) => line`Call ${callee} again`,
  };
}
