import type { Messages } from '../../../texts/messages.ts';
import type { Texts } from '../../../texts/texts.ts';
import type { Command } from '../../language/command.ts';
import { adaptiveCard, commandRow, quoted, words } from './elements.ts';
import type { Element, Rendered } from './elements.ts';

type HelpTexts = Messages['chat']['help'];
export interface Help {
  intro: string;
  /** `of` is the kind of command, `say` an example of it. */
  groups: readonly {
    title: string;
    commands: readonly { of: Command['kind']; say: string; does: string }[];
  }[];
}

interface Group {
  title: keyof HelpTexts['titles'];
  commands: readonly { name: keyof HelpTexts['commands']; of: Command['kind'] }[];
}

const GROUPS: readonly Group[] = [
  {
    title: 'call',
    commands: [
      { name: 'connect', of: 'call' },
      { name: 'speak', of: 'call' },
      { name: 'andSay', of: 'call' },
      { name: 'address', of: 'call' },
      { name: 'voiceApp', of: 'call' },
      { name: 'me', of: 'call' },
    ],
  },
  {
    title: 'alert',
    commands: [
      { name: 'escalate', of: 'escalate' },
      { name: 'escalatePeople', of: 'escalate' },
      { name: 'test', of: 'test' },
      { name: 'acknowledge', of: 'acknowledge' },
      { name: 'resolve', of: 'resolve' },
      { name: 'onCall', of: 'onCall' },
      { name: 'cover', of: 'cover' },
      { name: 'swap', of: 'swap' },
    ],
  },
  {
    title: 'running',
    commands: [
      { name: 'status', of: 'status' },
      { name: 'history', of: 'history' },
      { name: 'hangUp', of: 'hangUp' },
    ],
  },
  {
    title: 'more',
    commands: [
      { name: 'whoIs', of: 'whoIs' },
      { name: 'stopCallingMe', of: 'stopCallingMe' },
      { name: 'allowCalls', of: 'allowCalls' },
      { name: 'language', of: 'language' },
      { name: 'myCalendar', of: 'myCalendar' },
      { name: 'myCalendarOff', of: 'myCalendarOff' },
      { name: 'forgetMe', of: 'forgetMe' },
      { name: 'pause', of: 'pause' },
      { name: 'resume', of: 'resume' },
      { name: 'help', of: 'help' },
    ],
  },
];

/** Shows an introduction and the commands. */
export function helpCard(help: Help, texts: Texts): Rendered {
  const rows = help.groups.flatMap(({ title, commands }): Element[] => [
    words(title, { weight: 'Bolder', spacing: 'Medium' }),
    ...commands.map(commandRow),
  ]);
  return adaptiveCard({
    body: [
      words(texts.cards.help.title, { weight: 'Bolder', size: 'Medium', style: 'heading' }),
      quoted(help.intro),
      ...rows,
    ],
    actions: [],
    text: helpAsText(help),
  });
}

/** The help with the commands that this installation supports. */
export function helpFor(texts: Texts, can: (kind: Command['kind']) => boolean): Help {
  const { intro, titles, commands } = texts.chat.help;
  const groups = GROUPS.map((group) => ({
    title: titles[group.title],
    commands: group.commands
      .filter(({ of }) => can(of))
      .map(({ name, of }) => ({ of, say: commands[name].say, does: commands[name].does })),
  }));
  return { intro, groups: groups.filter((group) => group.commands.length > 0) };
}

/** The help as plain text, for channels that show no cards. Several lines. */
function helpAsText({ intro, groups }: Help): string {
  const shown = groups.map(({ title, commands }) =>
    [title, ...commands.map(({ say, does }) => `  ${say} – ${does}`)].join('\n'),
  );
  return [intro, ...shown].join('\n\n');
}
