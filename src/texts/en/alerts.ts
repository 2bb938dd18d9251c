import type { AlertTexts, GoneFromFile, Notice, OperatorTexts } from '../alertTexts.ts';
import type { Format } from '../language.ts';
import { whyNot } from './skipped.ts';

/** Texts about alerts, and notices to operators. */
export function alertsAndOperators(format: Format): { alerts: AlertTexts; operators: OperatorTexts } {
  const { line, number, plural, anyOf, duration } = format;
  const shown = (value: unknown, otherwise: string): string =>
    typeof value === 'string' && value.trim() !== '' ? value : otherwise;
  const count = (value: unknown): number => (typeof value === 'number' ? value : 0);
  const alertsWord = (value: number): string =>
    `${number(value)} ${plural(value, { one: 'alert', other: 'alerts' })}`;
  const times = (value: number): string => (value > 1 ? ` (${number(value)} times)` : '');

  const gone: Record<GoneFromFile, [what: string, then: string]> = {
    policy: ['policy', 'they keep the steps they have, but new alerts for it call nobody'],
    rotation: ['rotation', 'their steps that use it call nobody'],
    voiceApp: ['voice app', 'their steps that use it call nobody'],
    apiKey: ['key', 'its sender can no longer resolve them'],
    integration: ['integration', 'its sender can no longer resolve them'],
    heartbeat: ['heartbeat', 'the heartbeat can no longer resolve them'],
  };

  const told = (notice: Notice): string => {
    switch (notice.kind) {
      case 'intakeRejected':
        return line`An alert from ${notice.sender} was rejected (${notice.code}): ${notice.detail}`;
      case 'intakeOfStrangers':
        return 'A request to /api/v1/alerts/ was rejected: it had no valid key or signature, or its address does not exist. If you are missing alerts, check the key and the address in the sender’s settings.';
      case 'intakeFailed':
        return line`An alert from ${notice.sender} was accepted but could not be processed. See the log for the cause.`;
      case 'policyMissing':
        return line`An alert from ${notice.sender} called nobody: ringdown.yaml has no policy ${notice.policy}.`;
      case 'exhausted':
        return line`Nobody in ${notice.policy} acknowledged: ${notice.summary} (${notice.id})`;
      case 'unreachable':
        return line`${notice.name} (${notice.policy}) could not be called: ${whyNot(notice.why)}.`;
      case 'webhookFailing':
        return line`The webhook to ${notice.host} is failing: ${notice.problem}. Ringdown retries it for a day.`;
      case 'webhookGivenUp':
        return line`Gave up on the webhook to ${notice.host}: it did not receive ${notice.event} (${notice.id}).`;
      case 'paused':
        return line`${notice.by} has paused all calls. Nobody is called until an operator says "resume".`;
      case 'resumed':
        return line`${notice.by} has resumed calls.`;
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
        return line`The new ringdown.yaml was rejected: it has ${number(notice.faults)} ${plural(notice.faults, { one: 'error', other: 'errors' })}, see the log. The old one stays in effect.`;
      case 'jobStuck':
        return line`A background job (${notice.job}) has been failing for ${number(notice.minutes)} minutes. Ringdown keeps retrying it; see the log for the cause.`;
    }
  };

  return {
    alerts: {
      unlisted: ({ count: left, name }) =>
        line`${number(left)} more ${plural(left, { one: 'alert', other: 'alerts' })} for ${name}, not listed`,
      several: ({ firing, resolved, first }) =>
        resolved > 0
          ? line`${alertsWord(firing)} (${number(resolved)} resolved): ${first}`
          : line`${alertsWord(firing)}: ${first}`,
      noData: ({ name }) => line`${name}: no data received`,
      queryFailed: ({ name }) => line`${name}: the query failed`,
      budget: ({ name, spent, of, isForecast }) =>
        isForecast
          ? line`Budget ${name}: forecast to spend ${spent} of ${of}`
          : line`Budget ${name}: ${spent} of ${of} spent`,
      listed: (alerts, more) => [
        ...alerts.map(({ summary, severity }) => line`- ${summary} (${severity})`),
        ...(more > 0 ? [line`and ${number(more)} more`] : []),
      ],
      silent: ({ name, everySeconds }) => line`No heartbeat from ${name} for ${duration(everySeconds)}`,
      silentDetails: ({ lastAt }) =>
        lastAt === null ? 'It has never sent one.' : line`The last one arrived at ${lastAt}.`,
      timeline: {
        alertsJoined: ({ added, firing }) =>
          line`${alertsWord(count(added))} added: ${number(count(firing))} in total.`,
        alertsResolved: ({ firing }) =>
          line`Partly resolved: ${alertsWord(count(firing))} ${plural(count(firing), { one: 'is', other: 'are' })} still open.`,
        alertAcknowledged: ({ name, by }) =>
          line`${shown(by, 'Somebody')} acknowledged part of it: ${shown(name, 'an alert')}`,
        bundling: ({ seconds }) =>
          line`Somebody was just called. Waiting up to ${duration(count(seconds))} to bundle new alerts into one call.`,
        notCovered: ({ count: left }) =>
          line`${alertsWord(count(left))} came later or got worse and ${plural(count(left), { one: 'is', other: 'are' })} not covered: another escalation calls about ${plural(count(left), { one: 'it', other: 'them' })}.`,
        overAlready: ({ name }) =>
          line`${shown(name, 'An alert')} was sent again for an episode that is already over, so nobody is called.`,
        worse: ({ from, to }) => line`Severity rose from ${shown(from, 'less')} to ${shown(to, 'critical')}.`,
        webhookGivenUp: ({ host, event }) =>
          line`Gave up on the webhook to ${shown(host, 'a program')}: it did not receive "${shown(event, 'an event')}".`,
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
          'All calls are paused. No new calls are placed and alerts wait, but running calls continue. Say "resume" to continue.',
        resumed: () => 'Calls are resumed. Everything that was waiting continues now.',
        notPaused: () => 'Calls are not paused, so there is nothing to resume.',
        isPaused: ({ by, since }) =>
          !by || !since
            ? 'All calls are paused. An operator can say "resume" to continue.'
            : line`${by} paused all calls at ${since}. An operator can say "resume" to continue.`,
        mayNot: (names) =>
          names.length > 0
            ? line`Only operators can pause and resume all calls. Ask ${anyOf(names.slice(0, 3))}.`
            : 'Only operators can pause and resume all calls, and ringdown.yaml names none. You can use the API instead.',
        rightUnknown: () =>
          'I cannot check right now whether you are an operator, so I changed nothing. Please try again in a minute, or use the API.',
      },
    },
  };
}
