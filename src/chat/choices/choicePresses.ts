import type { Database } from '../../database/open.ts';
import { loadCard } from '../cards/cardStore.ts';
import type { Show } from '../cards/cardUpdates.ts';
import { typedMessage, type PressAnswer } from '../turn/press.ts';
import type { Registers } from '../turn/registers.ts';
import type { ChatTurn } from '../turn/turn.ts';
import type { Chosen } from './choices.ts';

interface Parts {
  database: Pick<Database, 'sql'>;
  /** Renders the card of a call. */
  showCall: Show;
}

/** Registers the buttons of questions: a number, somebody else, or a message typed into an offer. */
export function registerChoicePresses({ choices, presses }: Registers, parts: Parts): void {
  const choose = async (turn: ChatTurn, choiceId: string, chosen: Chosen): Promise<PressAnswer> => {
    const taken = await choices.choose(turn, choiceId, chosen);
    if ('say' in taken || 'card' in taken) return taken;
    if (taken.cardId === null)
      return { say: turn.texts.chat.calls.alreadyCalling({ callee: taken.call.target.displayName }) };
    const card = await loadCard(parts.database.sql, taken.cardId);
    return card ? { card: (await parts.showCall(card))?.rendered ?? null } : {};
  };
  presses.on(/^choose\d{1,2}$/, async (turn, { verb, id }) => {
    return await choose(turn, id, Number(verb.slice('choose'.length)));
  });
  presses.on(/^chooseOther$/, async (turn, { id, person }) => await choose(turn, id, { picked: person }));
  // An offer to speak a message is a question, because there is no call yet.
  presses.onQuestion('speak', async (turn, press) => {
    const typed = typedMessage(press, turn);
    return 'say' in typed ? typed : await choose(turn, press.id, typed);
  });
}
