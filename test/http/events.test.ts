import assert from 'node:assert/strict';
import { RingdownError } from '../../src/errors.ts';
import { eventGridRoutes } from '../../src/http/routes/events.ts';
import { readGridEvents } from '../../src/telephony/gridEvents.ts';
import { aProblem, post, problemOf, servers } from '../support/http/harness.ts';

/** Samples from the documentation of Event Grid. */
const validation = [
  {
    id: '2d1781af-3a4c-4d7c-bd0c-e34b19da4e66',
    topic: '/subscriptions/xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx',
    subject: '',
    data: {
      validationCode: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6',
      validationUrl: 'https://rp-eastus2.eventgrid.azure.net:553/eventsubscriptions/estest/validate',
    },
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    eventTime: '2018-01-25T22:12:19.4556811Z',
    metadataVersion: '1',
    dataVersion: '1',
  },
];

describe('/api/events', () => {
  const serve = servers();

  async function start(store?: (body: unknown) => Promise<{ validationCode: string | null }>) {
    const kept: unknown[] = [];
    const keep = async (body: unknown): Promise<{ validationCode: string | null }> => {
      const { events, validationCode } = readGridEvents(body, Date.now());
      kept.push(...events);
      return { validationCode };
    };
    const routes = eventGridRoutes({ secret: 'the secret', store: store ?? keep });
    const served = await serve(routes);
    return { ...served, kept, events: `${served.url}/api/events?token=the%20secret` };
  }

  it('answers the handshake of the Event Grid schema with its code', async () => {
    const { events, kept } = await start();
    const headers = { 'aeg-event-type': 'SubscriptionValidation' };
    const answer = await post(events, JSON.stringify(validation), headers);
    assert.equal(answer.status, 200, '202 is not accepted');
    assert.deepEqual(await answer.json(), { validationResponse: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' });
    assert.deepEqual(kept, []);
  });

  it('answers the handshake of CloudEvents with the origin', async () => {
    const { events } = await start();
    const ask = async (headers: Record<string, string>): Promise<Response> =>
      await fetch(events, { method: 'OPTIONS', headers });
    const answer = await ask({ 'WebHook-Request-Origin': 'eventgrid.azure.net' });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('webhook-allowed-origin'), 'eventgrid.azure.net');
    assert.equal(answer.headers.get('webhook-allowed-rate'), null);
    const rated = await ask({
      'WebHook-Request-Origin': 'eventgrid.azure.net',
      'WebHook-Request-Rate': '120',
    });
    assert.equal(rated.headers.get('webhook-allowed-rate'), '*');
    assert.equal((await ask({})).status, 400);
  });

  it('refuses both handshakes and events without the secret, with the same answer', async () => {
    const { url, kept, lines } = await start();
    for (const path of ['/api/events', '/api/events?token=', '/api/events?token=another']) {
      const answers = [
        await post(`${url}${path}`, JSON.stringify(validation)),
        await fetch(`${url}${path}`, {
          method: 'OPTIONS',
          headers: { 'WebHook-Request-Origin': 'eventgrid.azure.net' },
        }),
      ];
      for (const answer of answers) {
        assert.equal(answer.headers.get('webhook-allowed-origin'), null);
        assert.deepEqual(await problemOf(answer), aProblem('unauthorized', 401, 'Not authorized'));
      }
    }
    assert.deepEqual(kept, []);
    assert.doesNotMatch(lines.join('\n'), /another/, 'the given secret is not logged');
  });

  it('accepts CloudEvents, one or several, with their own content types', async () => {
    const { events, kept } = await start();
    const one = {
      specversion: '1.0',
      id: 'c1',
      source: '/subscriptions/x',
      type: 'Microsoft.Communication.CallStarted',
      time: '2026-01-01T10:00:00Z',
      data: { serverCallId: 's' },
    };
    for (const [type, body] of [
      ['application/cloudevents+json; charset=utf-8', one],
      ['application/cloudevents-batch+json', [one, { ...one, id: 'c2' }]],
    ] as const) {
      assert.equal((await post(events, JSON.stringify(body), { 'Content-Type': type })).status, 200);
    }
    assert.equal(kept.length, 3);
  });

  it('answers 503 if they cannot be stored, so that Event Grid retries', async () => {
    const { events } = await start(async () => {
      throw new Error('the database is away');
    });
    assert.equal((await post(events, '[]')).status, 503);
    const { events: coded } = await start(async () => {
      throw new RingdownError('bad_request');
    });
    assert.equal((await post(coded, '[]')).status, 400);
  });

  it('answers 400 if the body is not an event', async () => {
    const { events } = await start();
    assert.equal((await post(events, '"hello"')).status, 400);
    assert.equal((await post(events, '[1, null, {"id": 3}]')).status, 200, 'there is nothing to store');
  });
});
