import type { Call, TimelineEntry } from '../../../calls/call.ts';
import type { Escalation, Rung } from '../../../escalations/escalation.ts';
import { isTheirTurn, possibleActs, type EscalationAct } from '../../../escalations/possibleActs.ts';
import { rungsOf } from '../../../escalations/ladder/rungs.ts';
import { escalationLine } from '../../../texts/escalationTimeline.ts';
import { inSentence } from '../../../texts/plainText.ts';
import { following, together } from '../../../texts/sentences.ts';
import type { Texts } from '../../../texts/texts.ts';
import {
  adaptiveCard,
  button,
  capital,
  CARD_LIMIT_BYTES,
  quoted,
  runs,
  time,
  toggle,
  words,
} from './elements.ts';
import type { Element, Rendered } from './elements.ts';
import { ladderRows } from './escalationLadder.ts';
import { inShort, stateOf, stateWords, type StateShown } from '../../../texts/escalationState.ts';

/** Who a card is for. The person who started the escalation and the channel see the same. */
export type Audience =
  | { kind: 'everybody' }
  /** A callee. `key` is their rung's key; `step` is the step of their last call, from 0; `isCalled`: that call runs. */
  | { kind: 'callee'; key: string; step: number; isCalled: boolean }
  /** A person who is told that nobody acknowledged. */
  | { kind: 'told' };

export interface EscalationCardModel {
  /** The opaque id that the buttons carry. */
  cardId: string;
  escalation: Escalation;
  timeline: readonly TimelineEntry[];
  /** The calls of the escalation, oldest first. */
  calls: readonly Call[];
  audience: Audience;
  /** Whether messages can be spoken. */
  canSpeak: boolean;
  /** Shown only to the person who pressed a button. */
  note?: string | null;
}

/** How much of each long part is shown. */
interface Sizes {
  /** Characters. */
  summary: number;
  details: number;
  /** Rows. */
  ladder: number;
  timeline: number;
  links: number;
}

/** The first of these that fits in a message is used. */
const SIZES: readonly Sizes[] = [
  { summary: 400, details: 1_500, ladder: 10, timeline: 12, links: 5 },
  { summary: 400, details: 600, ladder: 6, timeline: 6, links: 3 },
  { summary: 200, details: 200, ladder: 3, timeline: 2, links: 1 },
];
const NOTE_SHOWN = 300;
const LINK_LENGTH = 600;
const CONTINUED_SUMMARY = 200;

type Run = string | (Element & { text: string });

/**
 * The card of one escalation, from beginning to end. It has the same rows in the same order in every state, so that it
 * does not jump when it changes.
 */
export function escalationCard(model: EscalationCardModel, texts: Texts): Rendered {
  let rendered: Rendered | null = null;
  for (const sizes of SIZES) {
    rendered = cardOf(model, sizes, texts);
    if (new TextEncoder().encode(JSON.stringify(rendered)).length < CARD_LIMIT_BYTES) return rendered;
  }
  return rendered ?? adaptiveCard({ body: [], actions: [], text: escalationText(model, texts) });
}

function cardOf(model: EscalationCardModel, sizes: Sizes, texts: Texts): Rendered {
  const { escalation, audience } = model;
  const note = model.note ? shortened(model.note, NOTE_SHOWN, texts) : null;
  const card = texts.cards.escalation;
  const shown = stateOf(escalation, model.calls);
  const look = stateWords(shown.state, texts);
  const body: Element[] = [
    heading(escalation, sizes.summary, texts),
    {
      type: 'Container',
      items: [
        words(look.text, { weight: 'Bolder', size: 'Large', color: capital(look.color) }),
        words(sinceWords(escalation, shown, texts), { isSubtle: true, size: 'Small', spacing: 'None' }),
      ],
    },
    runs(sentences(model, shown, texts), { spacing: 'Small' }),
    aboutRow(model, texts),
    ladderRows(model, sizes.ladder, texts),
    detailRows(model, sizes, texts),
  ];
  if (note) body.push(quoted(note, { weight: 'Bolder', color: 'Accent', separator: true }));
  return adaptiveCard({
    body,
    actions: [
      ...possibleActs(escalation, audience.kind === 'callee' ? audience.key : null).map((verb) =>
        button(card.button[verb], verb, model.cardId, styleOf(verb)),
      ),
      toggle(card.button.showDetails, 'details'),
    ],
    text: together([...(note ? [note] : []), escalationText(model, texts)], texts),
  });
}

function heading({ test, severity, summary }: Escalation, limit: number, texts: Texts): Element {
  const card = texts.cards.escalation;
  return {
    type: 'Container',
    style: test ? 'accent' : 'emphasis',
    items: [
      words(
        test ? card.test : card.alert({ severity: card.severity[severity] }),
        test ? { weight: 'Bolder' } : { isSubtle: true, size: 'Small' },
      ),
      quoted(shortened(summary, limit, texts), {
        weight: 'Bolder',
        size: 'Medium',
        style: 'heading',
        spacing: 'None',
      }),
    ],
  };
}

/** An older message of an escalation that continues in a new message since `at` (ISO 8601). It has no buttons. */
export function continuedCard(escalation: Escalation, at: string, texts: Texts): Rendered {
  const card = texts.cards.escalation;
  const { summary, test } = escalation;
  return adaptiveCard({
    body: [
      heading(escalation, CONTINUED_SUMMARY, texts),
      words(card.continued({ time: time(at) }), { isSubtle: true }),
    ],
    actions: [],
    text: card.text({ summary, test, state: card.continuedInShort }),
  });
}

