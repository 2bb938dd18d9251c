import { randomBytes } from 'node:crypto';
import { Callbacks, callbackIssuer } from './callAutomation/callbacks.ts';
import { Calls } from './callAutomation/calls.ts';
import { Captures } from './callAutomation/captures.ts';
import { Dtmf } from './callAutomation/dtmf.ts';
import { Outbound } from './callAutomation/outbound.ts';
import { Repeatability } from './callAutomation/repeatability.ts';
import { callAutomationRoutes } from './callAutomation/routes.ts';
import { defaultTimings } from './callAutomation/timings.ts';
import type { Timings } from './callAutomation/timings.ts';
import { ClientCalls } from './callingClient/clientCalls.ts';
import { callingClientRoutes } from './callingClient/routes.ts';
import { Changes } from './changes.ts';
import { Timers, systemClock } from './clock.ts';
import { Channel } from './connector/channel.ts';
import { Conversations } from './connector/conversations.ts';
import { ConversationLimits } from './connector/limits.ts';
import { connectorRoutes } from './connector/routes.ts';
import { controlRoutes } from './control/routes.ts';
import { Grants } from './entra/grants.ts';
import { entraRoutes } from './entra/routes.ts';
import { SigningKeys } from './entra/signingKeys.ts';
import { EventGrid } from './eventGrid/eventGrid.ts';
import { EventFaultPlan } from './faults/eventFaults.ts';
import { FaultPlan } from './faults/faultPlan.ts';
import { Graph } from './graph/graph.ts';
import { graphRoutes } from './graph/routes.ts';
import { Requests } from './http/requests.ts';
import { EmulatorServer } from './http/server.ts';
import { Identities } from './identity/identities.ts';
import { identityRoutes } from './identity/routes.ts';
import type { Addresses, EmulatorOptions } from './options.ts';
import { builtInPeople } from './people/builtIn.ts';
import { People } from './people/people.ts';
import { Phones } from './phones/phones.ts';
import { phoneNumberRoutes } from './phoneNumbers/routes.ts';
import { phonesPageRoutes } from './phonesPage/routes.ts';
import type { Emulator } from './surface.ts';
import { Work } from './work.ts';

export type { Addresses, EmulatorOptions } from './options.ts';
export type { Emulator } from './surface.ts';

const defaultResourceId = '6d889502-3d7a-41a8-befa-d21fd80e8767';
/** From the numbers that Germany's regulator keeps for films. */
const ownPhoneNumber = '+493023125000';
const defaultTenantId = '72f988bf-86f1-41af-91ab-2d7cd011db47';

