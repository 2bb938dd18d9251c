import type { AlertTexts, GoneFromFile, Notice, OperatorTexts } from '../alertTexts.ts';
import type { Format } from '../language.ts';
import { whyNot } from './skipped.ts';

/** For alerts, and for what operators are told. */
export function alertsAndOperators(format: Format): { alerts: AlertTexts; operators: OperatorTexts } {
  const { line, number, plural, anyOf, duration } = format;
  const shown = (value: unknown, otherwise: string): string =>
    typeof value === 'string' && value.trim() !== '' ? value : otherwise;
  const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
  const alertsWord = (value: number): string =>
    `${number(value)} ${plural(value, { one: 'alert', other: 'alerts' })}`;
  const times = (value: number): string => (value > 1 ? ` (${number(value)} times)` : '');

  const gone: Record<GoneFromFile, [what: string, then: string]> = {
    policy: ['policy', 'they go on with the steps they have, and new alerts for it call nobody'],
    rotation: ['rotation', 'their steps with it call nobody'],
    voiceApp: ['voice app', 'their steps with it call nobody'],
    apiKey: ['key', 'its sender cannot resolve them any more'],
    integration: ['integration', 'its sender cannot resolve them any more'],
    heartbeat: ['heartbeat', 'no sign of life resolves them any more'],
  };

  const told = (notice: Notice): string => {
    switch (notice.kind) {
      case 'intakeRejected':
        return line`An alert from ${notice.sender} was refused (${notice.code}): ${notice.detail}`;
      case 'intakeOfStrangers':
        return 'Something was sent to /api/v1/alerts/ without a valid key or signature, or to an address there that does not exist, and was refused. If alerts of yours are missing, check the key and the address at their sender.';
      case 'intakeFailed':
        return line`An alert from ${notice.sender} was taken, but could not be worked on. The log has the cause.`;
      case 'policyMissing':
        return line`An alert from ${notice.sender} called nobody: ringdown.yaml has no policy ${notice.policy}.`;
      case 'exhausted':
        return line`Nobody of ${notice.policy} acknowledged: ${notice.summary} (${notice.id})`;
      case 'unreachable':
        return line`${notice.name} of ${notice.policy} could not be called: ${whyNot(notice.why)}.`;
      case 'webhookFailing':
        return line`The webhook to ${notice.host} fails: ${notice.problem}. It is tried again for a day.`;
      case 'webhookGivenUp':
        return line`The webhook to ${notice.host} was given up: it was not told of ${notice.event} (${notice.id}).`;
      case 'paused':
        return line`${notice.by} has paused all calls: nobody is called until an operator says "resume".`;
      case 'resumed':
        return line`${notice.by} has let the calls go on.`;
      case 'notInDirectory':
        return line`ringdown.yaml names ${notice.name} (${notice.where}): ${whyNot(notice.why)}.`;
      case 'gone': {
        const [what, then] = gone[notice.what];
        const uses = plural(notice.escalations, {
          one: 'open escalation uses',
          other: 'open escalations use',
        });
        return line`ringdown.yaml no longer has the ${what} ${notice.name}, which ${number(notice.escalations)} ${uses}: ${then}.`;
      }
      case 'fileRefused':
        return line`The new ringdown.yaml was refused: it has ${number(notice.faults)} ${plural(notice.faults, { one: 'fault', other: 'faults' })}, see the log. The old one stays in force.`;
      case 'jobStuck':
        return line`Ringdown has failed for ${number(notice.minutes)} minutes to do something it owes (${notice.job}). It keeps trying; the log says why it fails.`;
    }
  };

  return {
    alerts: {
      unlisted: ({ count: left, name }) =>
        line`${number(left)} more ${plural(left, { one: 'alert', other: 'alerts' })} of ${name}, not listed`,
      several: ({ firing, resolved, first }) =>
        resolved > 0
          ? line`${alertsWord(firing)} (${number(resolved)} resolved): ${first}`
          : line`${alertsWord(firing)}: ${first}`,
      noData: ({ name }) => line`${name}: no data came`,
      queryFailed: ({ name }) => line`${name}: the query failed`,
      budget: ({ name, spent, of, isForecast }) =>
        isForecast
          ? line`Budget ${name}: ${spent} of ${of} will be spent, says the forecast`
          : line`Budget ${name}: ${spent} of ${of} spent`,
      listed: (alerts, more) => [
        ...alerts.map(({ summary, severity }) => line`- ${summary} (${severity})`),
        ...(more > 0 ? [line`and ${number(more)} more`] : []),
      ],
      silent: ({ name, everySeconds }) => line`No sign of life from ${name} for ${duration(everySeconds)}`,
      silentDetails: ({ lastAt }) =>
        lastAt === null ? 'It has never been heard of.' : line`Last heard of at ${lastAt}.`,
      timeline: {
        alertsJoined: ({ added, firing }) =>
          line`${alertsWord(count(added))} joined: ${number(count(firing))} in all.`,
        alertsResolved: ({ firing }) =>
          line`Resolved in part: ${alertsWord(count(firing))} ${plural(count(firing), { one: 'is', other: 'are' })} left.`,
        alertAcknowledged: ({ name, by }) =>
          line`${shown(by, 'Somebody')} acknowledged a part of it: ${shown(name, 'an alert')}`,
        bundling: ({ seconds }) =>
          line`Somebody has just been called: waiting up to ${duration(count(seconds))}, to call once for all that comes.`,
        notCovered: ({ count: left }) =>
          line`${alertsWord(count(left))} came later or became worse and ${plural(count(left), { one: 'is', other: 'are' })} not covered: another escalation calls for ${plural(count(left), { one: 'it', other: 'them' })}.`,
        overAlready: ({ name }) =>
          line`${shown(name, 'An alert')} was sent again with the start time of an episode that has ended, so nobody is called.`,
        worse: ({ from, to }) => line`Severity rose from ${shown(from, 'less')} to ${shown(to, 'critical')}.`,
        webhookGivenUp: ({ host, event }) =>
          line`The webhook to ${shown(host, 'a program')} was given up: it was not told of “${shown(event, 'an event')}”.`,
      },
    },
    operators: {
      message: (notices, more) => [
        'Ringdown needs your attention:',
        ...notices.map(({ notice, count: often }) => `- ${told(notice)}${times(often)}`),
        ...(more > 0 ? [`- and ${number(more)} more: see the log`] : []),
      ],
      pause: {
        paused: () =>
          'All calls are paused. No new call is placed, and alerts wait; calls that run go on. Say "resume" when it may go on.',
        resumed: () => 'Calls are placed again. What has waited goes on now.',
        notPaused: () => 'Calls are not paused. There is nothing to resume.',
        isPaused: ({ by, since }) =>
          !by || !since
            ? 'All calls are paused. An operator can say "resume".'
            : line`${by} paused all calls at ${since}. An operator can say "resume".`,
        mayNot: (names) =>
          names.length > 0
            ? line`Only operators can pause and resume all calls. Ask ${anyOf(names.slice(0, 3))}.`
            : 'Only operators can pause and resume all calls, and ringdown.yaml names none. The API can do it.',
        rightUnknown: () =>
          'I cannot look up right now whether you are an operator, so I changed nothing. Please try again in a minute; the API can do it at once.',
      },
    },
  };
}
