/**
 * Microsoft's clouds: every address and name of Microsoft's that differs between them, each with its source. A tenant
 * belongs to one cloud, and tokens of one are worth nothing in another. No other file of src/ names such an address.
 */
export type CloudName = 'public' | 'gcc' | 'gcch' | 'dod';

/** A cloud as identifiers of Communication Services name it. GCC is in the public one. */
export type IdentifierCloud = 'public' | 'gcch' | 'dod';

export interface Cloud {
  name: CloudName;
  identifierCloud: IdentifierCloud;
  /** Beginnings of raw identifiers (`createIdentifierFromRawId` of @azure/communication-common). */
  identifierPrefixes: { teamsUser: string; teamsApp: string; communicationUser: string };
  /** Root of Microsoft Graph, without a version. */
  graphUrl: string;
  /** Graph has the Shifts of Teams there. */
  hasShifts: boolean;
  /** Root of Entra's login: the authority is this and the tenant. */
  loginUrl: string;
  /** What issuers of Entra's access tokens of version 1 begin with: the tenant and a slash follow. */
  v1Issuers: readonly string[];
  /** What a managed identity asks Entra for, to use Communication Services. */
  acsScope: string;
  /** What a managed identity asks Entra for, to use a PostgreSQL flexible server (`DATABASE_AUTH=entra`). */
  databaseScope: string;
  /** botbuilder's `ChannelService` setting. Empty means public. */
  channelService: '' | 'https://botframework.azure.us';
  /** What a bot asks Entra for, to answer in chats. */
  botScope: string;
  /** Where the keys of chat messages are named. */
  botOpenIdUrl: string;
  /**
   * Hosts to which the bot may send its token, because the Bot Framework gives them as `serviceUrl`.
   * `.example.org` stands for every host under example.org.
   */
  serviceUrlHosts: readonly string[];
  /** Where a bot begins conversations in Teams before it has heard from anybody there. */
  serviceUrl: string;
  /** Origin of links into Teams. */
  teamsUrl: string;
  /** Origin of the Azure portal. */
  portalUrl: string;
}

/*
 * Sources, by their marks:
 * [SDK] the constants of @azure/communication-common (identifierModels, communicationAuthPolicy), of
 *   botframework-connector (AuthenticationConstants, GovernmentConstants, tokenValidationParameters) and of
 *   @azure/identity (AzureAuthorityHosts). test/config/clouds.test.ts compares them.
 * [cli] `ossrdbms_resource_id` of the Azure CLI (azure-cli-core, cloud.py), which has no cloud of its own for DoD
 * [graph] https://learn.microsoft.com/graph/deployments
 * [shifts] https://learn.microsoft.com/graph/api/schedule-list-shifts: "Global service" only
 * [bot] https://learn.microsoft.com/azure/bot-service/how-to-deploy-gov-cloud-high
 * [proactive] https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
 *   Older editions have `/gcc` and `/gcch` in place of `/teams`, and no DoD. `TEAMS_SERVICE_URL` is the way out.
 * [agents] https://microsoft.github.io/Agents-for-js/variables/_microsoft_agents-hosting.TeamsServiceEndpoints.html
 * [urls] https://learn.microsoft.com/microsoft-365/enterprise/microsoft-365-u-s-government-gcc-high-endpoints and
 *   …/microsoft-365-u-s-government-dod-endpoints
 * [?] unconfirmed: no page of Microsoft's says it, or nobody has tried it.
 */

