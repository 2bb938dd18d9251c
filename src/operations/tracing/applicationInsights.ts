import {
  AzureMonitorLogExporter,
  AzureMonitorMetricExporter,
  AzureMonitorTraceExporter,
  type AzureMonitorExporterOptions,
} from '@azure/monitor-opentelemetry-exporter';
import type { SpanContext } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { ABOUT_TRACING, type Sample } from '../../database/tracing.ts';

/** The exporter bundles its own version of OpenTelemetry, so its resource type differs. */
type OwnResource = LogRecord['resource'];
type LogRecord = Parameters<AzureMonitorLogExporter['export']>[0][number];
type ScopeMetrics = Parameters<AzureMonitorMetricExporter['export']>[0]['scopeMetrics'];
type Metric = ScopeMetrics[number]['metrics'][number];

/** What goes to Application Insights besides spans. */
export interface Insights {
  /** Sets the resource for spans, metrics and logs. Call it once, before everything else. */
  processor(resource: Resource): SpanProcessor;
  line(line: string, span: SpanContext | undefined): void;
  measure(read: () => Promise<readonly Sample[]>): void;
  stop(): Promise<void>;
}

/** The exporter's pipeline policies. */
type PipelinePolicy = NonNullable<AzureMonitorExporterOptions['additionalPolicies']>[number]['policy'];

const LOGS_EACH_MS = 5_000;
const METRICS_EACH_MS = 60_000;
/** The exporter itself would wait for an answer forever. */
const ANSWER_MS = 10_000;
/** More log lines than this within five seconds are dropped; stdout has them. */
const MOST_LINES = 2_000;

/** The values of the enumerations in @opentelemetry/sdk-metrics and api-logs. */
const HISTOGRAM = 0;
const GAUGE = 2;
const SUM = 3;
const DELTA = 0;
const SEVERITIES: Readonly<Record<string, number>> = {
  trace: 1,
  debug: 5,
  info: 9,
  warn: 13,
  error: 17,
  fatal: 21,
};

const lineSchema = z.looseObject({
  level: z.string(),
  time: z.string(),
  msg: z.string().default(''),
  err: z
    .looseObject({ type: z.string(), message: z.string().default(''), stack: z.string().default('') })
    .optional()
    .catch(undefined),
});

const scope = { name: 'ringdown' };

/**
 * Sends traces, metrics and log lines to Application Insights with Microsoft's exporter. Log lines and spans carry
 * the call's id in `callId` and `ringdown.callId`, and share the operation id. Metrics have only labels of the code,
 * no ids. What cannot be sent is dropped: nothing is stored on disk. Log lines and metrics each have at most one
 * request in progress.
 *
 * @param answerMs how long a request may take
 */
export function applicationInsights(connectionString: string, clock: Clock, answerMs = ANSWER_MS): Insights {
  // The exporter's own statistics would go to Microsoft, and it would turn a resource into a metric.
  process.env['APPLICATION_INSIGHTS_NO_STATSBEAT'] ??= 'true';
  process.env['APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED'] ??= 'true';
  // The exporter forces https. The configuration allows plain http to loopback only.
  const [, local] = /IngestionEndpoint=(http:[^;]+?)\/?(?:;|$)/i.exec(connectionString) ?? [];
  const options = {
    connectionString,
    disableOfflineStorage: true,
    additionalPolicies: [{ position: 'perCall' as const, policy: timeLimit(answerMs) }],
    ...(local && { endpoint: `${local}/v2.1`, allowInsecureConnection: true }),
  };
  const traces = new AzureMonitorTraceExporter(options);
  const logs = new AzureMonitorLogExporter(options);
  const metrics = new AzureMonitorMetricExporter(options);
  const timers: unknown[] = [];
  const each = (ms: number, work: () => Promise<void>): void => {
    let underWay = false;
    const begin = (): void => {
      if (underWay) return;
      underWay = true;
      void work()
        .catch(() => undefined)
        .finally(() => (underWay = false));
    };
    timers.push(clock.setInterval(begin, ms));
  };
  // The exporter reports rejected items to OpenTelemetry's own log.
  const told = (): void => undefined;
  let waiting: LogRecord[] = [];
  let resourceOf: OwnResource | null = null;
  const before = new Map<string, Sample>();

  const sendLines = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const sent = waiting;
    waiting = [];
    await logs.export(sent, told);
  };
  each(LOGS_EACH_MS, sendLines);

  return {
    processor: (resource) => {
      resourceOf = plain(resource);
      return new BatchSpanProcessor({ exporter: traces });
    },
    line: (line, span) => {
      if (resourceOf === null || waiting.length >= MOST_LINES) return;
      const record = recordOf(line, resourceOf, span);
      if (record && record.body !== ABOUT_TRACING) waiting.push(record);
    },
    measure: (read) =>
      each(METRICS_EACH_MS, async () => {
        if (resourceOf === null) return;
        const since = changes(await read(), before);
        const scopeMetrics = [{ scope, metrics: since.map((sample) => metricOf(sample, clock.now())) }];
        if (since.length > 0) await metrics.export({ resource: resourceOf, scopeMetrics }, told);
      }),
    stop: async () => {
      for (const timer of timers) clock.clearInterval(timer);
      await sendLines();
      await Promise.all([logs.shutdown(), metrics.shutdown()]);
    },
  };
}

