import type { Texts } from '../../../texts/texts.ts';
import type { Command } from '../../language/command.ts';
import { adaptiveCard, commandRow, quoted, words } from './elements.ts';
import type { Rendered } from './elements.ts';
import { helpFor } from './helpCard.ts';

/** What to try first: a call, a call with a message, an alert. */
const FIRST = [
  { of: 'call', most: 2 },
  { of: 'escalate', most: 1 },
];

/**
 * Introduces the bot and its first commands, as far as this installation supports them.
 *
 * @param shared whether this is a group or channel, where the bot must be mentioned
 */
export function welcomeCard(
  texts: Texts,
  can: (kind: Command['kind']) => boolean,
  shared: boolean,
): Rendered {
  const { welcome } = texts.cards;
  const { intro, groups } = helpFor(texts, can);
  const commands = groups.flatMap((group) => group.commands);
  const examples = FIRST.flatMap(({ of, most }) =>
    commands.filter((command) => command.of === of).slice(0, most),
  );
  return adaptiveCard({
    body: [
      words(welcome.title, { weight: 'Bolder', size: 'Medium', style: 'heading' }),
      quoted(intro),
      ...examples.map(commandRow),
      quoted(shared ? welcome.mentionMe : welcome.more, { spacing: 'Medium' }),
    ],
    actions: [],
    text: texts.chat.welcome,
  });
}
