import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { openTelemetry } from '../../../src/operations/tracing/openTelemetry.ts';
import { startTracing } from '../../../src/operations/tracing/tracing.ts';
import { afterTest } from '../../support/afterTest.ts';
import { forEachDatabaseByTurns, onPostgres, openEmbedded } from '../../support/databases.ts';
import { recordingLog, silent } from '../../support/log.ts';
import { newestCall, startWorld } from '../../support/world.ts';

const second = 1000;
const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

function inMemory(env: NodeJS.ProcessEnv = {}) {
  const exporter = new InMemorySpanExporter();
  return { tracing: openTelemetry(env, silent, [new SimpleSpanProcessor({ exporter })]), exporter };
}

const traceIds = (spans: readonly ReadableSpan[]): Set<string> =>
  new Set(spans.map((span) => span.spanContext().traceId));

describe('traces', function () {
  forEachDatabaseByTurns((open) => {
    it('connect the chat turn, the jobs and the callbacks in one trace', async () => {
      const { tracing, exporter } = inMemory();
      const world = await startWorld({ database: await open(), tracing });
      await world.emulator.channel.send({ from: 'Megan Bowen', text: 'call Adele Vance: the build is red' });
      await world.pass(30 * second);
      assert.equal((await newestCall(world))?.disposition, 'answered');
      const spans = exporter.getFinishedSpans();
      const [turn] = spans.filter(({ name }) => name === 'POST /api/messages');
      assert.ok(turn);
      const ofCall = spans.filter(({ name }) => !name.startsWith('GET '));
      assert.deepEqual(traceIds(ofCall), new Set([turn.spanContext().traceId]));
      const names = ofCall.map(({ name }) => name);
      for (const name of [
        'job call.dial',
        'acs createCall',
        'POST /api/callbacks/:callId/:secret',
        'job call.speak',
        'acs play',
        'job call.hangUp',
        'acs hangUp',
      ]) {
        assert.ok(names.includes(name), `${name} of ${names.join(', ')}`);
      }
      const of = (name: string) => ofCall.find((span) => span.name === name);
      const dial = of('job call.dial');
      assert.equal(dial?.parentSpanContext?.spanId, turn.spanContext().spanId);
      assert.equal(of('acs createCall')?.parentSpanContext?.spanId, dial?.spanContext().spanId);
      const spoken = of('job call.speak')?.parentSpanContext?.spanId;
      const callback = ofCall.find((span) => span.spanContext().spanId === spoken);
      assert.equal(callback?.name, 'POST /api/callbacks/:callId/:secret');
      assert.equal(callback.parentSpanContext?.spanId, turn.spanContext().spanId);
    });

    it('contain no personal data and no secrets', async () => {
      const { tracing, exporter } = inMemory();
      const world = await startWorld({ database: await open(), tracing });
      world.emulator.faults.add({ operation: 'createCall', kind: 'status', status: 400 });
      await world.emulator.channel.send({ from: 'Megan Bowen', text: 'call Adele Vance: the build is red' });
      await world.api('POST', '/api/v1/calls', { target: { user: 'Adele Vance' }, message: 'red' });
      await world.api('POST', '/api/v1/calls', {
        target: { user: 'nobody@contoso.example' },
        message: 'red',
      });
      await world.pass(30 * second);
      const told = JSON.stringify(
        exporter
          .getFinishedSpans()
          .map(({ name, attributes, status, events }) => ({ name, attributes, status, events })),
      );
      for (const word of [
        'Adele',
        'Megan',
        'red"',
        'contoso',
        'a-key-for-tests-only',
        '/api/callbacks/call_',
      ]) {
        assert.ok(!told.includes(word), word);
      }
    });
  });

  onPostgres((open, freshUrl) => {
    it('continue if another replica gets the callbacks', async () => {
      const first = inMemory();
      const other = inMemory();
      const url = await freshUrl();
      const world = await startWorld({ database: await open(url), tracing: first.tracing });
      await startWorld({ database: await open(url), with: world, tracing: other.tracing });
      await world.emulator.channel.send({ from: 'Megan Bowen', text: 'call Adele Vance: hello' });
      await world.pass(30 * second);
      const all = [...first.exporter.getFinishedSpans(), ...other.exporter.getFinishedSpans()];
      assert.equal(traceIds(all.filter(({ name }) => !name.startsWith('GET '))).size, 1);
    });
  });

  it('of an API request belong to its sender’s trace', async () => {
    const { tracing, exporter } = inMemory();
    const world = await startWorld({ database: await openEmbedded(), tracing });
    const sender = '0123456789abcdef0123456789abcdef';
    for (const traceparent of [`00-${sender}-0123456789abcdef-01`, 'nonsense', `00-${'0'.repeat(32)}-x-01`]) {
      const answer = await fetch(`${world.url}/api/v1/calls`, {
        headers: { authorization: 'Bearer a-key-for-tests-only', traceparent },
      });
      assert.equal(answer.status, 200);
    }
    const ids = exporter.getFinishedSpans().map((span) => span.spanContext().traceId);
    assert.equal(ids.length, 3);
    assert.deepEqual(ids.filter((id) => id === sender).length, 1);
  });

  it('are sampled as OTEL_TRACES_SAMPLER says', async () => {
    for (const [sampler, ratio, kept] of [
      ['', '', 20],
      ['always_off', '', 0],
      ['parentbased_traceidratio', '0', 0],
      ['traceidratio', '1', 20],
    ] as const) {
      const { tracing, exporter } = inMemory({
        OTEL_TRACES_SAMPLER: sampler,
        OTEL_TRACES_SAMPLER_ARG: ratio,
      });
      for (let n = 0; n < 20; n++) await tracing.span('x', {}, async () => undefined);
      assert.equal(exporter.getFinishedSpans().length, kept, sampler);
    }
  });

  it('are sent to OTEL_EXPORTER_OTLP_ENDPOINT, at the latest when the process stops', async () => {
    const bodies: string[] = [];
    const collector = createServer((request, response) => {
      const take = async (): Promise<void> => {
        bodies.push(`${request.url} ${await text(request)}`);
        response.end('{}');
      };
      take().catch(() => response.destroy());
    });
    collector.listen(0, '127.0.0.1');
    await once(collector, 'listening');
    afterTest(() => {
      collector.close();
      collector.closeAllConnections();
    });
    const address = collector.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const script = `
      import { startTracing } from './src/operations/tracing/tracing.ts';
      const tracing = await startTracing(process.env, { warn: () => undefined });
      await tracing.span('job call.dial', { attributes: { callId: 'call_1' } }, async () => undefined);
      await tracing.stop();`;
    await run(process.execPath, ['--input-type=module', '-e', script], {
      cwd: root,
      env: {
        ...process.env,
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        OTEL_SERVICE_NAME: 'ringdown-eu',
      },
    });
    assert.equal(bodies.length, 1);
    assert.match(bodies[0] ?? '', /^\/v1\/traces .*ringdown-eu.*"job call\.dial".*"call_1"/s);
  });

  it('are off, and load nothing of OpenTelemetry, unless the environment names a destination', async () => {
    for (const env of [
      {},
      { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
      { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
    ]) {
      assert.equal((await startTracing(env, silent)).isOn, false);
    }
    const { log, lines } = recordingLog();
    assert.equal((await startTracing({ OTEL_TRACES_EXPORTER: 'zipkin' }, log)).isOn, false);
    assert.match(lines.join(''), /zipkin/);
    const script = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
      const { startTracing } = await import('./src/operations/tracing/tracing.ts');
      await import('./src/app.ts');
      await startTracing({}, { warn: () => undefined });
      console.log(JSON.stringify({ all: loaded.length, of: loaded.filter((url) => url.includes('/@opentelemetry/sdk') || url.includes('/@opentelemetry/exporter')) }));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: root });
    const { all, of } = JSON.parse(stdout) as { all: number; of: string[] };
    assert.ok(all > 50);
    assert.deepEqual(of, []);
  });
});
