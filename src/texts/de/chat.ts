import type { ChatTexts, Format } from '../language.ts';
import { card } from './callCard.ts';
import { talkChat } from './talk.ts';

export function chat(format: Format): ChatTexts {
  const { line } = format;
  return {
    captured: (note, callee) => {
      switch (note) {
        case 'recordingStarted':
          return line`Der Anruf mit ${callee} wird aufgezeichnet. Legen Sie auf, wenn Sie nicht einverstanden sind.`;
        case 'recordingEnded':
          return line`Die Aufzeichnung des Anrufs mit ${callee} ist beendet.`;
        case 'transcriptionStarted':
          return line`Der Anruf mit ${callee} wird mitgeschrieben. Legen Sie auf, wenn Sie nicht einverstanden sind.`;
        case 'transcriptionEnded':
          return line`Die Mitschrift des Anrufs mit ${callee} ist beendet.`;
      }
    },
    talk: talkChat(format),
    card: card(format),
  };
}
