import assert from 'node:assert/strict';
import { parseCommand } from '../../../src/chat/language/parseCommand.ts';
import { readMentions } from '../../../src/chat/language/mentions.ts';
import { withoutQuotes } from '../../../src/chat/language/quotes.ts';
import { referenceJson } from '../../support/reference.ts';

const botId = '28:ringdown';
const recipient = { id: botId };
const bot = { type: 'mention', text: '<at>Ringdown</at>', mentioned: { id: botId, name: 'Ringdown' } };
const html = (content: string): unknown[] => [{ contentType: 'text/html', content }];
const reply = (quoted: string, fresh: string): string =>
  `<blockquote itemscope="" itemtype="http://schema.skype.com/Reply" itemid="1772050244572">\n` +
  `<strong itemprop="mri" itemid="28:ringdown">Ringdown</strong><span itemprop="time" itemid="1772050244572"></span>\n` +
  `<p itemprop="preview">${quoted}</p>\n</blockquote>\n<p>${fresh}</p>`;
const quotedReply = { type: 'quotedReply', quotedReply: { messageId: '1', preview: 'call Adele' } };

interface Form {
  readonly what: string;
  /** A message that quotes `quoted` and adds `fresh`. */
  readonly of: (
    quoted: string,
    fresh: string,
  ) => { text: string; attachments?: unknown; entities?: unknown[] };
}
const mark = '<quoted messageId="1772050244572"/>';

const forms: readonly Form[] = [
  { what: 'Teams: its mark', of: (_, fresh) => ({ text: `${mark} ${fresh}`, entities: [quotedReply] }) },
  { what: 'Teams: its mark, twice', of: (_, fresh) => ({ text: `${mark}${mark}\n${fresh}` }) },
  { what: 'Teams: its mark, last', of: (_, fresh) => ({ text: `${fresh} ${mark}` }) },
  {
    what: 'Teams: its mark, escaped',
    of: (_, fresh) => ({ text: `&lt;quoted messageId=&quot;1&quot;/&gt; ${fresh}` }),
  },
  {
    what: 'Teams: its mark around the words',
    of: (quoted, fresh) => ({ text: `<quoted messageId="1">${quoted}</quoted>${fresh}` }),
  },
  { what: 'Teams: its mark, never closed', of: (_, fresh) => ({ text: `<quoted messageId="1"> ${fresh}` }) },
  { what: 'Teams: a blockquote in the text', of: (quoted, fresh) => ({ text: reply(quoted, fresh) }) },
  {
    what: 'Teams: a blockquote in the attached copy',
    of: (quoted, fresh) => ({ text: fresh, attachments: html(reply(quoted, fresh)) }),
  },
  {
    what: 'Teams: a blockquote in the copy, and all of it in the text',
    of: (quoted, fresh) => ({
      text: `Ringdown\n${quoted}\n\n${fresh}`,
      attachments: html(reply(quoted, fresh)),
    }),
  },
  {
    what: 'Teams: a copy of the quote alone',
    of: (quoted, fresh) => ({ text: fresh, attachments: html(reply(quoted, '')) }),
  },
  {
    what: 'Teams: a quote within a quote',
    of: (quoted, fresh) => ({
      text: `<blockquote><blockquote>${quoted}</blockquote>${quoted}</blockquote>${fresh}`,
    }),
  },
  {
    what: 'Graph: the reference of an attachment',
    of: (quoted, fresh) => ({
      text: `<attachment id="1616990171266"></attachment>${fresh}`,
      attachments: [
        {
          id: '1616990171266',
          contentType: 'messageReference',
          content: JSON.stringify({ messagePreview: quoted }),
        },
      ],
    }),
  },
  {
    what: 'Graph: the same, closed in itself',
    of: (_, fresh) => ({ text: `<p><attachment id="1" /></p><p>${fresh}</p>` }),
  },
  { what: 'Markdown', of: (quoted, fresh) => ({ text: `> ${quoted}\n> ${quoted}\n\n${fresh}` }) },
  { what: 'Slack', of: (quoted, fresh) => ({ text: `&gt; ${quoted}\n${fresh}` }) },
  { what: 'Markdown, below', of: (quoted, fresh) => ({ text: `${fresh}\n> ${quoted}` }) },
  { what: 'HTML lines', of: (quoted, fresh) => ({ text: `<p>&gt; ${quoted}</p><p>${fresh}</p>` }) },
  {
    what: 'Skype',
    of: (quoted, fresh) => ({ text: `[12:30:45] Megan Bowen: ${quoted}\r\n\r\n<<< ${fresh}` }),
  },
  {
    what: 'copied from Teams',
    of: (quoted, fresh) => ({ text: `[Yesterday 12:30] Megan Bowen\n${quoted}\n\n${fresh}` }),
  },
  {
    what: 'copied from Slack',
    of: (quoted, fresh) => ({ text: `Megan Bowen  [12:30 PM]\n${quoted}\n\n${fresh}` }),
  },
  {
    what: 'copied with who wrote it',
    of: (quoted, fresh) => ({ text: `Megan Bowen wrote:\n${quoted}\n\n${fresh}` }),
  },
  {
    what: 'mail',
    of: (quoted, fresh) => ({
      text: `${fresh}\n\nOn Mon, 9 Mar 2026 at 18:00, Megan Bowen <megan@contoso.example> wrote:\n${quoted}`,
    }),
  },
  {
    what: 'mail, answered below',
    of: (quoted, fresh) => ({ text: `Am 9.3.2026 um 18:00 schrieb Megan Bowen:\n> ${quoted}\n${fresh}` }),
  },
  {
    what: 'mail of Outlook',
    of: (quoted, fresh) => ({
      text: `${fresh}\n________________________________\nFrom: Megan\nSent: Monday\nTo: Ringdown\nSubject: x\n\n${quoted}`,
    }),
  },
  {
    what: 'mail of Outlook, without its line',
    of: (quoted, fresh) => ({
      text: `${fresh}\n\nVon: Megan\nGesendet: Montag\nAn: Ringdown\nBetreff: x\n\n${quoted}`,
    }),
  },
  {
    what: 'mail of Outlook in French',
    of: (quoted, fresh) => ({
      text: `${fresh}\n\nDe : Megan\nEnvoyé : lundi\nÀ : Ringdown\nObjet : x\n\n${quoted}`,
    }),
  },
  {
    what: 'mail of Outlook in Spanish',
    of: (quoted, fresh) => ({
      text: `${fresh}\n\nDe: Megan\nEnviado el: lunes\nPara: Ringdown\nAsunto: x\n\n${quoted}`,
    }),
  },
  {
    what: 'mail of Outlook in Japanese',
    of: (quoted, fresh) => ({
      text: `${fresh}\n\n差出人: Megan\n送信日時: 2026年3月9日\n宛先: Ringdown\n件名: x\n\n${quoted}`,
    }),
  },
  {
    what: 'mail in Portuguese',
    of: (quoted, fresh) => ({
      text: `${fresh}\n\nEm seg., 9 de mar. de 2026 às 18:00, Megan Bowen <megan@contoso.example> escreveu:\n${quoted}`,
    }),
  },
  {
    what: 'mail in Japanese',
    of: (quoted, fresh) => ({
      text: `${fresh}\n\n2026年3月9日(月) 18:00 Megan Bowen <megan@contoso.example>:\n${quoted}`,
    }),
  },
  {
    what: 'copied with who wrote it, in French',
    of: (quoted, fresh) => ({ text: `Megan Bowen a écrit :\n${quoted}\n\n${fresh}` }),
  },
  {
    what: 'mail, forwarded',
    of: (quoted, fresh) => ({ text: `${fresh}\n-----Original Message-----\n${quoted}` }),
  },
];

