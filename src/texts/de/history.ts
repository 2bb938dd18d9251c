import type { HistoryTexts } from '../historyTexts.ts';
import type { Format } from '../language.ts';

export function history({ line }: Format): HistoryTexts {
  return {
    title: 'Letzte Anrufe und Alarme',
    titleOlder: 'Frühere Anrufe und Alarme',
    empty: () => 'Noch keine Anrufe oder Alarme.',
    noOlder: () => 'Davor war nichts.',
    older: 'Frühere',
    newest: 'Zurück zu den neuesten',
    alert: 'Alarm',
    test: 'Test',
    by: (name) => line`für ${name}`,
    said: (message) => line`„${message}“`,
    again: 'Anrufen',
    againTooltip: (callee) => line`${callee} erneut anrufen`,
  };
}
