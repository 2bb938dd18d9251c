import type { Call, TimelineEntry } from '../../../calls/call.ts';
import { callAgain } from '../../../calls/callAgain.ts';
import { capturesEver, capturesOn } from '../../../calls/captures.ts';
import { clouds } from '../../../config/clouds.ts';
import { lookUp } from '../../../config/lookUp.ts';
import { whyEnded } from '../../../texts/callEnding.ts';
import { callLine } from '../../../texts/callTimeline.ts';
import { Verbatim } from '../../../texts/message.ts';
import { inSentence } from '../../../texts/plainText.ts';
import { following, together } from '../../../texts/sentences.ts';
import type { Texts } from '../../../texts/texts.ts';
import { adviceFor } from '../../../texts/advice.ts';
import {
  adaptiveCard,
  button,
  messageInput,
  openUrl,
  personRow,
  quoted,
  runs,
  time,
  toggle,
  words,
  capital,
} from './elements.ts';
import type { Element, Rendered } from './elements.ts';
import { callStateWords, shownState } from '../../../texts/callState.ts';

export interface CallCardModel {
  /** The opaque id that the buttons carry. */
  cardId: string;
  call: Call;
  timeline: readonly TimelineEntry[];
  /** Data URI of the callee's photo. */
  photo: string | null;
  /** Whether others besides the asker see it. */
  shared: boolean;
  /** Whether messages can be spoken. */
  canSpeak: boolean;
  acsResourceId?: string;
  /** The link to the browser page; null if it is not available here, or the call is of another kind. */
  talkAddress?: string | null;
  /** Origin of links into Teams; the public cloud's by default. */
  teamsUrl?: string;
}

/** The card shows this many characters of the message, because cards have a size limit. It is spoken in full. */
const MESSAGE_SHOWN = 1_000;
const TIMELINE_SHOWN = 12;

/**
 * The card of one call, from beginning to end. It has the same rows in the same order in every state, so that it does
 * not jump when it changes.
 */
export function callCard(model: CallCardModel, texts: Texts): Rendered {
  const { call } = model;
  const { target } = call;
  const state = shownState(call);
  const look = callStateWords(state, texts);
  const since = time(state.since);
  const body: Element[] = [
    personRow({
      name: inSentence(target.displayName, texts.format.locale),
      about: target.jobTitle === undefined ? null : inSentence(target.jobTitle, texts.format.locale),
      photo: model.photo,
    }),
    {
      type: 'Container',
      items: [
        words(look.text, { weight: 'Bolder', size: 'Large', color: capital(look.color) }),
        words(state.running ? texts.cards.call.since({ time: since }) : since, {
          isSubtle: true,
          size: 'Small',
          spacing: 'None',
        }),
      ],
    },
    runs(sentences(model, texts), { spacing: 'Small' }),
    purposeRow(model, texts),
    ...(model.shared
      ? [
          quoted(texts.cards.call.askedBy({ requester: call.requestedBy.name }), {
            isSubtle: true,
            size: 'Small',
            spacing: 'Small',
          }),
        ]
      : []),
    timelineRows(model, texts),
  ];
  const advice = adviceRows(model, texts);
  if (advice) body.push(advice);
  return adaptiveCard({
    body,
    actions: actions(model, texts, advice !== null),
    text: callText(model, texts),
  });
}

/** The card as plain text: for notifications, for channels without cards and for screen readers. */
function callText({ call, talkAddress, canSpeak }: CallCardModel, texts: Texts): string {
  const shown = shownState(call);
  const callee = call.target.displayName;
  if (shown.running === 'invited' && talkAddress) {
    const { openHere, openHereOrSpeak } = texts.talk.chat;
    const link = { callee, address: new Verbatim(talkAddress) };
    return canSpeak ? openHereOrSpeak(link) : openHere(link);
  }
  const captured = capturedSentences(call, texts);
  if (shown.running) {
    const { plain } = texts.cards.call;
    const state = callStateWords(shown, texts).text;
    if (shown.running === 'waiting')
      return plain.waiting({ callee, state, why: new Verbatim(waitsFor(call, texts)) });
    return captured.length > 0
      ? plain.captured({ callee, state, captured: new Verbatim(together(captured, texts)) })
      : plain.running({ callee, state });
  }
  return together([...endSentences(call, texts), ...captured], texts);
}

