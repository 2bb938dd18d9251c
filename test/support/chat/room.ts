import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { stub } from 'sinon';
import { createEmulator, type Emulator } from '../../../emulator/emulator.ts';
import type { Message } from '../../../emulator/connector/activity.ts';
import type { Call } from '../../../src/calls/call.ts';
import { CallService } from '../../../src/calls/callService.ts';
import { createBot, type Bot, type BotParts, type ChatConfig } from '../../../src/chat/bot.ts';
import { clouds } from '../../../src/config/clouds.ts';
import { Jobs } from '../../../src/database/jobRunner.ts';
import type { Database } from '../../../src/database/open.ts';
import { createTransact } from '../../../src/database/transaction.ts';
import { createGraphDirectory } from '../../../src/directory/graphDirectory.ts';
import { Callees } from '../../../src/escalations/callees.ts';
import { registerEscalationEffects } from '../../../src/escalations/escalationEffects.ts';
import { EscalationService } from '../../../src/escalations/escalationService.ts';
import { dutyPlanOf } from '../../../src/escalations/policies.ts';
import { Targets, type DutyPlan } from '../../../src/escalations/targets.ts';
import { RingdownError } from '../../../src/errors.ts';
import { ChosenLanguages } from '../../../src/languages/chosenLanguages.ts';
import { Pause } from '../../../src/operations/pause.ts';
import { Audit, recordingRefusals } from '../../../src/permissions/audit.ts';
import { OptOuts } from '../../../src/permissions/optOuts.ts';
import { Permissions } from '../../../src/permissions/permissions.ts';
import { readRingdownYaml } from '../../../src/config/ringdownYaml.ts';
import { ServiceConnections } from '../../../src/directory/serviceConnections.ts';
import { advance, testClock } from '../clock.ts';
import { openEmbedded } from '../databases.ts';
import { recordingLog } from '../log.ts';

type TestClock = ReturnType<typeof testClock>;

/**
 * A chat room: the bot over HTTP, the real CloudAdapter, Teams (the emulator), the real directory client, and a
 * database. There is no dialer: `happens` injects events of the telephone service.
 */
