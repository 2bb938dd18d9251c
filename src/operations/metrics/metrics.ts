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

/** Bucket limits in seconds for machines: requests, queues. */
const QUICK = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Bucket limits in seconds for people: until somebody answers or acknowledges. */
const HUMAN = [1, 2, 5, 10, 15, 20, 30, 45, 60, 120, 300, 600, 1_800, 3_600];

const INSTALLATION = 'Whole installation: every replica reports the same value, so use max(), never sum().';
const REPLICA = 'This replica only: use sum().';

/**
 * All metrics, by name. Labels are words of the code, never names, ids or addresses: so their number is bounded, and
 * they hold no personal data.
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
    callsPlaced: counter('calls_placed_total', 'Calls that were requested and stored.', ['purpose', 'by']),
    callsEnded: counter('calls_ended_total', 'Calls that have ended, by disposition.', [
      'purpose',
      'disposition',
    ]),
    requestToCreateCall: histogram(
      'request_to_create_call_seconds',
      'From the request for a call to the createCall request; `waited` is the reason for a delay, if any.',
      ['purpose', 'waited'],
    ),
    timeToAnswer: histogram('time_to_answer_seconds', 'From createCall to the answer.', ['purpose'], HUMAN),
    escalationEvents: counter('escalation_events_total', 'What happened to escalations, tests excluded.', [
      'event',
    ]),
    timeToAcknowledge: histogram(
      'time_to_acknowledge_seconds',
      'From the opening of an escalation to its acknowledgement, tests excluded.',
      ['severity'],
      HUMAN,
    ),
    // State of the database.
    openCalls: gauge('open_calls', 'Calls that have not ended.', ['status']),
    openEscalations: gauge('open_escalations', 'Escalations that need attention.', ['status']),
    jobsDue: gauge('jobs_due', 'Jobs that are due and waiting.', []),
    oldestJobDue: gauge('jobs_oldest_due_seconds', 'How long the oldest of them has been due.', []),
    jobsFailing: gauge('jobs_failing', 'Jobs whose last run failed; they will be retried.', []),
    alertsWaiting: gauge('alerts_waiting', 'Alerts that were accepted but not processed yet.', []),
    webhooksWaiting: gauge('webhooks_waiting', 'Events waiting to be delivered to a webhook.', []),
    paused: gauge('paused', '1 while the operator has paused calls.', []),
    databaseUp: new Gauge({
      name: 'ringdown_database_up',
      help: '1 if the database answers this replica and accepts writes. While it does not answer, the gauges of the whole installation are absent.',
      registers,
    }),
    jobLateness: histogram('job_lateness_seconds', 'How long after its due time a job began.', []),
    jobsFailed: counter('jobs_failed_total', 'Job runs that failed; they will be retried.', ['job']),
    jobsStuck: counter(
      'jobs_stuck_total',
      'Jobs that have been failing for five minutes or longer, counted once an hour.',
      ['job'],
    ),
    jobsDropped: counter('jobs_dropped_total', 'Jobs that kept failing until they were no longer useful.', [
      'job',
    ]),
    callbackLag: histogram('callback_lag_seconds', 'From the time stamp of an event to its arrival.', []),
    callbackEvents: counter('callback_events_total', 'Events of calls that were stored.', [
      'type',
      'outcome',
    ]),
    callbacksRefused: counter('callbacks_refused_total', 'Callbacks that were refused.', ['reason']),
    httpSeconds: histogram('http_request_seconds', 'Requests that were answered.', ['route', 'status']),
    strangersRefused: counter(
      'http_strangers_refused_total',
      'Unauthenticated requests that were refused: no valid key, or an unknown address.',
      ['route'],
    ),
    outgoingRequests: counter('outgoing_requests_total', 'Requests to services; each attempt counts.', [
      'service',
      'status',
    ]),
    outgoingSeconds: histogram('outgoing_request_seconds', 'From a request to the headers of its response.', [
      'service',
    ]),
    chatUpdates: counter('chat_updates_total', 'Card updates that were sent.', []),
    chatUpdatesMerged: counter(
      'chat_updates_merged_total',
      'Changes of a call or escalation that were merged into a later card update.',
      [],
    ),
    limitsHit: counter('limits_hit_total', 'How often a limit delayed or refused something.', ['limit']),

    /** The text format of Prometheus. */
    text: async (): Promise<string> => await registry.metrics(),
    contentType: registry.contentType,
    /** Every series of every metric, for exporters. */
    samples: async (): Promise<Sample[]> => (await registry.getMetricsAsJSON()).flatMap(samplesOf),
    /** Registers memory, CPU, event loop and garbage collection of this process. Call it once per process. */
    watchProcess: (): void => collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 50 }),
    /** Every metric with its labels, for tests that compare dashboards, rules and documents. */
    list: async (): Promise<{ name: string; type: string; labels: readonly string[] }[]> =>
      (await registry.getMetricsAsJSON()).map(({ name, type }) => ({
        name,
        type: String(type),
        labels: labels.get(name) ?? [],
      })),
  };
}

/** Only the sums of histograms, without buckets. */
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
