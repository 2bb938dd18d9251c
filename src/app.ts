import type { Logger } from 'pino';
import { AlertService } from './alerts/alertService.ts';
import { Heartbeats } from './alerts/heartbeats.ts';
import { Intake } from './alerts/intake.ts';
import { speakingOfNow } from './alerts/spokenAlerts.ts';
import { azureCredential, botCredential, inScope } from './azureCredential.ts';
import type { Requester } from './calls/call.ts';
import { registerCallEffects } from './calls/callEffects.ts';
import { leasedTelephony } from './calls/leasedTelephony.ts';
import { CallService } from './calls/callService.ts';
import { createBot } from './chat/bot.ts';
import { CARD_JOBS } from './chat/conversations.ts';
import { databaseAccess } from './database/access.ts';
import { noCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { Commits } from './database/commits.ts';
import { Jobs, type JobObserver } from './database/jobs.ts';
import { databaseTime } from './database/jobStore.ts';
import { SharedClock } from './database/sharedClock.ts';
import { openDatabase, type Database } from './database/open.ts';
import { createTransact, type Transact } from './database/work.ts';
import type { Directory } from './directory/directory.ts';
import { createGraphDirectory } from './directory/graphDirectory.ts';
import { createAppInstaller } from './directory/teamsApps.ts';
import { registerEscalationEffects } from './escalations/escalationEffects.ts';
import { EscalationService } from './escalations/escalationService.ts';
import { restsInQuietHours } from './escalations/quietHours.ts';
import { Callees } from './escalations/callees.ts';
import { Targets } from './escalations/targets.ts';
import { createApi } from './http/api/api.ts';
import type { Route } from './http/route.ts';
import { callbackRoute } from './http/routes/callbacks.ts';
import { AlertRefusals } from './http/routes/alertRefusals.ts';
import { alertEndpoints } from './http/routes/alerts.ts';
import { healthRoutes } from './http/routes/health.ts';
import { metricsRoute } from './http/routes/metrics.ts';
import { heartbeatEndpoints } from './http/routes/heartbeats.ts';
import { peopleEndpoints } from './http/routes/people.ts';
import { pauseEndpoints } from './http/routes/pause.ts';
import { eventGridRoutes } from './http/routes/events.ts';
import { talkRoutes } from './http/routes/talk.ts';
import { messageRoute } from './http/routes/messages.ts';
import { createHttpServer } from './http/server.ts';
import { logCalls, logEscalations } from './operations/eventLog.ts';
import { FileCheck, usesOfOpen } from './operations/fileCheck.ts';
import { createMetrics, type Metrics } from './operations/metrics/metrics.ts';
import { serviceOf, watchOutgoing } from './operations/metrics/outgoing.ts';
import { measureStanding } from './operations/metrics/standing.ts';
import { watchCalls, watchEscalations } from './operations/metrics/watchCalls.ts';
import { Operators } from './operations/operators.ts';
import { Pause } from './operations/pause.ts';
import { createReadiness } from './operations/readiness.ts';
import { registerRetention } from './operations/retention.ts';
import { inTraceOf, tracedRoutes, tracedTelephony } from './operations/tracing/tracing.ts';
import { Audit, recordingRefusals } from './permissions/audit.ts';
import { OptOuts } from './permissions/optOuts.ts';
import { Permissions } from './permissions/permissions.ts';
import { PeopleData } from './privacy/people.ts';
import type { RingdownYaml } from './ringdownSchema.ts';
import { ServiceConnections } from './serviceConnections.ts';
import { createBundle } from './talk/bundle.ts';
import { Talk } from './talk/talk.ts';
import { takeEvents } from './telephony/callbacks.ts';
import { createCallbackTokens } from './telephony/callbackTokens.ts';
import { createDialer } from './telephony/dialer.ts';
import { GridEvents } from './telephony/gridEventStore.ts';
import { createIdentityClient } from './telephony/identityClient.ts';
import { createKeys } from './telephony/keys.ts';
import { TalkIdentities } from './telephony/talkIdentities.ts';
import { noTracing, type Tracing } from './tracing.ts';
import { Webhooks } from './webhooks/webhooks.ts';
import { lookUp } from './lookUp.ts';

export interface App {
  /** Listens and begins to work. @returns the port */
  start(): Promise<{ port: number }>;
  /**
   * Lets what runs come to its end, at most `graceMs` milliseconds, and hands back the rest.
   *
   * @param drainMs for so long of it readiness is red and requests are still taken, so that a load balancer can see it
   */
  stop(graceMs: number, drainMs?: number): Promise<void>;
  /** Takes a new ringdown.yaml. Resolves when what follows from it is under way. */
  reload(ringdown: RingdownYaml): Promise<void>;
  /** A new ringdown.yaml was faulty: the old one stays, and the operators are told. */
  reloadRefused(faults: number): Promise<void>;
  /** Resolves when no job is being run; deadlines ahead do not count. */
  idle(): Promise<void>;
  readonly busy: boolean;
  readonly calls: CallService;
  readonly escalations: EscalationService;
  readonly identities: TalkIdentities;
  readonly database: Database;
  readonly directory: Directory;
  readonly jobs: Jobs;
  readonly metrics: Metrics;
  readonly transact: Transact;
  /** What it serves. */
  readonly routes: readonly Pick<Route, 'method' | 'path'>[];
}

/** What is done with a person's data, as the audit has it. */
const auditedAs = {
  forgotten: 'personForgotten',
  exported: 'personExported',
  revoked: 'personRevoked',
} as const;

async function sharedClock(clock: Clock, { sql }: Database): Promise<Clock> {
  const shared = new SharedClock(clock);
  await shared.alignWith(async () => await databaseTime(sql));
  return shared;
}

/** Wires the parts. Only here do the rooms of the house know of each other. */
export async function createApp(parts: {
  config: Config;
  clock: Clock;
  /** The time that is shared is a database server's own. Default: the clock's. */
  sharesTime?: boolean;
  log: Logger;
  /** An open one instead of that of the configuration; it is closed with the app. */
  database?: Database;
  /** For crash tests only. */
  checkpoint?: Checkpoint;
  /** Default: off. */
  tracing?: Tracing;
}): Promise<App> {
  const { config, log, checkpoint = noCheckpoint, tracing = noTracing } = parts;
  let { ringdown } = config;
  // Port 0 in PUBLIC_URL stands for the one that the server was given.
  let port = config.port;
  const publicUrl = (): string => config.publicUrl.replace(/:0$/, `:${port}`);
  let stopping = false;

  const needsIdentity =
    !config.acs.key ||
    !config.graph.token ||
    (config.database.kind === 'postgres' && config.database.auth === 'entra');
  const azure = needsIdentity ? await azureCredential(config.cloud) : null;
  const database =
    parts.database ?? (await openDatabase(databaseAccess(config, azure, () => parts.clock.now())));
  const clock =
    parts.sharesTime && database.kind === 'postgres' ? await sharedClock(parts.clock, database) : parts.clock;
  const metrics = createMetrics();
  const commits = new Commits();
  const observer: JobObserver = {
    started: (latenessMs) => metrics.jobLateness.observe(latenessMs / 1000),
    failed: (job) => metrics.jobsFailed.inc({ job }),
    dropped: (job) => metrics.jobsDropped.inc({ job }),
    stuck: (job, failingForMs) => {
      metrics.jobsStuck.inc({ job });
      const minutes = Math.round(failingForMs / 60_000);
      void operators.notice(`job ${job}`, { kind: 'jobStuck', job, minutes });
    },
  };
  const jobs = new Jobs(database, clock, log, checkpoint, observer, tracing);
  const audit = new Audit(database.sql, clock, (reason) => {
    if (reason === 'perCaller' || reason === 'perCallee') metrics.limitsHit.inc({ limit: reason });
  });
  const transact = recordingRefusals(commits.telling(createTransact(database, jobs, checkpoint)), audit);
  const calls = new CallService({
    ...{ database, transact, clock },
    ringTimeoutSeconds: config.ringTimeoutSeconds,
    createCallsPerSecond: ringdown.limits.createCallsPerSecond,
    paced: () => metrics.limitsHit.inc({ limit: 'createCallsPerSecond' }),
    span: () => tracing.here(),
    log,
    apart: tracing.isOn,
  });
  const escalations = new EscalationService({
    ...{ transact, calls, clock },
    sql: database.sql,
    autoResolveMs: () => ringdown.autoResolve,
    ...{ patienceMs: database.patienceMs, log, apart: tracing.isOn },
  });

  const graphToken = async (): Promise<string> =>
    config.graph.token ?? (await azure?.getToken(`${config.graph.url}/.default`))?.token ?? '';
  const bots = config.teamsAppId && !config.graph.token ? await botCredential(config) : null;
  const connections = new ServiceConnections();
  const openDirectory = (): Directory =>
    createGraphDirectory({
      graphUrl: config.graph.url,
      voiceApps: () => ringdown.voiceApps,
      cloud: config.cloud,
      clock,
      getToken: graphToken,
      connections,
    });
  const directory = openDirectory();

  const optOuts = new OptOuts(database.sql, clock);
  const permissions = new Permissions({
    ...{ database, directory, optOuts, audit, clock },
    ringdown: () => ringdown,
  });
  calls.guardWith(permissions.gate.bind(permissions));
  calls.listen(watchCalls(metrics, commits, clock));
  escalations.listen(watchEscalations(metrics, commits));
  calls.listen(logCalls(log, commits));
  escalations.listen(logEscalations(log, commits));
  const quietUntil = permissions.quietUntil.bind(permissions);
  calls.listen(restsInQuietHours({ escalations, quietUntil, clock }));

  const keys = createKeys(config.dtmfAcknowledge, database.sql, calls);
  const access = {
    acs: config.acs.key
      ? { connectionString: config.acs.key.connectionString }
      : {
          endpoint: config.acs.endpoint,
          credential: inScope(azure ?? (await azureCredential(config.cloud)), config.acs.tokenScope),
        },
    allowInsecureConnection: config.acs.endpoint.startsWith('http:'),
  };
  const identities = new TalkIdentities({
    ...{ transact, jobs, clock, log, calls },
    sql: database.sql,
    client: createIdentityClient({ ...access, clock, checkpoint }),
  });
  const telephony = createDialer({
    config: {
      ...access,
      sourceIdentity: config.acs.sourceIdentity ?? null,
      callerDisplayName: config.acs.callerDisplayName,
      cognitiveServicesEndpoint: config.acs.cognitiveServicesEndpoint ?? null,
      publicUrl,
      cloud: config.cloud.identifierCloud,
      listenForKeys: keys.listen,
      askForKeys: async () => await keys.ask(),
    },
    sql: database.sql,
    clock,
    log,
    checkpoint,
  });
  registerCallEffects({
    database,
    jobs,
    calls,
    telephony: leasedTelephony(
      tracedTelephony(speakingOfNow(telephony, database.sql), tracing),
      jobs.assertLease.bind(jobs),
    ),
    clock,
  });

  const targets = new Targets({
    sql: database.sql,
    directory,
    clock,
    plan: () => ({
      voiceApps: ringdown.voiceApps,
      rotations: Object.fromEntries(
        Object.entries(ringdown.rotations).map(([name, rotation]) => [
          name,
          { ...rotation, timeZone: rotation.timeZone ?? ringdown.timeZone },
        ]),
      ),
    }),
  });
  const callees = new Callees({
    targets,
    optedOut: async (ids) => await optOuts.among(ids),
    presence: async (ids) => await directory.presence(ids),
  });
  registerEscalationEffects({
    ...{ jobs, calls, escalations, callees, clock },
    tellPeople: async (...about) => await bot.tellPeople(...about),
  });

  const pause = new Pause({
    ...{ transact, clock, calls, escalations },
    sql: database.sql,
    changed: async (work, by, paused) => {
      const kind = paused ? 'paused' : 'resumed';
      operators.noticeIn(work, `${kind} by ${by}`, { kind, by });
    },
  });
  const recorded = async <T extends { changed: boolean }>(
    what: 'paused' | 'resumed',
    who: Requester,
    done: T,
  ): Promise<T> => {
    if (done.changed) await audit.record(what, who);
    return done;
  };
  const operators = new Operators({
    ...{ transact, jobs, clock, log },
    sql: database.sql,
    operators: () => ringdown.operators,
    tellPeople: async (people, text) => await bot.tellInWords(people, text),
  });
  operators.watch(escalations);
  const alerts = new AlertService({
    ...{ transact, jobs, clock, escalations },
    policyOf: (name) => lookUp(ringdown.policies, name) ?? null,
    policyMissing: async (work, sender, policy) =>
      operators.noticeIn(work, `policy ${policy}`, { kind: 'policyMissing', sender, policy }),
  });
  const languageOf = (policy: string): string | undefined => lookUp(ringdown.policies, policy)?.language;
  const intake = new Intake({
    ...{ transact, jobs, clock, log, checkpoint, alerts, languageOf },
    portalUrl: config.cloud.portalUrl,
    sql: database.sql,
    failed: async (work, sender) =>
      operators.noticeIn(work, `intake failed ${sender}`, { kind: 'intakeFailed', sender }),
  });
  const heartbeats = new Heartbeats({
    ...{ transact, jobs, clock, log, alerts, languageOf },
    expected: () => ringdown.heartbeats,
  });
  const webhooks = new Webhooks({
    ...{ transact, jobs, clock, log, escalations },
    sql: database.sql,
    webhooks: () => ringdown.webhooks,
    notice: async (work, subject, notice) => operators.noticeIn(work, subject, notice),
  });
  webhooks.watch();
  const fileCheck = new FileCheck({
    ...{ transact, jobs, clock, log, openDirectory },
    ringdown: () => ringdown,
    apiKeys: config.apiKeys,
    uses: async () => await usesOfOpen(database.sql),
    tell: async (subject, notice) => await operators.noticeOnce(subject, notice),
  });

  const retention = registerRetention({
    database,
    transact,
    jobs,
    clock,
    log,
    retentionDays: () => ringdown.retentionDays,
    keepMessages: () => ringdown.keepMessages,
    identities: async () => await identities.sweep(),
    wakeForgotten: async () => await escalations.wakeForgotten(log),
  });

  // Plain http is allowed on loopback only: there is no service of Microsoft's, but the emulator.
  const emulator = access.allowInsecureConnection ? new URL(config.acs.endpoint).origin : null;
  const talkAsset = createBundle(emulator === null ? 'azure' : 'standIn');
  const talk = new Talk({
    linked: () => {
      talkAsset('page.js').catch((error: unknown) =>
        log.error({ err: error }, 'the browser page cannot be built'),
      );
    },
    ...{ transact, clock, calls, identities, publicUrl },
    sql: database.sql,
    isOn: () => ringdown.talk,
    refusalOf: async (asker, target) => await permissions.refusalNow(asker, target),
  });
  const people = new PeopleData({ sql: database.sql, transact, clock, optOuts, identities, talk });
  const bot = createBot({
    privacy: people,
    talk,
    ...{ config, calls, directory, permissions, database, transact, jobs, clock, log, connections },
    voiceApps: () => ringdown.voiceApps,
    escalations: { service: escalations, targets, callees, directory, permissions, ringdown: () => ringdown },
    pause: {
      state: async () => await pause.state(),
      pause: async (who) => await recorded('paused', who, await pause.pause(who.name)),
      resume: async (who) => await recorded('resumed', who, await pause.resume(who.name)),
      refused: async (who) => await audit.record('mayNotPause', who),
      ringdown: () => ringdown,
    },
    installer: config.teamsAppId
      ? createAppInstaller({
          graphUrl: config.graph.url,
          getToken: async () =>
            config.graph.token ?? (await bots?.getToken(`${config.graph.url}/.default`))?.token ?? '',
          clock,
          teamsAppId: config.teamsAppId,
          connections,
        })
      : null,
    serviceUrl: config.teamsServiceUrl,
    cardObserver: {
      shown: (merged) => {
        metrics.chatUpdates.inc();
        metrics.chatUpdatesMerged.inc(merged);
      },
      paced: () => metrics.limitsHit.inc({ limit: 'chat' }),
    },
  });
  bot.registerJobs();

  const tokens = createCallbackTokens({
    openIdUrl: config.acs.callbackOpenIdUrl,
    issuer: config.acs.callbackIssuer,
    audience: config.acs.resourceId,
    clock,
    log,
  });
  const { eventGridSecret } = config;
  const gridEvents = new GridEvents({ transact, calls, jobs, clock, isOn: eventGridSecret !== undefined });
  const refusals = new AlertRefusals(async (...about) => await operators.notice(...about));
  const measureNow = measureStanding(metrics, database.sql, clock);
  const routes: Route[] = [
    messageRoute(bot),
    callbackRoute({
      tokens,
      refused: (reason) => metrics.callbacksRefused.inc({ reason }),
      takeEvents: async (callId, secret, events) =>
        await inTraceOf(
          { tracing, db: database.sql, callId },
          async () => await takeEvents(calls, callId, secret, events, clock.now()),
        ),
    }),
    // Without a secret there is no such address.
    ...(eventGridSecret === undefined
      ? []
      : eventGridRoutes({ secret: eventGridSecret, take: async (body) => await gridEvents.take(body) })),
    ...createApi({
      config,
      ringdown: () => ringdown,
      calls,
      escalations,
      targets,
      callees,
      directory,
      permissions,
      database,
      transact,
      clock,
      log,
      limited: () => metrics.limitsHit.inc({ limit: 'apiKey' }),
      more: [
        ...alertEndpoints({
          store: async (incoming) => await intake.store(incoming),
          ringdown: () => ringdown,
          clock,
          refusals,
        }),
        ...heartbeatEndpoints({
          find: (name) => heartbeats.find(name),
          beat: async (heartbeat) => await heartbeats.beat(heartbeat),
          ringdown: () => ringdown,
        }),
        ...pauseEndpoints({ pause }),
        ...peopleEndpoints({
          people,
          done: async (what, { id, name }) =>
            await audit.record(auditedAs[what], { kind: 'api', key: id, name }),
        }),
      ],
    }),
    ...talkRoutes({
      ...{ talk, emulator },
      cloud: config.cloud.identifierCloud,
      asset: talkAsset,
    }),
    ...healthRoutes({
      readiness: createReadiness({ database, jobs, clock, isStopping: () => stopping }),
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
  const server = createHttpServer({
    log,
    routes: tracedRoutes(routes, tracing),
    isHttps: publicUrl().startsWith('https:'),
    observe: (route, status, seconds) =>
      metrics.httpSeconds.observe({ route, status: String(status) }, seconds),
    refusedStranger: async ({ route, path, error }) => {
      metrics.strangersRefused.inc({ route });
      await refusals.ofStranger(error, path);
    },
  });
  let endOutgoing: () => void = () => undefined;

  return {
    async start() {
      // The server listens before jobs run: a call's first event may come at once.
      port = (await server.listen(config.host, config.port)).port;
      endOutgoing = watchOutgoing(metrics, (url) =>
        serviceOf(url, { ...config, ringdown }, new URL(publicUrl()).origin),
      );
      // Only one process uses an embedded database: no turn is about to send a card any more.
      if (database.kind === 'pglite') await jobs.hasten(CARD_JOBS);
      await jobs.start();
      await pause.settle();
      await retention.start();
      await intake.start();
      await heartbeats.start();
      await fileCheck.want();
      tracing.measure(async () => {
        await measureNow();
        return await metrics.samples();
      });
      return { port };
    },
    async stop(graceMs, drainMs = 0) {
      stopping = true;
      intake.stop();
      heartbeats.stop();
      endOutgoing();
      if (drainMs > 0) await new Promise<void>((resolve) => setTimeout(resolve, drainMs));
      const left = graceMs - drainMs;
      await server.close(left / 2);
      // The job engine takes up to half as long again for its own end.
      await jobs.stop(left / 3);
      connections.close();
      await database.close();
      await tracing.stop();
    },
    async reload(next) {
      ringdown = next;
      // The file is in force from here on: what one of the two cannot do must not keep the other from it.
      const done = await Promise.allSettled([heartbeats.watch(), fileCheck.want()]);
      const faults = done.flatMap((one): unknown[] => (one.status === 'rejected' ? [one.reason] : []));
      if (faults.length > 0)
        throw new AggregateError(faults, 'What follows from a new file was not all done.');
    },
    async reloadRefused(faults) {
      await operators.notice('file refused', { kind: 'fileRefused', faults });
    },
    idle: async () => await jobs.idle(),
    get busy() {
      return jobs.busy;
    },
    calls,
    escalations,
    identities,
    database,
    directory,
    jobs,
    metrics,
    transact,
    routes,
  };
}
