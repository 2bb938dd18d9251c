import { callEntries, type CallLineWords } from '../../calls/timeline.ts';
import { entryWords } from '../../calls/timelineCatalogue.ts';
import { withCode } from '../entryData.ts';
import type { Format, Texts } from '../language.ts';
import { result } from './status.ts';

export function callTimeline({ line, duration }: Format): Texts['timeline'] {
  const lines: CallLineWords = {
    queued: () => 'Der Anruf wurde angefordert.',
    deferred: ({ reason }) => {
      if (reason === 'paused') return 'Wartet: Der Betrieb hat alle Anrufe angehalten.';
      if (reason === 'phoneBusy') return 'Wartet: Ein anderer Anruf von Ringdown ist an diesem Telefon.';
      if (reason === 'quietHours') return 'Wartet: Es ist Ruhezeit.';
      return 'Wartet: viele Anrufe gleichzeitig.';
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
    key: ({ tone }) => line`Taste gedrückt: ${tone}.`,
    acknowledged: () => 'Übernommen.',
    takenOver: ({ name }) => line`${name} hat übernommen.`,
    transferring: ({ to }) => line`Wird mit ${to} verbunden …`,
    transferAccepted: () => 'Mit der anrufenden Person verbunden.',
    transferFailed: (data) => `${withCode('Die Verbindung mit der anrufenden Person gelang nicht', data)}.`,
    hangUpRequested: ({ by, name, reason }) => {
      if (reason === 'phoneNeeded') return 'Wird aufgelegt: Ein Alarm braucht dieses Telefon.';
      if (name) return line`${name} hat den Anruf beendet.`;
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
    transcriptionStarted: () => 'Der Anruf wird mitgeschrieben.',
    transcriptionEnded: () => 'Die Mitschrift ist beendet.',
    gridCallStarted: () => 'Event Grid: Der Anruf hat begonnen.',
    gridCallEnded: ({ seconds }) =>
      typeof seconds === 'number'
        ? `Event Grid: Der Anruf endete nach ${duration(seconds)}.`
        : 'Event Grid: Der Anruf ist beendet.',
    gridParticipantJoined: ({ name }) =>
      name ? line`Event Grid: ${name} ist dabei.` : 'Event Grid: Jemand ist dabei.',
    gridParticipantLeft: ({ name }) =>
      name ? line`Event Grid: ${name} ist gegangen.` : 'Event Grid: Jemand ist gegangen.',
    gridRecordingStored: () => 'Event Grid: Eine Aufzeichnung des Anrufs wurde gespeichert.',
    ended: (data) => `Ende: ${result(data)}.`,
    corrected: (data) => `Berichtigt: ${result(data)}.`,
  };
  return (entry) => entryWords(callEntries, lines, entry) ?? line`Ereignis „${entry.type}“.`;
}
