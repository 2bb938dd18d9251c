import { maximumLength } from '../language/mentions.ts';
import { helpCard, helpFor } from '../cards/renderers/helpCard.ts';
import type { Handlers } from '../turn/handlers.ts';
import type { ChatTurn } from '../turn/turn.ts';

/** Everything that is answered in words alone. */
export function registerSmallTalk(handlers: Handlers): void {
  const say = async (turn: ChatTurn, text: string): Promise<void> => {
    if (await turn.isFirstDelivery()) await turn.say(text);
  };
  handlers.on('help', async (turn) => {
    if (await turn.isFirstDelivery()) await showHelp(turn, handlers);
  });
  handlers.on('greeting', async (turn) => {
    await say(turn, turn.texts.chat.greeting(turn.incoming.from.name));
  });
  handlers.on('thanks', async (turn) => await say(turn, turn.texts.chat.thanks()));
  handlers.on('outsideTeams', async (turn) => await say(turn, turn.texts.chat.outsideTeams()));
  handlers.on('limit', async (turn, { limit }) => await say(turn, turn.texts.chat.limits[limit]));
  handlers.on('empty', async (turn) => await say(turn, turn.texts.chat.empty()));
  handlers.on('tooLong', async (turn) => await say(turn, turn.texts.chat.tooLong(maximumLength)));
  handlers.on('incomplete', async (turn, { of }) => {
    const { chat } = turn.texts;
    if (of === 'call') await say(turn, chat.callIncomplete());
    else if (of === 'whoIs') await say(turn, chat.whoIsIncomplete());
    else await say(turn, chat.unknown());
  });
  handlers.on('question', async (turn, command) => {
    await say(turn, turn.texts.chat.question(command.say));
  });
  handlers.on('unknown', async (turn, command) => {
    const { chat } = turn.texts;
    await say(turn, command.say === undefined ? chat.unknown() : chat.colonMissing(command.say));
  });
}

/** All that this Ringdown can do, after some words of introduction. */
export async function showHelp(turn: ChatTurn, handlers: Handlers, intro?: string): Promise<void> {
  const help = helpFor(turn.texts.chat.help, (kind) => handlers.has(kind));
  await turn.show(helpCard({ ...help, intro: intro ?? help.intro }, turn.texts));
}