/** The card in one sentence: for notifications, for channels without cards and for screen readers. */
function escalationText(
  { escalation, calls, audience }: Pick<EscalationCardModel, 'escalation' | 'calls' | 'audience'>,
  texts: Texts,
): string {
  const card = texts.cards.escalation;
  const { summary, test } = escalation;
  const runsNow = audience.kind === 'callee' && isTheirTurn(escalation, audience.key);
  if (runsNow) return card.calleeText({ summary, test });
  return card.text({ summary, test, state: inShort(escalation, calls, texts) });
}

function styleOf(verb: EscalationAct): Element {
  if (verb === 'acknowledge') return { style: 'positive' };
  return verb === 'stop' ? { style: 'destructive' } : {};
}

function sinceWords(escalation: Escalation, { state, since }: StateShown, texts: Texts): string {
  const card = texts.cards.escalation;
  const { ladder, steps, acknowledgeTimeoutMs } = escalation;
  switch (state) {
    case 'acknowledged': {
      const parts = [card.at({ time: time(since) })];
      if (acknowledgeTimeoutMs !== null) {
        const until = new Date(Date.parse(since) + acknowledgeTimeoutMs).toISOString();
        parts.push(card.resolveBy({ time: time(until) }));
      }
      return parts.join(' · ');
    }
    case 'resolved':
    case 'cancelled':
    case 'exhausted':
      return card.at({ time: time(since) });
    default: {
      const place = { step: ladder.step + 1, of: steps.length };
      const where =
        ladder.round > 0 ? card.stepInRound({ ...place, round: ladder.round + 1 }) : card.step(place);
      const then =
        state === 'pausing' && ladder.phase.kind === 'pausing'
          ? card.continuesAt({ time: time(ladder.phase.until) })
          : card.since({ time: time(since) });
      return `${where} · ${then}`;
    }
  }
}

function sentences(
  { escalation, timeline, calls }: EscalationCardModel,
  shown: StateShown,
  texts: Texts,
): Run[] {
  const card = texts.cards.escalation;
  const { ladder } = escalation;
  const { state, names } = shown;
  const next = nextRung(rungsOf(ladder))?.target.displayName;
  const afterwards: Run[] =
    next === undefined ? [] : [{ text: following(card.next({ name: next }), texts), isSubtle: true }];
  switch (state) {
    case 'calling':
    case 'talking':
      return [
        card.sentence[state]({ people: texts.format.allOf(names), count: names.length }),
        ...afterwards,
      ];
    case 'waiting':
    case 'findingOut':
    case 'pausing':
    case 'paused':
      return [card.sentence[state], ...(state === 'waiting' ? afterwards : [])];
    case 'exhausted':
      return [calls.length === 0 ? card.sentence.nobodyCalled : card.sentence.exhausted];
    case 'acknowledged':
    case 'resolved':
    case 'cancelled': {
      // The timeline's sentence also says how it was done, with the note.
      const entry = timeline.findLast(({ type }) => type === state);
      const by = (state === 'acknowledged' ? ladder.acknowledgedBy : ladder.endedBy)?.name ?? '';
      return [escalationLine(entry ?? { type: state, data: { name: by } }, texts)];
    }
  }
}

function nextRung(rungs: readonly Rung[]): Rung | undefined {
  return rungs.find(({ state }) => state === 'waiting');
}

/** The policy, who started it, and why the reader sees the card. */
function aboutRow({ escalation, audience, canSpeak }: EscalationCardModel, texts: Texts): Element {
  const card = texts.cards.escalation;
  const { policy, startedBy } = escalation;
  const small = { isSubtle: true, size: 'Small', spacing: 'Small' };
  const items: Element[] = [];
  if (audience.kind === 'told') items.push(quoted(card.youAreTold({ policy })));
  if (audience.kind === 'callee') {
    const why = { policy, step: audience.step + 1, startedBy: startedBy.name };
    items.push(quoted(audience.isCalled ? card.youAreCalled(why) : card.youWereCalled(why)));
  }
  items.push(quoted(card.about({ policy, startedBy: startedBy.name }), small));
  if (!canSpeak) items.push(quoted(card.noSpeech, small));
  return { type: 'Container', items };
}

function detailRows({ escalation, timeline }: EscalationCardModel, sizes: Sizes, texts: Texts): Element {
  const card = texts.cards.escalation;
  const { details, links } = escalation;
  const title = (text: string): Element => words(text, { isSubtle: true, size: 'Small', spacing: 'Medium' });
  const items: Element[] = [];
  if (details) {
    items.push(title(card.details), runs([shortened(details, sizes.details, texts)], { spacing: 'None' }));
  }
  const shownLinks = links
    .filter(({ href }) => /^https?:\/\//i.test(href) && href.length <= LINK_LENGTH)
    .slice(0, sizes.links);
  if (shownLinks.length > 0) items.push(title(card.links));
  for (const { text, href } of shownLinks) {
    const label = inSentence(text || href, texts.format.locale);
    items.push(
      runs([{ text: label, color: 'Accent', selectAction: { type: 'Action.OpenUrl', url: href } }], {
        spacing: 'None',
      }),
    );
  }
  items.push(title(card.history));
  for (const entry of timeline.slice(-sizes.timeline)) {
    items.push(
      runs([{ text: `${time(entry.at)}  `, isSubtle: true }, escalationLine(entry, texts)], {
        spacing: 'None',
      }),
    );
  }
  return {
    type: 'Container',
    id: 'details',
    isVisible: false,
    separator: true,
    spacing: 'Medium',
    items,
  };
}

function shortened(text: string, limit: number, texts: Texts): string {
  const short = texts.format.cut(text, limit);
  return short.length < text.length ? `${short} …` : text;
}
