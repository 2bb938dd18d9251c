import type { Call, TimelineEntry } from '../../../calls/call.ts';
import { escalationLine } from '../../../texts/escalationTimeline.ts';
import { callResult, nameOnPhone } from '../../../texts/escalationCalls.ts';
import { inSentence } from '../../../texts/plainText.ts';
import type { Texts } from '../../../texts/texts.ts';
import { capital, runs, time, words, type Element } from './elements.ts';

interface LadderRow {
  at: string;
  name: string;
  result: string;
  color: string;
}

/**
 * Who was called, when and with what result; who is being called; and who was skipped.
 *
 * @param most the number of rows to show; a line says how many earlier ones there are
 */
export function ladderRows(
  { calls, timeline }: { calls: readonly Call[]; timeline: readonly TimelineEntry[] },
  most: number,
  texts: Texts,
): Element {
  const card = texts.cards.escalation;
  const called = calls.map((call): LadderRow => callRow(call, timeline, texts));
  const skipped = timeline
    .filter(({ type }) => type === 'skipped')
    .map((entry): LadderRow => ({
      at: entry.at,
      name: '',
      result: escalationLine(entry, texts),
      color: 'Warning',
    }));
  const rows = [...called, ...skipped].toSorted((a, b) => a.at.localeCompare(b.at));
  const hidden = rows.length - most;
  const items = rows
    .slice(-most)
    .map(({ at, name, result, color }) =>
      runs(
        [
          { text: `${time(at)}  `, isSubtle: true },
          ...(name === '' ? [] : [{ text: inSentence(name, texts.format.locale), weight: 'Bolder' }, '  ']),
          { text: result, color },
        ],
        { spacing: 'Small' },
      ),
    );
  return {
    type: 'Container',
    separator: true,
    items: [
      words(card.calls, { isSubtle: true, size: 'Small' }),
      ...(hidden > 0
        ? [words(card.earlier({ count: hidden }), { isSubtle: true, size: 'Small', spacing: 'Small' })]
        : []),
      ...(items.length > 0 ? items : [words(card.nobodyCalledYet, { isSubtle: true, spacing: 'Small' })]),
    ],
  };
}

function callRow(call: Call, timeline: readonly TimelineEntry[], texts: Texts): LadderRow {
  const { text, color } = callResult(call, timeline, texts);
  const { target } = call;
  return {
    at: call.facts.dialSentAt ?? call.createdAt,
    name: nameOnPhone(target, texts),
    result: text,
    color: capital(color),
  };
}
