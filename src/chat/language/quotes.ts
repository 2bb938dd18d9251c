/**
 * Removes quoted messages from what somebody wrote. Teams marks a quote by `<quoted messageId="…"/>` (2026), by a
 * blockquote in the attached text/html copy of the message (the text then contains only the new words), or, like Graph,
 * by `<attachment id="…">`. Other channels quote in plain text. Pure; each pattern reads the text once, so the time is
 * linear.
 */

/** The parts of an activity that contain what was written. */
export interface Written {
  readonly text: string;
  /** Unchecked input. */
  readonly attachments?: unknown;
}

export interface Unquoted {
  /** The new words, still in the channel's markup. */
  readonly text: string;
  /** Everything that was removed. */
  readonly quoted: string;
}

/** If the copy is longer than this, the message counts as too long. */
const longestCopy = 200_000;

export function withoutQuotes({ text, attachments }: Written): Unquoted {
  const own = withoutMarked(text);
  const copy = withoutMarked(copyOf(attachments));
  // A copy without a quote adds nothing to the text.
  if (copy.quoted === '') return afterLines(own);
  const fresh = withMentions(copy.text);
  if (wordsOf(fresh) !== '') return afterLines({ text: fresh, quoted: copy.quoted });
  // Only the quote was attached, so it is removed from the text if the text repeats it.
  const [words, quote] = [wordsOf(own.text), wordsOf(copy.quoted)];
  const rest = quote !== '' && words.includes(quote) ? words.replace(quote, '') : own.text;
  return afterLines({ text: rest, quoted: copy.quoted });
}

function afterLines({ text, quoted }: Unquoted): Unquoted {
  const lines = withoutQuotedLines(text);
  return { text: lines.text, quoted: `${quoted}${lines.quoted}` };
}

/** The message as HTML, as Teams attaches it; empty if there is none. */
function copyOf(attachments: unknown): string {
  if (!Array.isArray(attachments)) return '';
  const copies = attachments.slice(0, 20).flatMap((attachment: unknown) => {
    const content = field(attachment, 'content');
    return field(attachment, 'contentType') === 'text/html' && typeof content === 'string' ? [content] : [];
  });
  return copies.join('\n');
}

export const isCopyTooLong = ({ attachments }: Pick<Written, 'attachments'>): boolean =>
  copyOf(attachments).length > longestCopy;

const field = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;

// ------------------------------------------------------------------------------------------- quotes as elements

const element = /<(\/?)(blockquote|quoted|attachment)(?=[\s/>])[^<>]*?(\/?)>/gi;
const escapedMark = /&lt;(\/?quoted(?=[\s/&])(?:[^<>&]|&quot;)*)&gt;/gi;

/** Removes quote elements and their content. An element that is never closed is an empty reference to the quote. */
function withoutMarked(source: string): Unquoted {
  const text = source.replace(escapedMark, '<$1>');
  const tags = [...text.matchAll(element)];
  const lastClosing = new Map(
    tags.flatMap(([, slash, name = ''], at) => (slash === '/' ? [[name.toLowerCase(), at]] : [])),
  );
  let [kept, quoted, depth, end] = ['', '', 0, 0];
  for (const [at, { 0: tag, 1: slash, 2: name = '', 3: selfClosed, index }] of tags.entries()) {
    const between = text.slice(end, index);
    if (depth === 0) kept += between;
    else quoted += between;
    end = index + tag.length;
    quoted += tag;
    const kind = name.toLowerCase();
    const isOpened = selfClosed !== '/' && (kind === 'blockquote' || (lastClosing.get(kind) ?? -1) > at);
    if (slash === '/') depth = Math.max(0, depth - 1);
    else if (isOpened) depth += 1;
    if (depth === 0) kept += '\n';
  }
  const rest = text.slice(end);
  // A blockquote that is never closed extends to the end.
  return depth === 0 ? { text: kept + rest, quoted } : { text: kept, quoted: quoted + rest };
}

/** Converts mentions in the HTML copy to the form they have in a text. */
const withMentions = (html: string): string =>
  html.replace(/<span(?=[^<>]*schema\.skype\.com\/Mention)[^<>]*>([^<>]*)<\/span>/gi, '<at>$1</at>');