function timeLimit(ms: number): PipelinePolicy {
  return {
    name: 'timeLimit',
    sendRequest: async (request, next) => {
      request.timeout = ms;
      return await next(request);
    },
  };
}

/** Changes since the last export, and current gauges. Unchanged counters are left out. */
export function changes(now: readonly Sample[], before: Map<string, Sample>): Sample[] {
  return now.flatMap((sample) => {
    if (sample.kind === 'gauge') return [sample];
    const key = `${sample.name} ${JSON.stringify(sample.labels)}`;
    const last = before.get(key);
    before.set(key, sample);
    const value = sample.value - (last?.value ?? 0);
    const count = sample.kind === 'histogram' ? sample.count - (last?.count ?? 0) : value;
    return count > 0 ? [{ ...sample, value, count }] : [];
  });
}

function metricOf({ name, kind, labels, value, count }: Sample, now: number): Metric {
  const time: [number, number] = [Math.floor(now / 1_000), 0];
  const point = { startTime: time, endTime: time, attributes: labels };
  const descriptor = { name, description: '', unit: '', valueType: 1 };
  const base = { descriptor, aggregationTemporality: DELTA } as const;
  if (kind === 'histogram') {
    const sums = { sum: value, count, buckets: { boundaries: [], counts: [] } };
    return { ...base, dataPointType: HISTOGRAM, dataPoints: [{ ...point, value: sums }] };
  }
  return kind === 'counter'
    ? { ...base, dataPointType: SUM, isMonotonic: true, dataPoints: [{ ...point, value }] }
    : { ...base, dataPointType: GAUGE, dataPoints: [{ ...point, value }] };
}

/** Converts a log line to a record; null if it is not one of ours. The line is already redacted. */
function recordOf(line: string, resource: OwnResource, span: SpanContext | undefined): LogRecord | null {
  const read = lineSchema.safeParse(parsed(line));
  if (!read.success) return null;
  const { level, time, msg, err, ...members } = read.data;
  const at = Date.parse(time);
  const hrTime: [number, number] = [Math.floor(at / 1_000), (at % 1_000) * 1_000_000];
  const attributes = Object.entries(members).map(([name, value]): [string, string | number | boolean] => [
    name,
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? value
      : JSON.stringify(value),
  ]);
  const exception = err && {
    'exception.type': err.type,
    'exception.message': err.message,
    'exception.stacktrace': err.stack || err.type,
    message: msg,
  };
  return {
    hrTime,
    hrTimeObserved: hrTime,
    resource,
    body: msg,
    instrumentationScope: scope,
    severityNumber: SEVERITIES[level] ?? 9,
    severityText: level,
    attributes: { ...Object.fromEntries(attributes), ...exception },
    droppedAttributesCount: 0,
    ...(span ? { spanContext: span } : {}),
  };
}

function plain({ attributes }: Resource): OwnResource {
  const words = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]));
  const own: OwnResource = {
    attributes: words,
    getRawAttributes: () => Object.entries(words),
    merge: () => own,
  };
  return own;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
