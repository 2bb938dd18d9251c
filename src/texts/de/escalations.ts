import type { EscalationChatTexts, NotDelivered } from '../escalationTexts.ts';
import type { Format } from '../language.ts';
import { skippedLine } from './skipped.ts';

export const notDelivered: Record<NotDelivered, string> = {
  appNotInstalled: 'die App ist dort nicht installiert, und TEAMS_APP_ID ist nicht gesetzt',
  installNotPermitted: 'die App ist dort nicht installiert, und Ringdown darf sie nicht installieren',
  installFailed: 'die App ist dort nicht installiert, und die Installation schlug fehl',
  blocked: 'der Bot wurde dort blockiert',
  disabledByAdmin: 'die Administration hat die App gesperrt',
  notInConversation: 'der Bot ist nicht Teil der Unterhaltung',
  notFound: 'diese Unterhaltung gibt es nicht',
  wrongServiceUrl: 'die Chats dieser Organisation liegen woanders; TEAMS_SERVICE_URL muss sagen, wo',
  noServiceUrl:
    'aus dieser Organisation hat noch niemand dem Bot geschrieben, und TEAMS_SERVICE_URL ist nicht gesetzt',
  failed: 'der Chatdienst hat sie nicht angenommen',
};

/** Escalations in chats and on cards. */
export function escalationChat(format: Format): EscalationChatTexts {
  const { line, number, plural, anyOf, duration } = format;
  const allOf = new Intl.ListFormat(format.locale, { type: 'conjunction' });
  const all = (names: readonly string[]): string => allOf.format(names);
  const named = (names: readonly string[]): string => (names.length > 0 ? all(names) : 'Jemand');
  const isOrAre = (names: readonly string[], one: string, several: string): string =>
    names.length > 1 ? several : one;
  const marked = (test: boolean, words: string): string => (test ? `Test: ${words}` : words);
  const because = (why: { policy: string | null; step: number; startedBy: string }): string =>
    why.policy === null
      ? line`weil ${why.startedBy} Sie genannt hat.`
      : line`weil Sie in Stufe ${number(why.step)} des Alarmplans ${why.policy} stehen.`;
  const knownPolicies = (known: readonly string[]): string =>
    known.length === 0
      ? 'Es gibt noch keine Alarmpläne: Die Administration trägt sie in ringdown.yaml ein (policies).'
      : line`${known.length === 1 ? 'Der einzige Alarmplan ist' : 'Die Alarmpläne sind'}: ${all(known)}.`;

  return {
    stage: {
      findingOut: { text: 'Wer ist dran? …', color: 'attention' },
      calling: { text: 'Anruf läuft …', color: 'attention' },
      talking: { text: 'Am Telefon', color: 'warning' },
      pausing: { text: 'Pause', color: 'attention' },
      waiting: { text: 'Wartet auf den nächsten Versuch', color: 'attention' },
      paused: { text: 'Angehalten', color: 'warning' },
    },
    severity: { critical: 'Kritisch', error: 'Fehler', warning: 'Warnung', info: 'Information' },
    notDelivered,

    card: {
      alert: (severity) => line`Alarm · ${severity}`,
      test: 'Test · kein echter Alarm',
      policy: (policy) => line`Alarmplan ${policy}`,
      startedBy: (name) => line`ausgelöst von ${name}`,
      noSpeech: 'Ich kann nicht sprechen: Wer annimmt, hört nichts und findet alles auf der Karte.',
      since: (time) => `seit ${time}`,
      at: (time) => `um ${time}`,
      goesOnAt: (time) => `weiter um ${time}`,
      resolveBy: (time) => `wenn bis ${time} nicht behoben, wird weiter angerufen`,
      step: ({ step, of, round }) =>
        round > 1
          ? line`Stufe ${number(step)} von ${number(of)}, Runde ${number(round)}`
          : line`Stufe ${number(step)} von ${number(of)}`,
      findingOut: 'Noch hat niemand übernommen. Es wird ermittelt, wer anzurufen ist.',
      calling: (names) =>
        line`Noch hat niemand übernommen. ${named(names)} ${isOrAre(names, 'wird', 'werden')} angerufen.`,
      talking: (names) =>
        line`${named(names)} ${isOrAre(names, 'ist', 'sind')} am Telefon und ${isOrAre(names, 'hat', 'haben')} noch nicht übernommen.`,
      pausing: 'Noch hat niemand übernommen. Nach einer Pause folgt die nächste Stufe.',
      waiting: 'Noch hat niemand übernommen. Der nächste Versuch folgt gleich.',
      paused:
        'Noch hat niemand übernommen. Der Betrieb hat angehalten: Bis es weitergeht, wird niemand angerufen.',
      next: (name) => line`Danach: ${name}.`,
      exhausted: 'Alle wurden angerufen, niemand hat übernommen. Hier kann noch übernommen werden.',
      exhaustedUncalled: 'Niemand konnte angerufen werden, also hat es niemand. Hier kann übernommen werden.',
      acknowledged: (by) => line`Übernommen von ${by}.`,
      resolved: (by) => line`Behoben von ${by}.`,
      cancelled: (by) => line`Gestoppt von ${by}.`,
      youAreCalled: (why) => `Sie werden angerufen, ${because(why)}`,
      youWereCalled: (why) => `Sie wurden angerufen, ${because(why)}`,
      youAreTold: (policy) =>
        policy === null
          ? 'Sie erfahren das, weil niemand übernommen hat.'
          : line`Sie erfahren das, weil niemand aus dem Alarmplan ${policy} übernommen hat.`,
      continued: (time) => line`Weiter ging es um ${time} in einer neueren Nachricht.`,
      continuedInShort: 'weiter in einer neueren Nachricht',
      ladder: 'Anrufe',
      nobodyCalledYet: 'Noch wurde niemand angerufen.',
      earlier: (count) =>
        line`… und davor ${number(count)} ${plural(count, { one: 'weiterer Anruf', other: 'weitere Anrufe' })}`,
      answeredNotAcknowledged: 'Angenommen, nicht übernommen',
      noLongerNeeded: 'Nicht mehr nötig',
      passedOn: 'Weitergegeben',
      details: 'Details',
      links: 'Links',
      history: 'Verlauf',
      acknowledge: 'Übernehmen',
      cantTake: 'Kann nicht',
      callNext: 'Nächste Person anrufen',
      resolve: 'Behoben',
      stop: 'Stoppen',
      showDetails: 'Details',
      text: ({ summary, state, test }) => marked(test, line`${summary} – ${state}`),
      calleeText: ({ summary, test }) => marked(test, line`Sie werden angerufen: ${summary}`),
    },

    nobodyCanBeCalled: (who) =>
      ['Aus diesem Alarmplan kann niemand angerufen werden.', ...who.map(skippedLine(format))].join(' '),
    testSummary: (policy) => line`Test des Alarmplans ${policy}. Kein echter Alarm.`,
    noSuchPolicy: (policy, known) =>
      `${line`Einen Alarmplan „${policy}“ kenne ich nicht.`} ${knownPolicies(known)}`,
    policyAmongPeople: (policy) =>
      line`„${policy}“ ist ein Alarmplan. Nennen Sie bitte entweder einen Alarmplan oder Personen, dann Doppelpunkt und Nachricht.`,
    whichPolicy: (known) => `Welcher Alarmplan? ${knownPolicies(known)}`,
    escalateIncomplete: (missing) =>
      missing === 'message'
        ? 'Worum geht es? Zum Beispiel: „escalate payments: Kasse ausgefallen“.'
        : 'Wen soll ich anrufen? Zum Beispiel: „escalate payments: Kasse ausgefallen“, oder Namen mit Komma dazwischen.',
    severalFit: (query, people) =>
      line`Zu „${query}“ passen mehrere: ${anyOf(people)}. Bitte nennen Sie die Mailadresse.`,
    nothingToAcknowledge: () => 'Es gibt keinen Alarm, den Sie übernehmen können.',
    nothingToResolve: () => 'Für Sie ist kein Alarm offen.',
    whichToAcknowledge: () => 'Mehrere Alarme sind offen. Welchen übernehmen Sie?',
    whichToResolve: () => 'Mehrere Alarme sind offen. Welcher ist behoben?',
    unseenToAcknowledge: () => 'Diesen Alarm habe ich Ihnen noch nicht gezeigt. Übernehmen Sie ihn?',
    unseenToResolve: () => 'Diesen Alarm habe ich Ihnen noch nicht gezeigt. Ist er behoben?',
    whichToStop: () => 'Von Ihnen läuft mehreres. Was soll ich beenden?',
    acknowledged: (summary) => line`Sie haben „${summary}“ übernommen. Sonst wird niemand mehr angerufen.`,
    resolved: (summary) => line`„${summary}“ ist behoben.`,
    stopped: (summary) => line`„${summary}“ ist gestoppt. Es wird niemand mehr angerufen.`,
    doneInPart: (summary) =>
      line`Das gilt für das, was Sie von „${summary}“ gesehen haben. Für das, was danach dazukam, wird neu angerufen.`,
    passedOn: (summary) => line`„${summary}“ ist weitergegeben.`,
    alreadyAcknowledged: (by) => line`${by} hat bereits übernommen. Sie müssen nichts tun.`,
    youHaveIt: () => 'Sie haben bereits übernommen.',
    alreadyResolved: (by) => line`${by} hat es bereits behoben. Sie müssen nichts tun.`,
    alreadyCancelled: (by) => line`${by} hat es bereits gestoppt. Sie müssen nichts tun.`,
    tooLate: () => 'Das geht nicht mehr, denn der Stand hat sich geändert.',
    notYetOpen: () => 'Es wurden bereits alle angerufen. Übernommen werden kann noch.',
    notCalledNow: () => 'Sie werden dafür gerade nicht angerufen.',
    nobodyCalledNow: () => 'Dafür wird gerade niemand angerufen.',
    mayNot: () => 'Das können nur Personen aus dem Alarmplan, und wer den Alarm ausgelöst hat.',
    anonymousMayNot: () =>
      'Ich kann hier nicht erkennen, wer Sie sind. Bitte tun Sie das in Teams, mit einem Konto dieser Organisation.',
    rightsUnknown: () =>
      'Ich kann gerade nicht nachsehen, ob Sie das dürfen. Bitte versuchen Sie es in einer Minute noch einmal. Wer angerufen wurde, kann immer übernehmen.',

    onCall: (policy) => line`${policy} ruft in dieser Reihenfolge an:`,
    onCallStep: ({ step, people }) => line`Stufe ${number(step)}: ${all(people)}`,
    onCallUntil: ({ name, until }) => line`${name} (bis ${until})`,
    nobodyInStep: (step) => line`Stufe ${number(step)}: niemand`,
    covering: ({ name, until }) => line`${name} vertritt bis ${until}.`,
    covered: ({ policy, until, instead }) =>
      instead === null
        ? line`Sie haben die Bereitschaft für ${policy} bis ${until}. Danach geht der Wechsel weiter wie geplant.`
        : line`Sie haben die Bereitschaft für ${policy} bis ${until}, anstelle von ${instead}. Danach geht der Wechsel weiter wie geplant.`,
    notCoverable: (policy) =>
      line`${policy} hat keine wechselnde Bereitschaft, also gibt es keine zu übernehmen.`,
    coverUntilWhen: () => 'Bis wann? Zum Beispiel: „cover payments until 18:00“.',
    coverNotUnderstood: (words) =>
      line`Die Zeitangabe „${words}“ verstehe ich nicht. Zum Beispiel: „18:00“, „tomorrow 8:00“, „Montag“ oder „2h“.`,
    coverInThePast: (until) => line`${until} ist schon vorbei. Bitte nennen Sie eine spätere Zeit.`,
    coverTooLong: (days) => line`Das ist zu lang: höchstens ${number(days)} Tage.`,
    coverNeedsTeams: () =>
      'Eine Bereitschaft können Sie nur in Teams übernehmen, mit einem Konto dieser Organisation, das angerufen werden kann.',

    runs: (count) => (count === 1 ? 'Gerade läuft:' : line`Gerade laufen ${number(count)} Vorgänge:`),
    statusEscalation: ({ summary, state, seconds, test }) =>
      line`${test ? 'Test' : 'Alarm'} „${summary}“: ${state} (${duration(seconds)})`,
  };
}
