import assert from 'node:assert/strict';
import { RingdownError } from '../../src/errors.ts';
import { callbackRoute } from '../../src/http/routes/callbacks.ts';
import type { CallbackPorts } from '../../src/http/routes/callbacks.ts';
import { aProblem, post, problemOf, servers } from '../support/http/harness.ts';

const TOKEN = { Authorization: 'Bearer the-service' };
const event = {
  id: 'e1',
  type: 'Microsoft.Communication.CallConnected',
  source: 'calling',
  specversion: '1.0',
};

describe('POST /api/callbacks/{callId}/{secret}', () => {
  const serve = servers();

  /** One call, `call_1` with the secret `right`, and its stored events. */
  async function start(ports: Partial<CallbackPorts> = {}) {
    const stored: unknown[] = [];
    const asked: string[] = [];
    const served = await serve([
      callbackRoute({
        tokens: {
          check: async (authorization) => (authorization === TOKEN.Authorization ? 'valid' : 'invalid'),
        },
        storeEvents: async (callId, secret, events) => {
          asked.push(callId);
          if (callId !== 'call_1' || secret !== 'right') return 'unknown';
          stored.push(...events);
          return 'taken';
        },
        ...ports,
      }),
    ]);
    return { ...served, stored, asked, callback: `${served.url}/api/callbacks/call_1/right` };
  }

  for (const [name, body, stored] of [
    ['every event of an array', [event, { ...event, id: 'e2', type: 'not known' }], 2],
    ['a single CloudEvent', event, 1],
    ['no event at all', [], 0],
  ] as const) {
    it(`stores ${name}, then answers 200`, async () => {
      const call = await start();
      const answer = await post(call.callback, JSON.stringify(body), TOKEN);
      assert.deepEqual([answer.status, await answer.text()], [200, '']);
      assert.deepEqual(call.stored, [body].flat());
      assert.equal(call.stored.length, stored);
    });
  }

  describe('gives the same 401 and stores nothing for', () => {
    for (const [name, path, headers] of [
      ['an unknown call', 'call_2/right', TOKEN],
      ['a wrong secret', 'call_1/wrong', TOKEN],
      ['no token', 'call_1/right', {}],
      ['a bad token', 'call_1/right', { Authorization: 'Bearer somebody' }],
      ['a bad token and an unknown call', 'call_2/right', { Authorization: 'Bearer somebody' }],
      ['a very long call id', `${'c'.repeat(500)}/right`, TOKEN],
    ] as const) {
      it(name, async () => {
        const { url, stored } = await start();
        const answer = await post(`${url}/api/callbacks/${path}`, JSON.stringify([event]), headers);
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
        assert.deepEqual(await problemOf(answer), aProblem('unauthorized', 401, 'Not authorized'));
        assert.deepEqual(stored, []);
      });
    }
  });

  it('does not look up the call without a token', async () => {
    const { callback, asked } = await start();
    await post(callback, '[]');
    assert.deepEqual(asked, []);
  });

  for (const body of ['[{"id":', 'null', '"text"', '1', '']) {
    it(`answers 400 to ${body || 'an empty body'}`, async () => {
      const { callback, stored } = await start();
      const answer = await post(callback, body, TOKEN);
      assert.equal(answer.status, 400);
      assert.equal(answer.headers.get('content-type'), 'application/problem+json');
      assert.deepEqual(stored, []);
    });
  }

  it('answers 415 to another content type', async () => {
    const { callback } = await start();
    assert.equal((await post(callback, '[]', { ...TOKEN, 'Content-Type': 'text/plain' })).status, 415);
  });

  for (const [name, ports] of Object.entries({
    'the events cannot be stored': {
      storeEvents: async () => {
        throw new Error('disk full');
      },
    },
    'the keys cannot be fetched': {
      tokens: {
        check: async () => {
          throw new RingdownError('unavailable');
        },
      },
    },
  } satisfies Record<string, Partial<CallbackPorts>>)) {
    it(`answers 503 if ${name}`, async () => {
      const { callback } = await start(ports);
      const answer = await post(callback, JSON.stringify([event]), TOKEN);
      assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
      assert.deepEqual(await problemOf(answer), aProblem('unavailable', 503, 'Not available right now'));
    });
  }
});
