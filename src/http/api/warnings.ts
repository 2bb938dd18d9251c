import type { Logger } from 'pino';
import { inTime, type Clock } from '../../clock.ts';
import type { EscalationService } from '../../escalations/escalationService.ts';
import type { Callees } from '../../escalations/callees.ts';
import { skippedLine } from '../../texts/escalationTimeline.ts';
import { textsFor } from '../../texts/texts.ts';

interface Parts {
  escalations: Pick<EscalationService, 'get'>;
  callees: Callees;
  canSpeak: boolean;
  clock: Clock;
  log: Logger;
}

/** The sender waits for its answer, and the escalation is already running. */
const PATIENCE_MS = 3_000;

/**
 * Warnings for the person who starts an escalation: nobody can be called, somebody cannot be called and why, or
 * nothing will be spoken. Never throws, because the escalation has already started.
 */
export async function warningsOf(escalationId: string, parts: Parts): Promise<string[]> {
  const { canSpeak, clock, log } = parts;
  const speech = canSpeak
    ? []
    : [
        'Messages cannot be spoken (COGNITIVE_SERVICES_ENDPOINT is not set): people see this alert on their cards only.',
      ];
  const late = (): string[] => [
    'The directory does not answer, so Ringdown could not check whether everybody can be called.',
  ];
  try {
    return [...(await inTime(ofPeople(escalationId, parts), PATIENCE_MS, late, clock)), ...speech];
  } catch (error) {
    log.warn({ err: error, escalationId }, 'cannot check who can be called');
    return speech;
  }
}

async function ofPeople(escalationId: string, { escalations, callees }: Parts): Promise<string[]> {
  const escalation = await escalations.get(escalationId);
  if (!escalation) return [];
  const texts = textsFor('en');
  const found = await Promise.all(
    escalation.steps.map(async (step) => await callees.ofStep(escalation, step)),
  );
  const skipped = new Set(found.flatMap((step) => step.skipped.map((one) => skippedLine(one, texts))));
  const nobody = found.every(({ people }) => people.length === 0);
  return [...(nobody ? [texts.chat.escalations.nobodyCanBeCalled] : []), ...skipped];
}
