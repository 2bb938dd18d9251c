import { systemClock } from '../clock.ts';
import { azureCredential, botCredential } from '../config/azureCredential.ts';
import { createApi } from '../http/api/api.ts';
import { createConsole, type Console } from '../console/console.ts';
import type { Operation } from '../http/api/endpoint.ts';
import type { Route } from '../http/route.ts';
import { AlertRefusals } from '../http/routes/alertRefusals.ts';
import { alertEndpoints } from '../http/routes/alerts.ts';
import { calendarRoutes } from '../http/routes/calendars.ts';
import { callbackRoute } from '../http/routes/callbacks.ts';
import { eventGridRoutes } from '../http/routes/events.ts';
import { healthRoutes } from '../http/routes/health.ts';
import { heartbeatEndpoints } from '../http/routes/heartbeats.ts';
import { messageRoute } from '../http/routes/messages.ts';
import { metricsRoute } from '../http/routes/metrics.ts';
import { pauseEndpoints } from '../http/routes/pause.ts';
import { peopleEndpoints } from '../http/routes/people.ts';
import { talkRoutes } from '../http/routes/talk.ts';
import { createHttpServer } from '../http/server.ts';
import type { Finding } from '../operations/doctor/findings.ts';
import { measureStanding } from '../operations/metrics/standing.ts';
import { createReadiness } from '../operations/readiness.ts';
import { inTraceOf, tracedRoutes } from '../operations/tracing/tracing.ts';
import { storeEvents } from '../telephony/callbacks.ts';
import type { Alerts } from './alerts.ts';
import type { Calls } from './calls.ts';
import type { Chat } from './chat.ts';
import type { Escalations } from './escalations.ts';
import type { Current } from './parts.ts';
import type { Storage } from './storage.ts';
import type { Telephony } from './telephony.ts';

/** All floors below HTTP. */
export interface House {
  storage: Storage;
  calls: Calls;
  telephony: Telephony;
  escalations: Escalations;
  chat: Chat;
  alerts: Alerts;
  current: Current;
}

/** The audit's name for each action on a person's data. */
const auditedAs = {
  forgotten: 'personForgotten',
  exported: 'personExported',
  revoked: 'personRevoked',
} as const;

/** The HTTP server and all its routes. */
export function openHttp(house: House) {
  const { log, tracing, sql, clock, metrics } = house.storage;
  const { operators } = house.alerts;
  const refusals = new AlertRefusals(async (...about) => await operators.notice(...about));
  const measureNow = measureStanding(metrics, sql, clock);
  const routes = routesOf(house, refusals, measureNow);
  const server = createHttpServer({
    log,
    routes: tracedRoutes(routes, tracing),
    isHttps: house.current.publicUrl.startsWith('https:'),
    observe: (route, status, seconds) =>
      metrics.httpSeconds.observe({ route, status: String(status) }, seconds),
    refusedStranger: async ({ route, path, error }) => {
      metrics.strangersRefused.inc({ route });
      await refusals.ofStranger(error, path);
    },
  });
  return { routes, server, measureNow };
}

function routesOf(house: House, refusals: AlertRefusals, measureNow: () => Promise<void>): Route[] {
  const { config, database, clock, metrics, jobs } = house.storage;
  const { gridEvents, emulator } = house.telephony;
  const { bot, talk, talkAssets } = house.chat;
  const { current } = house;
  const { languages } = house.calls;
  const { eventGridSecret } = config;
  const console = consoleOf(house);
  return [
    messageRoute(bot.endpoint),
    callbacksOf(house),
    // Without a secret the endpoint does not exist.
    ...(eventGridSecret === undefined
      ? []
      : eventGridRoutes({ secret: eventGridSecret, store: async (body) => await gridEvents.store(body) })),
    ...apiOf(house, refusals, console.operations),
    ...console.routes,
    ...talkRoutes({
      talk,
      readerLanguage: (...known) => languages.of(...known, current.ringdown.language),
      emulator,
      cloud: config.cloud.identifierCloud,
      asset: talkAssets.find,
    }),
    ...calendarRoutes(house.escalations),
    ...healthRoutes({
      readiness: createReadiness({ database, jobs, clock, isStopping: () => house.current.isStopping }),
    }),
    metricsRoute({
      token: config.metricsToken ?? null,
      contentType: metrics.contentType,
      text: async () => {
        await measureNow();
        return await metrics.text();
      },
    }),
  ];
}

/** The web console. */
function consoleOf(house: House): Console {
  const { storage, calls, escalations, chat, alerts, current } = house;
  return createConsole({
    ...storage,
    ...calls,
    ...escalations,
    ...alerts,
    examine: async () => await examineHere(house),
    pause: chat.pauseSwitch,
    escalationRights: chat.bot.escalations.rights,
    escalationActs: chat.bot.escalations.acts,
    ringdown: () => current.ringdown,
    publicUrl: () => current.publicUrl,
  });
}

/** Runs the doctor in this process, by the machine's own clock. It is loaded when somebody asks for it. */
async function examineHere({ storage, escalations, current }: House): Promise<Finding[]> {
  const { config, azure, database, sql } = storage;
  const { examine } = await import('../operations/doctor/doctor.ts');
  return await examine(
    { ...config, ringdown: current.ringdown },
    {
      clock: systemClock,
      azure: azure ?? (await azureCredential(config.cloud)),
      botIdentity: await botCredential(config),
      publicUrl: current.publicUrl,
      embedded: database.kind === 'pglite' ? sql : null,
      calendars: (source) => escalations.calendars.bookOf(source, current.ringdown.timeZone),
    },
  );
}

/** The callbacks of Call Automation. */
function callbacksOf({ storage, calls: { calls }, telephony: { tokens } }: House): Route {
  const { tracing, sql, clock, metrics } = storage;
  return callbackRoute({
    tokens,
    refused: (reason) => metrics.callbacksRefused.inc({ reason }),
    storeEvents: async (callId, secret, events) =>
      await inTraceOf(
        { tracing, db: sql, callId },
        async () => await storeEvents(calls, callId, secret, events, clock.now()),
      ),
  });
}

function apiOf(
  { storage, calls, escalations, chat, alerts, current }: House,
  refusals: AlertRefusals,
  described: readonly Operation[],
): Route[] {
  const { config, log, database, clock, metrics, audit, transact } = storage;
  const { directory, permissions } = calls;
  const { targets, callees, pause } = escalations;
  const { intake, heartbeats } = alerts;
  const ringdown = () => current.ringdown;
  return createApi({
    config,
    ringdown,
    calls: calls.calls,
    escalations: escalations.escalations,
    targets,
    callees,
    directory,
    permissions,
    database,
    transact,
    clock,
    log,
    described,
    limited: () => metrics.limitsHit.inc({ limit: 'apiKey' }),
    more: [
      ...alertEndpoints({
        store: async (incoming) => await intake.store(incoming),
        ringdown,
        clock,
        refusals,
      }),
      ...heartbeatEndpoints({
        find: (name) => heartbeats.find(name),
        beat: async (heartbeat) => await heartbeats.beat(heartbeat),
        ringdown,
      }),
      ...pauseEndpoints({ pause }),
      ...peopleEndpoints({
        people: chat.people,
        done: async (what, { id, name }) =>
          await audit.record(auditedAs[what], { kind: 'api', key: id, name }),
      }),
    ],
  });
}
