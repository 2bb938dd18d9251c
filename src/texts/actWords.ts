import type { ActOutcome } from '../escalations/escalationActs.ts';
import type { Texts } from './language.ts';

/** What somebody reads after they acted on an escalation. */
export function actWords(outcome: ActOutcome, { chat }: Pick<Texts, 'chat'>): string {
  const words = chat.escalations;
  switch (outcome.kind) {
    case 'done':
      return words[outcome.what]({ summary: outcome.summary });
    case 'youHaveIt':
      return words.youHaveIt;
    case 'already':
      return words.already[outcome.status]({ by: outcome.by });
    case 'refused':
      return words[outcome.why];
  }
}
