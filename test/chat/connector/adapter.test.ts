import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { ChatAdapter, type BotIdentity } from '../../../src/chat/connector/adapter.ts';
import { readActivity } from '../../../src/chat/turn/activity.ts';
import { CloudAdapter, ConfigurationServiceClientCredentialFactory, type TurnContext } from 'botbuilder';
import sinon from 'sinon';
import { ConnectorFault } from '../../../src/chat/connector/connectorFault.ts';
import { ConnectorCredentials } from '../../../src/chat/connector/transport.ts';
import { clouds } from '../../../src/config/clouds.ts';

const bot: BotIdentity = {
  type: 'SingleTenant',
  appId: '11111111-2222-3333-4444-555555555555',
  appPassword: 'not a password',
  tenantId: '11111111-2222-3333-4444-555555555555',
  allowAnonymous: true,
};

/** restify, which other tests load, makes `writeHead` return nothing, so calls cannot be chained. */
function reply(response: ServerResponse, status: number, headers: Record<string, string>, body = ''): void {
  response.writeHead(status, headers);
  response.end(body);
}

describe('The adapter', () => {
  let server: Server | undefined;
  let requests: { method: string | undefined; headers: IncomingHttpHeaders }[] = [];
  let answer: RequestListener = (_request, response) => response.end('{"id":"1"}');
  let serviceUrl = '';

  before(async () => {
    server = createServer((request, response) => {
      requests.push({ method: request.method, headers: request.headers });
      answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    serviceUrl = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}/` : '';
  });
  after(async () => {
    server?.closeAllConnections();
    server?.close();
    if (server) await once(server, 'close');
  });
  beforeEach(() => {
    requests = [];
  });

  const activityOf = (): ReturnType<typeof readActivity>['activity'] =>
    readActivity({
      type: 'message',
      id: '1',
      channelId: 'msteams',
      serviceUrl,
      from: { id: '29:alex' },
      recipient: { id: '28:bot' },
      conversation: { id: 'a:1' },
      text: 'hi',
    }).activity;

  /** Sends a message in a turn. @returns the fault */
  async function say(adapter = new ChatAdapter(bot, clouds.public, { timeoutMs: 300 })): Promise<unknown> {
    let fault: unknown = null;
    await adapter.receive('', activityOf(), async (context) => {
      try {
        await context.sendActivity('hello');
      } catch (error) {
        fault = error;
      }
    });
    return fault;
  }

  it('reuses one connection, and one client for each service URL', async () => {
    answer = (_request, response) => response.end('{"id":"1"}');
    let connections = 0;
    const count = (): unknown => (connections += 1);
    server?.on('connection', count);
    const adapter = new ChatAdapter(bot, clouds.public);
    const clientOf = async (address: string): Promise<unknown> => {
      let client: unknown;
      await adapter.receive('', { ...activityOf(), serviceUrl: address }, async (context) => {
        client = context.turnState.get(adapter.ConnectorClientKey);
        await context.sendActivity('hello');
      });
      return client;
    };
    const [first, again, other] = [
      await clientOf(serviceUrl),
      await clientOf(serviceUrl),
      await clientOf(`${serviceUrl}emea/`),
    ];
    server?.off('connection', count);
    assert.ok(first);
    assert.equal(again, first);
    assert.notEqual(other, first);
    assert.equal(connections, 1);
    assert.equal(requests.length, 3);
  });

  it('sends no token in anonymous mode, even if there is an app id', async () => {
    answer = (_request, response) => response.end('{"id":"1"}');
    assert.equal(await say(), null);
    assert.equal(requests[0]?.headers.authorization, undefined);
  });

  it('sends the same requests as the SDK does', async () => {
    const bodies: unknown[] = [];
    answer = (request, response) => {
      void (async () => {
        const body: unknown = JSON.parse(await text(request));
        bodies.push([request.method, request.url, request.headers['content-type'], body]);
        response.end('{"id":"new/1"}');
      })();
    };
    const answers: unknown[] = [];
    const turn = async (context: TurnContext): Promise<void> => {
      const card = {
        type: 'AdaptiveCard',
        body: [{ type: 'TextBlock', text: 'Zoë ☎', maxLines: 0 }],
        none: null,
      };
      const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }];
      answers.push(await context.sendActivity({ type: 'message', summary: 'O’Hara', attachments }));
      answers.push(await context.sendActivities([{ type: 'typing' }, { text: 'hi', textFormat: 'plain' }]));
      answers.push(await context.updateActivity({ type: 'message', id: 'a/1', attachments }));
    };
    const sdk = new ChatAdapter(bot, clouds.public);
    sdk.sendActivities = CloudAdapter.prototype.sendActivities.bind(sdk);
    sdk.updateActivity = CloudAdapter.prototype.updateActivity.bind(sdk);
    const incoming = { ...activityOf(), conversation: { id: 'a:1;messageid=2', name: '', isGroup: true, conversationType: 'channel', tenantId: 't' }, locale: 'de-DE' }; // prettier-ignore
    for (const adapter of [sdk, new ChatAdapter(bot, clouds.public)])
      await adapter.receive('', incoming, turn);
    assert.equal(bodies.length, 8);
    assert.deepEqual(bodies.slice(4), bodies.slice(0, 4));
    assert.deepEqual(answers.slice(3), answers.slice(0, 3));
  });

  it('sends the token of the SDK’s credentials', async () => {
    answer = (_request, response) => response.end('not JSON');
    const fetching = sinon.stub(ConfigurationServiceClientCredentialFactory.prototype, 'createCredentials');
    fetching.resolves({
      signRequest: async (request) => {
        request.headers.set('Authorization', 'Bearer of the bot');
        return await Promise.resolve(request);
      },
    });
    try {
      // What was sent counts as sent, even if the answer cannot be read.
      assert.equal(await say(), null);
    } finally {
      fetching.restore();
    }
    assert.equal(requests[0]?.headers.authorization, 'Bearer of the bot');
  });

  const refusals: readonly [what: string, answer: RequestListener, status: number | null, retryAfterMs: number | null][] = [
    ['429 with seconds', (_, response) => reply(response, 429, { 'retry-after': '7' }), 429, 7_000],
    ['429 without', (_, response) => reply(response, 429, {}), 429, null],
    ['429 with nonsense', (_, response) => reply(response, 429, { 'retry-after': 'soon' }), 429, null],
    ['500', (_, response) => reply(response, 500, {}, '{"error":{"code":"ServiceError","message":"x"}}'), 500, null],
    ['503 with seconds', (_, response) => reply(response, 503, { 'retry-after': '1' }), 503, 1_000],
    ['403', (_, response) => reply(response, 403, {}, '{"error":{"code":"BotNotInConversationRoster"}}'), 403, null],
    ['a reset', (request) => request.socket.destroy(), null, null],
    ['no answer', () => undefined, null, null],
    ['a redirect', (_, response) => reply(response, 307, { location: 'http://evil.example/' }), null, null],
  ]; // prettier-ignore
  for (const [what, fault, status, retryAfterMs] of refusals) {
    it(`sends a request only once, and reports the failure: ${what}`, async () => {
      answer = fault;
      const told = await say();
      assert.ok(told instanceof ConnectorFault, String(told));
      assert.deepEqual([told.status, told.retryAfterMs], [status, retryAfterMs]);
      assert.equal(requests.length, 1);
    });
  }

  it('recognises a request that never reached the service', async () => {
    const known = serviceUrl;
    answer = (request) => request.socket.destroy();
    const reset = await say();
    assert.ok(reset instanceof ConnectorFault && reset.arrived);
    const closed = createServer();
    closed.listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const address = closed.address();
    serviceUrl = typeof address === 'object' && address ? `http://127.0.0.1:${address.port}/` : '';
    closed.close();
    await once(closed, 'close');
    const refused = await say();
    serviceUrl = known;
    assert.ok(refused instanceof ConnectorFault && !refused.arrived, String(refused));
    assert.equal(refused.status, null);
  });

  it('treats a missing token like such a request', async () => {
    const fetching = sinon.stub(ConfigurationServiceClientCredentialFactory.prototype, 'createCredentials');
    fetching.resolves({ signRequest: async () => await Promise.reject(new Error('no token today')) });
    try {
      const credentials = await new ConnectorCredentials({}).createCredentials('a', 'b', 'c', true);
      // The token is fetched before the request is read.
      const told = credentials.signRequest(undefined as never);
      await assert.rejects(told, (fault) => fault instanceof ConnectorFault && !fault.arrived);
    } finally {
      fetching.restore();
    }
  });

  it('finds the code that says why, wherever it is', async () => {
    const body = '{"error":{"code":"Forbidden","innerHttpError":{"subCode":"MessageWritesBlocked"}}}';
    answer = (_, response) => reply(response, 403, {}, body);
    const told = await say();
    assert.equal(told instanceof ConnectorFault && told.code, 'MessageWritesBlocked');
  });

  it('reads a date in Retry-After', async () => {
    answer = (_, response) => {
      reply(response, 429, { 'retry-after': new Date(Date.now() + 10_000).toUTCString() });
    };
    const told = await say();
    const wait = told instanceof ConnectorFault ? (told.retryAfterMs ?? 0) : 0;
    assert.ok(wait > 5_000 && wait <= 10_000, String(wait));
  });

  it('accepts nothing without a token otherwise', async () => {
    const adapter = new ChatAdapter({ ...bot, allowAnonymous: false }, clouds.public);
    for (const authorization of ['', ' ', 'Basic YTpi']) {
      await assert.rejects(
        adapter.receive(authorization, activityOf(), async () => assert.fail('the turn has run')),
        { statusCode: 401 },
      );
    }
  });

  describe('before the body is read', () => {
    const checking = new ChatAdapter({ ...bot, allowAnonymous: false }, clouds.public);

    it('refuses a forged token before the body is read', async () => {
      const claims = { iss: 'https://evil.example', aud: bot.appId, exp: 4_000_000_000 };
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const forged = `${part({ alg: 'RS256', kid: 'x' })}.${part(claims)}.${'x'.repeat(342)}`;
      for (const authorization of ['', ' ', 'Basic YTpi', 'Bearer', 'Bearer x', `Bearer ${forged}`]) {
        await assert.rejects(checking.check(authorization), { statusCode: 401 }, authorization);
      }
    });

    it('accepts everybody in anonymous mode', async () => {
      await new ChatAdapter(bot, clouds.public).check('');
    });
  });
});
