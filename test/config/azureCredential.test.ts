import assert from 'node:assert/strict';
import { CallAutomationClient } from '@azure/communication-call-automation';
import { CommunicationIdentityClient } from '@azure/communication-identity';
import type { TokenCredential } from '@azure/core-auth';
import type { PipelineRequest } from '@azure/core-rest-pipeline';
import { azureCredential, botCredential, inScope } from '../../src/config/azureCredential.ts';
import { clouds } from '../../src/config/clouds.ts';

describe('Ringdown’s identity', () => {
  const names = [
    'AZURE_TENANT_ID',
    'AZURE_CLIENT_ID',
    'AZURE_CLIENT_SECRET',
    'AZURE_AUTHORITY_HOST',
  ] as const;
  const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));
  beforeEach('an application in the environment', () => {
    process.env['AZURE_TENANT_ID'] = '72f988bf-86f1-41af-91ab-2d7cd011db47';
    process.env['AZURE_CLIENT_ID'] = '11111111-2222-3333-4444-555555555555';
    process.env['AZURE_CLIENT_SECRET'] = 'not a secret';
  });
  afterEach(() => {
    for (const name of names) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });

  for (const cloud of Object.values(clouds)) {
    it(`uses the login of its own cloud: ${cloud.name}`, async () => {
      const asked: string[] = [];
      const credential = await azureCredential(cloud, {
        retryOptions: { maxRetries: 0 },
        httpClient: {
          sendRequest: async ({ url }) => {
            asked.push(new URL(url).origin);
            throw new Error('not today');
          },
        },
      });
      await assert.rejects(credential.getToken(`${cloud.graphUrl}/.default`));
      assert.ok(asked.includes(cloud.loginUrl), asked.join());
      const others = Object.values(clouds).filter(({ loginUrl }) => loginUrl !== cloud.loginUrl);
      assert.ok(!others.some(({ loginUrl }) => asked.includes(loginUrl)), asked.join());
    });
  }

  it('may differ from the bot’s, which the manifest of the Teams app names', async () => {
    const appId = '33333333-2222-3333-4444-555555555555';
    const tenantId = '44444444-86f1-41af-91ab-2d7cd011db47';
    const bot = { appId, tenantId, appPassword: 'not a secret', allowAnonymous: false, allowedTenants: [] };
    const asked: { url: string; body: string }[] = [];
    const options = {
      retryOptions: { maxRetries: 0 },
      httpClient: {
        sendRequest: async ({ url, body }: PipelineRequest): Promise<never> => {
          asked.push({ url, body: typeof body === 'string' ? body : '' });
          throw new Error('not today');
        },
      },
    };
    for (const type of ['SingleTenant', 'UserAssignedMSI'] as const) {
      asked.length = 0;
      const credential = await botCredential({ bot: { ...bot, type }, cloud: clouds.gcch }, options);
      await assert.rejects(async () => await credential?.getToken('https://graph.microsoft.us/.default'));
      const namesBot = asked.some(({ url, body }) => `${url}&${body}`.includes(`client_id=${appId}`));
      const isLogin = asked.some(({ url }) => url.startsWith(`${clouds.gcch.loginUrl}/${tenantId}/`));
      assert.deepEqual([namesBot, isLogin], [true, type === 'SingleTenant'], JSON.stringify(asked));
    }
    const anonymous = { ...bot, type: 'SingleTenant' as const, appId: undefined };
    assert.equal(await botCredential({ bot: anonymous, cloud: clouds.public }), null);
  });

  it('requests the Communication Services scope of its cloud, whatever the SDK requests', async () => {
    const asked: (string | string[])[] = [];
    const identity: TokenCredential = {
      getToken: async (scopes) => {
        asked.push(scopes);
        throw new Error('not today');
      },
    };
    const scope = clouds.gcch.acsScope;
    const credential = inScope(identity, scope);
    const endpoint = 'https://127.0.0.1:1';
    const options = { retryOptions: { maxRetries: 0 } };
    await assert.rejects(
      new CommunicationIdentityClient(endpoint, credential, options).createUser(),
      /not today/,
    );
    const connection = new CallAutomationClient(endpoint, credential, options).getCallConnection('one');
    await assert.rejects(connection.hangUp(false), /not today/);
    assert.deepEqual(new Set(asked), new Set([scope]));
  });
});
