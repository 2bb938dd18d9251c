import assert from 'node:assert/strict';
import { commandFileOf, commandLanguages } from '../../../src/texts/commandFiles.ts';
import { wholeKinds } from '../../../src/texts/commands/commandPhrases.ts';
import { framesIn, phrasesIn, wordsIn } from '../../../src/texts/commands/notation.ts';
import { problemsIn } from '../../../src/texts/commands/problems.ts';
import { parse } from '../../support/chat/commandTables.ts';

interface Phrases {
  whole: Record<string, string[]>;
  frames: Record<string, string[]>;
  [list: string]: unknown;
}
const fileOf = (language: string): Phrases => commandFileOf(language) as Phrases;

describe('The phrases of chat commands', () => {
  for (const language of commandLanguages) {
    it(`are written correctly in ${language}`, () =>
      assert.deepEqual(problemsIn(commandFileOf(language)), []));

    it(`mean the same in every chat: ${language}`, () => {
      for (const kind of wholeKinds) {
        for (const phrase of (fileOf(language).whole[kind] ?? []).flatMap(phrasesIn)) {
          assert.deepEqual(parse(phrase), { kind }, phrase);
        }
      }
    });
  }

  it('are in English first', () => assert.equal(commandLanguages[0], 'en'));

  it('are expanded from a short notation', () => {
    assert.deepEqual(phrasesIn('show|show_me| my| calls, history'), [
      'show my calls',
      'show calls',
      'show me my calls',
      'show me calls',
      'my calls',
      'calls',
      'history',
    ]);
    assert.deepEqual(wordsIn('him you_all'), ['him', 'you all']);
    assert.deepEqual(framesIn('get {person} on the phone, call {person}'), [
      { parts: ['get', 'on the phone'], slots: ['person'] },
      { parts: ['call', ''], slots: ['person'] },
    ]);
  });

  describe('tell a translator what is wrong', () => {
    const mistakes: readonly (readonly [mistake: (file: Phrases) => void, problem: string])[] = [
      [(file) => (file['greeting'] = ['hi']), 'The file: there is no list named greeting.'],
      [(file) => delete file.whole['resolve'], 'whole → resolve: this list is missing'],
      [(file) => (file.whole['help'] = ['Help']), 'whole → help: "Help" has a capital letter'],
      [(file) => (file.whole['help'] = ['help,aid']), 'whole → help: "help,aid" has a comma'],
      [(file) => (file.whole['help'] = ['help  me']), 'whole → help: "help  me" has a space too many'],
      [(file) => (file.whole['help'] = ['help?']), 'whole → help: "help?" has punctuation'],
      [(file) => (file.whole['help'] = ['|help |me']), 'may be left out completely: "|help |me"'],
      [(file) => (file.whole['help'] = ['ack']), 'whole: "ack" stands for acknowledge and for help.'],
      [
        (file) => (file.frames['call'] = ['call {man}']),
        'frames → call: "call {man}" has {man}, which is not used here.',
      ],
      [(file) => (file.frames['test'] = ['test']), 'frames → test: "test" lacks {policy}.'],
      [(file) => (file.frames['call'] = ['{person}']), 'has no words beside the slot'],
      [
        (file) => (file.frames['call'] = ['|call {person}']),
        'frames → call: "|call" may be left out completely.',
      ],
      [(file) => (file['suggestion'] = 'call {person}'), 'suggestion: "call {person}" lacks {message}.'],
    ];
    for (const [mistake, problem] of mistakes) {
      it(problem, () => {
        const file = fileOf('en');
        mistake(file);
        const problems = problemsIn(file);
        assert.ok(
          problems.some((one) => one.includes(problem)),
          problems.join('\n'),
        );
      });
    }
  });
});