/** The name of the state. Where messages cannot be updated, a new state gets a new message. */
export function stateWord(call: Call): string {
  const state = shownState(call);
  return state.running === null ? `ended:${state.view.disposition}` : state.running;
}

function waitsFor({ facts }: Call, texts: Texts): string {
  return texts.cards.call.waitsFor[facts.deferred?.reason ?? 'rateLimit'];
}

function endSentences(call: Call, texts: Texts): string[] {
  const cause = shownState(call).view.cause ?? 'unknownFailure';
  const who = { callee: call.target.displayName, requester: call.requestedBy.name };
  const next = lookUp<string>(texts.cards.next, cause);
  return [whyEnded(cause, who, texts), ...(next === undefined ? [] : [next])];
}

/** Sentences that say whether the call is or was recorded or transcribed. */
function capturedSentences(call: Call, texts: Texts): string[] {
  const isRunning = shownState(call).running !== null;
  const { captured } = texts.cards;
  return (isRunning ? capturesOn(call) : capturesEver(call)).map(
    (what) => captured[what][isRunning ? 'now' : 'before'],
  );
}

type Run = string | { text: string; isSubtle?: boolean; weight?: string; color?: string };

function sentences(model: CallCardModel, texts: Texts): Run[] {
  const captured = capturedSentences(model.call, texts).map((text) => ({
    text: following(text, texts),
    weight: 'Bolder',
    color: 'Attention',
  }));
  return [...stateSentences(model, texts), ...captured];
}

function stateSentences({ call }: CallCardModel, texts: Texts): Run[] {
  const state = shownState(call);
  if (state.running === 'waiting') return [waitsFor(call, texts)];
  if (state.running) {
    const who = { callee: call.target.displayName, requester: call.requestedBy.name };
    return [texts.cards.call.running[state.running](who)];
  }
  const [sentence = '', next] = endSentences(call, texts);
  return next ? [sentence, { text: following(next, texts), isSubtle: true }] : [sentence];
}

/** The purpose of the call: the message, or who will be connected. */
function purposeRow({ call }: CallCardModel, texts: Texts): Element {
  const { call: card } = texts.cards;
  const { purpose } = call;
  const items = (): Element[] => {
    switch (purpose.kind) {
      case 'speak':
      case 'escalate':
        return [
          words(card.message, { isSubtle: true, size: 'Small' }),
          purpose.message === ''
            ? words(card.messageNotKept, { isSubtle: true, spacing: 'None' })
            : runs([shortened(purpose.message, texts)], { spacing: 'None' }),
        ];
      case 'connect': {
        const who = { callee: call.target.displayName, requester: purpose.to.displayName };
        return [runs([card.connects(who)])];
      }
      case 'test':
        return [words(card.isTest)];
      case 'talk': {
        const who = { callee: call.target.displayName, requester: call.requestedBy.name };
        return [runs([texts.talk.chat.purpose(who)])];
      }
    }
  };
  return { type: 'Container', style: 'emphasis', items: items() };
}

function shortened(message: string, texts: Texts): string {
  const short = texts.format.cut(message, MESSAGE_SHOWN);
  return short.length < message.length ? `${short} …` : message;
}

function timelineRows({ timeline }: CallCardModel, texts: Texts): Element {
  const rows = timeline.slice(-TIMELINE_SHOWN).map((entry) =>
    runs([{ text: `${time(entry.at)}  `, isSubtle: true }, { text: callLine(entry, texts) }], {
      spacing: 'None',
    }),
  );
  return {
    type: 'Container',
    id: 'timeline',
    isVisible: false,
    separator: true,
    spacing: 'Medium',
    items: rows,
  };
}

