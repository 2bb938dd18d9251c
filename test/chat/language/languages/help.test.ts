import assert from 'node:assert/strict';
import { helpFor } from '../../../../src/chat/cards/renderers/helpCard.ts';
import { parseCommand } from '../../../../src/chat/language/parseCommand.ts';
import { languages, textsFor } from '../../../../src/texts/texts.ts';

/** The help says `test` for a call to oneself, and so on: what each kind of command is read as. */
const readAs: Readonly<Record<string, readonly string[]>> = { language: ['language', 'languages'] };

describe('The help', () => {
  for (const locale of languages) {
    const texts = textsFor(locale);
    const voiceApps = [
      /"help desk"|help desk/i.test(texts.chat.help.commands.voiceApp.say) ? 'help desk' : '',
    ];

    describe(`in ${locale}`, () => {
      for (const { of, say } of helpFor(texts, () => true).groups.flatMap(({ commands }) => commands)) {
        it(`names a command that works: ${say}`, () => {
          const { kind } = parseCommand(say, [], { locale, voiceApps: voiceApps.filter(Boolean) });
          assert.ok((readAs[of] ?? [of]).includes(kind), `${kind}, not ${of}`);
        });
      }
    });
  }
});