export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const timers = new Timers(options.clock ?? systemClock);
  const now = (): number => timers.now();
  const random = options.random ?? Math.random;
  const accessKey = options.accessKey ?? randomBytes(32).toString('base64');
  const resourceId = options.resourceId ?? defaultResourceId;
  const tenantId = options.tenantId ?? defaultTenantId;
  const graphToken = options.graphToken ?? randomBytes(24).toString('base64url');
  const timings: Timings = { ...defaultTimings, ...options.timings };
  const host = options.host ?? '127.0.0.1';
  let addresses: Addresses | null = null;
  const started = (): Addresses => {
    if (!addresses) throw new RangeError('The emulator has no address until it is started.');
    return addresses;
  };

  const work = new Work();
  const changes = new Changes();
  const requests = new Requests();
  const faults = new FaultPlan(random, changes);
  const eventFaults = new EventFaultPlan(random);
  const keys = new SigningKeys(now);
  const grants = new Grants();
  const people = new People(changes);
  for (const person of options.people ?? builtInPeople) people.add(person);
  const phones = new Phones(people, timers, changes);
  const identities = new Identities(resourceId, { now, timings });

  const callbacks = new Callbacks({
    timers,
    work,
    keys,
    resourceId,
    onDelivery: ({ event, record }, status) => {
      record.deliveries.push({ at: now(), status });
      const callConnectionId = String(event.data['callConnectionId']);
      changes.tell({ type: 'callback', callConnectionId, event: record.type, id: event.id, status });
    },
  });
  const calls = new Calls({ timers, changes, callbacks, eventFaults });
  const captures = new Captures(calls, now);
  const eventGrid = new EventGrid({ timers, work });
  changes.subscribe((change) => {
    const call = change.type === 'call' ? calls.record(change.callConnectionId) : null;
    if (call) eventGrid.follow(call);
  });
  const dtmf = new Dtmf({ calls, timers, changes });
  const reachParts = { people, phones, timers, timings };
  const phoneNumbers = new Set([ownPhoneNumber]);
  const outbound = new Outbound({ ...reachParts, calls, dtmf, identities, phoneNumbers });
  const repeatability = new Repeatability(options.replayRepeatability ?? true);
  const signature = { accessKey, now: options.signatureTime ?? Date.now };

  const graph = new Graph(people);
  const conversations = new Conversations();
  const limits = new ConversationLimits(now);
  const channelParts = { conversations, limits, people, keys, timers, work, tenantId };
  const channel = new Channel({ ...channelParts, serviceUrl: () => started().connectorUrl });

  const emulator: Emulator = {
    async start() {
      await keys.ready();
      const port = await server.listen(host, options.port ?? 0);
      const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
      addresses = {
        url,
        connectionString: `endpoint=${url}/;accesskey=${accessKey}`,
        resourceId,
        tenantId,
        openIdUrl: `${url}/calling/.well-known/acsopenidconfiguration`,
        issuer: callbackIssuer,
        graphUrl: url,
        graphToken,
        connectorUrl: `${url}/connector`,
        botFrameworkOpenIdUrl: `${url}/botframework/.well-known/openidconfiguration`,
        entraUrl: `${options.entraOrigin ?? url}/entra`,
        controlUrl: `${url}/control`,
        phonesUrl: `${url}/phones`,
        phoneNumber: ownPhoneNumber,
      };
      return addresses;
    },
    async stop() {
      callbacks.stop();
      eventGrid.stop();
      channel.stop();
      timers.cancelAll();
      calls.clear();
      changes.clear();
      await server.close();
      await work.idle();
      timers.cancelAll();
    },
    idle: () => work.idle(),
    get busy() {
      return work.busy;
    },
    get addresses() {
      return started();
    },
    phone: (idOrName) => phones.get(idOrName),
    people,
    calls,
    captures,
    eventGrid,
    phones,
    requests,
    faults,
    eventFaults,
    graph,
    identities,
    phoneNumbers,
    channel,
    timings,
    repeatability,
    keys,
    grants,
    changes,
  };

  const media = { ...reachParts, calls, changes, dtmf };
  const server = new EmulatorServer({
    routes: [
      ...callAutomationRoutes({ calls, outbound, dtmf, media, repeatability, signature }),
      ...identityRoutes({ identities, keys, signature, now }),
      ...phoneNumberRoutes({ phoneNumbers, signature }),
      ...callingClientRoutes({
        identities,
        keys,
        clientCalls: new ClientCalls({ outbound, calls, timers }),
      }),
      ...entraRoutes({
        keys,
        url: () => started().url,
        entraUrl: () => started().entraUrl,
        grants,
        people,
        graphRoles: () => [...graph.permissions],
      }),
      ...graphRoutes({
        graph,
        people,
        faults,
        token: graphToken,
        keys,
        graphUrl: () => started().graphUrl,
        onInstall: (person) => void channel.announceInstallation(person.id).catch(() => undefined),
      }),
      ...connectorRoutes({
        conversations,
        limits,
        people,
        tenantId,
        now,
        onMessage: (what, message) => {
          const { conversationId, id: activityId } = message;
          changes.tell({ type: 'message', conversationId, activityId, what });
          channel.tell(what, message);
        },
      }),
      ...controlRoutes(emulator),
      ...phonesPageRoutes(emulator),
    ],
    timers,
    work,
    faults,
    requests,
    onExchange: options.onExchange ?? (() => undefined),
  });
  return emulator;
}
