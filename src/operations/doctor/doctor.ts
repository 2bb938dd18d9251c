import type { TokenCredential } from '@azure/core-auth';
import { inScope } from '../../config/azureCredential.ts';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config.ts';
import { databaseAccess } from '../../database/access.ts';
import { inspectDatabase, inspectOpen, type DatabaseState } from '../../database/inspect.ts';
import type { Sql } from '../../database/schema.ts';
import { GraphClient } from '../../directory/graphClient.ts';
import { createGraphDirectory } from '../../directory/graphDirectory.ts';
import { hasApp } from '../../directory/teamsApps.ts';
import { RingdownError } from '../../errors.ts';
import { createServiceProbe } from '../../telephony/serviceProbe.ts';
import type { CalendarBook } from '../../schedules/calendarDuty.ts';
import type { CalendarSource } from '../../schedules/ical/source.ts';
import { checkBot } from './botCheck.ts';
import { checkCalendars } from './calendarsCheck.ts';
import { checkCalls } from './callsCheck.ts';
import { checkConsole } from './consoleCheck.ts';
import { checkClock, type TimeHeard } from './clockCheck.ts';
import { checkDatabase } from './databaseCheck.ts';
import { checkDirectory, type DirectoryExamined } from './directoryCheck.ts';
import { areas, passed, skipped, type Finding } from './findings.ts';
import { checkPolicies } from './policiesCheck.ts';
import { checkReach } from './reachCheck.ts';
import { checkSpeech } from './speechCheck.ts';
import { checkWebhooks } from './webhooksCheck.ts';

export interface Surroundings {
  clock: Clock;
  /** Issues tokens for the machine's own identity. */
  azure: TokenCredential;
  /** Issues tokens for the bot; null if it has no identity. */
  botIdentity: TokenCredential | null;
  /** Addresses that replace those of the cloud, for the emulator. */
  loginUrl?: string;
  botOpenIdUrl?: string;
  /** Ringdown's port, if PUBLIC_URL leaves it open. */
  publicUrl?: string;
  /** The embedded database of this process. It is inspected as it is: nobody can open it twice. */
  embedded?: Sql | null;
  /** What this process knows of a calendar. */
  calendars?: (source: CalendarSource) => CalendarBook;
}

/**
 * Checks everything that Ringdown needs against the real services. Changes nothing there, except that it creates and
 * deletes an identity. Calls nobody. Never throws for a fault of the set-up.
 *
 * @returns the findings, in the order of `areas`
 */
export async function examine(config: Config, surroundings: Surroundings): Promise<Finding[]> {
  const { clock, azure, botIdentity } = surroundings;
  const now = (): number => clock.now();
  const publicUrl = surroundings.publicUrl ?? config.publicUrl;
  const getToken = async (): Promise<string> =>
    config.graph.token ?? (await azure.getToken(`${config.graph.url}/.default`))?.token ?? '';
  const getBotToken = async (): Promise<string> =>
    config.graph.token ?? (await botIdentity?.getToken(`${config.graph.url}/.default`))?.token ?? '';
  const graphParts = { graphUrl: config.graph.url, getToken, clock };
  const graph = new GraphClient(graphParts);
  const graphOfBot = new GraphClient({ ...graphParts, getToken: getBotToken });
  const reach = { config, publicUrl, now };

  const state = surroundings.embedded
    ? await inspectOpen(surroundings.embedded, now)
    : await inspectDatabase(databaseAccess(config, azure, clock), now);
  const [bot, calls, directory, speech, callbacks, webhooks, calendars] = await Promise.all([
    checkBot({
      config,
      now,
      botIdentity,
      loginUrl: surroundings.loginUrl ?? config.cloud.loginUrl,
      botOpenIdUrl: surroundings.botOpenIdUrl ?? config.cloud.botOpenIdUrl,
    }),
    checkCalls({
      config,
      clock,
      probe: createServiceProbe({
        acs: config.acs.key
          ? { connectionString: config.acs.key.connectionString }
          : { endpoint: config.acs.endpoint, credential: inScope(azure, config.acs.tokenScope) },
        allowInsecureConnection: config.acs.endpoint.startsWith('http:'),
      }),
      storedIdentity: state.kind === 'there' ? state.sourceIdentity : null,
    }),
    checkDirectory({ config, now, graph, getToken, getBotToken }),
    checkSpeech(config, now),
    checkReach(reach),
    checkWebhooks(config.ringdown),
    checkCalendars({ config, now, known: surroundings.calendars ?? null }),
  ]);
  const policies = await policiesOf(config, directory, {
    ...graphParts,
    graphOfBot,
    calendars: calendars.books,
  });
  const findings = [
    passed(
      'configuration',
      `The settings are valid${config.configFile ? `, and so is ${config.configFile}` : ''}.`,
    ),
    ...checkConsole(config, publicUrl),
    ...checkDatabase(config, state),
    ...checkClock([...bot.times, ...calls.times, ...directory.times], databaseTime(state)),
    ...bot.findings,
    ...calls.findings,
    ...callbacks,
    ...directory.findings,
    ...speech,
    ...webhooks,
    ...calendars.findings,
    ...policies,
  ];
  return findings.toSorted((a, b) => areas.indexOf(a.area) - areas.indexOf(b.area));
}

function databaseTime(state: DatabaseState): TimeHeard | null {
  return state.kind === 'there' ? { from: 'the database', said: state.now, at: state.askedAt } : null;
}

async function policiesOf(
  config: Config,
  { held }: DirectoryExamined,
  parts: {
    graphUrl: string;
    getToken: () => Promise<string>;
    clock: Clock;
    graphOfBot: GraphClient;
    calendars: ReadonlyMap<string, CalendarBook>;
  },
): Promise<Finding[]> {
  if (held === null) return [skipped('policies', 'People cannot be looked up: see “directory”.')];
  const { graphUrl, getToken, clock, graphOfBot, calendars } = parts;
  const { ringdown, teamsAppId, bot } = config;
  const directory = createGraphDirectory({
    graphUrl,
    getToken,
    clock,
    cloud: config.cloud,
    voiceApps: () => ringdown.voiceApps,
  });
  const app = teamsAppId === undefined ? { botId: bot.appId ?? '' } : { teamsAppId };
  try {
    return await checkPolicies({
      ringdown,
      calendars,
      directory,
      now: () => clock.now(),
      phones: {
        isOn: config.acs.phoneNumber !== undefined,
        countries: ringdown.permissions.phones.countries,
      },
      hasApp: async (objectId) => (held.has('apps') ? await hasApp(graphOfBot, objectId, app) : null),
      installs: teamsAppId !== undefined && held.has('apps'),
    });
  } catch (error) {
    if (!(error instanceof RingdownError)) throw error;
    return [skipped('policies', 'The directory stopped answering during the check.')];
  }
}
