import { helpAsText, type Help, type Texts } from '../../../texts/texts.ts';
import { adaptiveCard, commandRow, quoted, words } from './elements.ts';
import type { Element, Rendered } from './elements.ts';

/** The commands that this installation supports. */
export function helpCard(help: Help, texts: Texts): Rendered {
  const rows = help.groups.flatMap(({ title, commands }): Element[] => [
    words(title, { weight: 'Bolder', spacing: 'Medium' }),
    ...commands.map(commandRow),
  ]);
  return adaptiveCard({
    body: [
      words(texts.say.cards.help.title, { weight: 'Bolder', size: 'Medium', style: 'heading' }),
      quoted(help.intro),
      ...rows,
    ],
    actions: [],
    text: helpAsText(help),
  });
}

/** Removes the commands that have no handler. */
export function helpFor(help: Help, can: (kind: string) => boolean): Help {
  const groups = help.groups
    .map((group) => ({ ...group, commands: group.commands.filter(({ of }) => can(of)) }))
    .filter((group) => group.commands.length > 0);
  return { ...help, groups };
}
