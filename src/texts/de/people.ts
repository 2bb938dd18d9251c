import type { NotCallable } from '../../directory/directory.ts';
import type { Disturbance } from '../../directory/presence.ts';
import type { RefusalWords } from '../../permissions/refusal.ts';
import type { PersonTexts } from '../personTexts.ts';
import { inMinutes } from '../rounding.ts';
import type { Format } from '../language.ts';
import { lookUp } from '../../config/lookUp.ts';

/** Graph's presence values, in lower case and in the words of the German Teams. */
const presences: Readonly<Record<string, string>> = {
  available: 'Verfügbar',
  availableidle: 'Verfügbar',
  away: 'Abwesend',
  berightback: 'Bin gleich zurück',
  busy: 'Beschäftigt',
  busyidle: 'Beschäftigt',
  donotdisturb: 'Nicht stören',
  focusing: 'Fokuszeit',
  inacall: 'Telefoniert',
  inaconferencecall: 'In einer Telefonkonferenz',
  inactive: 'Abwesend',
  inameeting: 'In einer Besprechung',
  offline: 'Offline',
  offwork: 'Nicht im Dienst',
  outofoffice: 'Nicht im Büro',
  presenting: 'Präsentiert',
  urgentinterruptionsonly: 'Nicht stören',
};

export const disturbances: Record<Disturbance, string> = {
  doNotDisturb: 'möchte nicht gestört werden',
  inACall: 'telefoniert gerade',
  presenting: 'präsentiert gerade',
  outOfOffice: 'ist nicht im Büro',
};

/** The reason, and what to change. */
const notCallable: Record<NotCallable | 'otherCloud' | 'unknown', string> = {
  disabled:
    'Das Konto ist deaktiviert (jemand, der nicht mehr da ist, oder ein gemeinsames Postfach). Rufen Sie eine andere Person an.',
  guest:
    'Gäste anderer Organisationen können nicht angerufen werden. Rufen Sie die Person in Teams an oder jemanden aus dieser Organisation.',
  noLicence: 'Das Konto hat keine Lizenz. Die Administration kann eine mit Teams und Teams Phone zuweisen.',
  noTeams:
    'Das Konto hat keine Lizenz für Teams. Die Administration kann eine mit Teams und Teams Phone zuweisen.',
  noTeamsPhone:
    'Das Konto hat keine Lizenz für Teams Phone. Die Administration kann eine zuweisen und das Telefonieren dafür freischalten.',
  otherCloud:
    'Diese Kennung gehört zu einer anderen Microsoft-Cloud als dieses Ringdown. Nennen Sie die Mailadresse der Person.',
  unknown: 'Dafür braucht es ein aktives Geschäftskonto mit Teams in dieser Organisation.',
};