const wordsOf = (html: string): string =>
  html
    .replace(/<[^<>]*>/g, ' ')
    .replace(/&nbsp;/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

// ---------------------------------------------------------------------------------------------- quotes as lines

const lineEnds = /<(?:br|\/p|\/div|\/li)\s?\/?>|\r\n?/gi;
/** "> words", also in escaped form. */
const arrow = /^(?:\s|<[^<>]*>)*(?:>|&gt;)/;
/** "[12:30] Megan Bowen: words": a line copied from a chat. */
const copiedLine = /^\s*\[[^\]\n]{0,40}\d[:.]\d{2}[^\]\n]{0,20}\][^:\n]{0,100}:/;
/** "[Yesterday 12:30] Megan Bowen", "Megan Bowen wrote:": the heading of copied lines, which end at an empty line. */
const copiedHeading =
  /^\s*(?:\[[^\]\n]{0,40}\d[:.]\d{2}[^\]\n]{0,20}\][^:\n]{1,100}|[^\n[]{1,100}\[[^\]\n]{0,40}\d[:.]\d{2}[^\]\n]{0,20}\]|(?!call|escalate)[^:\n]{1,80}\s(?:wrote|said|schrieb|sagte|a écrit|escribió|escreveu)\s?:)\s*$/i;
/** "On Monday Megan Bowen wrote:", and other lines that mail programs put above the earlier messages. */
const mailHeading =
  /^\s*(?:(?:on|am|le|el|em|il|op|den)\s[^\n]{3,200}\s(?:wrote|schrieb|a écrit|escribió|escreveu|ha scritto|schreef|skrev)[^\n]{0,120}:|-{3,}[^\n]{3,60}-{3,}|_{10,}|\d{4}年[^\n]{3,200}<[^<>\n]{3,200}>\s?[:：])\s*$/i;
const mailField =
  /^\s*\*?(?:from|sent|to|subject|date|von|gesendet|an|betreff|datum|de|envoyé|à|objet|enviado(?: el)?|para|asunto|assunto|fecha|data|差出人|送信者|送信日時|日時|宛先|件名)\*?\s?[:：]\s?/i;
/** Older Skype clients put this before the reply to a copied line. */
const answerMark = /^\s*(?:<<<|&lt;&lt;&lt;)\s?/;

/** For each line, the next two lines that are not empty. */
function linesAfter(lines: readonly string[]): (readonly [string, string])[] {
  let after: readonly [string, string] = ['', ''];
  return lines
    .toReversed()
    .map((line) => {
      const known = after;
      if (line.trim() !== '') after = [line, after[0]];
      return known;
    })
    .toReversed();
}

/** Removes the lines that quote somebody else. */
function withoutQuotedLines(source: string): Unquoted {
  const text = source.replace(lineEnds, (mark) => `${mark.startsWith('<') ? mark : ''}\n`);
  const lines = text.split('\n');
  const kept: string[] = [];
  const quoted: string[] = [];
  const following = linesAfter(lines);
  let isCopied = false;
  for (const [at, line] of lines.entries()) {
    const [next, afterNext] = following[at] ?? ['', ''];
    if (answerMark.test(line)) {
      isCopied = false;
      kept.push(line.replace(answerMark, ''));
      continue;
    }
    const isHeading = mailHeading.test(line) || mailHeading.test(`${line} ${lines[at + 1] ?? ''}`);
    const isField = mailField.test(line) && mailField.test(next) && mailField.test(afterNext);
    if ((isHeading && !arrow.test(next)) || isField) {
      quoted.push(...lines.slice(at));
      break;
    }
    if (line.trim() === '') isCopied = false;
    else if (copiedHeading.test(line)) isCopied = true;
    const isQuoted = isCopied || isHeading || arrow.test(line) || copiedLine.test(line);
    (isQuoted ? quoted : kept).push(line);
  }
  return { text: quoted.length > 0 ? kept.join('\n') : source, quoted: quoted.join('\n') };
}
