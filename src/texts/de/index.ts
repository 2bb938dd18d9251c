import type { Disposition, TimelineEntry } from '../../calls/call.ts';
import type { SkipReason } from '../../escalations/escalation.ts';
import {
  allowExternalAccess,
  allowResource,
  callingRole,
  enableVoice,
  SETUP,
  speechRole,
} from '../adminLines.ts';
import { alertsInGerman } from './alerts.ts';
import { escalationsInGerman } from './escalations.ts';
import { disturbances, peopleInGerman } from './people.ts';
import { talkChatInGerman, talkPageInGerman } from './talk.ts';
import type { NotDelivered } from '../escalationTexts.ts';
import { inMinutes } from '../rounding.ts';
import type { Format, SpokenMessage, Texts } from '../language.ts';
import { lookUp } from '../../config/lookUp.ts';

/** Nobody listens to more than half a minute in the middle of the night. Characters. */
const ALERT_LIMIT = 600;

/**
 * German, as people in Austria, Germany and Switzerland read it. Commands stay English. An acknowledgement is
 * "übernehmen" (a call is "angenommen"), a policy is an "Alarmplan".
 */
export function german(format: Format): Texts {
  const { line, number, plural, anyOf, duration, speech } = format;
  /** In the dative: "mit …", "zu …". */
  const asker = (requester: string | null): string => requester ?? 'der anrufenden Person';

  const running: Texts['status']['running'] = {
    queued: { text: 'Anruf wird vorbereitet …', color: 'default' },
    waiting: { text: 'Wartet …', color: 'warning' },
    invited: { text: 'Wartet, bis Sie beitreten', color: 'warning' },
    // The service does not tell whether a phone makes a sound, so this is all that is known.
    dialing: { text: 'Anruf läuft …', color: 'default' },
    connected: { text: 'Verbunden', color: 'good' },
    speaking: { text: 'Nachricht wird vorgelesen …', color: 'good' },
    transferring: { text: 'Wird verbunden …', color: 'good' },
    hangingUp: { text: 'Wird aufgelegt …', color: 'default' },
  };
  const ended: Texts['status']['ended'] = {
    answered: { text: 'Angenommen', color: 'good' },
    acknowledged: { text: 'Übernommen', color: 'good' },
    connected_to_caller: { text: 'Verbunden', color: 'good' },
    declined: { text: 'Abgelehnt', color: 'warning' },
    no_answer: { text: 'Nicht angenommen', color: 'warning' },
    busy: { text: 'Besetzt', color: 'warning' },
    unreachable: { text: 'Nicht erreichbar', color: 'warning' },
    not_allowed: { text: 'Nicht erlaubt', color: 'attention' },
    cancelled: { text: 'Abgebrochen', color: 'default' },
    failed: { text: 'Fehlgeschlagen', color: 'attention' },
  };

  /** Within a sentence. Each of the words above begins with one that is no noun. */
  const endedInside = (disposition: Disposition): string => {
    const { text } = ended[disposition];
    return text.charAt(0).toLocaleLowerCase('de') + text.slice(1);
  };
  const result = (data: Data): string => {
    const word = isDisposition(data.disposition) ? endedInside(data.disposition) : 'vorbei';
    const good = isDisposition(data.disposition) && ended[data.disposition].color === 'good';
    return good ? word : withCode(word, data);
  };
  const withCode = (words: string, { code, subCode }: Data): string =>
    typeof code === 'number' && typeof subCode === 'number' ? `${words} (${code}/${subCode})` : words;

  const timeline: Record<string, (data: Data) => string> = {
    queued: () => 'Der Anruf wurde angefordert.',
    deferred: ({ reason }) => {
      if (reason === 'paused') return 'Wartet: Der Betrieb hat alle Anrufe angehalten.';
      if (reason === 'phoneBusy') return 'Wartet: Ein anderer Anruf von Ringdown ist an diesem Telefon.';
      if (reason === 'quietHours') return 'Wartet: Es ist Ruhezeit.';
      return reason === 'rateLimit' ? 'Wartet: viele Anrufe gleichzeitig.' : 'Wartet.';
    },
    dialing: () => 'Anruf läuft …',
    talkJoined: () => 'Der Anruf wurde im Browser begonnen.',
    talkRings: () => 'Der Browser meldet, dass er auf Antwort wartet.',
    talkLinkExpired: () => 'Der Link wurde nicht rechtzeitig benutzt.',
    talkPageLeft: () => 'Die Seite im Browser wurde geschlossen.',
    talkPageSilent: () => 'Von der Seite im Browser kam nichts mehr.',
    accepted: () => 'Der Telefondienst hat den Auftrag erhalten.',
    outcomeUnknown: () => 'Der Telefondienst hat nicht gesagt, ob der Anruf zustande kam.',
    foundAgain: () => 'Der Anruf wurde wiedergefunden: Er war zustande gekommen.',
    connected: () => 'Der Anruf wurde angenommen.',
    speaking: ({ context }) => {
      if (context === 'connecting') return 'Es wird gesagt, wer anruft …';
      if (context === 'transferFailed') return 'Es wird gesagt, dass die Verbindung nicht gelang …';
      if (context === 'acknowledged') return 'Die Übernahme wird bestätigt …';
      if (context === 'takenOver') return 'Es wird gesagt, wer übernommen hat …';
      return context === 'message' ? 'Die Nachricht wird vorgelesen …' : 'Die Nachricht wird wiederholt …';
    },
    messageSpoken: ({ context }) => {
      if (context === 'connecting') return 'Es wurde gesagt, wer anruft.';
      if (context === 'transferFailed') return 'Es wurde gesagt, dass die Verbindung nicht gelang.';
      if (context === 'acknowledged') return 'Die Übernahme wurde bestätigt.';
      if (context === 'takenOver') return 'Es wurde gesagt, wer übernommen hat.';
      return 'Die Nachricht wurde ganz vorgelesen.';
    },
    speakFailed: (data) => `${withCode('Das Vorlesen schlug fehl', data)}.`,
    listenFailed: (data) => `${withCode('Tasten des Telefons kommen nicht an', data)}.`,
    key: ({ tone }) => line`Taste gedrückt: ${shown(tone)}.`,
    acknowledged: () => 'Übernommen.',
    takenOver: ({ name }) => line`${shown(name)} hat übernommen.`,
    transferring: ({ to }) =>
      to ? line`Wird mit ${shown(to)} verbunden …` : 'Wird mit der anrufenden Person verbunden …',
    transferAccepted: () => 'Mit der anrufenden Person verbunden.',
    transferFailed: (data) => `${withCode('Die Verbindung mit der anrufenden Person gelang nicht', data)}.`,
    hangUpRequested: ({ by, name, reason }) => {
      if (reason === 'phoneNeeded') return 'Wird aufgelegt: Ein Alarm braucht dieses Telefon.';
      if (name) return line`${shown(name)} hat den Anruf beendet.`;
      switch (by) {
        case 'requester':
          return 'Die anrufende Person hat den Anruf beendet.';
        case 'callee':
          return 'Die angerufene Person hat den Anruf beendet.';
        case 'api':
          return 'Der Anruf wurde über die API beendet.';
        case 'operator':
          return 'Der Betrieb hat den Anruf beendet.';
        case 'timeout':
          return 'Wird aufgelegt: Die Zeit war um.';
        case 'escalation':
          return 'Wird aufgelegt: Der Anruf war nicht mehr nötig.';
        default:
          return 'Wird aufgelegt.';
      }
    },
    probed: ({ state }) => {
      switch (state) {
        case 'connecting':
          return 'Beim Telefondienst nachgefragt: Der Anruf wird aufgebaut.';
        case 'connected':
          return 'Beim Telefondienst nachgefragt: Der Anruf ist verbunden.';
        case 'gone':
          return 'Beim Telefondienst nachgefragt: Der Anruf ist vorbei.';
        default:
          return 'Beim Telefondienst nach dem Anruf gefragt; er wusste es nicht.';
      }
    },
    recordingStarted: () => 'Der Anruf wird aufgezeichnet.',
    recordingEnded: () => 'Die Aufzeichnung ist beendet.',
    transcriptionStarted: () => 'Was im Anruf gesagt wird, wird mitgeschrieben.',
    transcriptionEnded: () => 'Die Mitschrift ist beendet.',
    gridCallStarted: () => 'Event Grid: Der Anruf hat begonnen.',
    gridCallEnded: ({ seconds }) =>
      typeof seconds === 'number'
        ? `Event Grid: Der Anruf endete nach ${duration(seconds)}.`
        : 'Event Grid: Der Anruf ist beendet.',
    gridParticipantJoined: ({ name }) =>
      name ? line`Event Grid: ${shown(name)} ist dabei.` : 'Event Grid: Jemand ist dabei.',
    gridParticipantLeft: ({ name }) =>
      name ? line`Event Grid: ${shown(name)} ist gegangen.` : 'Event Grid: Jemand ist gegangen.',
    gridRecordingStored: () => 'Event Grid: Eine Aufzeichnung des Anrufs wurde gespeichert.',
    ended: (data) => `Ende: ${result(data)}.`,
    corrected: (data) => `Berichtigt: ${result(data)}.`,
  };

  const skipped: Record<SkipReason, string> = {
    notFound: 'niemand mit diesem Namen gefunden',
    ambiguous: 'mehrere Personen passen',
    disabled: 'das Konto ist deaktiviert',
    guest: 'Gäste können nicht angerufen werden',
    noLicence: 'das Konto hat keine Lizenz',
    noTeams: 'das Konto hat keine Lizenz für Teams',
    noTeamsPhone: 'das Konto hat keine Lizenz für Teams Phone',
    nobodyOnDuty: 'niemand hat Bereitschaft',
    emptyGroup: 'die Gruppe ist leer oder fehlt',
    noManager: 'keine Führungskraft bekannt',
    notInFile: 'steht nicht mehr in ringdown.yaml',
    optedOut: 'möchte nicht aus Chats angerufen werden',
    ...disturbances,
    directoryUnavailable: 'das Verzeichnis antwortet nicht',
  };
  const isSkipReason = (value: Data[string] | undefined): value is SkipReason =>
    typeof value === 'string' && Object.hasOwn(skipped, value);
  const withNote = (words: string, { note }: Data): string =>
    note ? line`${words} „${shown(note)}“` : words;
  const byWhom = (done: string, data: Data): string =>
    withNote(line`${done} von ${shown(data.name)}${way(data.way)}.`, data);
  const way = (value: Data[string] | undefined): string => {
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
  const skippedWords: Texts['escalation']['skipped'] = ({ name, reason }) =>
    line`${name} wird nicht angerufen: ${skipped[reason]}.`;
  const escalationChat = escalationsInGerman(format, skippedWords);
  const isNotDelivered = (value: Data[string] | undefined): value is NotDelivered =>
    typeof value === 'string' && Object.hasOwn(escalationChat.notDelivered, value);
  const { alerts, operators } = alertsInGerman(format, (reason) => {
    if (isSkipReason(reason)) return skipped[reason];
    return isDisposition(reason) ? endedInside(reason) : reason;
  });
  const climbing: Record<string, (data: Data) => string> = {
    ...alerts.timeline,
    opened: ({ by, summary }) => line`Ausgelöst von ${shown(by)}: ${shown(summary)}`,
    joined: () => 'Derselbe Alarm kam noch einmal.',
    calling: ({ name, try: count }) =>
      typeof count === 'number' && count > 1
        ? line`${shown(name)} wird angerufen (${number(count)}. Versuch) …`
        : line`${shown(name)} wird angerufen …`,
    callEnded: ({ name, ...data }) => line`${shown(name)}: ${result(data)}.`,
    skipped: ({ name, reason }) =>
      line`${shown(name)} wird nicht angerufen: ${isSkipReason(reason) ? skipped[reason] : shown(reason)}.`,
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
      const why = isNotDelivered(reason) ? escalationChat.notDelivered[reason] : shown(reason);
      return name
        ? line`${shown(name)} hat keine Karte dazu: ${why}.`
        : line`Die Karte konnte nicht im Kanal gepostet werden: ${why}.`;
    },
  };

  function hello(givenName: string | null): string {
    return givenName ? line`Hallo ${givenName}.` : 'Hallo.';
  }

  function spokenMessage({ givenName, requester, message, limit, restOnCard }: SpokenMessage): string {
    const opening = `${hello(givenName)} ${line`Hier ist Ringdown, im Auftrag von ${requester}.`} Die Nachricht lautet:`;
    const rest = restOnCard
      ? 'Der Rest steht auf der Karte im Chat.'
      : 'Der Rest der Nachricht ist zu lang zum Vorlesen.';
    return speech(message, limit, {
      twice: (whole) => `${opening} ${whole} Ich wiederhole: ${whole} Auf Wiederhören.`,
      once: (whole) => `${opening} ${whole} Auf Wiederhören.`,
      part: (beginning) => `${opening} ${beginning} ${rest} Auf Wiederhören.`,
    });
  }

  function isDisposition(value: Data[string] | undefined): value is Disposition {
    return typeof value === 'string' && Object.hasOwn(ended, value);
  }

  return {
    format,
    speechLocale: 'de-DE',
    talkPage: talkPageInGerman,

    cause: {
      messageDelivered: {
        text: ({ callee }) => line`${callee} hat angenommen und die Nachricht gehört.`,
        next: null,
      },
      talked: {
        text: ({ callee, requester }) =>
          line`${callee} hat angenommen und mit ${asker(requester)} gesprochen.`,
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
        text: ({ callee }) =>
          line`Der Anruf bei ${callee} wurde angenommen, der Alarm aber nicht übernommen.`,
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
        text: ({ callee }) =>
          line`Der Anruf bei ${callee} wurde beendet, weil ein Alarm das Telefon brauchte.`,
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
        text: ({ callee }) =>
          line`Der Anruf bei ${callee} schlug fehl: Der Telefondienst hatte eine Störung.`,
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
    },

    advice: {
      messageDelivered: null,
      talked: null,
      talkedPageSilent: null,
      linkNotUsed: null,
      pageSilent: null,
      messageCutShort: null,
      messageStopped: null,
      messageNotConfirmed: null,
      connectedToCaller: null,
      answeredAndHungUp: null,
      testAnswered: null,
      acknowledged: null,
      answeredNotAcknowledged: null,
      declined: null,
      noAnswer: null,
      busy: null,
      cancelledByRequester: null,
      cancelledByOperator: null,
      cancelledByEscalation: null,
      madeWayForAlert: null,

      messageNotSpoken: () => ({
        text: 'Das Abspielen schlug im Dienst fehl; der Ergebniscode steht im Log. Wiederholt es sich, prüfen Sie die Sprachressource hinter COGNITIVE_SERVICES_ENDPOINT.',
        commands: [],
        docs: `${SETUP}#speech`,
      }),
      speechNotConfigured: () => ({
        text: 'Setzen Sie COGNITIVE_SERVICES_ENDPOINT auf Ihre Azure-AI-Services-Ressource, und geben Sie der verwalteten Identität der Communication-Services-Ressource darauf die Rolle „Cognitive Services User“.',
        commands: [speechRole],
        docs: `${SETUP}#speech`,
      }),
      speechThrottled: () => ({
        text: 'Die Azure-AI-Services-Ressource antwortete mit 429. Erhöhen Sie ihr Kontingent oder ihren Tarif.',
        commands: [],
        docs: `${SETUP}#speech`,
      }),
      speechNotLinked: () => ({
        text: 'Geben Sie der verwalteten Identität der Communication-Services-Ressource die Rolle „Cognitive Services User“ auf der Azure-AI-Services-Ressource, und prüfen Sie, ob COGNITIVE_SERVICES_ENDPOINT der Endpunkt dieser Ressource ist (https://<name>.cognitiveservices.azure.com/).',
        commands: [speechRole],
        docs: `${SETUP}#speech`,
      }),
      transferFailed: () => ({
        text: 'Die anrufende Person war nicht per Weiterleitung erreichbar. Sie braucht ein offenes Teams, eine Lizenz für Teams Phone und freigeschaltete Telefonie, wie alle, die angerufen werden.',
        commands: [],
        docs: `${SETUP}#teams-phone`,
      }),

      notRegistered: () => ({
        text: 'Für diese ID ist kein Teams-Client registriert. Ist die Person in Teams angemeldet, prüfen Sie die Objekt-ID. Eine automatische Telefonzentrale oder eine Warteschleife ist kein Benutzer; nennen Sie sie unter voiceApps.',
        commands: [],
        docs: `${SETUP}#who-can-be-called`,
      }),
      registeredButOffline: () => ({
        text: 'Die Teams-Clients der Person sind bekannt, haben dem Dienst aber nicht geantwortet. Teams auf dem Smartphone braucht erlaubte Benachrichtigungen.',
        commands: [],
        docs: `${SETUP}#who-can-be-called`,
      }),
      acceptedElsewhere: () => ({
        text: 'Der Dienst sagte nur, dass ein anderes Gerät den Anruf annahm. Einzustellen ist nichts. Wiederholt es sich, geben Sie dem Azure-Support die Korrelations-ID aus dem Log.',
        commands: [],
        docs: `${SETUP}#support`,
      }),

      federationNotAllowed: (known) => ({
        text: 'Lassen Sie als Teams-Administration diese Ressource in Ihrem Mandanten zu, und erlauben Sie ihr, die Benutzer anzurufen. Die Liste wird ersetzt: Nennen Sie jede Ressource, die zugelassen sein soll. Bis es wirkt, vergehen Minuten bis einige Stunden.',
        commands: [allowResource(known), allowExternalAccess],
        docs: `${SETUP}#federation`,
      }),
      enterpriseVoiceOrSource: (known) => ({
        text: 'Geben Sie der Person eine Lizenz für Teams Phone, und schalten Sie die Telefonie frei. Derselbe Code kommt, wenn dem Anruf die Quellidentität fehlte: Ist ACS_SOURCE_IDENTITY gesetzt, muss sie zu dieser Ressource gehören.',
        commands: [enableVoice(known)],
        docs: `${SETUP}#teams-phone`,
      }),
      personalAccount: () => ({
        text: 'Private Microsoft-Konten können nicht angerufen werden. Nennen Sie das Geschäfts-, Schul- oder Unikonto der Person.',
        commands: [],
        docs: `${SETUP}#who-can-be-called`,
      }),
      blockedAsSpam: () => ({
        text: 'Der Dienst hatte diesen Anrufer als Spam eingestuft. Rufen Sie einige Stunden lang seltener an (limits in ringdown.yaml). Bleibt es dabei, geben Sie dem Azure-Support die Korrelations-ID aus dem Log.',
        commands: [],
        docs: `${SETUP}#spam`,
      }),
      forbidden: (known) => ({
        text: 'Prüfen Sie, ob diese Ressource im Mandanten zugelassen ist, der externe Zugriff eingeschaltet ist und die Person eine Lizenz für Teams Phone und freigeschaltete Telefonie hat.',
        commands: [
          'Get-CsTeamsAcsFederationConfiguration',
          'Get-CsExternalAccessPolicy -Identity Global',
          enableVoice(known),
        ],
        docs: `${SETUP}#federation`,
      }),
      insufficientPermission: () => ({
        text: 'Geben Sie der Identität, unter der Ringdown läuft, eine Rolle auf der Communication-Services-Ressource, oder verwenden Sie ACS_CONNECTION_STRING.',
        commands: [callingRole],
        docs: `${SETUP}#credentials`,
      }),
      tenantMismatch: (known) => ({
        text: 'Der Dienst sagt, dass die Mandanten nicht zusammenpassen. Gehört die Person zu einem anderen Mandanten, muss dessen Administration diese Ressource dort zulassen.',
        commands: [allowResource(known)],
        docs: `${SETUP}#federation`,
      }),
      sourceIdentityInvalid: () => ({
        text: 'ACS_SOURCE_IDENTITY muss zur Ressource von ACS_CONNECTION_STRING oder ACS_ENDPOINT gehören. Lassen Sie es leer und starten Sie neu: Ringdown legt dann eine Identität an.',
        commands: [],
        docs: `${SETUP}#source-identity`,
      }),
      unauthorisedInterop: (known) => ({
        text: 'Schalten Sie als Teams-Administration den externen Zugriff für Communication Services ein, und lassen Sie diese Ressource zu.',
        commands: [allowExternalAccess, allowResource(known)],
        docs: `${SETUP}#external-access`,
      }),

      unauthenticated: () => ({
        text: 'Prüfen Sie ACS_CONNECTION_STRING (wurde der Schlüssel erneuert?) oder, bei ACS_ENDPOINT, die verwaltete Identität, und die Uhr dieses Rechners: Anfragen werden mit der Zeit signiert.',
        commands: [],
        docs: `${SETUP}#credentials`,
      }),
      invalidArgument: () => ({
        text: 'Im Log steht die Meldung des Dienstes. Meist ist es die Rückrufadresse: PUBLIC_URL muss https sein, mit gültigem Zertifikat und einem Hostnamen.',
        commands: [],
        docs: `${SETUP}#callbacks`,
      }),
      notFound: () => ({
        text: 'Prüfen Sie, ob ACS_ENDPOINT oder ACS_CONNECTION_STRING die richtige Ressource nennt und AZURE_CLOUD zum Mandanten passt.',
        commands: [],
        docs: `${SETUP}#credentials`,
      }),
      unsupported: () => ({
        text: 'Im Log steht die Meldung des Dienstes: was nicht unterstützt wird oder welche Einstellung fehlt.',
        commands: [],
        docs: `${SETUP}#support`,
      }),
      conflict: () => ({
        text: 'Zwei Anfragen zum selben Anruf trafen zusammen. Wiederholt es sich, geben Sie dem Azure-Support die Korrelations-ID aus dem Log.',
        commands: [],
        docs: `${SETUP}#support`,
      }),
      throttled: () => ({
        text: 'Senken Sie limits.createCallsPerSecond in ringdown.yaml, oder bitten Sie den Azure-Support um eine höhere Grenze.',
        commands: [],
        docs: `${SETUP}#limits`,
      }),
      maxDuration: () => ({
        text: 'Der Dienst beendet Anrufe nach seiner eigenen Höchstdauer. Einzustellen ist nichts.',
        commands: [],
        docs: `${SETUP}#limits`,
      }),
      setupFailed: () => ({
        text: 'Die Tonverbindung kam nicht zustande; meist liegt es am Netz der angerufenen Person: Firewall, VPN oder Ports, die Teams braucht.',
        commands: [],
        docs: `${SETUP}#support`,
      }),
      serviceFault: () => ({
        text: 'Eine Störung des Dienstes. Sehen Sie auf der Azure-Statusseite nach; hält sie an, geben Sie dem Azure-Support die Korrelations-ID aus dem Log.',
        commands: [],
        docs: `${SETUP}#support`,
      }),
      outcomeUnknown: () => ({
        text: 'Der Dienst hat 30 Sekunden lang nicht geantwortet. Prüfen Sie den Weg von diesem Rechner zu ACS_ENDPOINT. Der Anruf wurde nicht wiederholt, damit die Person nicht zweimal angerufen wird.',
        commands: [],
        docs: `${SETUP}#support`,
      }),
      noConfirmation: () => ({
        text: 'Das Ereignis einer Annahme kann verloren gegangen sein. Prüfen Sie, ob Rückrufe ankommen: PUBLIC_URL muss vom Dienst erreichbar sein und ACS_RESOURCE_ID stimmen (sonst steht 401 im Log).',
        commands: [],
        docs: `${SETUP}#callbacks`,
      }),
      causeNotTold: () => ({
        text: 'Das letzte Ereignis des Dienstes hatte kein Ergebnis. Wiederholt es sich, geben Sie dem Azure-Support die Korrelations-ID aus dem Log.',
        commands: [],
        docs: `${SETUP}#support`,
      }),
      lostContact: () => ({
        text: 'Kein Ereignis sagte, wie der Anruf endete. Prüfen Sie, ob Rückrufe ankommen: PUBLIC_URL muss vom Dienst erreichbar sein und ACS_RESOURCE_ID stimmen (sonst steht 401 im Log).',
        commands: [],
        docs: `${SETUP}#callbacks`,
      }),
      unknownFailure: () => ({
        text: 'Code und Untercode stehen im Log und im Verlauf des Anrufs. Wiederholt es sich, geben Sie dem Azure-Support die Korrelations-ID aus dem Log.',
        commands: [],
        docs: `${SETUP}#support`,
      }),
    },

    status: { running, ended },

    spoken: {
      message: spokenMessage,
      connecting: ({ givenName, requester }) =>
        `${hello(givenName)} ${line`${requester} möchte mit Ihnen sprechen. Ich verbinde.`}`,
      transferFailed: ({ requester }) =>
        line`Ich konnte Sie nicht verbinden. Bitte rufen Sie ${requester} in Teams zurück. Auf Wiederhören.`,
      test: () => 'Dies ist ein Testanruf von Ringdown. Ihr Telefon funktioniert. Auf Wiederhören.',
      acknowledged: () => 'Danke. Sie haben übernommen. Auf Wiederhören.',
      takenOver: ({ by, how }) => {
        if (how === 'resolved') return 'Es ist behoben. Sie müssen nichts tun. Auf Wiederhören.';
        if (how === 'cancelled')
          return 'Der Alarm wurde zurückgezogen. Sie müssen nichts tun. Auf Wiederhören.';
        return line`${by} hat übernommen. Sie müssen nichts tun. Auf Wiederhören.`;
      },
      alert: ({ givenName, summary, test, keys, again }) => {
        const kind = test
          ? 'Dies ist ein Test von Ringdown, kein echter Alarm.'
          : 'Hier ist Ringdown mit einem Alarm.';
        const how = keys
          ? 'Drücken Sie die 1, um zu übernehmen, die 2, um weiterzugeben, die 3, um es noch einmal zu hören.'
          : 'Bitte übernehmen Sie auf der Karte in Teams.';
        const opening = again ? 'Ich wiederhole:' : `${hello(givenName)} ${kind}`;
        return speech(summary, ALERT_LIMIT, {
          twice: (whole) => `${opening} ${whole} ${how}`,
          once: (whole) => `${opening} ${whole} ${how}`,
          part: (beginning) => `${opening} ${beginning} Der ganze Text steht auf der Karte in Teams. ${how}`,
        });
      },
    },

    chat: {
      ...peopleInGerman(format),
      help: {
        intro: 'Ich rufe für Sie in Teams an. Die Befehle sind englisch, zum Beispiel:',
        groups: [
          {
            title: 'Anrufen',
            commands: [
              { of: 'call', say: 'call Adele Vance', does: 'ruft Adele an und verbindet Sie' },
              {
                of: 'call',
                say: 'call Adele Vance: der Build ist rot',
                does: 'ruft Adele an und liest die Nachricht vor',
              },
              { of: 'call', say: 'call Adele Vance and say der Build ist rot', does: 'ebenso' },
              {
                of: 'call',
                say: 'call adele@contoso.example',
                does: 'eine Mailadresse oder @Erwähnung geht auch',
              },
              {
                of: 'call',
                say: 'call help desk',
                does: 'ruft eine automatische Telefonzentrale oder Warteschleife an',
              },
              { of: 'call', say: 'call me', does: 'ein Testanruf auf Ihrem eigenen Telefon' },
            ],
          },
          {
            title: 'Alarmieren',
            commands: [
              {
                of: 'escalate',
                say: 'escalate payments: Kasse ausgefallen',
                does: 'ruft die Personen eines Alarmplans an, bis jemand übernimmt',
              },
              {
                of: 'escalate',
                say: 'escalate Adele Vance, Alex Wilber: Kasse ausgefallen',
                does: 'ebenso, mit Personen Ihrer Wahl',
              },
              {
                of: 'test',
                say: 'test payments',
                does: 'ruft die Ersten eines Alarmplans an, für alle als Test erkennbar',
              },
              {
                of: 'acknowledge',
                say: 'ack',
                does: 'Sie übernehmen: Sonst wird niemand mehr angerufen',
              },
              { of: 'resolve', say: 'resolve', does: 'es ist behoben' },
              { of: 'onCall', say: 'on call payments', does: 'wer angerufen würde' },
              { of: 'cover', say: 'cover payments until 18:00', does: 'Sie übernehmen die Bereitschaft' },
            ],
          },
          {
            title: 'Was läuft',
            commands: [
              { of: 'status', say: 'status', does: 'was gerade läuft' },
              { of: 'history', say: 'history', does: 'die letzten Anrufe und Alarme' },
              { of: 'hangUp', say: 'hang up', does: 'beendet, was Sie begonnen haben' },
            ],
          },
          {
            title: 'Gut zu wissen',
            commands: [
              { of: 'whoIs', say: 'who is Adele', does: 'zeigt, wen ein Name meint, ohne anzurufen' },
              {
                of: 'stopCallingMe',
                say: 'stop calling me',
                does: 'keine Anrufe mehr bei Ihnen, um die in Chats gebeten wird',
              },
              { of: 'allowCalls', say: 'allow calls', does: 'andere können Sie wieder anrufen lassen' },
              {
                of: 'forgetMe',
                say: 'forget me',
                does: 'löscht nach Rückfrage, was über Sie gespeichert ist',
              },
              { of: 'pause', say: 'pause', does: 'für den Betrieb: hält alle neuen Anrufe an' },
              { of: 'resume', say: 'resume', does: 'für den Betrieb: was gewartet hat, geht weiter' },
              { of: 'help', say: 'help', does: 'zeigt diese Übersicht' },
            ],
          },
        ],
      },
      welcome: () =>
        'Hallo, ich bin Ringdown. Ich rufe für Sie in Teams an: Schreiben Sie „call Adele Vance“, oder „help“ für alles, was ich kann.',
      greeting: (name) =>
        name ? line`Hallo ${name}. Wen soll ich anrufen?` : 'Hallo. Wen soll ich anrufen?',
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
            return line`Der Anruf mit ${callee} wird aufgezeichnet. Wer das nicht möchte, legt auf.`;
          case 'recordingEnded':
            return line`Die Aufzeichnung des Anrufs mit ${callee} ist beendet.`;
          case 'transcriptionStarted':
            return line`Was im Anruf mit ${callee} gesagt wird, wird mitgeschrieben. Wer das nicht möchte, legt auf.`;
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
        skypeForBusiness:
          'Wer Skype for Business benutzt, kann nicht angerufen werden, nur wer in Teams ist.',
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
        'Ich kann gerade nichts annehmen. Ich habe nicht angerufen, es sei denn, eine Karte zeigt es. Bitte versuchen Sie es in einer Minute noch einmal.',
      notKnown: () =>
        'Meine Datenbank war weg, gerade als ich das speichern wollte. Ich weiß nicht, ob es geschehen ist. Bitte schreiben Sie in einer Minute status, bevor Sie noch einmal darum bitten.',
      notInThisTenant: () =>
        'Für Ihre Organisation arbeite ich nicht. Ihre Administration kann den Betrieb dieses Ringdown bitten, es zu erlauben.',
      thanks: () => 'Gern geschehen.',
      outsideTeams: () =>
        'Ich kann nur Personen in Teams anrufen: keine Telefonnummern und keine Notrufe. Nehmen Sie im Notfall Ihr Telefon.',
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
      choiceExpired: () => 'Diese Auswahl ist zu alt. Bitte fragen Sie noch einmal.',
      alreadyChosen: (callee) => line`Sie haben ${callee} bereits ausgewählt.`,
      cardIsGone: () => 'Diese Karte kenne ich nicht mehr. Bitte fragen Sie noch einmal.',
      messageMissing: () => 'Bitte schreiben Sie zuerst die Nachricht.',
      somebody: 'Jemand',
      talk: talkChatInGerman(format),
      card: {
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
          invited: ({ callee }) =>
            line`Öffnen Sie die Seite und treten Sie bei: Dann wird ${callee} angerufen.`,
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
        leaveMessageHint: (callee) =>
          line`Ich rufe noch einmal bei ${callee} an und lese diese Nachricht vor.`,
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
      },
    },

    escalation: {
      status: {
        open: { text: 'Offen', color: 'attention' },
        acknowledged: { text: 'Übernommen', color: 'good' },
        resolved: { text: 'Behoben', color: 'good' },
        exhausted: { text: 'Niemand hat übernommen', color: 'attention' },
        cancelled: { text: 'Gestoppt', color: 'default' },
      },
      timeline: ({ type, data = {} }) => {
        const words = lookUp(climbing, type);
        return words ? words(data) : line`Ereignis „${type}“.`;
      },
      skipped: skippedWords,
      nobodyCanBeCalled: () => 'Aus diesem Alarmplan kann niemand angerufen werden.',
      exhausted: ({ summary, policy }) =>
        policy === null
          ? line`Niemand hat diesen Alarm übernommen: ${summary}`
          : line`Niemand aus ${policy} hat diesen Alarm übernommen: ${summary}`,
    },

    escalationChat,
    history: {
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
    },
    alerts,
    operators,

    timeline: ({ type, data = {} }) => {
      const words = lookUp(timeline, type);
      return words ? words(data) : line`Ereignis „${type}“.`;
    },
  };
}

type Data = NonNullable<TimelineEntry['data']>;

function shown(value: Data[string] | undefined): string {
  return String(value ?? '–');
}
