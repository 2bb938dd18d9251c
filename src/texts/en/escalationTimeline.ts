import { entryWords } from '../../calls/timelineCatalogue.ts';
import { escalationEntries, type EscalationNoteWords } from '../../escalations/timeline.ts';
import type { AlertTexts } from '../alertTexts.ts';
import { isKeyOf, shown, inWords, type EntryData } from '../entryData.ts';
import type { Format, Texts } from '../language.ts';
import { notDelivered } from './escalations.ts';
import { skipped, skippedLine } from './skipped.ts';
import { result } from './status.ts';

/** @param alertLines timeline lines that alerts and webhooks add */
export function escalation(format: Format, alertLines: AlertTexts['timeline']): Texts['escalation'] {
  const { line, number, duration } = format;
  const withNote = (words: string, { note }: EntryData): string =>
    note ? line`${words} "${shown(note)}"` : words;
  const byWhom = (done: string, data: EntryData): string =>
    withNote(line`${done} by ${shown(data.name)}${way(data.way)}.`, data);
  const way = (value: EntryData[string] | undefined): string => {
    switch (value) {
      case 'card':
        return ', on the card';
      case 'chat':
        return ', in chat';
      case 'keys':
        return ', on the phone';
      case 'api':
        return ', through the API';
      default:
        return '';
    }
  };
  const lines: EscalationNoteWords = {
    ...alertLines,
    opened: ({ by, summary }) => line`Started by ${shown(by)}: ${shown(summary)}`,
    joined: () => 'The same alert came in again.',
    calling: ({ name, try: count }) =>
      typeof count === 'number' && count > 1
        ? line`Calling ${shown(name)} (try ${number(count)}) …`
        : line`Calling ${shown(name)} …`,
    callEnded: ({ name, ...data }) => line`${shown(name)}: ${result(data)}.`,
    skipped: ({ name, reason }) =>
      line`Skipping ${shown(name)}: ${isKeyOf(skipped, reason) ? skipped[reason] : shown(reason)}.`,
    remembered: ({ name }) =>
      line`The directory is not responding: using its last answer for ${shown(name)}.`,
    optOutOverruled: ({ name }) =>
      line`${shown(name)} has opted out of calls from chats, but the policy calls them anyway.`,
    quietHours: ({ name }) => line`Quiet hours are in effect: ${shown(name)} will be called when they end.`,
    nobodyInStep: ({ step }) => line`Nobody can be called in step ${shown(step)}.`,
    notFoundOut: ({ step }) => line`Skipped step ${shown(step)}: its people could not be looked up.`,
    pausing: ({ seconds }) =>
      typeof seconds === 'number' ? `Pausing for ${duration(seconds)}.` : 'Pausing for a while.',
    repeating: ({ round }) => line`Nobody has acknowledged yet. Starting over, round ${shown(round)}.`,
    passedOn: (data) => byWhom('Passed on', data),
    acknowledged: (data) => byWhom('Acknowledged', data),
    resolved: (data) =>
      data.way === 'auto'
        ? line`Closed automatically: nobody resolved it within ${typeof data.seconds === 'number' ? duration(data.seconds) : 'the time limit'} of the acknowledgement.`
        : byWhom('Resolved', data),
    cancelled: (data) => byWhom('Stopped', data),
    testOver: () => 'The test is over.',
    acknowledgeTimeout: ({ name }) =>
      line`${shown(name)} acknowledged, but it was not resolved in time. Calling continues.`,
    startedAgain: () => 'Starting again from the first step.',
    halted: ({ by }) => line`Paused by ${shown(by)}: no new calls are placed.`,
    resumed: ({ by }) => line`Resumed by ${shown(by)}.`,
    exhausted: ({ called }) =>
      called === false ? 'Nobody could be called.' : 'Everybody was called, and nobody acknowledged.',
    told: ({ name }) => line`${shown(name)} was told that nobody acknowledged.`,
    notTold: ({ name }) => line`${shown(name)} could not be told that nobody acknowledged.`,
    appInstalled: ({ name }) => line`Installed the app for ${shown(name)} to deliver the card.`,
    cardNotDelivered: ({ name, reason }) => {
      const why = isKeyOf(notDelivered, reason) ? notDelivered[reason] : shown(reason);
      return name
        ? line`${shown(name)} did not get the card: ${why}.`
        : line`The card could not be posted to the channel: ${why}.`;
    },
  };

  return {
    status: {
      open: { text: 'Open', color: 'attention' },
      acknowledged: { text: 'Acknowledged', color: 'good' },
      resolved: { text: 'Resolved', color: 'good' },
      exhausted: { text: 'Nobody acknowledged', color: 'attention' },
      cancelled: { text: 'Stopped', color: 'default' },
    },
    timeline: (entry) => entryWords(escalationEntries, lines, entry) ?? line`${inWords(entry.type)}.`,
    skipped: skippedLine(format),
    nobodyCanBeCalled: () => 'Nobody in this policy can be called.',
    exhausted: ({ summary, policy }) =>
      policy === null
        ? line`Nobody acknowledged this alert: ${summary}`
        : line`Nobody in ${policy} acknowledged this alert: ${summary}`,
  };
}
