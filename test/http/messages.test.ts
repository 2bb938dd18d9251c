import assert from 'node:assert/strict';
import { readActivity } from '../../src/chat/turn/activity.ts';
import { RingdownError } from '../../src/errors.ts';
import { messageRoute } from '../../src/http/routes/messages.ts';
import type { ChatPort } from '../../src/http/routes/messages.ts';
import { aProblem, post, problemOf, servers } from '../support/http/harness.ts';

const activity = {
  type: 'message',
  id: '1',
  channelId: 'msteams',
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  from: { id: '29:adele' },
  recipient: { id: '28:bot' },
  conversation: { id: 'a:1' },
  text: 'help',
};

describe('POST /api/messages', () => {
  const serve = servers();

  async function send(body: unknown, process: ChatPort['process'], headers: Record<string, string> = {}) {
    const { url } = await serve([messageRoute({ admit: async () => await Promise.resolve(), process })]);
    return await post(`${url}/api/messages`, JSON.stringify(body), headers);
  }

  it('passes the activity and the headers to the chat, and returns its answer', async () => {
    let seen: unknown;
    const answer = await send(
      activity,
      async ({ headers, body }, response) => {
        seen = [headers.authorization, body];
        response.send(202, { statusCode: 200, type: 'application/vnd.microsoft.activity.message' });
      },
      { Authorization: 'Bearer the-channel' },
    );
    assert.deepEqual(seen, ['Bearer the-channel', activity]);
    assert.equal(answer.status, 202);
    assert.deepEqual(await answer.json(), {
      statusCode: 200,
      type: 'application/vnd.microsoft.activity.message',
    });
  });

  it('answers an empty 200 if the chat has no answer', async () => {
    const answer = await send(activity, async (_, response) => response.send(200));
    assert.deepEqual([answer.status, await answer.text()], [200, '']);
  });

  for (const code of ['unauthorized', 'forbidden', 'unavailable'] as const) {
    it(`answers ${code}`, async () => {
      const error = new RingdownError(code);
      const answer = await send(activity, async () => {
        throw error;
      });
      assert.deepEqual(await problemOf(answer), aProblem(code, error.kind.status, error.kind.title));
    });
  }

  describe('answers 400 to', () => {
    const { type: _type, ...typeless } = activity;
    const { from: _from, ...fromless } = activity;
    const { conversation: _conversation, ...placeless } = activity;
    for (const [name, body] of Object.entries({
      'no type': typeless,
      'a type that is not a string': { ...activity, type: 7 },
      'an empty type': { ...activity, type: '' },
      'no sender': fromless,
      'a sender that is a name': { ...activity, from: 'Adele' },
      'no conversation': placeless,
      'a conversation without id': { ...activity, conversation: {} },
      'a text that is not a string': { ...activity, text: { a: 1 } },
      'no service address': { ...activity, serviceUrl: null },
      'an id that the database refuses': { ...activity, id: '\0' },
      'a locale that the database refuses': { ...activity, locale: 'en\ud800' },
      'an array': [activity],
      null: null,
      'a string': 'message',
    })) {
      it(name, async () => {
        const answer = await send(body, async (request) => {
          readActivity(request.body);
        });
        assert.equal(answer.status, 400);
        assert.equal(answer.headers.get('content-type'), 'application/problem+json');
      });
    }
  });
});
