import type { Notice } from '../operations/notice.ts';
import { wordFor } from './entryData.ts';
import { whyNot } from './escalationTimeline.ts';
import type { Texts } from './language.ts';
import { Verbatim } from './message.ts';

/**
 * One message for operators with all these notices, on several lines.
 *
 * @param more how many notices it leaves out
 */
export function noticeMessage(
  notices: readonly { notice: Notice; count: number }[],
  more: number,
  texts: Texts,
): string {
  const { heading, repeated, more: andMore } = texts.operators;
  const lines = notices.map(({ notice, count }) => {
    const line = noticeLine(notice, texts);
    return count > 1 ? repeated({ notice: new Verbatim(line), count }) : line;
  });
  if (more > 0) lines.push(andMore({ count: more }));
  return [heading, ...lines.map((line) => `- ${line}`)].join('\n');
}

/** One notice, as a sentence. */
export function noticeLine(notice: Notice, texts: Texts): string {
  const words = texts.operators.notice;
  switch (notice.kind) {
    case 'intakeRejected':
      return words.intakeRejected(notice);
    case 'intakeOfStrangers':
      return words.intakeOfStrangers;
    case 'intakeFailed':
      return words.intakeFailed(notice);
    case 'policyMissing':
      return words.policyMissing(notice);
    case 'exhausted':
      return words.exhausted(notice);
    case 'unreachable':
      return words.unreachable({ ...notice, why: whyNot(notice.why, texts) });
    case 'pinRefused':
      return words.pinRefused(notice);
    case 'webhookFailing':
      return words.webhookFailing(notice);
    case 'webhookGivenUp':
      return words.webhookGivenUp(notice);
    case 'paused':
      return words.paused(notice);
    case 'resumed':
      return words.resumed(notice);
    case 'notInDirectory':
      return words.notInDirectory({ ...notice, why: whyNot(notice.why, texts) });
    case 'gone':
      return (wordFor(texts.operators.gone, notice.what) ?? texts.operators.gone.unknown)({
        name: notice.name,
        count: notice.escalations,
      });
    case 'fileRefused':
      return words.fileRefused({ count: notice.faults });
    case 'jobStuck':
      return words.jobStuck(notice);
    case 'calendarAway':
      return notice.hours === null
        ? words.calendarAway(notice)
        : words.calendarOld({ ...notice, hours: notice.hours });
    case 'calendarPerson':
      return words.calendarPerson({ ...notice, why: whyNot(notice.why, texts) });
    case 'calendarEvents':
      return words.calendarEvents(notice);
    case 'calendarZones':
      return words.calendarZones(notice);
  }
}