export interface Room {
  emulator: Emulator;
  bot: Bot;
  calls: CallService;
  database: Database;
  clock: TestClock;
  /** The log, one line of JSON each. */
  log: string[];
  /** All calls, newest first. */
  placed(): Promise<Call[]>;
  /** The bot's messages in their current version as plain text: texts, or the content of cards. */
  said(conversationId?: string): string[];
  messages(conversationId?: string): Message[];
  /** Resolves when no work is in progress. */
  settle(): Promise<void>;
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

export interface RoomOptions {
  canSpeak?: boolean;
  allowedTenants?: (tenantId: string) => readonly string[];
  /** The permissions of ringdown.yaml. */
  yaml?: string;
  directory?: BotParts['directory'];
  /** Opens another bot on the same database: a replica. */
  beside?: Room;
}

export async function openRoom(options: RoomOptions = {}): Promise<Room> {
  const clock = options.beside?.clock ?? testClock();
  const emulator = options.beside?.emulator ?? createEmulator({ clock });
  const addresses = options.beside ? emulator.addresses : await emulator.start();
  const database = options.beside?.database ?? { ...(await openEmbedded()), pollSeconds: 2 };
  const { log, lines } = recordingLog();
  const connections = new ServiceConnections();
  const jobs = new Jobs(database, clock, log);
  const audit = new Audit(database.sql, clock);
  const transact = recordingRefusals(createTransact(database, jobs), audit);
  const calls = new CallService({
    database,
    transact,
    clock,
    ringTimeoutSeconds: 45,
    createCallsPerSecond: 100_000,
  });
  const config: ChatConfig = {
    cloud: clouds.public,
    bot: {
      type: 'SingleTenant',
      // Unused in anonymous mode: fetching a token with them would fail every test.
      appId: '11111111-2222-3333-4444-555555555555',
      appPassword: 'not a password',
      tenantId: '11111111-2222-3333-4444-555555555555',
      allowAnonymous: true,
      allowedTenants: options.allowedTenants?.(addresses.tenantId) ?? [],
    },
    acs: {
      resourceId: addresses.resourceId,
      cognitiveServicesEndpoint: options.canSpeak === false ? undefined : 'https://speech.example',
      phoneNumber: '+493023125000',
    },
    teamsServiceUrl: undefined,
  };
  const ringdown = readRingdownYaml(options.yaml ?? '', {});
  const graph = createGraphDirectory({
    graphUrl: addresses.graphUrl,
    getToken: async () => addresses.graphToken,
    clock,
    voiceApps: () => ringdown.voiceApps,
  });
  const directory = options.directory ?? graph;
  const optOuts = new OptOuts(database.sql, clock);
  const permissions = new Permissions({
    database,
    directory: graph,
    optOuts,
    audit,
    clock,
    ringdown: () => ringdown,
  });
  const languages = new ChosenLanguages({ database, transact, clock });
  calls.placing.guardWith(permissions);
  calls.placing.findLanguagesWith(languages.ofCallee.bind(languages));
  await languages.start();
  const { sql } = database;
  const escalations = new EscalationService({
    sql,
    transact,
    calls,
    clock,
    autoResolveMs: () => ringdown.autoResolve,
    patienceMs: database.patienceMs,
    log,
    apart: false,
  });
  const plan = (): DutyPlan => dutyPlanOf(ringdown, { bookOf: () => ({ kind: 'unknown' }) });
  const targets = new Targets({
    sql,
    directory: graph,
    clock,
    log,
    plan,
    phones: () => ({ isOn: true, countries: ringdown.permissions.phones.countries }),
  });
  const callees = new Callees({
    targets,
    optedOut: async (ids) => await optOuts.among(ids),
    presence: async (ids) => await graph.presence(ids),
  });
  const pause = new Pause({ sql, transact, clock, calls, escalations });
  const bot = createBot({
    config,
    calls,
    directory,
    permissions,
    database,
    transact,
    jobs,
    clock,
    log,
    ringdown: () => ringdown,
    escalations: { service: escalations, targets, callees, plan },
    pause: {
      state: async () => await pause.state(),
      pause: async ({ name }) => await pause.pause(name),
      resume: async ({ name }) => await pause.resume(name),
      refused: stub().resolves(),
    },
    privacy: { stillNeeded: stub().resolves(null), forget: stub() },
    calendars: {
      links: { make: stub().resolves(null), revokeAll: stub().resolves(0) },
      addressesFor: stub(),
    },
    languages,
    talk: { isOn: false, linkIn: () => undefined, addressOf: () => null, renew: async () => undefined },
    linkToConsole: () => null,
    cardObserver: { shown: stub(), paced: stub() },
    installer: null,
    connections,
  });
  registerEscalationEffects({ jobs, calls, escalations, callees, clock, tellPeople: bot.tellPeople });
  bot.registerJobs();
  for (const name of [
    'call.dial',
    'call.wake',
    'call.hangUp',
    'call.speak',
    'call.transfer',
    'call.probe',
  ] as const) {
    jobs.handle(name, { run: async () => undefined });
  }
  await jobs.start();
  const server = await serve(bot);
  const { port } = addressOf(server);
  if (!options.beside) emulator.channel.connect(`http://127.0.0.1:${port}/api/messages`);

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn++) {
      await emulator.idle();
      await jobs.idle();
    }
  };
  const messages = (conversationId?: string): Message[] => emulator.channel.messages(conversationId);
  return {
    emulator,
    bot,
    calls,
    database,
    clock,
    log: lines,
    messages,
    settle,
    placed: async () => await calls.list({ limit: 100 }),
    said: (conversationId) => messages(conversationId).map(wordsOf),
    pass: async (ms) => await advance(clock, ms, settle),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      languages.stop();
      await jobs.stop(1_000);
      connections.close();
      if (options.beside) return;
      await emulator.stop();
      await database.close();
    },
  };
}

/** The text of a message; of a card its `fallbackText`. */
export function wordsOf({ activity }: Pick<Message, 'activity'>): string {
  const content = activity.attachments?.[0]?.content;
  if (typeof content === 'object' && content !== null && 'fallbackText' in content)
    return String(content.fallbackText);
  return activity.text ?? '';
}

async function serve(bot: Bot): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = (status: number, body?: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body === undefined ? '' : JSON.stringify(body));
    };
    const handle = async (): Promise<void> => {
      const body: unknown = JSON.parse(await text(request));
      await bot.endpoint.process({ headers: request.headers, body }, { send: answer });
    };
    handle().catch((error: unknown) => {
      if (error instanceof RingdownError) answer(error.kind.status, { code: error.code });
      else answer(500, { fault: String(error) });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('The server has no port.');
  return address;
}