const publicCloud: Cloud = {
  name: 'public',
  identifierCloud: 'public', // [SDK]
  identifierPrefixes: { teamsUser: '8:orgid:', teamsApp: '28:orgid:', communicationUser: '8:acs:' }, // [SDK]
  graphUrl: 'https://graph.microsoft.com', // [graph]
  hasShifts: true, // [shifts]
  loginUrl: 'https://login.microsoftonline.com', // [graph] [SDK]
  v1Issuers: ['https://sts.windows.net'], // [SDK]
  acsScope: 'https://communication.azure.com//.default', // [SDK]
  databaseScope: 'https://ossrdbms-aad.database.windows.net/.default', // [cli]
  channelService: '', // [bot]
  botScope: 'https://api.botframework.com', // [SDK]
  botOpenIdUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration', // [SDK]
  serviceUrlHosts: [
    'smba.trafficmanager.net', // [proactive]
    'smba.infra.gcc.teams.microsoft.com', // [proactive]
    'smba.onyx.prod.teams.trafficmanager.net', // Teams SDK, "Service URL Validation"
    '.botframework.com', // Web Chat, Direct Line, Slack and the other channels
  ],
  serviceUrl: 'https://smba.trafficmanager.net/teams/', // [proactive] [agents]
  teamsUrl: 'https://teams.microsoft.com',
  portalUrl: 'https://portal.azure.com', // [graph]
};

/** The tenants of GCC use the public addresses, except for their chat service. */
const gcc: Cloud = {
  ...publicCloud,
  name: 'gcc',
  serviceUrl: 'https://smba.infra.gcc.teams.microsoft.com/teams/', // [proactive] [agents]
};

/** What the government's clouds have in common. */
const government = {
  hasShifts: false, // [shifts]
  loginUrl: 'https://login.microsoftonline.us', // [graph] [SDK]
  v1Issuers: ['https://sts.windows.net', 'https://login.microsoftonline.us'], // [SDK]
  acsScope: 'https://communication.azure.us//.default', // [?] The SDK asks for the public one everywhere: `ACS_TOKEN_SCOPE`
  databaseScope: 'https://ossrdbms-aad.database.usgovcloudapi.net/.default', // [cli]
  channelService: 'https://botframework.azure.us', // [bot] [SDK]
  botScope: 'https://api.botframework.us', // [SDK]
  botOpenIdUrl: 'https://login.botframework.azure.us/v1/.well-known/openidconfiguration', // [SDK]
  portalUrl: 'https://portal.azure.us', // [graph]
} as const;

const gcch: Cloud = {
  ...government,
  name: 'gcch',
  identifierCloud: 'gcch', // [SDK]
  identifierPrefixes: { teamsUser: '8:gcch:', teamsApp: '28:gcch:', communicationUser: '8:gcch-acs:' }, // [SDK]
  graphUrl: 'https://graph.microsoft.us', // [graph]
  // [proactive]; the other channels' hosts [?]
  serviceUrlHosts: ['smba.infra.gov.teams.microsoft.us', '.botframework.azure.us'],
  serviceUrl: 'https://smba.infra.gov.teams.microsoft.us/teams/', // [proactive] [agents]
  teamsUrl: 'https://gov.teams.microsoft.us', // [urls]
};

/**
 * Bots are not documented for DoD: [bot] says that bots of Azure Government must use GCC High, and editions of
 * [proactive] that there are none in DoD. The addresses are those that are published all the same.
 */
const dod: Cloud = {
  ...government,
  name: 'dod',
  identifierCloud: 'dod', // [SDK]
  identifierPrefixes: { teamsUser: '8:dod:', teamsApp: '28:dod:', communicationUser: '8:dod-acs:' }, // [SDK]
  graphUrl: 'https://dod-graph.microsoft.us', // [graph]
  serviceUrlHosts: ['smba.infra.dod.teams.microsoft.us', '.botframework.azure.us'], // [agents]; the others [?]
  serviceUrl: 'https://smba.infra.dod.teams.microsoft.us/teams/', // [agents]
  teamsUrl: 'https://dod.teams.microsoft.us', // [urls]
};

export const clouds: Readonly<Record<CloudName, Cloud>> = { public: publicCloud, gcc, gcch, dod };

/**
 * Issuer and keys of Call Automation's callback tokens, as "Secure webhook endpoint" of Call Automation has them for the
 * public cloud. Those of the government's are unconfirmed: therefore they are settings.
 */
export const acsCallbacks = {
  issuer: 'https://acscallautomation.communication.azure.com',
  openIdUrl: 'https://acscallautomation.communication.azure.com/calling/.well-known/acsopenidconfiguration',
} as const;
