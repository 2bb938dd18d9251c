import type { Disposition } from '../../calls/call.ts';
import { isKeyOf, withCode, type EntryData } from '../entryData.ts';
import type { StatusWords } from '../escalationTexts.ts';
import type { RunningState } from '../language.ts';

export const running: Record<RunningState, StatusWords> = {
  queued: { text: 'Anruf wird vorbereitet …', color: 'default' },
  waiting: { text: 'Wartet …', color: 'warning' },
  invited: { text: 'Wartet, bis Sie beitreten', color: 'warning' },
  // The service does not report whether a phone is ringing.
  dialing: { text: 'Anruf läuft …', color: 'default' },
  connected: { text: 'Verbunden', color: 'good' },
  speaking: { text: 'Nachricht wird vorgelesen …', color: 'good' },
  transferring: { text: 'Wird verbunden …', color: 'good' },
  hangingUp: { text: 'Wird aufgelegt …', color: 'default' },
};
export const ended: Record<Disposition, StatusWords> = {
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

/** How a call ended, within a sentence. None of the words above begins with a noun. */
export function endedInside(disposition: Disposition): string {
  const { text } = ended[disposition];
  return text.charAt(0).toLocaleLowerCase('de') + text.slice(1);
}

/** The same for a timeline entry, with the service's code unless the call went well. */
export function result(data: EntryData): string {
  const { disposition } = data;
  if (!isKeyOf(ended, disposition)) return withCode('vorbei', data);
  const words = endedInside(disposition);
  return ended[disposition].color === 'good' ? words : withCode(words, data);
}
