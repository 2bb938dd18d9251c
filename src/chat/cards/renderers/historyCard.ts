import { inSentence, oneLine } from '../../../texts/plainText.ts';
import type { Texts } from '../../../texts/texts.ts';
import type { StatusWords } from '../../../texts/callState.ts';
import { adaptiveCard, button, quoted, runs, words, capital } from './elements.ts';
import type { Element, Rendered } from './elements.ts';

/** A past or current call or alert. */
export interface HistoryRow {
  /** The callee's name, or the alert's summary. */
  title: string;
  /** Who asked for the call; null if it was the reader. */
  by: string | null;
  state: StatusWords;
  /** ISO 8601 */
  at: string;
  /** The same time in the reader's time zone, for clients that cannot show `at`. */
  atInWords: string;
  /** The spoken message, if any. One line of it is shown. */
  message: string | null;
  alert: 'alert' | 'test' | null;
  /** The id that the button "Call again" carries; null for no button. */
  again: string | null;
}

export interface HistoryCardModel {
  rows: readonly HistoryRow[];
  /** The id that the button to the next page carries; null on the last page. */
  older: string | null;
  /** The id that the button back to the first page carries; null on the first page. */
  newest: string | null;
}

const TITLE_SHOWN = 120;
const MESSAGE_SHOWN = 80;
const NAME_SHOWN = 60;

/** One page of the last calls and alerts, newest first. */
export function historyCard({ rows: all, older, newest }: HistoryCardModel, texts: Texts): Rendered {
  const { history } = texts.chat;
  const rows = all.map((row) => ({
    ...row,
    title: shortened(row.title, TITLE_SHOWN, texts),
    by: row.by === null ? null : shortened(row.by, NAME_SHOWN, texts),
  }));
  const heading = newest === null ? history.title : history.titleOlder;
  return adaptiveCard({
    body: [
      words(heading, { weight: 'Bolder', size: 'Medium', style: 'heading' }),
      ...rows.map((row, index) => rowOf(row, index, texts)),
    ],
    actions: [
      ...(older === null ? [] : [button(history.older, 'historyPage', older)]),
      ...(newest === null ? [] : [button(history.newest, 'historyPage', newest)]),
    ],
    text: [heading, ...rows.map((row) => lineOf(row, texts))].join('\n'),
  });
}

function rowOf(row: HistoryRow, index: number, texts: Texts): Element {
  const { history } = texts.chat;
  const at = row.at.replace(/\.\d+(?=Z$)/, '');
  const when = [
    `{{DATE(${at}, COMPACT)}} {{TIME(${at})}}`,
    ...(row.by === null ? [] : [history.by({ name: row.by })]),
  ];
  const items = [
    runs(
      [
        ...(row.alert === null ? [] : [{ text: `${history[row.alert]}  `, isSubtle: true }]),
        { text: row.title, weight: 'Bolder' },
      ],
      {},
    ),
    runs([{ text: row.state.text, color: capital(row.state.color) }], { spacing: 'None' }),
    // On a line of its own: next to the button, a phone has no room for both.
    runs([{ text: when.join('  '), isSubtle: true, size: 'Small' }], { spacing: 'None' }),
    ...(row.message === null
      ? []
      : [quoted(history.said({ message: shortened(row.message, MESSAGE_SHOWN, texts) }), messageStyle)]),
  ];
  const again = row.again === null ? null : againButton(row.again, row.title, texts);
  return {
    type: 'ColumnSet',
    separator: index > 0,
    spacing: 'Small',
    columns: [
      { type: 'Column', width: 'stretch', verticalContentAlignment: 'Center', items },
      ...(again === null
        ? []
        : [
            {
              type: 'Column',
              width: 'auto',
              verticalContentAlignment: 'Center',
              items: [{ type: 'ActionSet', actions: [again] }],
            },
          ]),
    ],
  };
}

const messageStyle = { isSubtle: true, size: 'Small', spacing: 'None', maxLines: 1 };

/** The label is short, so the tooltip says who will be called, for screen readers. */
function againButton(token: string, name: string, texts: Texts): Element {
  const tooltip = texts.chat.history.againTooltip({ callee: name });
  return button(texts.chat.history.again, 'historyCall', token, { tooltip });
}

function lineOf(row: HistoryRow, texts: Texts): string {
  const { history } = texts.chat;
  const title = inSentence(row.title, texts.format.locale);
  const titles = { alert: history.alertTitle, test: history.testTitle };
  const named = row.alert === null ? title : titles[row.alert]({ title });
  const parts = [`${row.atInWords}: ${named}`, row.state.text];
  if (row.by !== null) parts.push(history.by({ name: row.by }));
  if (row.message !== null)
    parts.push(history.said({ message: shortened(row.message, MESSAGE_SHOWN, texts) }));
  return parts.join(' · ');
}

function shortened(text: string, limit: number, texts: Texts): string {
  const flat = oneLine(text);
  const short = texts.format.cut(flat, limit);
  return short.length < flat.length ? `${short} …` : flat;
}
