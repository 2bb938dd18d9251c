import type { Call, Facts, Play, PinNeeded, Speech } from '../call.ts';
import { after } from '../lifecycle/facts.ts';
import { mayRepeat } from '../lifecycle/speech.ts';
import { firstPlay, say, speakingDeadline, type Action, type Conduct } from './conduct.ts';
import { escalate, isTold, lastWord, SILENT_LINE_MS, UNASKED_MESSAGES } from './escalate.ts';

/*
 * An escalation's call to a phone of the telephone network, as questions to which the callee replies with keys:
 *
 *   message   "… Press 1 to acknowledge, 2 to pass it on, 3 to hear it again."     1 -> pin or confirm
 *   wrongKey  "That key does nothing here. Press 1 …"                              as after the message
 *   pin       "Key in your PIN, then press the pound key."                         right -> confirm
 *   confirm   "Checkout errors over 5 %. To acknowledge it, press 1 once more."    1 acknowledges
 *
 * Keys work while the first three are spoken. Only the last key acknowledges, and it counts only after its question was
 * spoken to the end: a voicemail's greeting, its beep, or a fax may send a tone, but does not answer two questions.
 */

/** A question on a phone. The service reports how it was answered. */
type Question = 'message' | 'wrongKey' | 'pin' | 'confirm';

type Asked = Play & { context: Question; turn: number };

/** The keys, as the service names them. */
export const KEYS = { acknowledge: 'one', passOn: 'two', repeat: 'three' } as const;

/** How often a callee who presses wrong keys hears which keys there are, after each message. */
const WRONG_KEY_HINTS = 2;
/**
 * A key was pressed, and the escalation's answer to it is on its way. It survives a crash of the process that was about
 * to give it.
 */
const ANSWER_MS = 60_000;

export const escalateByPhone: Conduct = {
  next({ facts, purpose }) {
    if (isTold(facts)) return lastWord(facts);
    return nextQuestion(facts, purpose.kind === 'escalate' ? purpose.pin : undefined);
  },

  deadline(call, connectedAt) {
    const { facts } = call;
    if (isTold(facts)) return escalate.deadline(call, connectedAt);
    const refused = firstPlay(facts, 'pinRefused');
    if (refused) return speakingDeadline(call, refused.requestedAt ?? connectedAt);
    const last = questionsOf(facts).at(-1);
    if (last?.reply) return after(last.completedAt ?? connectedAt, ANSWER_MS);
    if (last?.failed) return after(last.failed.at, SILENT_LINE_MS);
    return speakingDeadline(call, last?.requestedAt ?? connectedAt);
  },

  overdue: (call, now) => (escalateByPhone.next(call, now) ? null : { kind: 'hangUp', by: 'done' }),

  end: (call) => escalate.end(call),
};

/** Whether the callee's keys are awaited with what is said: only then `Play.reply` is known some time. */
export function isQuestion({ context }: Speech, { purpose, target }: Call): boolean {
  return purpose.kind === 'escalate' && target.kind === 'phone' && questions.has(context);
}

const questions: ReadonlySet<Speech['context']> = new Set<Question>([
  'message',
  'wrongKey',
  'pin',
  'confirm',
]);

/** The questions that were asked, in their order. */
function questionsOf({ plays = [] }: Facts): Asked[] {
  return plays.filter(isAsked).toSorted((a, b) => a.turn - b.turn);
}

function isAsked(play: Play): play is Asked {
  return play.turn !== undefined && questions.has(play.context);
}

function nextQuestion(facts: Facts, pin: PinNeeded | undefined): Action | null {
  const asked = questionsOf(facts);
  const last = asked.at(-1);
  const ask = (context: Question): Action => {
    const times = asked.filter((one) => one.context === context).length;
    if (!mayRepeat(context, times)) return { kind: 'hangUp', by: 'done' };
    return { kind: 'speak', speech: { context, nth: times + 1 }, turn: (last?.turn ?? 0) + 1 };
  };
  const onSilence = (): Action => {
    const requested = asked.filter(({ reply }) => isKey(reply, KEYS.repeat)).length;
    const spoken = asked.filter(({ context }) => context === 'message').length;
    return spoken < UNASKED_MESSAGES + requested ? ask('message') : { kind: 'hangUp', by: 'done' };
  };
  const refuse = (): Action | null => say(facts, 'pinRefused', { kind: 'hangUp', by: 'done' });

  if (!last) return ask('message');
  const { context, reply, failed } = last;
  // If nothing can be spoken, the callee stays on the line for a while, to look at the card.
  if (!reply) return failed && context !== 'message' ? onSilence() : null;
  switch (reply.kind) {
    case 'silence':
      return onSilence();
    case 'pin':
      if (reply.right) return ask('confirm');
      return wrongPins(facts) < (pin?.tries ?? 0) ? ask('pin') : refuse();
    case 'key':
      switch (reply.tone) {
        case KEYS.acknowledge:
          // The escalation says who has it: `acknowledged` or `takenOver`.
          if (context === 'confirm') return null;
          if (!pin || hasRightPin(facts)) return ask('confirm');
          return pin.tries > 0 ? ask('pin') : refuse();
        case KEYS.passOn:
          // The escalation hangs up.
          return null;
        case KEYS.repeat:
          return ask('message');
        default:
          return hintsSinceMessage(asked) < WRONG_KEY_HINTS ? ask('wrongKey') : onSilence();
      }
  }
}

function hintsSinceMessage(asked: readonly Asked[]): number {
  const message = asked.findLastIndex(({ context }) => context === 'message');
  return asked.slice(message + 1).filter(({ context }) => context === 'wrongKey').length;
}

function isKey(reply: Play['reply'], tone: string): boolean {
  return reply?.kind === 'key' && reply.tone === tone;
}

/** How often a wrong PIN was keyed in on this call. */
export function wrongPins({ plays = [] }: Facts): number {
  return plays.filter(({ reply }) => reply?.kind === 'pin' && !reply.right).length;
}

function hasRightPin({ plays = [] }: Facts): boolean {
  return plays.some(({ reply }) => reply?.kind === 'pin' && reply.right);
}

/** What a callee decided by keys on a phone. */
export type KeyAct = 'acknowledge' | 'passOn' | 'wrongPin';

/**
 * What the callee decided with an event that changed what is known. Only questions that Ringdown asked count.
 *
 * @returns in the order of the questions; most events decide nothing
 */
export function newActs(before: Facts, facts: Facts): KeyAct[] {
  if (before.plays === facts.plays) return [];
  const known = new Map(questionsOf(before).map((one) => [one.turn, actOf(one)]));
  return questionsOf(facts).flatMap((one) => {
    const act = actOf(one);
    return act !== null && act !== known.get(one.turn) ? [act] : [];
  });
}

function actOf({ context, reply }: Asked): KeyAct | null {
  if (reply?.kind === 'pin') return reply.right ? null : 'wrongPin';
  if (isKey(reply, KEYS.passOn)) return 'passOn';
  return context === 'confirm' && isKey(reply, KEYS.acknowledge) ? 'acknowledge' : null;
}
