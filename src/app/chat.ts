import type { Requester } from '../calls/call.ts';
import { createAssets } from '../browserCode/assets.ts';
import { createBot } from '../chat/bot.ts';
import type { PauseSwitch } from '../chat/commands/pauseCommands.ts';
import { botCredential } from '../config/azureCredential.ts';
import { consoleLink } from '../config/consoleLink.ts';
import { signInMode } from '../console/reader.ts';
import { createAppInstaller } from '../directory/teamsApps.ts';
import { registerEscalationEffects } from '../escalations/escalationEffects.ts';
import { PeopleData } from '../privacy/dataRequests.ts';
import { Talk } from '../talk/talk.ts';
import type { Calls } from './calls.ts';
import type { Escalations } from './escalations.ts';
import type { Current } from './parts.ts';
import type { Storage } from './storage.ts';
import type { Telephony } from './telephony.ts';

export type Chat = Awaited<ReturnType<typeof openChat>>;

/** The bot, the browser call page, and people's data. */
export async function openChat(
  storage: Storage,
  floor: Calls,
  telephony: Telephony,
  { escalations, plan, targets, callees, pause, dutyCalendars, calendarLinks }: Escalations,
  current: Current,
) {
  const { config, log, database, sql, clock, metrics, jobs, audit, transact } = storage;
  const { calls, directory, connections, optOuts, permissions, languages } = floor;
  const { identities } = telephony;
  const { teamsAppId } = config;
  const { teamsUrl } = config.cloud;
  const ringdown = () => current.ringdown;

  const talkAssets = createAssets(telephony.emulator === null ? 'azure' : 'standIn');
  const talk = new Talk({
    linked: () => {
      talkAssets
        .find('page.js')
        .catch((error: unknown) => log.error({ err: error }, 'cannot build the browser call page'));
    },
    transact,
    clock,
    calls,
    identities,
    publicUrl: () => current.publicUrl,
    sql,
    isOn: () => current.ringdown.talk,
    refusalOf: async (asker, target) => await permissions.refusalNow(asker, target),
  });
  const people = new PeopleData({ sql, transact, clock, optOuts, languages, identities, talk });

  const recorded = async <T extends { changed: boolean }>(
    what: 'paused' | 'resumed',
    who: Requester,
    done: T,
  ): Promise<T> => {
    if (done.changed) await audit.record(what, who);
    return done;
  };
  const pauseSwitch: PauseSwitch = {
    state: async () => await pause.state(),
    pause: async (who) => await recorded('paused', who, await pause.pause(who.name)),
    resume: async (who) => await recorded('resumed', who, await pause.resume(who.name)),
    refused: async (who) => await audit.record('mayNotPause', who),
  };
  const bot = createBot({
    privacy: people,
    calendars: {
      links: calendarLinks,
      addressesFor: async (person, secret) => await dutyCalendars.addressesFor(person, secret),
    },
    languages,
    talk,
    config,
    calls,
    directory,
    permissions,
    database,
    transact,
    jobs,
    clock,
    log,
    connections,
    ringdown,
    escalations: { service: escalations, targets, callees, plan },
    pause: pauseSwitch,
    linkToConsole: (page, channelId) =>
      signInMode(config) === null
        ? null
        : consoleLink(page, channelId, { publicUrl: current.publicUrl, teamsUrl, teamsAppId }),
    installer: await installerOf(storage, floor),
    cardObserver: {
      shown: (merged) => {
        metrics.chatUpdates.inc();
        metrics.chatUpdatesMerged.inc(merged);
      },
      paced: () => metrics.limitsHit.inc({ limit: 'chat' }),
    },
  });
  bot.registerJobs();
  registerEscalationEffects({ jobs, calls, escalations, callees, clock, tellPeople: bot.tellPeople });
  return { bot, talk, talkAssets, people, pauseSwitch };
}

/** Installs the Teams app. Must use the bot's identity, which the app's manifest names. */
async function installerOf({ config, clock }: Storage, { connections }: Calls) {
  const { graph, teamsAppId } = config;
  if (!teamsAppId) return null;
  const bots = graph.token ? null : await botCredential(config);
  return createAppInstaller({
    graphUrl: graph.url,
    getToken: async () => graph.token ?? (await bots?.getToken(`${graph.url}/.default`))?.token ?? '',
    clock,
    teamsAppId,
    connections,
  });
}
