import type { Format, Texts } from '../language.ts';
import { advice } from './advice.ts';
import { callTimeline } from './callTimeline.ts';
import { causes } from './causes.ts';
import { chat } from './chat.ts';
import { spoken } from './spoken.ts';
import { ended, running } from './status.ts';
import { talkPage } from './talk.ts';

/** English. */
export function english(format: Format): Omit<Texts, 'say'> {
  return {
    format,
    speechLocale: 'en-US',
    cause: causes(format),
    advice,
    status: { running, ended },
    spoken: spoken(format),
    chat: chat(format),
    talkPage,
    timeline: callTimeline(format),
  };
}
