import { CallAutomationClient } from '@azure/communication-call-automation';
import { CommunicationIdentityClient } from '@azure/communication-identity';
import { Client } from '@microsoft/microsoft-graph-client';
import { CloudAdapter, ConfigurationBotFrameworkAuthentication, type TurnContext } from 'botbuilder';
import { createServer, plugins } from 'restify';
import type { Request, Response } from 'restify';
import { z } from 'zod';

/*
 * The peer of the benchmark: the smallest bot that looks the person up and calls `createCall` in the turn, as
 * Microsoft's samples do. Its state is a Map, it checks no token, and nothing survives a restart.
 */
const events = z.array(z.object({ type: z.string(), data: z.object({ callConnectionId: z.string() }) }));
const personSchema = z.object({ id: z.string(), displayName: z.string() });
const env = (name: string): string => process.env[name] ?? '';

const options = { allowInsecureConnection: true };
// The SDK's own middleware leaves the token off plain http.
const graph = Client.initWithMiddleware({
  baseUrl: env('GRAPH_URL'),
  defaultVersion: 'v1.0',
  middleware: {
    execute: async (context) => {
      context.response = await fetch(String(context.request), context.options ?? {});
    },
  },
});
const identity = await new CommunicationIdentityClient(env('ACS_CONNECTION_STRING'), options).createUser();
const telephony = new CallAutomationClient(env('ACS_CONNECTION_STRING'), {
  ...options,
  sourceIdentity: identity,
});
const adapter = new CloudAdapter(new ConfigurationBotFrameworkAuthentication({ MicrosoftAppId: '' }));
const calls = new Map<string, { callee: string; message: string; state: string }>();

async function turn(context: TurnContext): Promise<void> {
  const [, name, message] = /^call ([^:]+): (.*)$/.exec(context.activity.text ?? '') ?? [];
  if (name === undefined || message === undefined) return;
  const found: unknown = await graph
    .api(`/users/${encodeURIComponent(name)}`)
    .select('id,displayName')
    .header('Authorization', `Bearer ${env('GRAPH_TOKEN')}`)
    .get();
  const person = personSchema.parse(found);
  const created = await telephony.createCall(
    { targetParticipant: { microsoftTeamsUserId: person.id }, sourceDisplayName: 'Bare bot' },
    `${env('PUBLIC_URL')}/api/callbacks`,
    { callIntelligenceOptions: { cognitiveServicesEndpoint: env('COGNITIVE_SERVICES_ENDPOINT') } },
  );
  const id = created.callConnectionProperties.callConnectionId ?? '';
  calls.set(id, { callee: person.displayName, message, state: 'calling' });
  await context.sendActivity(`Calling ${person.displayName} …`);
}

const server = createServer();
server.use(plugins.bodyParser());
server.get('/readyz', async (_request, response) => {
  response.send(200);
});

async function takeMessage(request: Request, response: Response): Promise<void> {
  await adapter.process(request, response, turn);
}

async function takeCallback(request: Request, response: Response): Promise<void> {
  const [event] = events.parse(request.body);
  if (!event) return;
  const { type, data } = event;
  const call = calls.get(data.callConnectionId);
  if (call) call.state = type;
  if (call && type.endsWith('CallConnected')) {
    const media = telephony.getCallConnection(data.callConnectionId).getCallMedia();
    await media.playToAll([{ kind: 'textSource', text: call.message, sourceLocale: 'en-US' }]);
  }
  if (call && type.endsWith('PlayCompleted')) {
    await telephony.getCallConnection(data.callConnectionId).hangUp(true);
  }
  response.send(200);
}

const routes = { '/api/messages': takeMessage, '/api/callbacks': takeCallback };
for (const [path, take] of Object.entries(routes)) server.post(path, take);
server.listen(Number(env('PORT')), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
