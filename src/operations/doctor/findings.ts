/** The areas that the doctor checks, in the order of its report. */
export const areas = [
  'configuration',
  'database',
  'clock',
  'bot',
  'calls',
  'callbacks',
  'directory',
  'speech',
  'event grid',
  'webhooks',
  'calendars',
  'policies',
] as const;

export type Area = (typeof areas)[number];

/**
 * Everything that the doctor can find, by name. `fault`: something does not work, and the exit code is not 0. `note`:
 * it works, with limits. docs/operations.md lists them, and a test compares the two.
 */
export const catalogue = {
  configurationInvalid: { area: 'configuration', level: 'fault', means: 'A setting is missing or wrong.' },
  anonymousChat: {
    area: 'configuration',
    level: 'note',
    means: 'Chat messages are accepted without a token.',
  },
  consoleOnLoopback: {
    area: 'configuration',
    level: 'note',
    means: 'CONSOLE_CLIENT_ID is set, but PUBLIC_URL is http: Teams cannot show the console.',
  },
  databaseUnreachable: { area: 'database', level: 'fault', means: 'The server does not answer.' },
  databaseRefused: {
    area: 'database',
    level: 'fault',
    means: 'The server refuses the user or the database.',
  },
  databaseTokenUnavailable: {
    area: 'database',
    level: 'fault',
    means: 'The identity gets no Entra token for the database.',
  },
  databaseTooOld: { area: 'database', level: 'fault', means: 'The server is older than PostgreSQL 13.' },
  databasePooled: {
    area: 'database',
    level: 'note',
    means: 'A pooler does not pass time limits on to the server.',
  },
  databaseReadOnly: { area: 'database', level: 'fault', means: 'The server accepts no writes.' },
  databaseNotWritable: {
    area: 'database',
    level: 'fault',
    means: 'Tables have to be created, and the user may not do it.',
  },
  databaseNotMigrated: { area: 'database', level: 'fault', means: 'The tables are not up to date.' },
  databaseInUse: {
    area: 'database',
    level: 'note',
    means: 'The embedded database is held by a running Ringdown.',
  },
  databaseEmbedded: {
    area: 'database',
    level: 'note',
    means: 'The embedded database is meant for trying Ringdown.',
  },
  jobsLate: { area: 'database', level: 'fault', means: 'Jobs are overdue.' },
  clockWrong: { area: 'clock', level: 'fault', means: 'The clock of this machine is wrong.' },
  databaseClockWrong: {
    area: 'clock',
    level: 'fault',
    means: 'The clocks of the database and this machine differ.',
  },
  loginUnreachable: { area: 'bot', level: 'fault', means: "Entra's login does not answer." },
  tenantUnknown: { area: 'bot', level: 'fault', means: 'The tenant does not exist.' },
  botAppUnknown: { area: 'bot', level: 'fault', means: 'The tenant does not have this application.' },
  botSecretWrong: { area: 'bot', level: 'fault', means: "The bot's secret is wrong." },
  botSecretExpired: { area: 'bot', level: 'fault', means: "The bot's secret has expired." },
  botCredentialsRefused: { area: 'bot', level: 'fault', means: 'Entra refuses the bot for another reason.' },
  botIdentityUnavailable: {
    area: 'bot',
    level: 'fault',
    means: 'The managed identity of the bot is not available here.',
  },
  botKeysUnreachable: {
    area: 'bot',
    level: 'fault',
    means: 'The keys that verify chat messages cannot be fetched.',
  },
  entraKeysUnreachable: {
    area: 'bot',
    level: 'fault',
    means: 'The keys that verify Entra tokens (API_ENTRA_AUDIENCE, CONSOLE_CLIENT_ID) cannot be fetched.',
  },
  acsUnreachable: { area: 'calls', level: 'fault', means: 'Azure Communication Services does not answer.' },
  acsKeyRefused: { area: 'calls', level: 'fault', means: 'The access key is refused.' },
  acsIdentityRefused: {
    area: 'calls',
    level: 'fault',
    means: "Ringdown's identity has no role on the Communication Services resource.",
  },
  acsUnexpected: {
    area: 'calls',
    level: 'fault',
    means: 'Call Automation gives an unexpected answer.',
  },
  identityServiceRefused: {
    area: 'calls',
    level: 'fault',
    means: 'The identity that places calls cannot be created.',
  },
  resourceIdWrong: { area: 'calls', level: 'fault', means: 'ACS_RESOURCE_ID does not match the resource.' },
  sourceIdentityOfOtherResource: {
    area: 'calls',
    level: 'fault',
    means: 'The identity that places calls belongs to another resource.',
  },
  sourceIdentityUnknown: {
    area: 'calls',
    level: 'fault',
    means: 'The identity that places calls no longer exists.',
  },
  phoneNumberMissing: {
    area: 'calls',
    level: 'fault',
    means: 'permissions.phones is set, but ACS_PHONE_NUMBER is not.',
  },
  phoneNumberNotOurs: {
    area: 'calls',
    level: 'fault',
    means:
      'Calls cannot be made from ACS_PHONE_NUMBER: it is not a number of the resource, or cannot make calls.',
  },
  publicUrlUnreachable: { area: 'callbacks', level: 'fault', means: 'PUBLIC_URL does not answer.' },
  publicUrlCertificate: {
    area: 'callbacks',
    level: 'fault',
    means: 'The certificate of PUBLIC_URL is not trusted.',
  },
  publicUrlOther: {
    area: 'callbacks',
    level: 'fault',
    means: 'Something other than Ringdown answers at PUBLIC_URL.',
  },
  notReady: { area: 'callbacks', level: 'fault', means: 'Ringdown runs but is not ready.' },
  callbacksBlocked: {
    area: 'callbacks',
    level: 'fault',
    means: 'Something in front of Ringdown blocks callbacks.',
  },
  callbackKeysUnreachable: {
    area: 'callbacks',
    level: 'fault',
    means: 'The keys that verify callbacks cannot be fetched.',
  },
  callbackRefused: {
    area: 'callbacks',
    level: 'fault',
    means: 'A test callback of the doctor is refused.',
  },
  callbackIssuerDiffers: {
    area: 'callbacks',
    level: 'fault',
    means: 'ACS_CALLBACK_ISSUER is not the issuer that the service names.',
  },
  graphTokenUnavailable: {
    area: 'directory',
    level: 'fault',
    means: 'There is no token for Microsoft Graph.',
  },
  graphUnreachable: { area: 'directory', level: 'fault', means: 'Microsoft Graph does not answer.' },
  graphTokenRefused: { area: 'directory', level: 'fault', means: 'Microsoft Graph refuses the token.' },
  usersUnreadable: {
    area: 'directory',
    level: 'fault',
    means: 'User.Read.All is missing: nobody can be found.',
  },
  usersBasicOnly: {
    area: 'directory',
    level: 'note',
    means: 'Only User.ReadBasic.All is granted: licences are not checked before a call.',
  },
  groupsUnreadable: {
    area: 'directory',
    level: 'fault',
    means: 'GroupMember.Read.All is missing, and ringdown.yaml names a group.',
  },
  shiftsUnreadable: {
    area: 'directory',
    level: 'fault',
    means: 'Schedule.Read.All is missing, and a policy uses shifts.',
  },
  shiftsNotInCloud: {
    area: 'directory',
    level: 'fault',
    means: 'A policy uses shifts, which Graph has only in the global cloud.',
  },
  presenceUnreadable: {
    area: 'directory',
    level: 'note',
    means: 'Presence.Read.All is missing: callers are not warned that somebody is in a meeting.',
  },
  appsNotInstallable: {
    area: 'directory',
    level: 'fault',
    means: 'TEAMS_APP_ID is set, but the bot lacks TeamsAppInstallation.ReadWriteSelfForUser.All.',
  },
  appOfConsole: {
    area: 'directory',
    level: 'note',
    means: "The Teams app names the console's registration, so the bot may not install it for callees.",
  },
  appsUnknown: {
    area: 'directory',
    level: 'note',
    means: 'It cannot be checked who has the Teams app.',
  },
  speechNotConfigured: { area: 'speech', level: 'note', means: 'Messages cannot be spoken.' },
  speechUnreachable: { area: 'speech', level: 'fault', means: 'The speech resource does not answer.' },
  speechEndpointShared: {
    area: 'speech',
    level: 'fault',
    means: 'The speech endpoint belongs to a region, not to a resource.',
  },
  eventGridHandshake: { area: 'event grid', level: 'fault', means: "Event Grid's handshake fails." },
  webhookUnresolvable: { area: 'webhooks', level: 'fault', means: 'The host of a webhook does not exist.' },
  webhookAddressPrivate: {
    area: 'webhooks',
    level: 'fault',
    means: 'A webhook points into a private network.',
  },
  calendarUnreachable: {
    area: 'calendars',
    level: 'fault',
    means: 'A calendar of a rotation cannot be fetched.',
  },
  calendarUnreadable: {
    area: 'calendars',
    level: 'fault',
    means: 'What the address of a calendar answers is no calendar, or is incomplete.',
  },
  calendarEventsUnread: {
    area: 'calendars',
    level: 'note',
    means: 'Events of a calendar have faults, or unknown time zones.',
  },
  policyTargetUnknown: {
    area: 'policies',
    level: 'fault',
    means: 'A policy names somebody who cannot be found.',
  },
  policyTargetAmbiguous: {
    area: 'policies',
    level: 'fault',
    means: 'A name in a policy matches several people.',
  },
  policyMobileMissing: {
    area: 'policies',
    level: 'note',
    means: 'A policy calls somebody in Teams and on their mobile, and there is no number to call.',
  },
  policyTargetNotCallable: {
    area: 'policies',
    level: 'fault',
    means: 'A policy names somebody who cannot be called.',
  },
  policyTargetWithoutApp: {
    area: 'policies',
    level: 'fault',
    means: 'Somebody in a policy lacks the Teams app, and gets no card to acknowledge on.',
  },
  appToBeInstalled: {
    area: 'policies',
    level: 'note',
    means: 'Somebody lacks the Teams app; it is installed when they are first called.',
  },
  policyGroupEmpty: { area: 'policies', level: 'fault', means: 'A group of a policy is empty or unknown.' },
  policyManagerMissing: { area: 'policies', level: 'fault', means: 'Somebody in a policy has no manager.' },
  nobodyOnShift: { area: 'policies', level: 'note', means: 'Nobody is on duty in Shifts right now.' },
  policyReachesNobody: {
    area: 'policies',
    level: 'fault',
    means: 'Nobody in a policy can be called right now.',
  },
  voiceAppIsPerson: { area: 'policies', level: 'fault', means: 'A voice app is a person in the directory.' },
  operatorUnknown: {
    area: 'policies',
    level: 'fault',
    means: 'An operator, or somebody to be notified, cannot be found.',
  },
  noOperators: { area: 'policies', level: 'note', means: 'There are no operators to notify.' },
  permissionUnknown: {
    area: 'policies',
    level: 'fault',
    means: 'A permission names a person or group that cannot be found.',
  },
} as const satisfies Record<string, { area: Area; level: 'fault' | 'note'; means: string }>;

export type FindingName = keyof typeof catalogue;

export interface Finding {
  area: Area;
  level: 'ok' | 'fault' | 'note' | 'skipped';
  /** Null if all is well. */
  name: FindingName | null;
  /** What was found, for the operator. Never a secret. */
  what: string;
  /** The exact setting or command that fixes it, or what to do. */
  fix: string | null;
}

export function found(name: FindingName, what: string, fix: string): Finding {
  const { area, level } = catalogue[name];
  return { area, level, name, what, fix };
}

export function passed(area: Area, what: string): Finding {
  return { area, level: 'ok', name: null, what, fix: null };
}

/** Not checked, because of another fault. */
export function skipped(area: Area, why: string): Finding {
  return { area, level: 'skipped', name: null, what: why, fix: null };
}