/** Who may be called, and who can be. */
export function personTexts(format: Format): PersonTexts {
  const { line, anyOf, duration, time } = format;

  function refused({ reason, callee, ask, seconds, until, timeZone }: RefusalWords): string {
    const askWhom =
      ask.length > 0
        ? line`Wenn sich das ändern soll, fragen Sie ${anyOf(ask.slice(0, 3))}.`
        : 'Wer wen anrufen darf, legt Ihre Administration fest.';
    const retry =
      seconds === null
        ? 'Bitte versuchen Sie es später noch einmal.'
        : `Bitte versuchen Sie es in ${duration(inMinutes(seconds))} noch einmal.`;
    if (reason === 'guest') {
      return 'Sie sind Gast in dieser Organisation. Ich rufe nur für ihre Mitglieder an, es sei denn, Sie stehen in meinen Berechtigungen. Wer Sie eingeladen hat, kann die Administration darum bitten.';
    }
    if (callee === '' && reason !== 'unchecked') {
      return `Ich darf für Sie niemanden anrufen und kann das deshalb nicht zeigen. ${askWhom}`;
    }
    switch (reason) {
      case 'anonymous':
        return `${line`Für Personen, die ich nicht erkennen kann, darf ich ${callee} nicht anrufen.`} ${askWhom}`;
      case 'caller':
      case 'callee':
        return `${line`Ich darf ${callee} nicht für Sie anrufen.`} ${askWhom}`;
      case 'communicationUser':
        return `${line`Ich darf ${callee} nicht anrufen: Nutzer von Azure Communication Services müssen in meinen Berechtigungen stehen.`} ${askWhom}`;
      case 'unchecked':
        return `Ich konnte nicht prüfen, ob ich das für Sie darf, und habe es deshalb gelassen. Bitte versuchen Sie es in einer Minute noch einmal. ${askWhom}`;
      case 'optedOut':
        return line`${callee} möchte nicht aus Chats angerufen werden. Ich rufe nicht an. Schreiben Sie eine Chatnachricht. Wenn es nicht warten kann: über einen Alarmplan eskalieren.`;
      case 'quietHours': {
        const end = until === null ? null : time(new Date(until).toISOString(), timeZone);
        const quiet = end === null ? 'Es ist Ruhezeit' : `Es ist Ruhezeit bis ${end} Uhr (${timeZone})`;
        return `${line`${quiet}. Ich rufe ${callee} jetzt nicht an.`} Wenn es nicht warten kann: über einen Alarmplan eskalieren. ${askWhom}`;
      }
      case 'perCaller':
        return `${line`Ich habe in kurzer Zeit sehr oft für Sie angerufen. ${callee} rufe ich deshalb jetzt nicht an.`} ${retry} ${askWhom}`;
      case 'perCallee':
        return `${line`${callee} wurde in kurzer Zeit sehr oft angerufen. Ich rufe jetzt nicht noch einmal an.`} ${retry} ${askWhom}`;
    }
  }

  return {
    refused,
    notCallable: ({ callee, reason }) =>
      `${line`${callee} kann nicht angerufen werden.`} ${notCallable[reason ?? 'unknown']}`,
    canBeCalled: () => 'Kann jetzt angerufen werden.',
    presence: ({ activity, availability }) => {
      const [first, second] = [activity, availability].map((word) => lookUp(presences, word.toLowerCase()));
      return first ?? second ?? null;
    },
    disturb: {
      question: ({ callee, because }) =>
        line`${callee} ${disturbances[because]}. Trotzdem anrufen oder eine Nachricht schreiben?`,
      callAnyway: 'Trotzdem anrufen',
      leaveMessage: 'Nachricht schreiben',
      cancel: 'Abbrechen',
      leftAlone: (callee) => line`Ich habe ${callee} nicht angerufen.`,
      writeHere: ({ callee, address }) => `${line`Hier können Sie ${callee} schreiben:`} ${address}`,
    },
    picker: {
      title: 'Jemand anderes',
      label: 'Wen soll ich anrufen?',
      call: 'Anrufen',
      nobodyPicked: 'Bitte wählen Sie zuerst eine Person aus.',
    },
    author: {
      title: (callee) => line`${callee} anrufen`,
      hint: 'Was soll ich sagen? Ohne Text werden Sie verbunden.',
      call: 'Anrufen',
      calling: (callee) => line`Der Anruf bei ${callee} läuft. Unser Chat zeigt, wie es steht.`,
      nobody: () => 'Diese Nachricht hat niemand geschrieben, den ich anrufen kann.',
      own: () =>
        'Diese Nachricht haben Sie selbst geschrieben. Für einen Testanruf schreiben Sie mir „call me“ im Chat.',
    },
    privacy: {
      notNow: {
        onCall: 'Sie haben gerade einen Anruf. Bitte sagen Sie das noch einmal, wenn er vorbei ist.',
        escalation:
          'Ein Alarm, der Sie betrifft, ist gerade offen. Bitte sagen Sie das noch einmal, wenn er behoben oder vorbei ist.',
      },
      question: 'Soll ich Sie vergessen?',
      explained:
        'Ich lösche dann die Karten unseres Chats, die Nachrichten, die ich für Sie gesprochen habe, und Ihren Namen in Anrufen und Alarmen anderer. Was schon in Teams steht, bleibt dort. Alarmpläne, die Sie nennen, lassen Sie weiter anrufen. Das lässt sich nicht rückgängig machen.',
      forget: 'Mich vergessen',
      keep: 'Meine Daten behalten',
      kept: 'Es wurde nichts gelöscht.',
      done: 'Erledigt: Ich habe gelöscht, was ich von Ihnen wusste. Sobald Sie mich wieder benutzen oder jemand Sie anrufen lässt, behalte ich, was dafür nötig ist.',
      optOutKept: 'Dass Sie nicht angerufen werden möchten, gilt weiter; davon behalte ich nur einen Hash.',
    },
    callsStopped: () =>
      'Ich rufe Sie nicht mehr an, wenn jemand in einem Chat darum bittet. Alarme, die für Sie bestimmt sind, kommen weiterhin. Mit „allow calls“ ändern Sie das.',
    callsAllowed: () =>
      'Andere können Sie wieder durch mich anrufen lassen. Mit „stop calling me“ ändern Sie das.',
    optOutNeedsTeams: () =>
      'Ich kann hier nicht erkennen, wer Sie sind. Bitte sagen Sie mir das in Teams, mit einem Konto dieser Organisation.',
  };
}
