import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { maximumLength } from '../../../../src/chat/language/mentions.ts';
import { parseCommand } from '../../../../src/chat/language/parseCommand.ts';
import { call, parse } from '../../../support/chat/commandTables.ts';
import { itInBoth, runs } from '../../../support/long.ts';

interface Frames {
  /** Commands that call Adele. `NAME` stands for her. */
  readonly calls: readonly string[];
  /** Words that make a longer sentence of a command. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

const frames: Readonly<Record<string, Frames>> = {
  English: {
    calls: ['call NAME', 'please call NAME', 'could you call NAME', 'give NAME a call'],
    before: [
      'yesterday Alex said:',
      'I think',
      'if it burns,',
      'do not',
      'never',
      'why did you',
      'we should',
    ],
    after: ['if it burns', 'was wrong', 'or not', 'is what Alex did', 'and ask her to come', 'tomorrow'],
  },
  German: {
    calls: ['ruf NAME an', 'NAME anrufen', 'kannst du bitte NAME anrufen', 'verbinde mich mit NAME'],
    before: [
      'gestern sagte Alex:',
      'ich glaube,',
      'wenn es brennt,',
      'nicht',
      'wir sollten',
      'warum',
      'Alex meint, ich soll',
      'ich muss',
    ],
    after: ['wenn es brennt', 'war falsch', 'oder nicht', 'hat Alex gesagt', 'wäre gut', 'morgen'],
  },
  French: {
    calls: ['appelle NAME', 'appelez NAME', 'peux-tu appeler NAME', 'téléphone à NAME'],
    before: [
      'hier Alex a dit :',
      'je crois que',
      'si ça brûle,',
      'ne',
      'jamais',
      'pourquoi',
      'il faut',
      'on devrait',
    ],
    after: ['si ça brûle', 'demain', 'n’est pas bien', 'quand tu peux', 'et demande-lui de venir', 'ou pas'],
  },
  Spanish: {
    calls: ['llama a NAME', 'llame a NAME', 'puedes llamar a NAME', 'llamar a NAME'],
    before: [
      'ayer Alex dijo:',
      'creo que',
      'si hay fuego,',
      'no',
      'nunca',
      'por qué',
      'hay que',
      'deberíamos',
    ],
    after: ['si hay fuego', 'mañana', 'no está bien', 'cuando puedas', 'y pregúntale si viene', 'o no lo sé'],
  },
  Portuguese: {
    calls: ['ligue para NAME', 'liga pra NAME', 'você pode ligar para NAME', 'telefone para NAME'],
    before: [
      'ontem Alex disse:',
      'acho que',
      'se pegar fogo,',
      'não',
      'nunca',
      'por que',
      'deveríamos',
      'vou',
    ],
    after: [
      'se pegar fogo',
      'amanhã',
      'não está certo',
      'quando puder',
      'e pergunta se ela vem',
      'ou não sei',
    ],
  },
  Japanese: {
    calls: ['NAMEに電話して', 'NAMEさんに電話してください', 'NAMEに電話', 'NAMEにつないで'],
    before: ['昨日アレックスが', '明日', 'もし火事なら', '後で', '彼は', 'まだ', '会議の後に', 'なぜ'],
    after: ['はいけない', 'と言われた', 'しないで', 'たら教えて', 'から連絡します', 'のは間違いだった'],
  },
};

describe('A command in any language', () => {
  for (const [language, { calls, before, after }] of Object.entries(frames)) {
    const name =
      language === 'Japanese'
        ? fc.constantFrom('アデル', '田中', 'Adele')
        : fc.constantFrom('Adele', 'Bo Ek', 'Zoë Öz');
    const command = fc.tuple(fc.constantFrom(...calls), name);

    it(`places a call: ${language}`, () => {
      fc.assert(
        fc.property(command, ([frame, who]) =>
          assert.deepEqual(parse(frame.replace('NAME', who)), call(who)),
        ),
      );
    });

    it(`places no call in a longer sentence: ${language}`, () => {
      const space = language === 'Japanese' ? '' : ' ';
      const sentence = fc.oneof(
        fc
          .tuple(fc.constantFrom(...before), command)
          .map(([start, [frame, who]]) => [start, frame.replace('NAME', who)]),
        fc
          .tuple(command, fc.constantFrom(...after))
          .map(([[frame, who], end]) => [frame.replace('NAME', who), end]),
        fc
          .tuple(fc.constantFrom(...before), command, fc.constantFrom(...after))
          .map(([start, [frame, who], end]) => [start, frame.replace('NAME', who), end]),
      );
      fc.assert(
        fc.property(sentence, (parts) => {
          const { kind } = parse(parts.join(space));
          assert.ok(!['call', 'escalate', 'test', 'acknowledge', 'resolve', 'hangUp'].includes(kind), kind);
        }),
        { numRuns: runs(300) },
      );
    });
  }

  it('acts as docs/users.md says', async () => {
    const page = await readFile(new URL('../../../../docs/users.md', import.meta.url), 'utf8');
    const rows =
      page
        .split('### Commands in your language')[1]
        ?.split('\n## ')[0]
        ?.match(/^\| `.*$/gm) ?? [];
    assert.ok(rows.length >= 15);
    for (const row of rows) {
      const cells = row
        .split(' | ')
        .map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, said = '']) => said));
      const meant = (cells[0] ?? []).map((said) => parse(said).kind);
      for (const said of cells.flat()) assert.ok(meant.includes(parse(said).kind), said);
    }
  });

  it('may have invisible characters and other apostrophes or hyphens in its words', () => {
    assert.deepEqual(parse('ca\u034Fll Adele'), call('Adele'));
    assert.deepEqual(parse('übe\uFE0Frnehme ich'), { kind: 'acknowledge' });
    assert.deepEqual(parse('erledigt\u3164'), { kind: 'resolve' });
    for (const mark of ["'", '’', 'ʼ', '`', '´', '′', '＇']) {
      assert.deepEqual(parse(`don${mark}t call me`), { kind: 'stopCallingMe' }, mark);
      assert.deepEqual(parse(`ne m${mark}appelle plus`), { kind: 'stopCallingMe' }, mark);
    }
    assert.deepEqual(parse('passe‑moi Adele au téléphone'), call('Adele'));
  });

  itInBoth('never throws on nonsense', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'ruf',
        'an',
        'anrufen',
        'appelle',
        "qu'",
        'dis-lui',
        'llama',
        'a',
        'liga',
        'para',
        'に',
        '電話',
        'して',
      ),
      fc.constantFrom('「', '」', ':', '：', '、', '-', "'", 'と伝えて', 'bis', 'jusqu’à', 'まで', 'を'),
      fc.string({ unit: 'grapheme' }),
    );
    const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(' '));
    fc.assert(
      fc.property(text, (said) => assert.ok(parse(said).kind)),
      { numRuns: runs(500) },
    );
  });

  it('may be as long as a message can be', () => {
    for (const piece of [
      'x ',
      'ruf an ',
      'und sag ',
      "qu'elle ",
      'dis-lui ',
      'llama a ',
      'に電話して',
      '電話 ',
      'と伝えて',
      'まで',
      ': ',
      '、',
    ]) {
      assert.ok(parse(piece.repeat(Math.floor(maximumLength / piece.length))).kind);
    }
  });

  it('is read in the writer’s language if two languages share the phrase', () => {
    const targets = (locale: string): unknown => {
      const command = parseCommand('escale Adele, Alex e Megan: x', [], { locale });
      return command.kind === 'escalate' ? command.targets.length : command;
    };
    assert.equal(targets('pt-BR'), 3);
    assert.equal(targets('es-ES'), 2);
  });

  it('may stand in a chat of another language', () => {
    for (const locale of ['en-US', 'de', 'fr-FR', 'ja-JP', undefined]) {
      assert.deepEqual(parseCommand('call Adele', [], { locale }), call('Adele'));
      assert.deepEqual(parseCommand('ruf Adele an', [], { locale }), call('Adele'));
      assert.deepEqual(parseCommand('アデルに電話して', [], { locale }), call('アデル'));
    }
  });
});
