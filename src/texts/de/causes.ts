import type { Format, Texts } from '../language.ts';

export function causes({ line }: Format): Texts['cause'] {
  /** In the dative: "mit …", "zu …". */
  const asker = (requester: string | null): string => requester ?? 'der anrufenden Person';

  return {
    messageDelivered: {
      text: ({ callee }) => line`${callee} hat angenommen und die Nachricht gehört.`,
      next: null,
    },
    talked: {
      text: ({ callee, requester }) => line`${callee} hat angenommen und mit ${asker(requester)} gesprochen.`,
      next: null,
    },
    talkedPageSilent: {
      text: ({ callee, requester }) =>
        line`${callee} hat angenommen und mit ${asker(requester)} gesprochen. Dann kam von der Seite im Browser nichts mehr.`,
      next: null,
    },
    linkNotUsed: {
      text: ({ callee }) =>
        line`${callee} wurde nicht angerufen: Der Link wurde nicht innerhalb von zehn Minuten benutzt.`,
      next: 'Mit „Erneut anrufen“ bekommen Sie einen neuen Link.',
    },
    pageSilent: {
      text: ({ callee }) =>
        line`Von der Seite im Browser, die bei ${callee} anrief, kam nichts mehr: Sie wurde geschlossen oder verlor die Verbindung.`,
      next: 'Mit „Erneut anrufen“ bekommen Sie einen neuen Link.',
    },
    messageCutShort: {
      text: ({ callee }) => line`${callee} hat angenommen, aber vor dem Ende der Nachricht aufgelegt.`,
      next: 'Senden Sie die Nachricht auch im Chat oder rufen Sie noch einmal an.',
    },
    messageStopped: {
      text: ({ callee }) =>
        line`${callee} hat angenommen. Der Anruf wurde vor dem Ende der Nachricht beendet.`,
      next: 'Senden Sie die Nachricht auch im Chat oder rufen Sie noch einmal an.',
    },
    messageNotConfirmed: {
      text: ({ callee }) =>
        line`${callee} hat angenommen. Ob die Nachricht bis zu Ende gehört wurde, ist nicht bekannt.`,
      next: 'Senden Sie die Nachricht auch im Chat oder rufen Sie noch einmal an.',
    },
    connectedToCaller: {
      text: ({ callee, requester }) =>
        line`${callee} hat angenommen und wurde mit ${asker(requester)} verbunden.`,
      next: null,
    },
    answeredAndHungUp: {
      text: ({ callee, requester }) =>
        line`${callee} hat angenommen, aber vor der Verbindung mit ${asker(requester)} aufgelegt.`,
      next: 'Schreiben Sie eine Chatnachricht oder rufen Sie noch einmal an.',
    },
    testAnswered: {
      text: ({ callee }) => line`${callee} hat den Testanruf angenommen.`,
      next: null,
    },
    acknowledged: {
      text: ({ callee }) => line`${callee} hat angenommen und übernommen.`,
      next: null,
    },
    answeredNotAcknowledged: {
      text: ({ callee }) => line`Der Anruf bei ${callee} wurde angenommen, der Alarm aber nicht übernommen.`,
      next: 'Jemand muss noch übernehmen.',
    },

    messageNotSpoken: {
      text: ({ callee }) => line`Die Nachricht an ${callee} konnte nicht vorgelesen werden.`,
      next: 'Senden Sie die Nachricht im Chat oder rufen Sie noch einmal an.',
    },
    speechNotConfigured: {
      text: ({ callee }) =>
        line`Die Nachricht an ${callee} konnte nicht vorgelesen werden: Für Ringdown ist keine Sprachausgabe eingerichtet.`,
      next: 'Senden Sie die Nachricht im Chat. Die Administration kann die Sprachausgabe einrichten.',
    },
    speechThrottled: {
      text: ({ callee }) =>
        line`Die Nachricht an ${callee} konnte nicht vorgelesen werden: Die Sprachausgabe war überlastet.`,
      next: 'Senden Sie die Nachricht im Chat oder rufen Sie in einigen Minuten noch einmal an.',
    },
    transferFailed: {
      text: ({ callee, requester }) =>
        line`${callee} hat angenommen, konnte aber nicht mit ${asker(requester)} verbunden werden.`,
      next: 'Rufen Sie selbst in Teams an: Die Person war gerade am Telefon.',
    },

    declined: {
      text: ({ callee }) => line`${callee} hat den Anruf abgelehnt.`,
      next: 'Schreiben Sie eine Chatnachricht oder versuchen Sie es später noch einmal.',
    },
    noAnswer: {
      text: ({ callee }) => line`${callee} hat nicht angenommen.`,
      next: 'Schreiben Sie eine Chatnachricht oder rufen Sie noch einmal an.',
    },
    busy: {
      text: ({ callee }) => line`Bei ${callee} war besetzt.`,
      next: 'Schreiben Sie eine Chatnachricht oder versuchen Sie es in einigen Minuten noch einmal.',
    },
    notRegistered: {
      text: ({ callee }) => line`${callee} war nicht erreichbar: Es wurde kein Gerät mit Teams gefunden.`,
      next: 'Schreiben Sie eine Chatnachricht oder rufen Sie jemand anderen an.',
    },
    registeredButOffline: {
      text: ({ callee }) => line`${callee} war nicht erreichbar: Die Geräte mit Teams waren offline.`,
      next: 'Schreiben Sie eine Chatnachricht oder versuchen Sie es später noch einmal.',
    },
    acceptedElsewhere: {
      text: ({ callee }) =>
        line`Der Anruf bei ${callee} wurde an einem anderen Gerät angenommen, aber es kam keine Verbindung zustande.`,
      next: 'Rufen Sie noch einmal an.',
    },

    cancelledByRequester: {
      text: ({ callee }) => line`Der Anruf bei ${callee} wurde abgebrochen, bevor er angenommen war.`,
      next: null,
    },
    cancelledByOperator: {
      text: ({ callee }) => line`Der Betrieb von Ringdown hat den Anruf bei ${callee} beendet.`,
      next: 'Fragen Sie Ihre Administration, wenn Sie den Anruf jetzt brauchen.',
    },
    madeWayForAlert: {
      text: ({ callee }) => line`Der Anruf bei ${callee} wurde beendet, weil ein Alarm das Telefon brauchte.`,
      next: 'Rufen Sie in einigen Minuten noch einmal an.',
    },
    cancelledByEscalation: {
      text: ({ callee }) => line`Der Anruf bei ${callee} wurde beendet, weil er nicht mehr nötig war.`,
      next: null,
    },

    federationNotAllowed: {
      text: () =>
        'Teams hat den Anruf verweigert: Diese Azure-Communication-Services-Ressource ist in Ihrem Mandanten nicht zugelassen.',
      next: 'Die Teams-Administration kann sie zulassen.',
    },
    enterpriseVoiceOrSource: {
      text: ({ callee }) =>
        line`Teams hat den Anruf verweigert: ${callee} oder die Identität, mit der Ringdown anruft, ist dafür nicht freigeschaltet.`,
      next: 'Die Teams-Administration kann das freischalten.',
    },
    personalAccount: {
      text: ({ callee }) =>
        line`${callee} hat ein privates Konto. Anrufen lassen sich nur Geschäfts-, Schul- und Unikonten.`,
      next: 'Rufen Sie das Geschäftskonto der Person an.',
    },
    blockedAsSpam: {
      text: ({ callee }) => line`Der Anruf bei ${callee} wurde als Spam blockiert.`,
      next: 'Schreiben Sie eine Chatnachricht. Die Administration kann der Sache nachgehen.',
    },
    forbidden: {
      text: ({ callee }) => line`Teams hat den Anruf bei ${callee} nicht erlaubt.`,
      next: 'Die Teams-Administration kann der Sache nachgehen.',
    },
    insufficientPermission: {
      text: ({ callee }) => line`Ringdown durfte den Anruf bei ${callee} nicht ausführen.`,
      next: 'Die Administration kann die Berechtigung erteilen.',
    },
    tenantMismatch: {
      text: ({ callee }) =>
        line`Der Anruf bei ${callee} wurde verweigert: Er hätte die Organisation verlassen.`,
      next: 'Die Administration kann der Sache nachgehen.',
    },
    sourceIdentityInvalid: {
      text: ({ callee }) =>
        line`Der Anruf bei ${callee} wurde verweigert: Die Identität, mit der Ringdown anruft, wurde nicht anerkannt.`,
      next: 'Die Administration kann das beheben.',
    },
    unauthorisedInterop: {
      text: ({ callee }) =>
        line`Teams hat den Anruf verweigert: ${callee} darf nicht von außerhalb von Teams angerufen werden.`,
      next: 'Die Teams-Administration kann es erlauben.',
    },

    unauthenticated: {
      text: ({ callee }) =>
        line`Der Anruf bei ${callee} wurde verweigert: Ringdown konnte sich nicht anmelden.`,
      next: 'Die Administration kann das beheben.',
    },
    invalidArgument: {
      text: ({ callee }) =>
        line`Der Anruf bei ${callee} wurde verweigert: Der Dienst hat die Anfrage nicht angenommen.`,
      next: 'Die Administration kann das beheben.',
    },
    speechNotLinked: {
      text: ({ callee }) =>
        line`Die Nachricht an ${callee} konnte nicht vorgelesen werden: Die Sprachausgabe hat die Anfrage verweigert.`,
      next: 'Senden Sie die Nachricht im Chat. Die Administration kann das beheben.',
    },
    notFound: {
      text: ({ callee }) =>
        line`Der Anruf bei ${callee} kam nicht zustande: Der Dienst hat ihn nicht gefunden.`,
      next: 'Rufen Sie noch einmal an. Bleibt es dabei, kann die Administration der Sache nachgehen.',
    },
    unsupported: {
      text: ({ callee }) =>
        line`Der Anruf bei ${callee} kam nicht zustande: Der Dienst unterstützt das nicht.`,
      next: 'Schreiben Sie eine Chatnachricht oder rufen Sie in Teams an.',
    },
    conflict: {
      text: ({ callee }) =>
        line`Der Anruf bei ${callee} kam einer anderen Anfrage in die Quere und wurde beendet.`,
      next: 'Rufen Sie noch einmal an.',
    },
    throttled: {
      text: ({ callee }) =>
        line`Der Anruf bei ${callee} wurde nicht ausgeführt: zu viele Anrufe gleichzeitig.`,
      next: 'Versuchen Sie es in einigen Minuten noch einmal.',
    },
    maxDuration: {
      text: ({ callee }) => line`Der Anruf bei ${callee} hat die längste erlaubte Dauer erreicht.`,
      next: 'Rufen Sie noch einmal an.',
    },
    setupFailed: {
      text: ({ callee }) => line`Die Verbindung zu ${callee} kam nicht zustande.`,
      next: 'Rufen Sie noch einmal an.',
    },
    serviceFault: {
      text: ({ callee }) => line`Der Anruf bei ${callee} schlug fehl: Der Telefondienst hatte eine Störung.`,
      next: 'Versuchen Sie es in einer Minute noch einmal.',
    },
    outcomeUnknown: {
      text: ({ callee }) =>
        line`Der Telefondienst hat nicht gesagt, ob der Anruf bei ${callee} zustande kam. Möglich ist es.`,
      next: 'Fragen Sie im Chat nach, bevor Sie noch einmal anrufen.',
    },
    noConfirmation: {
      text: ({ callee }) =>
        line`Der Anruf bei ${callee} ist beendet. Ob er angenommen wurde, ist nicht bekannt.`,
      next: 'Schreiben Sie eine Chatnachricht oder rufen Sie noch einmal an.',
    },
    causeNotTold: {
      text: ({ callee }) =>
        line`Der Anruf bei ${callee} ist beendet. Der Telefondienst hat den Grund nicht genannt, und eine Annahme war nicht zu sehen.`,
      next: 'Schreiben Sie eine Chatnachricht oder rufen Sie noch einmal an.',
    },
    lostContact: {
      text: ({ callee }) => line`Der Kontakt zum Anruf bei ${callee} ging verloren.`,
      next: 'Schreiben Sie eine Chatnachricht oder rufen Sie noch einmal an.',
    },
    unknownFailure: {
      text: ({ callee }) =>
        line`Der Anruf bei ${callee} schlug aus einem Grund fehl, den Ringdown nicht kennt.`,
      next: 'Rufen Sie noch einmal an. Bleibt es dabei, kann die Administration der Sache nachgehen.',
    },
  };
}
