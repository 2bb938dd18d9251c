import type { AlertTexts, GoneFromFile, Notice, OperatorTexts } from '../alertTexts.ts';
import type { Format } from '../language.ts';
import { whyNot } from './skipped.ts';

/** Texts about alerts, and notices to operators. */
export function alertsAndOperators(format: Format): { alerts: AlertTexts; operators: OperatorTexts } {
  const { line, number, plural, anyOf, duration } = format;
  const shown = (value: unknown, otherwise: string): string =>
    typeof value === 'string' && value.trim() !== '' ? value : otherwise;
  const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
  const alertsWord = (value: number): string =>
    `${number(value)} ${plural(value, { one: 'Alarm', other: 'Alarme' })}`;
  const times = (value: number): string => (value > 1 ? ` (${number(value)}-mal)` : '');

  const gone: Record<GoneFromFile, [what: string, which: string, then: string]> = {
    policy: ['der Alarmplan', 'den', 'Ihre Schritte bleiben, neue Alarme dafür rufen niemanden an'],
    rotation: ['der Dienstplan', 'den', 'Schritte damit rufen niemanden an'],
    voiceApp: ['die Sprachanwendung', 'die', 'Schritte damit rufen niemanden an'],
    apiKey: ['der Schlüssel', 'den', 'Sein Absender kann sie nicht mehr als behoben melden'],
    integration: ['die Integration', 'die', 'Ihr Absender kann sie nicht mehr als behoben melden'],
    heartbeat: ['das Lebenszeichen', 'das', 'Kein Lebenszeichen beendet sie mehr'],
  };

  const told = (notice: Notice): string => {
    switch (notice.kind) {
      case 'intakeRejected':
        return line`Ein Alarm von ${notice.sender} wurde abgewiesen (${notice.code}): ${notice.detail}`;
      case 'intakeOfStrangers':
        return 'An /api/v1/alerts/ wurde etwas ohne gültigen Schlüssel, ohne gültige Signatur oder an eine falsche Adresse gesendet und abgewiesen. Wenn Alarme fehlen: Schlüssel und Adresse beim Absender prüfen.';
      case 'intakeFailed':
        return line`Ein Alarm von ${notice.sender} kam an, konnte aber nicht verarbeitet werden. Die Ursache steht im Log.`;
      case 'policyMissing':
        return line`Ein Alarm von ${notice.sender} hat niemanden angerufen: In ringdown.yaml fehlt der Alarmplan ${notice.policy}.`;
      case 'exhausted':
        return line`Niemand aus ${notice.policy} hat übernommen: ${notice.summary} (${notice.id})`;
      case 'unreachable':
        return line`${notice.name} aus ${notice.policy} konnte nicht angerufen werden: ${whyNot(notice.why)}.`;
      case 'webhookFailing':
        return line`Der Webhook an ${notice.host} schlägt fehl: ${notice.problem}. Er wird einen Tag lang wiederholt.`;
      case 'webhookGivenUp':
        return line`Der Webhook an ${notice.host} wurde aufgegeben: ${notice.event} (${notice.id}) kam nicht an.`;
      case 'paused':
        return line`${notice.by} hat alle Anrufe angehalten: Niemand wird angerufen, bis der Betrieb „resume“ schreibt.`;
      case 'resumed':
        return line`${notice.by} lässt die Anrufe weitergehen.`;
      case 'notInDirectory':
        return line`In ringdown.yaml steht ${notice.name} (${notice.where}): ${whyNot(notice.why)}.`;
      case 'gone': {
        const [what, which, then] = gone[notice.what];
        const uses = plural(notice.escalations, {
          one: 'offene Eskalation nutzt',
          other: 'offene Eskalationen nutzen',
        });
        return line`In ringdown.yaml fehlt jetzt ${what} ${notice.name}, ${which} ${number(notice.escalations)} ${uses}. ${then}.`;
      }
      case 'fileRefused':
        return line`Die neue ringdown.yaml wurde abgelehnt: Sie hat ${number(notice.faults)} ${plural(notice.faults, { one: 'Fehler', other: 'Fehler' })}, siehe Log. Es gilt weiter die alte.`;
      case 'jobStuck':
        return line`Ringdown scheitert seit ${number(notice.minutes)} Minuten an einer Aufgabe (${notice.job}). Es versucht sie weiter; im Log steht, woran es liegt.`;
    }
  };

  return {
    alerts: {
      unlisted: ({ count: left, name }) =>
        line`${number(left)} ${plural(left, { one: 'weiterer Alarm', other: 'weitere Alarme' })} von ${name}, nicht aufgeführt`,
      several: ({ firing, resolved, first }) =>
        resolved > 0
          ? line`${alertsWord(firing)} (${number(resolved)} behoben): ${first}`
          : line`${alertsWord(firing)}: ${first}`,
      noData: ({ name }) => line`${name}: Es kamen keine Daten`,
      queryFailed: ({ name }) => line`${name}: Die Abfrage ist fehlgeschlagen`,
      budget: ({ name, spent, of, isForecast }) =>
        isForecast
          ? line`Budget ${name}: Laut Prognose werden ${spent} von ${of} ausgegeben`
          : line`Budget ${name}: ${spent} von ${of} ausgegeben`,
      listed: (alerts, more) => [
        ...alerts.map(({ summary, severity }) => line`- ${summary} (${severity})`),
        ...(more > 0 ? [line`und ${number(more)} weitere`] : []),
      ],
      silent: ({ name, everySeconds }) => line`Kein Lebenszeichen von ${name} seit ${duration(everySeconds)}`,
      silentDetails: ({ lastAt }) =>
        lastAt === null ? 'Bisher kam noch keines.' : line`Zuletzt gehört um ${lastAt}.`,
      timeline: {
        alertsJoined: ({ added, firing }) =>
          line`${alertsWord(count(added))} ${plural(count(added), { one: 'kam', other: 'kamen' })} hinzu: ${number(count(firing))} insgesamt.`,
        alertsResolved: ({ firing }) => line`Teilweise behoben: ${alertsWord(count(firing))} noch offen.`,
        alertAcknowledged: ({ name, by }) =>
          line`${shown(by, 'Jemand')} hat einen Teil übernommen: ${shown(name, 'ein Alarm')}`,
        bundling: ({ seconds }) =>
          line`Gerade wurde jemand angerufen: Bis zu ${duration(count(seconds))} wird gewartet, um für alles nur einmal anzurufen.`,
        notCovered: ({ count: left }) =>
          line`${alertsWord(count(left))} ${plural(count(left), { one: 'kam später oder wurde schlimmer und ist', other: 'kamen später oder wurden schlimmer und sind' })} nicht abgedeckt: Dafür ruft eine weitere Eskalation an.`,
        overAlready: ({ name }) =>
          line`${shown(name, 'Ein Alarm')} kam noch einmal mit der Anfangszeit einer Störung, die schon vorbei ist. Deshalb wird niemand angerufen.`,
        worse: ({ from, to }) =>
          line`Der Schweregrad stieg von ${shown(from, 'weniger')} auf ${shown(to, 'critical')}.`,
        webhookGivenUp: ({ host, event }) =>
          line`Der Webhook an ${shown(host, 'ein Programm')} wurde aufgegeben: „${shown(event, 'ein Ereignis')}“ kam nicht an.`,
      },
    },
    operators: {
      message: (notices, more) => [
        'Ringdown braucht Ihre Aufmerksamkeit:',
        ...notices.map(({ notice, count: often }) => `- ${told(notice)}${times(often)}`),
        ...(more > 0 ? [`- und ${number(more)} weitere: siehe Log`] : []),
      ],
      pause: {
        paused: () =>
          'Alle Anrufe sind angehalten. Niemand wird neu angerufen, und Alarme warten; laufende Anrufe gehen weiter. Schreiben Sie „resume“, wenn es weitergehen kann.',
        resumed: () => 'Es wird wieder angerufen. Was gewartet hat, geht jetzt weiter.',
        notPaused: () => 'Die Anrufe sind nicht angehalten. Es gibt nichts fortzusetzen.',
        isPaused: ({ by, since }) =>
          !by || !since
            ? 'Alle Anrufe sind angehalten. Der Betrieb kann „resume“ schreiben.'
            : line`${by} hat um ${since} alle Anrufe angehalten. Der Betrieb kann „resume“ schreiben.`,
        mayNot: (names) =>
          names.length > 0
            ? line`Nur der Betrieb kann alle Anrufe anhalten und weitergehen lassen. Fragen Sie ${anyOf(names.slice(0, 3))}.`
            : 'Nur der Betrieb kann alle Anrufe anhalten und weitergehen lassen, und ringdown.yaml nennt niemanden. Über die API geht es.',
        rightUnknown: () =>
          'Ich kann gerade nicht nachsehen, ob Sie zum Betrieb gehören, und habe nichts geändert. Bitte in einer Minute noch einmal; über die API geht es sofort.',
      },
    },
  };
}