const commandOf = (message: ReturnType<Form['of']>): unknown => {
  const { text, mentions } = readMentions({ recipient, ...message });
  return parseCommand(text, mentions);
};

describe('Quoted text', () => {
  for (const { what, of } of forms) {
    it(`is not part of what was said: ${what}`, () => {
      for (const fresh of ['ack', 'call Adele: hi', 'status']) {
        for (const quoted of ['You are being called', 'resolve', 'call Alex: hi', 'ack?']) {
          assert.deepEqual(commandOf(of(quoted, fresh)), parseCommand(fresh, []), `${quoted} / ${fresh}`);
        }
      }
    });

    it(`never acts alone: ${what}`, () => {
      for (const quoted of ['ack', 'resolve', 'call Adele: hi', 'hang up']) {
        assert.deepEqual(commandOf(of(quoted, '')), { kind: 'empty' }, quoted);
      }
    });
  }

  it('mentions nobody, not even the bot', () => {
    const text = '<blockquote><at>Ringdown</at> call Adele</blockquote> well said';
    assert.equal(readMentions({ text, entities: [bot], recipient }).mentionsBot, false);
    const both = `<at>Ringdown</at> ${mark} ack`;
    assert.equal(readMentions({ text: both, entities: [bot], recipient }).mentionsBot, true);
    const elsewhere = readMentions({ text: 'ack', entities: [{ ...bot, text: '@Ringdown' }], recipient });
    assert.equal(elsewhere.mentionsBot, true, 'some channels tell of mentions that the text does not have');
  });

  it('keeps mentions in the attached copy', () => {
    const span = '<span itemscope="" itemtype="http://schema.skype.com/Mention" itemid="0">Ringdown</span>';
    const read = readMentions({
      text: '<at>Ringdown</at> ack',
      entities: [bot],
      attachments: html(reply('call Adele', `${span}&nbsp;ack`)),
      recipient,
    });
    assert.deepEqual([read.text, read.mentionsBot], ['ack', true]);
  });

  it('is empty in a message without a quote', () => {
    for (const text of [
      'call Adele: the build is red',
      'call Adele: one\ntwo',
      'call Adele: a > b, from: here',
      'call Adele: On Monday Megan wrote: hi',
      'escalate payments: at [12:30] it burns: now',
      'if a <b and c> d',
      '<p>call Adele</p>',
    ]) {
      assert.deepEqual(
        withoutQuotes({ text, attachments: html(`<p>${text}</p>`) }),
        { text, quoted: '' },
        text,
      );
    }
    for (const attachments of [null, 1, 'x', [null], [{}], [{ contentType: 'text/html', content: 7 }]]) {
      assert.deepEqual(withoutQuotes({ text: 'ack', attachments }), { text: 'ack', quoted: '' });
    }
  });

  it('is read in linear time', () => {
    for (const piece of [
      '<blockquote>',
      '<quoted ',
      '> ',
      '[1:00] ',
      'On a wrote',
      '&lt;quoted ',
      '<<< ',
      '_',
      '\n',
    ]) {
      withoutQuotes({ text: piece.repeat(20_000) });
    }
  });

  it('matches a case from the field', function () {
    const quoted = (referenceJson('cases/teams-quoted-reply.json') ?? this.skip()) as { text: string };
    const { text, mentions } = readMentions({ recipient, ...quoted });
    assert.deepEqual(parseCommand(text, mentions), { kind: 'acknowledge' });
  });
});
