import type { ChatTexts, Format } from '../language.ts';
import { card } from './callCard.ts';
import { talkChat } from './talk.ts';

export function chat(format: Format): ChatTexts {
  const { line } = format;
  return {
    captured: (note, callee) => {
      switch (note) {
        case 'recordingStarted':
          return line`The call with ${callee} is being recorded. Hang up if you do not agree.`;
        case 'recordingEnded':
          return line`The recording of the call with ${callee} has ended.`;
        case 'transcriptionStarted':
          return line`The call with ${callee} is being transcribed. Hang up if you do not agree.`;
        case 'transcriptionEnded':
          return line`The transcription of the call with ${callee} has ended.`;
      }
    },
    talk: talkChat(format),
    card: card(format),
  };
}
