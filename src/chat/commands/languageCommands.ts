import type { ChosenLanguages } from '../../languages/chosenLanguages.ts';
import { languageNamed, ownName, ownNames } from '../../languages/names.ts';
import { languageOf, textsFor } from '../../texts/texts.ts';
import { AUTOMATIC } from '../language/command.ts';
import type { Readers } from '../people/readers.ts';
import type { Registers } from '../turn/registers.ts';

interface Parts {
  languages: Pick<ChosenLanguages, 'choose'>;
  readers: Pick<Readers, 'languageOf'>;
}

/**
 * `language …`: the language of what Ringdown says to this person, in every conversation. People outside Teams may
 * choose too: it counts for their id in their channel.
 */
export function registerLanguage({ handlers }: Registers, { languages, readers }: Parts): void {
  handlers.on('languages', async (turn) => {
    const { chat, format } = turn.texts;
    const tag = languageOf(format.locale) ?? format.locale;
    await turn.sayOnce(
      chat.language.present({ language: ownName(tag), languages: format.anyOf(ownNames()) }),
    );
  });
  handlers.on('language', async (turn, { name }) => {
    const { asker, incoming, texts } = turn;
    const tag = name === AUTOMATIC ? null : languageNamed(name);
    if (tag === undefined) {
      turn.markNoEffect();
      return await turn.sayOnce(
        texts.chat.language.unknown({ asked: name, languages: texts.format.anyOf(ownNames()) }),
      );
    }
    const isFirst = await languages.choose(
      asker.key,
      tag,
      async (work) => await turn.isFirstDelivery(work.sql),
    );
    if (!isFirst) return;
    const { language } = textsFor(await readers.languageOf(asker, incoming.locale)).chat;
    await turn.say(tag === null ? language.automatic : language.chosen({ language: ownName(tag) }));
  });
}
