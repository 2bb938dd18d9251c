import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { createLog } from '../../../src/operations/logging/log.ts';
import { applicationInsights, changes } from '../../../src/operations/tracing/applicationInsights.ts';
import { createMetrics } from '../../../src/operations/metrics/metrics.ts';
import { openTelemetry } from '../../../src/operations/tracing/openTelemetry.ts';
import { startTracing } from '../../../src/operations/tracing/tracing.ts';
import { noTracing, type Sample, type Tracing } from '../../../src/database/tracing.ts';
import { afterTest } from '../../support/afterTest.ts';
import { testClock } from '../../support/clock.ts';
import { until } from '../../support/until.ts';
import { openEmbedded } from '../../support/databases.ts';
import { recordingLog, silent } from '../../support/log.ts';
import { newestCall, startWorld } from '../../support/world.ts';

const envelopeSchema = z.object({
  name: z.string(),
  iKey: z.string(),
  tags: z.record(z.string(), z.string()),
  data: z.object({
    baseType: z.string(),
    baseData: z.looseObject({
      name: z.string().optional(),
      message: z.string().optional(),
      properties: z.record(z.string(), z.string()).default({}),
      metrics: z.array(z.object({ name: z.string(), value: z.number() })).default([]),
      exceptions: z.array(z.object({ typeName: z.string(), stack: z.string() })).default([]),
    }),
  }),
});
type Envelope = z.infer<typeof envelopeSchema>;

const KEY = '80000000-0000-4000-8000-000000000008';

