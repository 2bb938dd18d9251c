/**
 * Microsoft's clouds: every Microsoft address and name that differs between them, each with its source. A tenant
 * belongs to one cloud, and tokens of one cloud are worthless in another. No other file of src/ contains such an
 * address.
 */
export type CloudName = 'public' | 'gcc' | 'gcch' | 'dod';

/** The name of the cloud in Communication Services identifiers. GCC counts as public. */
export type IdentifierCloud = 'public' | 'gcch' | 'dod';

export interface Cloud {
  name: CloudName;
  identifierCloud: IdentifierCloud;
  /** Prefixes of raw identifiers (`createIdentifierFromRawId` of @azure/communication-common). */
  identifierPrefixes: { teamsUser: string; teamsApp: string; communicationUser: string };
  /** Root of Microsoft Graph, without a version. */
  graphUrl: string;
  /** Whether Graph offers Teams Shifts in this cloud. */
  hasShifts: boolean;
  /** Root of Entra's login. The authority is this root followed by the tenant. */
  loginUrl: string;
  /** Issuer prefixes of version 1 access tokens, followed by the tenant and a slash. */
  v1Issuers: readonly string[];
  /** The scope that a managed identity requests for Communication Services. */
  acsScope: string;
  /** The scope that a managed identity requests for a PostgreSQL flexible server (`DATABASE_AUTH=entra`). */
  databaseScope: string;
  /** botbuilder's `ChannelService` setting. Empty means public. */
  channelService: '' | 'https://botframework.azure.us';
  /** The scope that a bot requests to answer in chats. */
  botScope: string;
  /** The OpenID document that names the keys of chat messages. */
  botOpenIdUrl: string;
  /**
   * Hosts of `serviceUrl` that the Bot Framework uses, and to which the bot may send its token. `.example.org` stands
   * for every host under example.org.
   */
  serviceUrlHosts: readonly string[];
  /** Where the bot starts conversations in Teams before anybody there has written to it. */
  serviceUrl: string;
  /** Origin of links into Teams. */
  teamsUrl: string;
  /** Hosts that may show a tab in a frame. */
  tabHosts: readonly string[];
  /** Origin of the Azure portal. */
  portalUrl: string;
}

/*
 * Sources:
 * [SDK] the constants of @azure/communication-common (identifierModels, communicationAuthPolicy), of
 *   botframework-connector (AuthenticationConstants, GovernmentConstants, tokenValidationParameters) and of
 *   @azure/identity (AzureAuthorityHosts). test/config/clouds.test.ts compares them.
 * [cli] `ossrdbms_resource_id` of the Azure CLI (azure-cli-core, cloud.py), which has no cloud of its own for DoD
 * [graph] https://learn.microsoft.com/graph/deployments
 * [shifts] https://learn.microsoft.com/graph/api/schedule-list-shifts: "Global service" only
 * [bot] https://learn.microsoft.com/azure/bot-service/how-to-deploy-gov-cloud-high
 * [proactive] https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
 *   Older versions have `/gcc` and `/gcch` instead of `/teams`, and no DoD. `TEAMS_SERVICE_URL` overrides it.
 * [agents] https://microsoft.github.io/Agents-for-js/variables/_microsoft_agents-hosting.TeamsServiceEndpoints.html
 * [urls] https://learn.microsoft.com/microsoft-365/enterprise/microsoft-365-u-s-government-gcc-high-endpoints and
 *   …/microsoft-365-u-s-government-dod-endpoints
 * [tabs] https://learn.microsoft.com/microsoftteams/platform/tabs/how-to/tab-requirements
 * [?] unconfirmed: not documented by Microsoft, or not tried
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
  // [tabs]
  tabHosts: [
    'https://teams.microsoft.com',
    'https://*.teams.microsoft.com',
    'https://*.cloud.microsoft',
    'https://*.microsoft365.com',
    'https://*.office.com',
    'https://outlook.office365.com',
  ],
  portalUrl: 'https://portal.azure.com', // [graph]
};

/** GCC tenants use the public addresses, except for the chat service. */
const gcc: Cloud = {
  ...publicCloud,
  name: 'gcc',
  serviceUrl: 'https://smba.infra.gcc.teams.microsoft.com/teams/', // [proactive] [agents]
};

/** Common to the government clouds. */
const government = {
  hasShifts: false, // [shifts]
  loginUrl: 'https://login.microsoftonline.us', // [graph] [SDK]
  v1Issuers: ['https://sts.windows.net', 'https://login.microsoftonline.us'], // [SDK]
  acsScope: 'https://communication.azure.us//.default', // [?] The SDK requests the public scope everywhere: see `ACS_TOKEN_SCOPE`
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
  // [proactive]; the hosts of other channels are [?]
  serviceUrlHosts: ['smba.infra.gov.teams.microsoft.us', '.botframework.azure.us'],
  serviceUrl: 'https://smba.infra.gov.teams.microsoft.us/teams/', // [proactive] [agents]
  teamsUrl: 'https://gov.teams.microsoft.us', // [urls]
  tabHosts: ['https://gov.teams.microsoft.us', 'https://*.gov.teams.microsoft.us'], // [urls]
};

/**
 * Bots are not documented for DoD: [bot] requires GCC High for bots of Azure Government, and some versions of
 * [proactive] say that DoD has none. These are the published addresses nevertheless.
 */
const dod: Cloud = {
  ...government,
  name: 'dod',
  identifierCloud: 'dod', // [SDK]
  identifierPrefixes: { teamsUser: '8:dod:', teamsApp: '28:dod:', communicationUser: '8:dod-acs:' }, // [SDK]
  graphUrl: 'https://dod-graph.microsoft.us', // [graph]
  serviceUrlHosts: ['smba.infra.dod.teams.microsoft.us', '.botframework.azure.us'], // [agents]; the second is [?]
  serviceUrl: 'https://smba.infra.dod.teams.microsoft.us/teams/', // [agents]
  teamsUrl: 'https://dod.teams.microsoft.us', // [urls]
  tabHosts: ['https://dod.teams.microsoft.us', 'https://*.dod.teams.microsoft.us'], // [urls]
};

export const clouds: Readonly<Record<CloudName, Cloud>> = { public: publicCloud, gcc, gcch, dod };

/**
 * Issuer and keys of Call Automation's callback tokens in the public cloud, from "Secure webhook endpoint". Those of
 * the government clouds are unconfirmed, so they can be configured.
 */
export const acsCallbacks = {
  issuer: 'https://acscallautomation.communication.azure.com',
  openIdUrl: 'https://acscallautomation.communication.azure.com/calling/.well-known/acsopenidconfiguration',
} as const;
