import { Verbatim } from '../texts/message.ts';
import type { Texts } from '../texts/texts.ts';
import type { PageTexts } from './pageModel.ts';

/** The texts of the page. The number of a microphone and the name of a key are left to fill in. */
export function pageTexts({ talk }: Texts, callee: string): PageTexts {
  const { page } = talk;
  const { state, ended, trouble } = page;
  const who = { callee };
  return {
    ...page,
    title: page.title(who),
    heading: page.heading(who),
    microphoneNumber: page.microphoneNumber({ number: new Verbatim('{number}') }),
    key: page.key({ key: new Verbatim('{key}') }),
    state: {
      ...state,
      calling: state.calling(who),
      ringing: state.ringing(who),
      connected: state.connected(who),
      muted: state.muted(who),
    },
    ended: {
      ...ended,
      declined: ended.declined(who),
      no_answer: ended.no_answer(who),
      busy: ended.busy(who),
      unreachable: ended.unreachable(who),
      not_allowed: ended.not_allowed(who),
    },
    trouble: { ...trouble, notAllowed: trouble.notAllowed(who) },
  };
}
