import type { Format, Texts } from '../language.ts';
import { alertsAndOperators } from './alerts.ts';
import { chat } from './chat.ts';
import { escalation } from './escalationTimeline.ts';
import { escalationChat } from './escalations.ts';
import { history } from './history.ts';

/**
 * German, as people in Austria, Germany and Switzerland read it. Commands stay English. An acknowledgement is
 * "übernehmen" (a call is "angenommen"), a policy is an "Alarmplan".
 */
export function german(format: Format): Omit<Texts, 'say'> {
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
