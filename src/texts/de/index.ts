import type { Format, Texts } from '../language.ts';
import { advice } from './advice.ts';
import { callTimeline } from './callTimeline.ts';
import { causes } from './causes.ts';
import { chat } from './chat.ts';
import { spoken } from './spoken.ts';
import { ended, running } from './status.ts';
import { talkPage } from './talk.ts';

/**
 * German, as people in Austria, Germany and Switzerland read it. Commands stay English. An acknowledgement is
 * "übernehmen" (a call is "angenommen"), a policy is an "Alarmplan".
 */
export function german(format: Format): Omit<Texts, 'say'> {
  return {
    format,
    speechLocale: 'de-DE',
    cause: causes(format),
    advice,
    status: { running, ended },
    spoken: spoken(format),
    chat: chat(format),
    talkPage,
    timeline: callTimeline(format),
  };
}
