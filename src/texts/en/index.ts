import type { Format, Texts } from '../language.ts';
import { alertsAndOperators } from './alerts.ts';
import { chat } from './chat.ts';
import { escalation } from './escalationTimeline.ts';
import { escalationChat } from './escalations.ts';
import { history } from './history.ts';

/** English. */
export function english(format: Format): Omit<Texts, 'say'> {
  const { alerts, operators } = alertsAndOperators(format);
  return {
    format,
    chat: chat(format),
    escalation: escalation(format, alerts.timeline),
    escalationChat: escalationChat(format),
    history: history(format),
    alerts,
    operators,
  };
}
