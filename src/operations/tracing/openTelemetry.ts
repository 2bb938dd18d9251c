import { AsyncLocalStorage } from 'node:async_hooks';
import {
  diag,
  DiagLogLevel,
  isSpanContextValid,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Span,
  type SpanContext,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import { inTime } from '../../clock.ts';
import { ABOUT_TRACING, type Tracing } from '../../database/tracing.ts';
import type { Insights } from './applicationInsights.ts';

/** How long flushing the last spans may take. Milliseconds. */
const STOP_MS = 1_500;

/** The names that the HTTP instrumentation uses, so that a request's span can be told from its children. */
const kindOf = (name: string): SpanKind => {
  if (/^[A-Z]+ \//.test(name)) return SpanKind.SERVER;
  if (name.startsWith('acs ')) return SpanKind.CLIENT;
  return name.startsWith('job ') ? SpanKind.CONSUMER : SpanKind.INTERNAL;
};

/** To the collector that the environment names. */
export const toCollector = (): SpanProcessor => new BatchSpanProcessor({ exporter: new OTLPTraceExporter() });

/** OpenTelemetry, loaded only if tracing is on (see `startTracing`). */
export function openTelemetry(
  env: NodeJS.ProcessEnv,
  log: Logger,
  processors: readonly SpanProcessor[],
  insights: Insights | null = null,
): Tracing {
  // Messages of the SDK itself, for example that no collector accepts the spans.
  diag.setLogger(
    {
      error: (message) => log.warn({ reason: message }, ABOUT_TRACING),
      warn: (message) => log.warn({ reason: message }, ABOUT_TRACING),
      info: () => undefined,
      debug: () => undefined,
      verbose: () => undefined,
    },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const resource = resourceFromAttributes({ 'service.name': 'ringdown' })
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(defaultResourceWithoutName());
  const provider = new TracerProvider({
    resource,
    sampler: samplerOf(env),
    spanProcessors: [...processors, ...(insights ? [insights.processor(resource)] : [])],
  });
  const tracer = provider.getTracer('ringdown');
  const surrounding = new AsyncLocalStorage<Span>();

  const parentOf = (from: string | null | undefined): Context => {
    const given = from ? readTraceparent(from) : null;
    if (given) return trace.setSpanContext(ROOT_CONTEXT, given);
    const span = surrounding.getStore();
    return span ? trace.setSpan(ROOT_CONTEXT, span) : ROOT_CONTEXT;
  };

  return {
    isOn: true,
    span: async (name, { from, attributes = {} }, work) => {
      const known = Object.fromEntries(
        Object.entries(attributes).flatMap(([key, value]) =>
          value === null || value === undefined ? [] : [[`ringdown.${key}`, value]],
        ),
      );
      const span = tracer.startSpan(name, { kind: kindOf(name), attributes: known }, parentOf(from));
      try {
        return await surrounding.run(span, work);
      } catch (error) {
        // Only the type of the error: its message may contain what people wrote.
        span.setStatus({ code: SpanStatusCode.ERROR });
        span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
        throw error;
      } finally {
        span.end();
      }
    },
    here: () => {
      const span = surrounding.getStore();
      return span ? writeTraceparent(span.spanContext()) : null;
    },
    line: (line) => insights?.line(line, surrounding.getStore()?.spanContext()),
    measure: (read) => insights?.measure(read),
    stop: async () => {
      // A collector that does not answer must not block the process.
      const ending = Promise.allSettled([provider.shutdown(), insights?.stop()]);
      await inTime(ending, STOP_MS, () => undefined);
    },
  };
}

/** The SDK's default attributes. The service name is ours, or the environment's. */
function defaultResourceWithoutName() {
  const { 'service.name': _name, ...rest } = defaultResource().attributes;
  return resourceFromAttributes(rest);
}

/** OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG, as in the specification. */
function samplerOf(env: NodeJS.ProcessEnv): Sampler {
  const name = env['OTEL_TRACES_SAMPLER'] || 'parentbased_always_on';
  const ratio = Number(env['OTEL_TRACES_SAMPLER_ARG'] || 1);
  const root = name.endsWith('traceidratio')
    ? new TraceIdRatioBasedSampler(Number.isFinite(ratio) ? ratio : 1)
    : name.endsWith('always_off')
      ? new AlwaysOffSampler()
      : new AlwaysOnSampler();
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

function readTraceparent(text: string): SpanContext | null {
  const [, traceId = '', spanId = '', flags = '0'] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text) ?? [];
  const context: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
  };
  return isSpanContextValid(context) ? context : null;
}

const writeTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
