/** What the doctor looks at, in the order in which it is told. */
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
  'policies',
] as const;

export type Area = (typeof areas)[number];

/**
 * Everything that the doctor can find, by name. `fault`: something does not work, and the exit code says so. `note`:
 * it works, with less. docs/operations.md lists them, and a test holds the two together.
 */
export const catalogue = {
  configurationInvalid: { area: 'configuration', level: 'fault', means: 'A setting is missing or wrong.' },
  anonymousChat: { area: 'configuration', level: 'note', means: 'Chat messages are taken without a token.' },
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
    means: 'A pooler passes no time limit on to the server.',
  },
  databaseReadOnly: { area: 'database', level: 'fault', means: 'The server takes no writes.' },
  databaseNotWritable: { area: 'database', level: 'fault', means: 'Tables are to be made, and may not be.' },
  databaseNotMigrated: { area: 'database', level: 'fault', means: 'The tables are not up to date.' },
  databaseInUse: {
    area: 'database',
    level: 'note',
    means: 'The embedded database is held by a running Ringdown.',
  },
  databaseEmbedded: { area: 'database', level: 'note', means: 'The embedded database is for trying things.' },
  jobsLate: { area: 'database', level: 'fault', means: 'Work is due, and nobody does it.' },
  clockWrong: { area: 'clock', level: 'fault', means: 'The clock of this machine is wrong.' },
  databaseClockWrong: {
    area: 'clock',
    level: 'fault',
    means: 'Database and machine do not agree on the time.',
  },
  loginUnreachable: { area: 'bot', level: 'fault', means: "Entra's login does not answer." },
  tenantUnknown: { area: 'bot', level: 'fault', means: 'There is no such tenant.' },
  botAppUnknown: { area: 'bot', level: 'fault', means: 'The tenant has no such application.' },
  botSecretWrong: { area: 'bot', level: 'fault', means: "The bot's secret is wrong." },
  botSecretExpired: { area: 'bot', level: 'fault', means: "The bot's secret has expired." },
  botCredentialsRefused: { area: 'bot', level: 'fault', means: 'Entra refuses the bot for another reason.' },
  botIdentityUnavailable: {
    area: 'bot',
    level: 'fault',
    means: 'The managed identity of the bot is not there.',
  },
  botKeysUnreachable: {
    area: 'bot',
    level: 'fault',
    means: 'The keys that chat messages are checked with cannot be fetched.',
  },
  entraKeysUnreachable: {
    area: 'bot',
    level: 'fault',
    means: 'The keys of Entra tokens (API_ENTRA_AUDIENCE) cannot be fetched.',
  },
  acsUnreachable: { area: 'calls', level: 'fault', means: 'Azure Communication Services does not answer.' },
  acsKeyRefused: { area: 'calls', level: 'fault', means: 'The access key is refused.' },
  acsIdentityRefused: {
    area: 'calls',
    level: 'fault',
    means: "Ringdown's identity has no right to the Communication Services resource.",
  },
  acsUnexpected: {
    area: 'calls',
    level: 'fault',
    means: 'Call Automation answers with something unexpected.',
  },
  identityServiceRefused: {
    area: 'calls',
    level: 'fault',
    means: 'No identity to call from can be made.',
  },
  resourceIdWrong: { area: 'calls', level: 'fault', means: 'ACS_RESOURCE_ID is not that of the resource.' },
  sourceIdentityOfOtherResource: {
    area: 'calls',
    level: 'fault',
    means: 'The identity that calls come from belongs to another resource.',
  },
  sourceIdentityUnknown: {
    area: 'calls',
    level: 'fault',
    means: 'The identity that calls come from does not exist any more.',
  },
  publicUrlUnreachable: { area: 'callbacks', level: 'fault', means: 'PUBLIC_URL does not answer.' },
  publicUrlCertificate: {
    area: 'callbacks',
    level: 'fault',
    means: 'The certificate of PUBLIC_URL is wrong.',
  },
  publicUrlOther: { area: 'callbacks', level: 'fault', means: 'Something else answers at PUBLIC_URL.' },
  notReady: { area: 'callbacks', level: 'fault', means: 'Ringdown runs, and is not ready.' },
  callbacksBlocked: {
    area: 'callbacks',
    level: 'fault',
    means: 'Something in front of Ringdown keeps callbacks away.',
  },
  callbackKeysUnreachable: {
    area: 'callbacks',
    level: 'fault',
    means: 'The keys that callbacks are checked with cannot be fetched.',
  },
  callbackRefused: {
    area: 'callbacks',
    level: 'fault',
    means: 'A callback that the doctor sends itself is refused.',
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
  usersUnreadable: { area: 'directory', level: 'fault', means: 'User.Read.All is missing: nobody is found.' },
  usersBasicOnly: {
    area: 'directory',
    level: 'note',
    means: 'Only User.ReadBasic.All is there: licences are not seen before a call.',
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
    means: 'A policy uses shifts, and Graph has them in the global cloud only.',
  },
  presenceUnreadable: {
    area: 'directory',
    level: 'note',
    means: 'Presence.Read.All is missing: nobody is told that somebody is in a meeting.',
  },
  appsNotInstallable: {
    area: 'directory',
    level: 'fault',
    means: 'TEAMS_APP_ID is set, and the bot lacks TeamsAppInstallation.ReadWriteSelfForUser.All.',
  },
  appsUnknown: {
    area: 'directory',
    level: 'note',
    means: 'Who has the Teams app is not to be seen.',
  },
  speechNotConfigured: { area: 'speech', level: 'note', means: 'No message can be spoken.' },
  speechUnreachable: { area: 'speech', level: 'fault', means: 'The speech resource does not answer.' },
  speechEndpointShared: {
    area: 'speech',
    level: 'fault',
    means: 'The speech endpoint is that of a region, not of a resource.',
  },
  eventGridHandshake: { area: 'event grid', level: 'fault', means: "Event Grid's handshake fails." },
  webhookUnresolvable: { area: 'webhooks', level: 'fault', means: 'The host of a webhook does not exist.' },
  webhookAddressPrivate: {
    area: 'webhooks',
    level: 'fault',
    means: 'A webhook leads into a private network.',
  },
  policyTargetUnknown: {
    area: 'policies',
    level: 'fault',
    means: 'A policy names somebody who is not found.',
  },
  policyTargetAmbiguous: { area: 'policies', level: 'fault', means: 'A policy names several people in one.' },
  policyTargetNotCallable: {
    area: 'policies',
    level: 'fault',
    means: 'A policy names somebody who cannot be called.',
  },
  policyTargetWithoutApp: {
    area: 'policies',
    level: 'fault',
    means: 'Somebody of a policy has no card to acknowledge on: the Teams app is missing.',
  },
  appToBeInstalled: {
    area: 'policies',
    level: 'note',
    means: 'The Teams app is installed for somebody when they are first called.',
  },
  policyGroupEmpty: { area: 'policies', level: 'fault', means: 'A group of a policy is empty or unknown.' },
  policyManagerMissing: { area: 'policies', level: 'fault', means: 'Somebody of a policy has no manager.' },
  nobodyOnShift: { area: 'policies', level: 'note', means: 'Nobody is on duty in Shifts at this moment.' },
  policyReachesNobody: { area: 'policies', level: 'fault', means: 'Nobody of a policy can be called now.' },
  voiceAppIsPerson: { area: 'policies', level: 'fault', means: 'A voice app is a person in the directory.' },
  operatorUnknown: {
    area: 'policies',
    level: 'fault',
    means: 'An operator, or who is to be told, is not found.',
  },
  noOperators: { area: 'policies', level: 'note', means: 'Nobody is told of what would go unheard.' },
  permissionUnknown: {
    area: 'policies',
    level: 'fault',
    means: 'A permission names somebody or a group that is not found.',
  },
} as const satisfies Record<string, { area: Area; level: 'fault' | 'note'; means: string }>;

export type FindingName = keyof typeof catalogue;

export interface Finding {
  area: Area;
  level: 'ok' | 'fault' | 'note' | 'skipped';
  /** Null for what is right. */
  name: FindingName | null;
  /** What is so, for the operator. Never a secret. */
  what: string;
  /** The exact line that mends it, or what to do. */
  mend: string | null;
}

export function found(name: FindingName, what: string, mend: string): Finding {
  const { area, level } = catalogue[name];
  return { area, level, name, what, mend };
}

export function right(area: Area, what: string): Finding {
  return { area, level: 'ok', name: null, what, mend: null };
}

/** It could not be looked at, because something else is wrong. */
export function skipped(area: Area, why: string): Finding {
  return { area, level: 'skipped', name: null, what: why, mend: null };
}
