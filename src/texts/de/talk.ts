import type { Format } from '../language.ts';
import type { TalkChatTexts, TalkPageTexts } from '../talkTexts.ts';

export const talkPage: TalkPageTexts = {
  title: '{callee} anrufen',
  heading: '{callee} anrufen',
  intro:
    'Sie sprechen von dieser Seite aus. Der Anruf beginnt, wenn Sie „Beitreten“ drücken; Ihr Browser fragt dann nach dem Mikrofon. Der Link gilt einmal.',
  join: 'Beitreten',
  joinMuted: 'Ohne Mikrofon beitreten',
  microphone: 'Mikrofon',
  microphoneNumber: 'Mikrofon {number}',
  mute: 'Stumm schalten',
  unmute: 'Stumm aufheben',
  keypad: 'Tasten',
  key: 'Taste {key}',
  hangUp: 'Auflegen',
  state: {
    asking: 'Das Mikrofon wird angefragt …',
    starting: 'Der Anruf wird vorbereitet …',
    calling: '{callee} wird angerufen …',
    ringing: '{callee} hat noch nicht angenommen …',
    connected: 'Sie sprechen mit {callee}.',
    muted: 'Sie sind stumm. {callee} hört Sie nicht.',
    hangingUp: 'Wird aufgelegt …',
    ended: 'Der Anruf ist beendet.',
  },
  banner: {
    recording: {
      now: 'Dieser Anruf wird aufgezeichnet. Legen Sie auf, wenn Sie nicht einverstanden sind.',
      over: 'Die Aufzeichnung ist beendet.',
      was: 'Dieser Anruf wurde aufgezeichnet.',
    },
    transcription: {
      now: 'Dieser Anruf wird mitgeschrieben. Legen Sie auf, wenn Sie nicht einverstanden sind.',
      over: 'Das Mitschreiben ist beendet.',
      was: 'Dieser Anruf wurde mitgeschrieben.',
    },
    both: {
      now: 'Dieser Anruf wird aufgezeichnet und mitgeschrieben. Legen Sie auf, wenn Sie nicht einverstanden sind.',
      over: 'Aufzeichnung und Mitschreiben sind beendet.',
      was: 'Dieser Anruf wurde aufgezeichnet und mitgeschrieben.',
    },
  },
  ended: {
    answered: 'Der Anruf ist beendet.',
    acknowledged: 'Der Anruf ist beendet.',
    connected_to_caller: 'Der Anruf ist beendet.',
    declined: '{callee} hat abgelehnt.',
    no_answer: '{callee} hat nicht angenommen.',
    busy: '{callee} telefoniert gerade.',
    unreachable: '{callee} ist gerade nicht erreichbar.',
    not_allowed: '{callee} darf nicht angerufen werden.',
    cancelled: 'Der Anruf wurde abgebrochen.',
    failed: 'Der Anruf ist fehlgeschlagen.',
    elsewhere: 'Der Anruf wurde anderswo beendet.',
  },
  trouble: {
    noMicrophone:
      'Es wurde kein Mikrofon gefunden. Schließen Sie eines an und drücken Sie noch einmal „Beitreten“.',
    microphoneDenied:
      'Ihr Browser lässt diese Seite das Mikrofon nicht benutzen. Erlauben Sie es in der Adresszeile und drücken Sie noch einmal „Beitreten“.',
    microphoneBusy:
      'Ein anderes Programm benutzt das Mikrofon. Schließen Sie es und drücken Sie noch einmal „Beitreten“.',
    microphoneLost: 'Das Mikrofon ist weg. Schließen Sie eines an und wählen Sie es unten aus.',
    noSound: 'Ihr Mikrofon sendet keinen Ton. Ist es ausgeschaltet?',
    insecure: 'Das Mikrofon kann nur über https benutzt werden. Wenden Sie sich an den Betrieb von Ringdown.',
    notSupported:
      'Mit diesem Browser kann man nicht telefonieren. Nehmen Sie ein aktuelles Chrome, Edge, Firefox oder Safari.',
    phoneBusy:
      'Gerade ist ein anderer Anruf von Ringdown an diesem Telefon. Drücken Sie gleich noch einmal „Beitreten“.',
    paused: 'Der Betrieb hat alle Anrufe angehalten. Drücken Sie „Beitreten“, sobald es weitergeht.',
    quietHours: 'Es ist Ruhezeit: Jetzt wird niemand angerufen.',
    rateLimit: 'Es gibt gerade viele Anrufe. Drücken Sie gleich noch einmal „Beitreten“.',
    notAllowed: 'Sie dürfen {callee} nicht mehr anrufen. Fragen Sie im Chat noch einmal.',
    unavailable:
      'Ringdown oder der Telefondienst antwortet nicht. Drücken Sie gleich noch einmal „Beitreten“.',
    connectionLost: 'Die Verbindung zu Ringdown ging verloren, deshalb wurde der Anruf beendet.',
    callFailed: 'Der Anruf konnte nicht begonnen werden.',
    muteFailed: 'Das hat nicht geklappt. Versuchen Sie es noch einmal.',
    keyFailed: 'Die Taste konnte nicht gesendet werden.',
  },
  gone: {
    unknown: {
      heading: 'Dieser Link geht nicht',
      text: 'Vielleicht ist er unvollständig, oder es gibt einen neueren. Öffnen Sie den neuesten aus dem Chat.',
    },
    used: {
      heading: 'Dieser Link wurde schon benutzt',
      text: 'Jeder Link gilt einmal. Schreiben Sie im Chat „call“ und den Namen, dann bekommen Sie einen neuen.',
    },
    expired: {
      heading: 'Dieser Link ist abgelaufen',
      text: 'Links gelten zehn Minuten. Schreiben Sie im Chat „call“ und den Namen, dann bekommen Sie einen neuen.',
    },
    over: {
      heading: 'Dieser Anruf ist beendet',
      text: 'Schreiben Sie im Chat „call“ und den Namen, um noch einmal anzurufen.',
    },
  },
  standIn:
    'Vorführung: Es wird kein Ton gesendet. Das Telefon ist das auf der Seite mit den Telefonen des Emulators.',
  noScript: 'Diese Seite braucht JavaScript.',
};

export function talkChat({ line }: Format): TalkChatTexts {
  return {
    open: 'Im Browser sprechen',
    newLink: 'Neuer Link',
    cancel: 'Abbrechen',
    purpose: ({ callee, requester }) => line`${requester} spricht im Browser mit ${callee}.`,
    openHere: ({ callee, address }) =>
      line`Sprechen Sie im Browser mit ${callee} (der Link gilt einmal, zehn Minuten lang): ${address}`,
    orSpeak: () => 'Oder ich lese eine Nachricht vor: „call“, der Name, ein Doppelpunkt und die Nachricht.',
    alone: (callee, canSpeak) =>
      canSpeak
        ? line`Hier würden andere Ihren Link sehen, deshalb habe ich ${callee} nicht angerufen. Schreiben Sie mir allein, oder lassen Sie mich eine Nachricht vorlesen: „call“, der Name, ein Doppelpunkt und die Nachricht.`
        : line`Hier würden andere Ihren Link sehen, deshalb habe ich ${callee} nicht angerufen. Schreiben Sie mir allein.`,
    linkMade: (callee) =>
      line`Hier ist ein neuer Link für den Anruf bei ${callee}. Der alte gilt nicht mehr.`,
  };
}
