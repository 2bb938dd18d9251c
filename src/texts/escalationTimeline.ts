import type { TimelineEntry } from '../calls/call.ts';
import { entryWords } from '../calls/timelineCatalogue.ts';
import type { Severity, Skipped, SkipReason } from '../escalations/escalation.ts';
import { escalationEntries, type EscalationNoteWords, type NotDelivered } from '../escalations/timeline.ts';
import { howEnded } from './callEnding.ts';
import { inWords, isKeyOf, shown, wordFor } from './entryData.ts';
import type { Texts } from './language.ts';

/** One line of an escalation's timeline. An unknown type is shown by its name. */
export function escalationLine(entry: Pick<TimelineEntry, 'type' | 'data'>, texts: Texts): string {
  return (
    entryWords(escalationEntries, wordsOf(texts), entry) ??
    texts.timeline.unknown({ event: inWords(entry.type) })
  );
}

/** The same for somebody who cannot be called. `name` is as written in the policy. */
export function skippedLine({ name, reason }: Skipped, texts: Texts): string {
  return texts.timeline.escalation.skipped({ name, why: texts.cards.skipped[reason] });
}

/** Why somebody could not be called: a skip reason or a disposition. Other words stay as they are. */
export function whyNot(reason: string, texts: Texts): string {
  const { skipped, status } = texts.cards;
  if (isKeyOf(skipped, reason)) return skipped[reason];
  return isKeyOf(status.endedInside, reason) ? status.endedInside[reason] : reason;
}

/** The data may come from another version, so every value is checked. */
function wordsOf(texts: Texts): EscalationNoteWords {
  const { duration } = texts.format;
  const words = texts.timeline.escalation;
  const severity = (value: Severity): string =>
    wordFor<Severity>(texts.cards.escalation.severityInside, value) ?? shown(value);
  return {
    opened: ({ by, summary }) => words.opened({ by: shown(by), summary: shown(summary) }),
    joined: () => words.joined,
    startedAgain: () => words.startedAgain,
    worse: ({ from, to }) => words.worse({ from: severity(from), to: severity(to) }),
    skipped: ({ name, reason }) =>
      words.skipped({
        name: shown(name),
        why: wordFor<SkipReason>(texts.cards.skipped, reason) ?? shown(reason),
      }),
    withoutWay: ({ name, way, reason }) =>
      words.withoutWay({
        name: shown(name),
        way: shown(way),
        why: wordFor<SkipReason>(texts.cards.skipped, reason) ?? shown(reason),
      }),
    remembered: ({ name }) => words.remembered({ name: shown(name) }),
    optOutOverruled: ({ name }) => words.optOutOverruled({ name: shown(name) }),
    nobodyInStep: ({ step }) => words.nobodyInStep({ step: shown(step) }),
    notFoundOut: ({ step }) => words.notFoundOut({ step: shown(step) }),
    calling: ({ name, mobile = false, try: nth }) =>
      isNumber(nth) && nth > 1
        ? words.callingAgain({ name: shown(name), mobile, nth })
        : words.calling({ name: shown(name), mobile }),
    callEnded: ({ name, mobile = false, ...data }) =>
      words.callEnded({ name: shown(name), mobile, result: howEnded(data, texts) }),
    passedOn: (data) => words.passedOn(act(data)),
    pinWrong: ({ name }) => words.pinWrong({ name: shown(name) }),
    pinRefused: ({ name, locked }) => words.pinRefused({ name: shown(name), locked }),
    pausing: ({ seconds }) => words.pausing({ duration: isNumber(seconds) ? duration(seconds) : null }),
    repeating: ({ round }) => words.repeating({ round: shown(round) }),
    bundling: ({ seconds }) => words.bundling({ duration: duration(numberOf(seconds)) }),
    quietHours: ({ name }) => words.quietHours({ name: shown(name) }),
    halted: ({ by }) => words.halted({ by: shown(by) }),
    resumed: ({ by }) => words.resumed({ by: shown(by) }),
    acknowledged: (data) => words.acknowledged(act(data)),
    acknowledgeTimeout: ({ name }) => words.acknowledgeTimeout({ name: shown(name) }),
    resolved: (data) =>
      data.way === 'auto'
        ? words.closed({ duration: isNumber(data.seconds) ? duration(data.seconds) : null })
        : words.resolved(act(data)),
    cancelled: (data) => words.cancelled(act(data)),
    testOver: () => words.testOver,
    exhausted: ({ called }) => (called === false ? words.nobodyCalled : words.exhausted),
    told: ({ name }) => words.told({ name: shown(name) }),
    notTold: ({ name }) => words.notTold({ name: shown(name) }),
    appInstalled: ({ name }) => words.appInstalled({ name: shown(name) }),
    cardNotDelivered: ({ name, reason }) =>
      words.cardNotDelivered({
        name: name ?? null,
        why: wordFor<NotDelivered>(texts.cards.escalation.notDelivered, reason) ?? shown(reason),
      }),
    webhookGivenUp: ({ host, event }) => words.webhookGivenUp({ host: shown(host), event: shown(event) }),
    alertsJoined: ({ added, firing }) =>
      words.alertsJoined({ added: numberOf(added), firing: numberOf(firing) }),
    alertsResolved: ({ firing }) => words.alertsResolved({ firing: numberOf(firing) }),
    alertAcknowledged: ({ name, by }) => words.alertAcknowledged({ name: shown(name), by: shown(by) }),
    notCovered: ({ count }) => words.notCovered({ count: numberOf(count) }),
    overAlready: ({ name }) => words.overAlready({ name: shown(name) }),
  };
}

/** Who did it, and how. */
function act({ name, way, note }: { name: string; way: string; note?: string }) {
  return { name: shown(name), way: shown(way), note: note ?? null };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function numberOf(value: unknown): number {
  return isNumber(value) ? value : 0;
}
