import type { Logger } from 'pino';
import { createAssets } from '../browserCode/assets.ts';
import type { CallService } from '../calls/callService.ts';
import { callsToken } from '../calls/callQueries.ts';
import { pauseQuestion } from '../calls/pause.ts';
import type { PauseSwitch } from '../chat/commands/pauseCommands.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import { ask, type Questions } from '../database/ask.ts';
import type { Commits } from '../database/commits.ts';
import type { Database } from '../database/open.ts';
import type { Transact } from '../database/transaction.ts';
import type { Directory } from '../directory/directory.ts';
import type { Callees } from '../escalations/callees.ts';
import type { DutyBoard } from '../escalations/dutyBoard.ts';
import type { DutyCalendars } from '../escalations/dutyCalendars.ts';
import type { CalendarLinks } from '../schedules/calendarLinks.ts';
import { coversToken } from '../schedules/coverStore.ts';
import { escalationsToken } from '../escalations/escalationQueries.ts';
import type { EscalationActs } from '../escalations/escalationActs.ts';
import type { EscalationRights } from '../escalations/escalationRights.ts';
import type { EscalationService } from '../escalations/escalationService.ts';
import type { Operation } from '../http/api/endpoint.ts';
import type { Route } from '../http/route.ts';
import type { ChosenLanguages } from '../languages/chosenLanguages.ts';
import type { Permissions } from '../permissions/permissions.ts';
import type { DutyPlan } from '../escalations/targets.ts';
import { dutyEndpoints } from './dutyEndpoints.ts';
import { DutyView } from './dutyView.ts';
import { calendarEndpoints } from './calendarEndpoints.ts';
import type { Finding } from '../operations/doctor/findings.ts';
import type { Audit } from '../permissions/audit.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import type { ConsoleEndpoint } from './endpoint.ts';
import { HealthCheck } from './healthCheck.ts';
import { healthEndpoints } from './healthEndpoints.ts';
import { HealthView } from './healthView.ts';
import { policiesEndpoints } from './policiesEndpoints.ts';
import { PoliciesView } from './policiesView.ts';
import { chartsEndpoint } from './charts.ts';
import { historyEndpoints } from './history.ts';
import { consolePages } from './pages.ts';
import { ConsoleDoor, signInMode } from './reader.ts';
import { nowView } from './nowView.ts';
import { CallView } from './callView.ts';
import { EscalationView } from './escalationView.ts';
import { runningEndpoints } from './runningEndpoints.ts';
import { Sight } from './sight.ts';
import { sessionEndpoints } from './session.ts';
import { Live } from './stream.ts';
import { streamEndpoint } from './streamEndpoint.ts';
import type { View } from './view.ts';

/** What the console shows and uses. */
export interface ConsoleParts {
  config: Config;
  ringdown: () => RingdownYaml;
  publicUrl: () => string;
  database: Database;
  transact: Transact;
  commits: Commits;
  clock: Clock;
  log: Logger;
  calls: CallService;
  escalations: EscalationService;
  directory: Directory;
  permissions: Permissions;
  languages: ChosenLanguages;
  /** They store nothing. */
  calleesShown: Callees;
  /** What ringdown.yaml and the calendars say now. */
  plan: () => DutyPlan;
  dutyBoard: DutyBoard;
  dutyCalendars: DutyCalendars;
  calendarLinks: CalendarLinks;
  webhooks: Pick<Webhooks, 'sendAgain'>;
  audit: Audit;
  /** Runs the doctor. */
  examine: () => Promise<Finding[]>;
  escalationRights: EscalationRights;
  escalationActs: EscalationActs;
  /** Pauses and resumes, and records who did. */
  pause: PauseSwitch;
}

export interface Console {
  routes: Route[];
  /** For /openapi.json. */
  operations: readonly Operation[];
}

/** The web console: its pages and their endpoints below `/console`. Without a way to sign in it does not exist. */
export function createConsole(parts: ConsoleParts): Console {
  const { config, clock, log, commits, database, directory, languages, ringdown, calls } = parts;
  const mode = signInMode(config);
  if (mode === null) return { routes: [], operations: [] };

  /** What calls and escalations, and the rights on them, depend on. */
  const running: Questions = {
    calls: callsToken,
    escalations: escalationsToken,
    covers: coversToken,
    pause: pauseQuestion,
  };
  const watches = () => running;
  const { escalationRights: rights, escalationActs: acts } = parts;
  const sight = new Sight({ rights, database, directory, clock });
  const now = nowView({ database, directory, sight, clock, watches });
  const call = new CallView({ database, sight, config, watches });
  const escalation = new EscalationView({ database, directory, sight, watches });
  const { sql } = database;
  const duty = new DutyView({ ...parts, board: parts.dutyBoard });
  const { ringTimeoutSeconds } = config;
  const policies = new PoliciesView({ ...parts, sql, callees: parts.calleesShown, ringTimeoutSeconds });
  const check = new HealthCheck(parts);
  const health = new HealthView({ ...parts, sql, check });

  const views: View[] = [now, call, escalation, duty, ...policies.views(), health];
  const live = new Live({
    clock,
    log,
    ask: async (questions) => await ask(sql, questions),
    pollMs: database.pollSeconds * 1000,
    onCommit: (listener) => commits.listen(listener),
  });
  const endpoints: ConsoleEndpoint[] = [
    ...sessionEndpoints({ mode, cloud: config.cloud, ringdown, directory, languages }),
    ...runningEndpoints({ now, call, escalation, calls, acts }),
    streamEndpoint({ views, live }),
    ...dutyEndpoints({ ...parts, view: duty, sql }),
    ...calendarEndpoints(parts),
    ...policiesEndpoints(policies),
    ...healthEndpoints({ ...parts, check, view: health }),
    ...historyEndpoints(parts),
    chartsEndpoint(parts),
  ];

  const pages = consolePages({
    assets: createAssets('console'),
    cloud: mode.mode === 'entra' ? config.cloud : null,
    language: () => ringdown().language,
  });
  const door = new ConsoleDoor(mode, parts);
  return { routes: [...endpoints.map((one) => one.route(door)), ...pages], operations: endpoints };
}
