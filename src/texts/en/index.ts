import type { Format, Texts } from '../language.ts';
import { advice } from './advice.ts';
import { alertsAndOperators } from './alerts.ts';
import { callTimeline } from './callTimeline.ts';
import { causes } from './causes.ts';
import { chat } from './chat.ts';
import { escalation } from './escalationTimeline.ts';
import { escalationChat } from './escalations.ts';
import { spoken } from './spoken.ts';
import { ended, running } from './status.ts';
import { talkPage } from './talk.ts';

/** English. */
export function english(format: Format): Omit<Texts, 'say'> {
  const { alerts, operators } = alertsAndOperators(format);
  return {
    format,
    speechLocale: 'en-US',
    cause: causes(format),
    advice,
    status: { running, ended },
    spoken: spoken(format),
    chat: chat(format),
    escalation: escalation(format, alerts.timeline),
    escalationChat: escalationChat(format),
    alerts,
    operators,
    talkPage,
    timeline: callTimeline(format),
  };
}