/** What an administrator can fix. */
function adviceRows({ call, acsResourceId }: CallCardModel, texts: Texts): Element | null {
  const { cause, code, subCode } = shownState(call).view;
  const { target, correlationId } = call;
  const { userPrincipalName } = target;
  const advice = cause ? adviceFor(cause, { acsResourceId, userPrincipalName }, texts) : null;
  if (!advice) return null;
  const { call: card } = texts.cards;
  const small = { isSubtle: true, size: 'Small', spacing: 'Small' };
  return {
    type: 'Container',
    id: 'advice',
    isVisible: false,
    separator: true,
    spacing: 'Medium',
    items: [
      runs([advice.text]),
      ...advice.commands.map((command) =>
        runs([{ text: command, fontType: 'Monospace' }], { spacing: 'Small' }),
      ),
      ...(code !== null && subCode !== null
        ? [quoted(card.result({ code: String(code), subCode: String(subCode) }), small)]
        : []),
      ...(correlationId ? [quoted(card.correlationId({ id: correlationId }), small)] : []),
      quoted(card.readMore({ docs: advice.docs }), small),
    ],
  };
}

function actions(model: CallCardModel, texts: Texts, hasAdvice: boolean): Element[] {
  const { call: card } = texts.cards;
  return [
    ...callActions(model, texts),
    toggle(card.details, 'timeline'),
    ...(hasAdvice ? [toggle(card.forAdministrators, 'advice')] : []),
  ];
}

/** The buttons for what can be done in this state. */
function callActions(model: CallCardModel, texts: Texts): Element[] {
  const { cardId, call, canSpeak, talkAddress, teamsUrl = clouds.public.teamsUrl } = model;
  const { call: card } = texts.cards;
  const { running, view } = shownState(call);
  if (running === 'hangingUp') return [];
  if (running === 'invited') {
    const { chat: talk } = texts.talk;
    return [
      talkAddress
        ? openUrl(talk.open, talkAddress, { style: 'positive' })
        : button(talk.newLink, 'talkLink', cardId),
      ...(canSpeak ? [leaveMessage(cardId, card.messagePlaceholder, texts)] : []),
      button(talk.cancel, 'hangUp', cardId),
    ];
  }
  if (running) return [button(card.hangUp, 'hangUp', cardId, { style: 'destructive' })];
  // The escalation decides whom to call next.
  if (call.purpose.kind === 'escalate' || !view.cause) return [];

  const list: Element[] = [];
  const again = callAgain(view.cause) !== 'never';
  if (again) list.push(button(card.callAgain, 'callAgain', cardId));
  const joins = call.purpose.kind === 'connect' || call.purpose.kind === 'talk';
  if (!joins || view.disposition === 'connected_to_caller') return list;
  const { userPrincipalName } = call.target;
  // Callers who talk from the browser do not use Teams.
  if (userPrincipalName && call.purpose.kind === 'connect') {
    const url = `${teamsUrl}/l/call/0/0?users=${encodeURIComponent(userPrincipalName)}`;
    list.push(openUrl(card.callInTeams, url));
  }
  if (again && canSpeak)
    list.push(leaveMessage(cardId, card.leaveMessageHint({ callee: call.target.displayName }), texts));
  return list;
}

function leaveMessage(cardId: string, hint: string, texts: Texts): Element {
  const { call: card } = texts.cards;
  return {
    type: 'Action.ShowCard',
    title: card.leaveMessage,
    card: {
      type: 'AdaptiveCard',
      body: [messageInput(hint, card.messagePlaceholder)],
      actions: [button(card.callAndSay, 'speak', cardId, { style: 'positive' })],
    },
  };
}
