import type { Call, Facts, Play, PinNeeded, Speech } from '../call.ts';
import { after } from '../lifecycle/facts.ts';
import { mayRepeat } from '../lifecycle/speech.ts';
import { firstPlay, say, speakingDeadline, type Action, type Conduct } from './conduct.ts';
import { escalate, isTold, lastWord, SILENT_LINE_MS, UNASKED_MESSAGES } from './escalate.ts';

/*
 * An escalation's call to a phone of the telephone network, as questions to which the callee replies with keys:
 *
 *   message   "… Press 1 to acknowledge, 2 to pass it on, 3 to hear it again."           1 -> confirm, or pin
 *   wrongKey  "That key does nothing here. Press 1 …"                                    the same
 *   confirm   "You are about to acknowledge: Checkout is down. To confirm, press 5."     5 acknowledges
 *   pin       "You are about to … To confirm, enter your PIN. End with the pound key."   the right PIN does
 *
 * So a machine acknowledges nothing: a voicemail's greeting or beep, or a fax, may send a tone, and send it again and
 * again, but it does not answer two questions differently. The 5 counts only after its question was spoken to the end.
 */

/** A question on a phone. The service reports how it was answered. */
type Question = 'message' | 'wrongKey' | 'pin' | 'confirm';

type Asked = Play & { context: Question; turn: number };

/** The keys, as the service names them. */
export const KEYS = { acknowledge: 'one', passOn: 'two', repeat: 'three' } as const;
/** Another key than those, which fingers find in the dark: phones have a dot on it. */
const CONFIRMING_KEY = 'five';

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
    const requested = asked.filter(({ reply }) => reply?.kind === 'key' && reply.tone === KEYS.repeat).length;
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
      // The escalation says who has it: `acknowledged` or `takenOver`.
      if (reply.right) return null;
      return wrongPins(facts) < (pin?.tries ?? 0) ? ask('pin') : refuse();
    case 'key':
      switch (meaningOf(context, reply.tone)) {
        case 'confirm':
        case 'passOn':
          // The escalation says who has it, or hangs up.
          return null;
        case 'acknowledge':
          if (!pin) return ask('confirm');
          return pin.tries > 0 ? ask('pin') : refuse();
        case 'repeat':
          return ask('message');
        case null:
          if (wrongKeys(asked) > WRONG_KEY_HINTS) return onSilence();
          return ask(context === 'confirm' ? 'confirm' : 'wrongKey');
      }
  }
}

/** What a key means as the reply to a question; null if nothing. */
function meaningOf(context: Question, tone: string): 'acknowledge' | 'passOn' | 'repeat' | 'confirm' | null {
  if (tone === KEYS.passOn) return 'passOn';
  if (tone === KEYS.repeat) return 'repeat';
  if (context === 'confirm') return tone === CONFIRMING_KEY ? 'confirm' : null;
  return tone === KEYS.acknowledge ? 'acknowledge' : null;
}

/** How many wrong keys were pressed since the message was last asked. */
function wrongKeys(asked: readonly Asked[]): number {
  const message = asked.findLastIndex(({ context }) => context === 'message');
  return asked
    .slice(message)
    .filter(({ context, reply }) => reply?.kind === 'key' && meaningOf(context, reply.tone) === null).length;
}

/** How often a wrong PIN was keyed in on this call. */
export function wrongPins({ plays = [] }: Facts): number {
  return plays.filter(({ reply }) => reply?.kind === 'pin' && !reply.right).length;
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
  if (reply?.kind === 'pin') return reply.right ? 'acknowledge' : 'wrongPin';
  if (reply?.kind !== 'key') return null;
  const meaning = meaningOf(context, reply.tone);
  if (meaning === 'passOn') return meaning;
  return meaning === 'confirm' ? 'acknowledge' : null;
}
