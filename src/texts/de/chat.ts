import type { ChatTexts, Format } from '../language.ts';
import { inMinutes } from '../rounding.ts';
import { card } from './callCard.ts';
import { help } from './help.ts';
import { personTexts } from './people.ts';
import { running } from './status.ts';
import { talkChat } from './talk.ts';

export function chat(format: Format): ChatTexts {
  const { line, number, plural, anyOf, duration } = format;
  return {
    ...personTexts(format),
    help,
    welcome: () =>
      'Hallo, ich bin Ringdown. Ich rufe für Sie in Teams an: Schreiben Sie „call Adele Vance“, oder „help“ für alles, was ich kann.',
    greeting: (name) => (name ? line`Hallo ${name}. Wen soll ich anrufen?` : 'Hallo. Wen soll ich anrufen?'),
    nobodyFits: (query, suggestions) =>
      suggestions.length > 0
        ? line`Ich habe niemanden namens „${query}“ gefunden. Meinten Sie ${anyOf(suggestions)}?`
        : line`Ich habe niemanden namens „${query}“ gefunden. Versuchen Sie es mit dem vollen Namen oder der Mailadresse, zum Beispiel „adele@contoso.example“.`,
    severalFit: (query) => line`Zu „${query}“ passen mehrere. Wen meinen Sie?`,
    oneAtATime: (named, message) =>
      line`Ich rufe immer nur eine Person an. Wen soll ich anrufen? Nacheinander, bis jemand übernimmt, geht es mit „escalate ${named}: ${message}“.`,
    didYouMean: (query, count) =>
      line`Ich habe niemanden namens „${query}“ gefunden. Meinten Sie ${count === 1 ? 'diese Person' : 'eine dieser Personen'}?`,
    voiceApp: () => 'Automatische Telefonzentrale oder Warteschleife',
    cannotBeCalled: () => 'nicht anrufbar',
    chooseByNumber: () => 'Sie können auch mit der Nummer antworten.',
    callIncomplete: () => 'Wen soll ich anrufen? Zum Beispiel: „call Adele Vance“.',
    empty: () => 'Das war ohne Text. Schreiben Sie „call“ und einen Namen, oder „help“.',
    tooLong: (limit) =>
      line`Das ist länger, als ich annehmen kann: höchstens ${number(limit)} ${plural(limit, { one: 'Zeichen', other: 'Zeichen' })}. Bitte kürzen Sie es.`,
    unknown: () =>
      'Das habe ich nicht verstanden. Schreiben Sie „call“ und einen Namen, oder „help“ für alles, was ich kann. Die Befehle sind englisch.',
    actsOnce: () =>
      'Auf eine Nachricht hin handle ich nur einmal; die Änderung bewirkt nichts. Bitte schreiben Sie es als neue Nachricht.',
    question: (say) =>
      line`Das war eine Frage, darum habe ich nichts getan. Soll ich es tun, schreiben Sie: ${say}`,
    colonMissing: (say) =>
      line`Ich weiß nicht sicher, wen ich anrufen soll, und habe niemanden angerufen. Soll ich den Rest vorlesen, setzen Sie einen Doppelpunkt hinter den Namen: ${say}`,
    notAllowed: (callee) =>
      line`Ich darf ${callee} nicht für Sie anrufen. Wer wen anrufen darf, legt Ihre Administration fest.`,
    rateLimited: (retryInSeconds) =>
      retryInSeconds === null
        ? 'Das waren viele Anrufe in kurzer Zeit. Ich habe nicht angerufen. Bitte versuchen Sie es später noch einmal.'
        : line`Das waren viele Anrufe in kurzer Zeit. Ich habe nicht angerufen. Bitte versuchen Sie es in ${duration(inMinutes(retryInSeconds))} noch einmal.`,
    directoryUnavailable: () =>
      'Ich kann gerade keine Personen nachschlagen. Ich habe nicht angerufen. Bitte versuchen Sie es in einer Minute noch einmal.',
    speechNotConfigured: (callee) =>
      line`Ich kann noch keine Nachrichten vorlesen und habe ${callee} deshalb nicht angerufen. Mit „call“ und nur dem Namen werden Sie verbunden. Die Administration kann die Sprachausgabe mit COGNITIVE_SERVICES_ENDPOINT einrichten.`,
    neitherConnectedNorSpoken: (callee) =>
      line`Ich kann nur Menschen in Teams verbinden und noch keine Nachrichten vorlesen, deshalb habe ich ${callee} nicht angerufen. Einrichten kann das Ihre Administration mit COGNITIVE_SERVICES_ENDPOINT.`,
    moreFit: () =>
      'Es passen mehr Personen, als hier stehen. Nennen Sie die Mailadresse, wenn die richtige fehlt.',
    connectNeedsTeams: (callee) =>
      line`Verbinden kann ich nur Personen in Teams und habe ${callee} deshalb nicht angerufen. Ich kann stattdessen eine Nachricht vorlesen: „call“, der Name, ein Doppelpunkt und die Nachricht.`,
    captured: (note, callee) => {
      switch (note) {
        case 'recordingStarted':
          return line`Der Anruf mit ${callee} wird aufgezeichnet. Legen Sie auf, wenn Sie nicht einverstanden sind.`;
        case 'recordingEnded':
          return line`Die Aufzeichnung des Anrufs mit ${callee} ist beendet.`;
        case 'transcriptionStarted':
          return line`Der Anruf mit ${callee} wird mitgeschrieben. Legen Sie auf, wenn Sie nicht einverstanden sind.`;
        case 'transcriptionEnded':
          return line`Die Mitschrift des Anrufs mit ${callee} ist beendet.`;
      }
    },
    limits: {
      recording:
        'Ich zeichne nie Anrufe auf: Der Telefondienst bietet es für Anrufe bei einer Person in Teams nicht an, und niemand wird von mir unbemerkt aufgezeichnet. Zeichnet jemand anderes auf, sage ich es sofort.',
      transcription: 'Ich schreibe Anrufe nicht mit. Schreibt jemand anderes mit, sage ich es sofort.',
      groupCall:
        'Ein Anruf bei einer Person in Teams bleibt ein Gespräch zu zweit: Niemand kann dazukommen. „escalate“ mit mehreren Namen ruft eine Person nach der anderen an.',
      forwarding:
        'Anrufe werden nicht weitergeleitet, und eine Weiterleitung, die jemand in Teams eingestellt hat, gilt für sie womöglich nicht. „escalate“ mit mehreren Namen ruft die nächste Person an, wenn niemand antwortet.',
      transfer:
        'Ich verbinde die angerufene Person mit Ihnen und mit niemandem sonst. Bitten Sie um einen Anruf bei der anderen Person.',
      voicemail:
        'Auf die Mailbox ist kein Verlass: Ob sie einen Anruf von mir annimmt, entscheidet Teams. „call <Person>: <Nachricht>“ spricht eine Nachricht und sagt Ihnen, ob sie bis zum Ende gehört wurde.',
      pickup:
        'Andere können einen Anruf nicht annehmen, der für jemanden bestimmt ist. „escalate“ mit mehreren Namen ruft die nächste Person an, wenn niemand antwortet.',
      simultaneousRinging:
        'Ein Anruf erreicht eine Person, und Teams bringt ihn an kein anderes Telefon. Ein Alarmplan kann mehrere Personen zugleich anrufen.',
      video: 'Meine Anrufe sind nur Sprache. Für Video rufen Sie bitte in Teams an.',
      skypeForBusiness: 'Wer Skype for Business benutzt, kann nicht angerufen werden, nur wer in Teams ist.',
    },
    alreadyCalling: (callee) =>
      line`Der Anruf bei ${callee} läuft bereits. Die Karte oben zeigt, wie es steht.`,
    nothingToHangUp: () => 'Hier läuft kein Anruf von Ihnen, also gibt es nichts aufzulegen.',
    hangingUp: (callee) => line`Der Anruf bei ${callee} wird beendet …`,
    nothingRuns: () => 'Es läuft kein Anruf.',
    runs: (count) =>
      line`Es ${plural(count, { one: 'läuft', other: 'laufen' })} ${number(count)} ${plural(count, { one: 'Anruf', other: 'Anrufe' })}:`,
    statusLine: ({ callee, state, requester, seconds }) =>
      requester === null
        ? line`${callee}: ${running[state].text} (${duration(seconds)})`
        : line`${callee}: ${running[state].text} (${duration(seconds)}, für ${requester})`,
    errorWithReference: (reference) =>
      line`Bei mir ist etwas schiefgegangen. Bitte versuchen Sie es noch einmal. Bleibt es dabei, nennen Sie Ihrer Administration diese Referenz: ${reference}`,
    databaseAway: () =>
      'Ich kann gerade nichts annehmen. Ich habe nicht angerufen. Bitte versuchen Sie es in einer Minute noch einmal.',
    databaseAwayNow: () =>
      'Ich kann gerade nichts annehmen. Ich habe nicht angerufen, es sei denn, eine Karte zeigt einen Anruf. Bitte versuchen Sie es in einer Minute noch einmal.',
    notKnown: () =>
      'Meine Datenbank war weg, gerade als ich das speichern wollte. Ich weiß nicht, ob es geschehen ist. Bitte schreiben Sie in einer Minute status, bevor Sie noch einmal darum bitten.',
    notInThisTenant: () =>
      'Für Ihre Organisation arbeite ich nicht. Ihre Administration kann den Betrieb dieses Ringdown bitten, es zu erlauben.',
    thanks: () => 'Gern geschehen.',
    outsideTeams: () =>
      'Ich kann nur Personen in Teams anrufen, keine Telefonnummern und keine Notrufnummern. Nehmen Sie im Notfall Ihr Telefon.',
    whoIsIncomplete: () => 'Wen meinen Sie? Zum Beispiel: „who is Adele Vance“.',
    whoIs: (people) => (people === 1 ? 'Das ist:' : 'Diese Personen passen:'),
    testNeedsTeams: () =>
      'Ich kann Sie nur anrufen, wenn Sie mir aus Teams schreiben, mit einem Konto dieser Organisation.',
    testNeedsSpeech: () =>
      'Ich kann noch nicht sprechen und habe den Testanruf deshalb gelassen. Die Administration kann die Sprachausgabe mit COGNITIVE_SERVICES_ENDPOINT einrichten.',
    whichCall: () => 'Mehrere Ihrer Anrufe laufen. Welchen soll ich beenden?',
    notYours: () => 'Das kann nur, wer darum gebeten hat.',
    callIsOver: (callee) => line`Der Anruf bei ${callee} ist bereits vorbei.`,
    nothingToChoose: () =>
      'Gerade gibt es nichts auszuwählen. Schreiben Sie „call“ und einen Namen, oder „help“.',
    choiceOutOfRange: (count) => line`Bitte wählen Sie eine Nummer von 1 bis ${number(count)}.`,
    choiceExpired: () => 'Diese Frage ist abgelaufen. Bitte fragen Sie noch einmal.',
    alreadyChosen: (callee) => line`Sie haben ${callee} bereits ausgewählt.`,
    cardIsGone: () => 'Diese Karte ist abgelaufen. Bitte fragen Sie noch einmal.',
    messageMissing: () => 'Bitte schreiben Sie zuerst die Nachricht.',
    language: {
      chosen: (name) => line`Ab jetzt spreche ich ${name} mit Ihnen. „language auto“ macht das rückgängig.`,
      automatic: () => 'Ab jetzt richte ich mich nach der Sprache Ihrer App.',
      unknown: (asked, names) =>
        line`„${asked}“ spreche ich nicht. Schreiben Sie „language“ und eine dieser Sprachen: ${anyOf(names)}.`,
      present: (name, names) =>
        line`Ich spreche ${name} mit Ihnen. Um das zu ändern, schreiben Sie „language“ und eine dieser Sprachen: ${anyOf(names)}. Mit „language auto“ richte ich mich nach der Sprache Ihrer App.`,
    },
    somebody: 'Jemand',
    talk: talkChat(format),
    card: card(format),
  };
}
