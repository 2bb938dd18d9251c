import type { Migration } from '../migrate.ts';
import { calls } from './001_calls.ts';
import { escalations } from './002_escalations.ts';
import { requestLimits } from './003_requestLimits.ts';
import { permissions } from './004_permissions.ts';
import { alerts } from './005_alerts.ts';
import { conversations } from './006_conversations.ts';
import { gridEvents } from './007_gridEvents.ts';
import { traces } from './008_traces.ts';
import { userIdentities } from './009_userIdentities.ts';
import { refusals } from './010_refusals.ts';
import { talkLinks } from './011_talkLinks.ts';
import { alertEpisodes } from './012_alertEpisodes.ts';
import { concerning } from './013_concerning.ts';
import { edits } from './014_edits.ts';
import { jobs } from './015_jobs.ts';
import { talkIdentities } from './016_talkIdentities.ts';
import { languages } from './017_languages.ts';
import { coverSpans } from './018_coverSpans.ts';
import { history } from './019_history.ts';
import { calendars } from './020_calendars.ts';
import { calendarLinks } from './021_calendarLinks.ts';
import { exchanges } from './022_exchanges.ts';
import { phoneCalls } from './023_phoneCalls.ts';
import { callVersions } from './024_callVersions.ts';

/** In order. Never changed once released: a new one is added, and the code before it must still run beside it. */
export const migrations: readonly Migration[] = [
  calls,
  escalations,
  requestLimits,
  permissions,
  alerts,
  conversations,
  gridEvents,
  traces,
  userIdentities,
  refusals,
  talkLinks,
  alertEpisodes,
  concerning,
  edits,
  jobs,
  talkIdentities,
  languages,
  coverSpans,
  history,
  calendars,
  calendarLinks,
  exchanges,
  phoneCalls,
  callVersions,
];
