import { entryWords } from '../../calls/timelineCatalogue.ts';
import { escalationEntries, type EscalationNoteWords } from '../../escalations/timeline.ts';
import type { AlertTexts } from '../alertTexts.ts';
import { isKeyOf, shown, type EntryData } from '../entryData.ts';
import type { Format, Texts } from '../language.ts';
import { notDelivered } from './escalations.ts';
import { skipped, skippedLine } from './skipped.ts';
import { result } from './status.ts';

/** @param alertLines timeline lines that alerts and webhooks add */
export function escalation(format: Format, alertLines: AlertTexts['timeline']): Texts['escalation'] {
  const { line, number, duration } = format;
  const withNote = (words: string, { note }: EntryData): string =>
    note ? line`${words} „${shown(note)}“` : words;
  const byWhom = (done: string, data: EntryData): string =>
    withNote(line`${done} von ${shown(data.name)}${way(data.way)}.`, data);
  const way = (value: EntryData[string] | undefined): string => {
    switch (value) {
      case 'card':
        return ', auf der Karte';
      case 'chat':
        return ', im Chat';
      case 'keys':
        return ', am Telefon';
      case 'api':
        return ', über die API';
      default:
        return '';
    }
  };
  const lines: EscalationNoteWords = {
    ...alertLines,
    opened: ({ by, summary }) => line`Ausgelöst von ${shown(by)}: ${shown(summary)}`,
    joined: () => 'Derselbe Alarm kam noch einmal.',
    calling: ({ name, try: count }) =>
      typeof count === 'number' && count > 1
        ? line`${shown(name)} wird angerufen (${number(count)}. Versuch) …`
        : line`${shown(name)} wird angerufen …`,
    callEnded: ({ name, ...data }) => line`${shown(name)}: ${result(data)}.`,
    skipped: ({ name, reason }) =>
      line`${shown(name)} wird nicht angerufen: ${isKeyOf(skipped, reason) ? skipped[reason] : shown(reason)}.`,
    remembered: ({ name }) =>
      line`Das Verzeichnis antwortet nicht: Für ${shown(name)} wird angerufen, wer beim letzten Mal gemeint war.`,
    optOutOverruled: ({ name }) =>
      line`${shown(name)} möchte nicht aus Chats angerufen werden und wird angerufen, weil der Alarmplan es vorsieht.`,
    quietHours: ({ name }) => line`Es ist Ruhezeit: ${shown(name)} wird danach angerufen.`,
    nobodyInStep: ({ step }) => line`In Stufe ${shown(step)} kann niemand angerufen werden.`,
    notFoundOut: ({ step }) =>
      line`Stufe ${shown(step)} wird übersprungen: Es ließ sich nicht ermitteln, wer gemeint ist.`,
    pausing: ({ seconds }) =>
      typeof seconds === 'number' ? `Pause für ${duration(seconds)}.` : 'Kurze Pause.',
    repeating: ({ round }) => line`Noch hat niemand übernommen. Es geht von vorn los, Runde ${shown(round)}.`,
    passedOn: (data) => byWhom('Weitergegeben', data),
    acknowledged: (data) => byWhom('Übernommen', data),
    resolved: (data) =>
      data.way === 'auto'
        ? line`Von selbst geschlossen: ${typeof data.seconds === 'number' ? duration(data.seconds) : 'lange'} nach der Übernahme hat es niemand als behoben gemeldet.`
        : byWhom('Behoben', data),
    cancelled: (data) => byWhom('Gestoppt', data),
    testOver: () => 'Der Test ist beendet.',
    acknowledgeTimeout: ({ name }) =>
      line`${shown(name)} hat übernommen, aber es wurde nicht rechtzeitig behoben. Es geht weiter.`,
    startedAgain: () => 'Die Anrufe beginnen von vorn.',
    halted: ({ by }) => line`Angehalten von ${shown(by)}: Es wird niemand mehr angerufen.`,
    resumed: ({ by }) => line`Fortgesetzt von ${shown(by)}.`,
    exhausted: ({ called }) =>
      called === false
        ? 'Niemand konnte angerufen werden.'
        : 'Alle wurden angerufen, niemand hat übernommen.',
    told: ({ name }) => line`${shown(name)} wurde benachrichtigt, dass niemand übernommen hat.`,
    notTold: ({ name }) =>
      line`${shown(name)} konnte nicht benachrichtigt werden, dass niemand übernommen hat.`,
    appInstalled: ({ name }) => line`Die App wurde für ${shown(name)} installiert, um die Karte zuzustellen.`,
    cardNotDelivered: ({ name, reason }) => {
      const why = isKeyOf(notDelivered, reason) ? notDelivered[reason] : shown(reason);
      return name
        ? line`${shown(name)} hat keine Karte dazu: ${why}.`
        : line`Die Karte konnte nicht im Kanal gepostet werden: ${why}.`;
    },
  };

  return {
    status: {
      open: { text: 'Offen', color: 'attention' },
      acknowledged: { text: 'Übernommen', color: 'good' },
      resolved: { text: 'Behoben', color: 'good' },
      exhausted: { text: 'Niemand hat übernommen', color: 'attention' },
      cancelled: { text: 'Gestoppt', color: 'default' },
    },
    timeline: (entry) => entryWords(escalationEntries, lines, entry) ?? line`Ereignis „${entry.type}“.`,
    skipped: skippedLine(format),
    nobodyCanBeCalled: () => 'Aus diesem Alarmplan kann niemand angerufen werden.',
    exhausted: ({ summary, policy }) =>
      policy === null
        ? line`Niemand hat diesen Alarm übernommen: ${summary}`
        : line`Niemand aus ${policy} hat diesen Alarm übernommen: ${summary}`,
  };
}