/** Stands in for the ingestion endpoint of Application Insights: receives what the real exporter sends. */
async function ingestion(status = 200): Promise<{ connectionString: string; taken: Envelope[] }> {
  const taken: Envelope[] = [];
  const server = createServer((request, response) => {
    const take = async (): Promise<void> => {
      const body = await buffer(request);
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      assert.match(request.url ?? '', /^\/v2(\.1)?\/track/);
      const envelopes = z.array(envelopeSchema).parse(JSON.parse(text.toString()));
      if (status === 200) taken.push(...envelopes);
      response.writeHead(status, { 'content-type': 'application/json' });
      const { length } = envelopes;
      response.end(JSON.stringify({ itemsReceived: length, itemsAccepted: length, errors: [] }));
    };
    take().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterTest(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  return { connectionString: `InstrumentationKey=${KEY};IngestionEndpoint=${origin}/`, taken };
}

/** Accepts requests, but answers them only when told to. */
async function silentIngestion() {
  const requests: number[] = [];
  let givenUp = 0;
  let waiting: ServerResponse[] = [];
  const server = createServer((request, response) => {
    response.on('close', () => (givenUp += response.writableFinished ? 0 : 1));
    buffer(request)
      .then((body) => {
        const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
        requests.push(z.array(z.unknown()).parse(JSON.parse(text.toString())).length);
        return waiting.push(response);
      })
      .catch(() => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterTest(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  return {
    connectionString: `InstrumentationKey=${KEY};IngestionEndpoint=${origin}/`,
    requests,
    givenUp: () => givenUp,
    answer: (): void => {
      for (const response of waiting) {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ itemsReceived: 1, itemsAccepted: 1, errors: [] }));
      }
      waiting = [];
    },
  };
}

/** Traces and a log that are exported there, wired as in run.ts. */
async function sending(connectionString: string) {
  let tracing: Tracing = noTracing;
  const log = createLog('info', [connectionString], { write: (line) => tracing.line(line) });
  tracing = await startTracing({ APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString }, silent);
  return { tracing, log };
}

describe('Application Insights', function () {
  this.timeout(60_000);

  it('gets traces and log of a call under the call’s id and one operation, without personal data', async () => {
    const { connectionString, taken } = await ingestion();
    const { tracing } = await sending(connectionString);
    const world = await startWorld({ database: await openEmbedded(), tracing });
    await world.emulator.channel.send({ from: 'Megan Bowen', text: 'call Adele Vance: the build is red' });
    await world.pass(30_000);
    const call = await newestCall(world);
    assert.ok(call);
    await tracing.stop();

    const lines = taken.filter(
      ({ data }) => data.baseType === 'MessageData' && data.baseData.properties['callId'] === call.id,
    );
    const ended = lines.find(({ data }) => data.baseData.properties['event'] === 'ended');
    assert.equal(ended?.data.baseData.properties['disposition'], 'answered');
    const spans = taken.filter(({ data }) => data.baseData.properties['ringdown.callId'] === call.id);
    const names = spans.map(({ data }) => data.baseData.name);
    assert.ok(names.includes('acs createCall') && names.includes('POST /api/callbacks/:callId/:secret'));
    const operations = new Set([...spans, ended].map((one) => one?.tags['ai.operation.id']));
    assert.equal(operations.size, 1);
    for (const { iKey, tags } of taken) {
      assert.equal(iKey, KEY);
      assert.equal(tags['ai.cloud.role'], 'ringdown');
    }
    const all = JSON.stringify(taken);
    for (const word of ['Adele', 'Megan', 'build is red', 'contoso']) assert.ok(!all.includes(word), word);
  });

  it('gets errors of the log as exceptions with their stack', async () => {
    const { connectionString, taken } = await ingestion();
    const { tracing, log } = await sending(connectionString);
    log.error({ err: new TypeError('broken'), callId: 'call_1' }, 'something went wrong');
    await tracing.stop();
    const [exception] = taken.filter(({ data }) => data.baseType === 'ExceptionData');
    assert.equal(exception?.data.baseData.exceptions[0]?.typeName, 'TypeError');
    assert.match(exception?.data.baseData.exceptions[0]?.stack ?? '', /at /);
    assert.equal(exception?.data.baseData.properties['callId'], 'call_1');
  });

  it('that rejects everything is logged once per attempt, and delays neither work nor shutdown', async () => {
    const { connectionString } = await ingestion(400);
    const { log, lines } = recordingLog([connectionString]);
    const tracing = await startTracing({ APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString }, log);
    tracing.line('{"level":"info","time":"2026-11-30T00:00:00.000Z","msg":"call"}\n');
    await tracing.stop();
    assert.match(lines[0] ?? '', /could not be exported/);
    assert.ok(!lines.join('').includes(KEY));
  });

  it('that does not answer gets one request of log lines at a time, and the queue is bounded', async () => {
    const clock = testClock();
    const endpoint = await silentIngestion();
    const tracing = openTelemetry({}, silent, [], applicationInsights(endpoint.connectionString, clock));
    const line = (): void =>
      tracing.line('{"level":"info","time":"2026-11-30T00:00:00.000Z","msg":"call"}\n');
    line();
    await clock.tick(5_000);
    await until(() => endpoint.requests.length > 0, 'the first request has arrived');
    for (let minute = 0; minute < 12; minute++) {
      for (let count = 0; count < 1_000; count++) line();
      await clock.tick(5_000);
    }
    assert.equal(endpoint.requests.length, 1);

    endpoint.answer();
    await until(async () => {
      await clock.tick(5_000);
      return endpoint.requests.length > 1;
    }, 'the next request has come');
    assert.equal(endpoint.requests[1], 2_000);
    endpoint.answer();
    await tracing.stop();
  });

  it('that does not answer in time is abandoned', async () => {
    const clock = testClock();
    const endpoint = await silentIngestion();
    const tracing = openTelemetry({}, silent, [], applicationInsights(endpoint.connectionString, clock, 20));
    tracing.line('{"level":"info","time":"2026-11-30T00:00:00.000Z","msg":"call"}\n');
    await clock.tick(5_000);
    await until(() => endpoint.givenUp() > 0, 'the request was abandoned');
    await tracing.stop();
  });

  it('gets metrics every minute, with their labels', async () => {
    const { connectionString, taken } = await ingestion();
    const clock = testClock();
    const tracing = openTelemetry({}, silent, [], applicationInsights(connectionString, clock));
    const metrics = createMetrics();
    metrics.callsEnded.inc({ purpose: 'speak', disposition: 'failed' }, 2);
    metrics.jobLateness.observe(1.5);
    tracing.measure(async () => await metrics.samples());
    await clock.tick(60_000);
    await until(() => taken.length > 0, 'metrics have arrived');
    await tracing.stop();
    const values = Object.fromEntries(
      taken.flatMap(({ data }) =>
        data.baseData.metrics.map(({ name, value }) => [name, { value, ...data.baseData.properties }]),
      ),
    );
    assert.deepEqual(values['ringdown_calls_ended_total'], {
      value: 2,
      purpose: 'speak',
      disposition: 'failed',
    });
    assert.deepEqual(values['ringdown_job_lateness_seconds'], { value: 1.5 });
  });

  it('gets the change of a counter since the last export, and current gauges', () => {
    const before = new Map<string, Sample>();
    const ended = (value: number): Sample => ({
      name: 'ringdown_calls_ended_total',
      kind: 'counter',
      labels: { disposition: 'failed' },
      value,
      count: 1,
    });
    const late = (value: number, count: number): Sample => ({
      name: 'ringdown_job_lateness_seconds',
      kind: 'histogram',
      labels: {},
      value,
      count,
    });
    const due: Sample = { name: 'ringdown_jobs_due', kind: 'gauge', labels: {}, value: 0, count: 1 };
    const told = (samples: Sample[]) =>
      changes(samples, before).map(({ name, value, count }) => [name.replace('ringdown_', ''), value, count]);
    assert.deepEqual(told([ended(2), late(0.5, 10), due]), [
      ['calls_ended_total', 2, 2],
      ['job_lateness_seconds', 0.5, 10],
      ['jobs_due', 0, 1],
    ]);
    assert.deepEqual(told([ended(2), late(0.5, 10), due]), [['jobs_due', 0, 1]]);
    assert.deepEqual(told([ended(5), late(2.5, 12), due]), [
      ['calls_ended_total', 3, 3],
      ['job_lateness_seconds', 2, 2],
      ['jobs_due', 0, 1],
    ]);
  });
});
