import type { Exchange, ExchangeFault, ExchangeState } from '../../../schedules/exchange.ts';
import { wordFor } from '../../../texts/entryData.ts';
import { momentWords, spanWords } from '../../../texts/spans.ts';
import type { Texts } from '../../../texts/texts.ts';
import { adaptiveCard, button, quoted, runs, type Element, type Rendered } from './elements.ts';

/** Who reads: one of the two in their own chat, or others too. */
export type Viewer = 'asker' | 'asked' | 'everybody';

export interface ExchangeCardModel {
  /** The opaque id that the buttons carry. */
  cardId: string;
  exchange: Exchange;
  viewer: Viewer;
  /** How far ahead Ringdown looked for something to take in return. */
  weeks: number;
}

/** The question whether somebody exchanges duty, or what became of it. */
export function exchangeCard(model: ExchangeCardModel, texts: Texts): Rendered {
  const { exchange, viewer, cardId } = model;
  const words = texts.cards.exchange;
  const { asker, takes, state } = exchange;
  const isExchange = takes !== null;
  const title = words.title({ takes: isExchange, policy: policyWords(exchange) });
  const intro =
    viewer === 'asked' && state.kind === 'asked'
      ? [words.question({ takes: isExchange, name: asker.displayName })]
      : [];
  const lines = dutyLines(exchange, viewer, texts);
  const status = statusWords(model, texts);
  const zone = words.timesIn({ zone: exchange.timeZone });
  return adaptiveCard({
    body: [
      quoted(title, { weight: 'Bolder', style: 'heading' }),
      ...intro.map((line) => runs([line])),
      ...lines.map((line) => runs([line], { spacing: 'Small' })),
      quoted(zone, { isSubtle: true, size: 'Small', spacing: 'Small' }),
      runs([{ text: status, ...style(state) }]),
    ],
    actions: buttons(exchange, viewer, cardId, texts),
    text: [title, ...intro, ...lines, zone, status].join('\n'),
  });
}

/** What became of it, for a message of its own. */
export function exchangeNews(model: Omit<ExchangeCardModel, 'cardId'>, texts: Texts): string {
  const { exchange, viewer } = model;
  const title = texts.cards.exchange.title({
    takes: exchange.takes !== null,
    policy: policyWords(exchange),
  });
  const zone = texts.cards.exchange.timesIn({ zone: exchange.timeZone });
  return [title, statusWords(model, texts), ...dutyLines(exchange, viewer, texts), zone].join('\n');
}

/** "payments", and the rotation if its name says more. */
function policyWords({ policy, rotation }: Pick<Exchange, 'policy' | 'rotation'>): string {
  return policy === rotation ? policy : `${policy} (${rotation})`;
}

/** Who takes what. */
function dutyLines({ policy, asker, asked, gives, takes, timeZone }: Exchange, viewer: Viewer, texts: Texts) {
  const { locale } = texts.format;
  const line = (side: 'asker' | 'asked', span: Exchange['gives']): string =>
    texts.cards.exchange.takes({
      who: side === viewer ? 'you' : 'other',
      name: (side === 'asker' ? asker : asked).displayName,
      policy,
      span: spanWords(span, timeZone, locale),
    });
  const lines = [line('asked', gives), ...(takes ? [line('asker', takes)] : [])];
  // Readers find their own part first.
  return viewer === 'asked' ? lines : lines.toReversed();
}

/** What became of it, in a sentence or two. */
export function statusWords(
  { exchange, viewer, weeks }: Omit<ExchangeCardModel, 'cardId'>,
  texts: Texts,
): string {
  const { status, pending, why } = texts.cards.exchange;
  const { state, asker, asked, takes, timeZone, expiresAt } = exchange;
  const name = asked.displayName;
  const at = momentWords(expiresAt, timeZone, texts.format.locale);
  const whoOf = (side: 'asker' | 'asked') => ({
    who: side === viewer ? 'you' : 'other',
    name: (side === 'asker' ? asker : asked).displayName,
  });
  const fault = (of: ExchangeFault): string => {
    switch (of) {
      case 'askerLacksDuty':
        return why.lacksDuty(whoOf('asker'));
      case 'askedLacksDuty':
        return why.lacksDuty(whoOf('asked'));
      case 'askerIsBusy':
        return why.isBusy(whoOf('asker'));
      case 'askedIsBusy':
        return why.isBusy(whoOf('asked'));
      case 'askerIsGone':
        return why.isGone(whoOf('asker'));
      case 'askedIsGone':
        return why.isGone(whoOf('asked'));
      case 'tooManyCovers':
        return why.tooManyCovers;
    }
  };
  switch (state.kind) {
    case 'proposed':
      return status.proposed({ weeks, name });
    case 'asked':
      if (viewer === 'asked') return pending({ at });
      return state.deliveredAt === null ? status.asking({ name }) : status.asked({ name, at });
    case 'accepted':
      return status.accepted({ ...whoOf('asked'), takes: takes !== null });
    case 'declined':
      return status.declined(whoOf('asked'));
    case 'expired':
      return status.expired(whoOf('asked'));
    case 'withdrawn':
      return status.withdrawn(whoOf('asker'));
    case 'notAsked':
      return status.notAsked({ name });
    case 'failed':
      return status.failed({ why: fault(state.why) });
    case 'undelivered': {
      const reasons: Readonly<Record<string, string>> = texts.cards.escalation.notDelivered;
      const reason = wordFor(reasons, state.why) ?? texts.cards.escalation.notDelivered.failed;
      return status.undelivered({ name, why: reason });
    }
  }
}

function style({ kind }: ExchangeState): Element {
  if (kind === 'accepted') return { color: 'Good', weight: 'Bolder' };
  return kind === 'failed' || kind === 'undelivered' ? { color: 'Attention', weight: 'Bolder' } : {};
}

function buttons({ state, takes }: Exchange, viewer: Viewer, cardId: string, texts: Texts): Element[] {
  const words = texts.cards.exchange;
  if (state.kind === 'proposed') {
    return [
      button(words.ask, 'exchangeAsk', cardId, { style: 'positive' }),
      button(words.doNotAsk, 'exchangeWithdraw', cardId),
    ];
  }
  if (state.kind !== 'asked') return [];
  if (viewer !== 'asked') return [button(words.withdraw, 'exchangeWithdraw', cardId)];
  return [
    button(words.yes({ takes: takes !== null }), 'exchangeYes', cardId, { style: 'positive' }),
    button(words.no, 'exchangeNo', cardId),
  ];
}
