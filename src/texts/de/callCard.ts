import type { CardTexts, Format } from '../language.ts';

export function card({ line }: Format): CardTexts {
  return {
    since: (time) => `seit ${time}`,
    message: 'Nachricht',
    messageNotKept: 'Sie wurde nicht aufbewahrt.',
    connects: ({ callee, requester }) => line`Ein Anruf, um ${requester} mit ${callee} zu verbinden.`,
    isTest: 'Ein Testanruf. Es ist nichts passiert.',
    askedBy: (requester) => line`Im Auftrag von ${requester}`,
    waitsFor: {
      paused: 'Der Betrieb hat alle Anrufe angehalten. Sobald es weitergeht, wird angerufen.',
      phoneBusy: 'Ein anderer Anruf von Ringdown ist an diesem Telefon. Danach wird angerufen.',
      quietHours: 'Es ist Ruhezeit. Danach wird angerufen.',
      rateLimit: 'Es gibt gerade viele Anrufe. Gleich wird angerufen.',
    },
    running: {
      queued: ({ callee }) => line`Gleich wird ${callee} angerufen.`,
      invited: ({ callee }) => line`Öffnen Sie die Seite und treten Sie bei: Dann wird ${callee} angerufen.`,
      dialing: ({ callee }) => line`${callee} hat noch nicht angenommen.`,
      connected: ({ callee }) => line`${callee} hat angenommen.`,
      speaking: ({ callee }) => line`${callee} hat angenommen und hört die Nachricht.`,
      transferring: ({ callee, requester }) =>
        line`${callee} hat angenommen und wird mit ${requester} verbunden.`,
      hangingUp: ({ callee }) => line`Der Anruf bei ${callee} wird beendet.`,
    },
    captured: {
      recording: { now: 'Dieser Anruf wird aufgezeichnet.', before: 'Er wurde aufgezeichnet.' },
      transcription: { now: 'Dieser Anruf wird mitgeschrieben.', before: 'Er wurde mitgeschrieben.' },
    },
    hangUp: 'Auflegen',
    callAgain: 'Erneut anrufen',
    callInTeams: 'In Teams anrufen',
    leaveMessage: 'Nachricht hinterlassen',
    leaveMessageHint: (callee) => line`Ich rufe noch einmal bei ${callee} an und lese diese Nachricht vor.`,
    messagePlaceholder: 'Was soll ich sagen?',
    callAndSay: 'Anrufen und vorlesen',
    details: 'Details',
    forAdministrators: 'Für die Administration',
    result: ({ code, subCode }) => line`Ergebnis ${code}/${subCode} des Telefondienstes`,
    correlationId: (id) => line`Korrelations-ID ${id}`,
    readMore: (docs) => line`Mehr in ${docs} (englisch)`,
    whichCall: 'Welcher Anruf?',
    helpTitle: 'Was ich kann',
    welcome: {
      title: 'Hallo, ich bin Ringdown.',
      more: 'Schreiben Sie „help“ für alles, was ich kann.',
      mentionMe:
        'Erwähnen Sie mich hier zuerst: „@Ringdown call Adele Vance“. „@Ringdown help“ zeigt alles, was ich kann.',
    },
  };
}
