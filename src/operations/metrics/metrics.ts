import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
  type MetricObjectWithValues,
  type MetricValueWithName,
} from 'prom-client';
import type { Sample } from '../../database/tracing.ts';

/** Seconds of machines: requests, queues. */
const QUICK = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Seconds of people: until somebody answers, or acknowledges. */
const HUMAN = [1, 2, 5, 10, 15, 20, 30, 45, 60, 120, 300, 600, 1_800, 3_600];

const INSTALLATION = 'Whole installation: each replica tells the same, so use max(), never sum().';
const REPLICA = 'This replica only: use sum().';

/**
 * Everything that is measured, by name. Labels are words of the code, never of people: no name, no id, no address, so
 * their number is bounded and nothing personal is in them.
 */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const labels = new Map<string, readonly string[]>();
  const named = (name: string, names: readonly string[]): string => {
    labels.set(`ringdown_${name}`, names);
    return `ringdown_${name}`;
  };
  const counter = <const L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({
      name: named(name, labelNames),
      help: `${help} ${REPLICA}`,
      labelNames: [...labelNames],
      registers,
    });
  const histogram = <const L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    buckets: number[] = QUICK,
  ) =>
    new Histogram({
      name: named(name, labelNames),
      help: `${help} ${REPLICA}`,
      labelNames: [...labelNames],
      buckets,
      registers,
    });
  const gauge = <const L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge({
      name: named(name, labelNames),
      help: `${help} ${INSTALLATION}`,
      labelNames: [...labelNames],
      registers,
    });

  return {
    // Calls.
    callsPlaced: counter('calls_placed_total', 'Calls that were asked for and stored.', ['purpose', 'by']),
    callsEnded: counter('calls_ended_total', 'Calls that have ended, by how.', ['purpose', 'disposition']),
    requestToCreateCall: histogram(
      'request_to_create_call_seconds',
      'From the request for a call to the sending of createCall; `waited` is why it was put off, if it was.',
      ['purpose', 'waited'],
    ),
    timeToAnswer: histogram('time_to_answer_seconds', 'From createCall to the answer.', ['purpose'], HUMAN),
    // Escalations.
    escalationEvents: counter('escalation_events_total', 'What happened to escalations that are no tests.', [
      'event',
    ]),
    timeToAcknowledge: histogram(
      'time_to_acknowledge_seconds',
      'From the opening of an escalation to its acknowledgement, tests left out.',
      ['severity'],
      HUMAN,
    ),
    // What stands in the database.
    openCalls: gauge('open_calls', 'Calls that have not ended.', ['status']),
    openEscalations: gauge('open_escalations', 'Escalations that somebody has to look at.', ['status']),
    jobsDue: gauge('jobs_due', 'Jobs that are due and wait.', []),
    oldestJobDue: gauge('jobs_oldest_due_seconds', 'For how long the oldest of them has been due.', []),
    jobsFailing: gauge('jobs_failing', 'Jobs whose last run failed; they are tried again.', []),
    alertsWaiting: gauge('alerts_waiting', 'Alerts that were taken and are not worked on yet.', []),
    webhooksWaiting: gauge('webhooks_waiting', 'Events that wait to be delivered to a webhook.', []),
    paused: gauge('paused', '1 while the operator has paused calls.', []),
    databaseUp: new Gauge({
      name: 'ringdown_database_up',
      help: '1 if the database answered this replica just now and takes writes. While it does not answer the gauges of the whole installation are absent.',
      registers,
    }),
    // Jobs.
    jobLateness: histogram('job_lateness_seconds', 'How late a job began, after it was due.', []),
    jobsFailed: counter('jobs_failed_total', 'Runs of jobs that failed; they are tried again.', ['job']),
    jobsStuck: counter('jobs_stuck_total', 'Jobs that failed for five minutes or longer, once an hour.', [
      'job',
    ]),
    jobsDropped: counter('jobs_dropped_total', 'Jobs that failed until they were of no use any more.', [
      'job',
    ]),
    // Callbacks.
    callbackLag: histogram(
      'callback_lag_seconds',
      'From the time that the service wrote on an event to its arrival.',
      [],
    ),
    callbackEvents: counter('callback_events_total', 'Events of calls that were stored.', [
      'type',
      'outcome',
    ]),
    callbacksRefused: counter('callbacks_refused_total', 'Callbacks that were not let in.', ['reason']),
    // Requests in and out.
    httpSeconds: histogram('http_request_seconds', 'Requests that were answered.', ['route', 'status']),
    strangersRefused: counter(
      'http_strangers_refused_total',
      'Requests that were refused before it was known who sends them: no right key, or no such address.',
      ['route'],
    ),
    outgoingRequests: counter('outgoing_requests_total', 'Requests to services, each attempt counted.', [
      'service',
      'status',
    ]),
    outgoingSeconds: histogram('outgoing_request_seconds', 'From a request to the head of its answer.', [
      'service',
    ]),
    // Chat.
    chatUpdates: counter('chat_updates_total', 'Cards that were brought up to date.', []),
    chatUpdatesMerged: counter(
      'chat_updates_merged_total',
      'Changes of a call or escalation that went with a later update of its card.',
      [],
    ),
    // Limits.
    limitsHit: counter('limits_hit_total', 'Times that a limit held something back or refused it.', [
      'limit',
    ]),

    /** What Prometheus reads. */
    text: async (): Promise<string> => await registry.metrics(),
    contentType: registry.contentType,
    /** Every series of every metric, for who sends them elsewhere. */
    samples: async (): Promise<Sample[]> => (await registry.getMetricsAsJSON()).flatMap(samplesOf),
    /** Memory, CPU, event loop and garbage of this process. Once, by the process itself. */
    watchProcess: (): void => collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 }),
    /** Every metric with its labels, for the tests that hold dashboard, rules and documents to them. */
    list: async (): Promise<{ name: string; type: string; labels: readonly string[] }[]> =>
      (await registry.getMetricsAsJSON()).map(({ name, type }) => ({
        name,
        type: String(type),
        labels: labels.get(name) ?? [],
      })),
  };
}

/** Of a histogram its sums; the buckets are left out. */
function samplesOf({ name, type, values }: MetricObjectWithValues<MetricValueWithName<string>>): Sample[] {
  const kinds: Readonly<Record<string, Sample['kind']>> = { counter: 'counter', histogram: 'histogram' };
  const kind = kinds[String(type)] ?? 'gauge';
  const seriesOf = (suffix: string) =>
    values
      .filter(({ metricName }) => suffix === '' || metricName === `${name}${suffix}`)
      .map(({ labels, value }) => ({
        labels: Object.fromEntries(Object.entries(labels).map(([key, word]) => [key, String(word)])),
        value,
      }));
  if (kind !== 'histogram') return seriesOf('').map((series) => ({ name, kind, count: 1, ...series }));
  const counts = seriesOf('_count');
  return seriesOf('_sum').map((series, index) => ({
    name,
    kind,
    count: counts[index]?.value ?? 0,
    ...series,
  }));
}

export type Metrics = ReturnType<typeof createMetrics>;
