import type { Logger } from 'pino';
import type { Call } from '../../calls/call.ts';
import type { Telephony } from '../../calls/telephony.ts';
import { speechName } from '../../calls/lifecycle/speech.ts';
import { traceOf } from '../../calls/callQueries.ts';
import type { Sql } from '../../database/schema.ts';
import type { Handle, Route } from '../../http/route.ts';
import { systemClock } from '../../clock.ts';
import { noTracing, type Tracing } from '../../database/tracing.ts';

/**
 * Starts tracing if OpenTelemetry's environment variables name a destination: OTEL_EXPORTER_OTLP_ENDPOINT or
 * OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, or OTEL_TRACES_EXPORTER=otlp (default localhost:4318); never with
 * OTEL_SDK_DISABLED=true or OTEL_TRACES_EXPORTER=none. If APPLICATIONINSIGHTS_CONNECTION_STRING is set, traces,
 * metrics and logs go to Application Insights. Otherwise nothing of OpenTelemetry is loaded.
 */
export async function startTracing(env: NodeJS.ProcessEnv, log: Logger): Promise<Tracing> {
  const exporter = env['OTEL_TRACES_EXPORTER'] ?? '';
  const isWanted =
    exporter === 'otlp' ||
    (exporter === '' &&
      Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']));
  if (exporter !== '' && exporter !== 'otlp' && exporter !== 'none') {
    log.warn({ exporter }, 'OTEL_TRACES_EXPORTER supports only otlp and none: traces are off');
  }
  const connectionString = env['APPLICATIONINSIGHTS_CONNECTION_STRING']?.trim() ?? '';
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return noTracing;
  if (!isWanted && connectionString === '') return noTracing;
  const protocol = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] || env['OTEL_EXPORTER_OTLP_PROTOCOL'];
  if (isWanted && protocol && protocol !== 'http/json') {
    log.warn(
      { protocol },
      'sending traces as http/json, which collectors accept on the http/protobuf port too',
    );
  }
  const { openTelemetry, toCollector } = await import('./openTelemetry.ts');
  const collectors = isWanted ? [toCollector()] : [];
  if (connectionString === '') return openTelemetry(env, log, collectors);
  const { applicationInsights } = await import('./applicationInsights.ts');
  return openTelemetry(env, log, collectors, applicationInsights(connectionString, systemClock));
}

/** No traces for health and metrics; callbacks get their span once they are authenticated. */
const UNTRACED = /^\/(?:healthz|readyz|metrics|api\/callbacks)/;

/** Traces each admitted request as a span. A request to the API may continue its sender's trace. */
export function tracedRoutes(routes: readonly Route[], tracing: Tracing): readonly Route[] {
  if (!tracing.isOn) return routes;
  return routes.map((route) =>
    UNTRACED.test(route.path)
      ? route
      : {
          ...route,
          admit: async (head) => {
            const { traceparent } = head.headers;
            const from =
              route.path.startsWith('/api/v1/') && typeof traceparent === 'string' ? traceparent : null;
            const traced =
              (handle: Handle): Handle =>
              async (request) =>
                await tracing.span(
                  `${route.method} ${route.path}`,
                  { from, attributes: { reference: request.reference, id: request.params['id'] } },
                  async () => await handle(request),
                );
            const admitted = await route.admit(head);
            return 'byBody' in admitted
              ? { byBody: async (request) => traced(await admitted.byBody(request)) }
              : { ...admitted, handle: traced(admitted.handle) };
          },
        },
  );
}

/** Runs the work of a callback in the trace of its call. */
export async function inTraceOf<T>(
  { tracing, db, callId }: { tracing: Tracing; db: Sql; callId: string },
  work: () => Promise<T>,
): Promise<T> {
  if (!tracing.isOn) return await work();
  // If the call has no trace, the callback starts one.
  const from = await traceOf(db, callId).catch(() => null);
  return await tracing.span('POST /api/callbacks/:callId/:secret', { from, attributes: { callId } }, work);
}

/** Traces each request to Call Automation as a span. */
export function tracedTelephony(telephony: Telephony, tracing: Tracing): Telephony {
  if (!tracing.isOn) return telephony;
  const about = ({ id, purpose }: Call) => ({ callId: id, purpose: purpose.kind });
  return {
    dial: async (dial) =>
      await tracing.span(
        'acs createCall',
        { attributes: about(dial.call) },
        async () => await telephony.dial(dial),
      ),
    speak: async (call, connection, speech) =>
      await tracing.span(
        'acs play',
        { attributes: { ...about(call), context: speechName(speech) } },
        async () => await telephony.speak(call, connection, speech),
      ),
    listen: async (call, connection) =>
      await tracing.span(
        'acs listen',
        { attributes: about(call) },
        async () => await telephony.listen(call, connection),
      ),
    transfer: async (call, connection, to) =>
      await tracing.span(
        'acs transfer',
        { attributes: about(call) },
        async () => await telephony.transfer(call, connection, to),
      ),
    hangUp: async (connection) =>
      await tracing.span('acs hangUp', {}, async () => await telephony.hangUp(connection)),
    probe: async (connection) =>
      await tracing.span('acs probe', {}, async () => await telephony.probe(connection)),
  };
}
