import type { Disturbance } from '../../directory/presence.ts';
import type { SkipReason } from '../../escalations/escalation.ts';
import { isKeyOf } from '../entryData.ts';
import type { Format, Texts } from '../language.ts';
import { ended, endedInside } from './status.ts';

const disturbances: Record<Disturbance, string> = {
  doNotDisturb: 'möchte nicht gestört werden',
  inACall: 'telefoniert gerade',
  presenting: 'präsentiert gerade',
  outOfOffice: 'ist nicht im Büro',
};

export const skipped: Record<SkipReason, string> = {
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

export function skippedLine({ line }: Format): Texts['escalation']['skipped'] {
  return ({ name, reason }) => line`${name} wird nicht angerufen: ${skipped[reason]}.`;
}

/** Why somebody could not be called: a skip reason or a disposition. Other words stay as they are. */
export function whyNot(reason: string): string {
  if (isKeyOf(skipped, reason)) return skipped[reason];
  return isKeyOf(ended, reason) ? endedInside(reason) : reason;
}
