import { maximumLength } from '../language/mentions.ts';
import { helpCard, helpFor } from '../cards/renderers/helpCard.ts';
import type { Handlers } from '../turn/handlers.ts';
import type { Registers } from '../turn/registers.ts';
import type { ChatTurn } from '../turn/turn.ts';

/** Registers everything that only needs words as an answer. */
export function registerSmallTalk({ handlers }: Registers): void {
  handlers.on('help', async (turn) => {
    if (await turn.isFirstDelivery()) await showHelp(turn, handlers);
  });
  handlers.on('greeting', async (turn) => {
    await turn.sayOnce(turn.texts.chat.greeting({ name: turn.incoming.from.name }));
  });
  handlers.on('thanks', async (turn) => await turn.sayOnce(turn.texts.chat.thanks));
  handlers.on('outsideTeams', async (turn) => await turn.sayOnce(turn.texts.chat.outsideTeams));
  handlers.on('limit', async (turn, { limit }) => await turn.sayOnce(turn.texts.chat.limits[limit]));
  handlers.on('empty', async (turn) => await turn.sayOnce(turn.texts.chat.empty));
  handlers.on(
    'tooLong',
    async (turn) => await turn.sayOnce(turn.texts.chat.tooLong({ limit: maximumLength })),
  );
  handlers.on('question', async (turn, command) => {
    await turn.sayOnce(turn.texts.chat.question({ command: command.say }));
  });
  handlers.on('unknown', async (turn, command) => {
    await turn.sayOnce(
      command.say === undefined
        ? turn.texts.chat.unknown
        : turn.texts.chat.colonMissing({ command: command.say }),
    );
  });
}

/** Shows the commands that this installation supports, after an introduction. */
export async function showHelp(
  turn: ChatTurn,
  handlers: Pick<Handlers, 'has'>,
  intro?: string,
): Promise<void> {
  const help = helpFor(turn.texts, (kind) => handlers.has(kind));
  await turn.show(helpCard({ ...help, intro: intro ?? help.intro }, turn.texts));
}
