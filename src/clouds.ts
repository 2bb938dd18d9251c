/**
 * Microsoft's clouds: what differs between them. A tenant belongs to one, and tokens of one are worth nothing in
 * another. GCC is not a cloud of its own here: its tenants use the public addresses, except for its chat service.
 */
export type CloudName = 'public' | 'gcch' | 'dod';

export interface Cloud {
  name: CloudName;
  /** Root of Microsoft Graph, without a version. */
  graphUrl: string;
  /** Root of Entra's login: the authority is this and the tenant. */
  loginUrl: string;
  /** What issuers of Entra's access tokens of version 1 begin with: the tenant and a slash follow. */
  v1Issuers: readonly string[];
  /** botbuilder's `ChannelService` setting. Empty means public. */
  channelService: '' | 'https://botframework.azure.us';
  /**
   * Hosts to which the bot may send its token, because the Bot Framework gives them as `serviceUrl`.
   * `.example.org` stands for every host under example.org.
   */
  serviceUrlHosts: readonly string[];
  /** Where a bot begins conversations in Teams before it has heard from anybody there. */
  serviceUrl: string;
  /** Beginnings of raw identifiers (`createIdentifierFromRawId` of @azure/communication-common). */
  identifierPrefixes: { teamsUser: string; teamsApp: string; communicationUser: string };
}

/**
 * Sources: identifier prefixes from @azure/communication-common's identifierModels; `channelService` from
 * botframework-connector's GovernmentConstants; Graph and login from Microsoft's "National cloud deployments";
 * chat services from "Send proactive messages" of the Teams platform's documentation.
 * UNCONFIRMED: that the hosts of channels other than Teams in the government clouds end in botframework.azure.us,
 * and issuer and keys of Call Automation's callback tokens there, which therefore are settings
 * (`ACS_CALLBACK_ISSUER`, `ACS_CALLBACK_OPENID_URL`) with the public cloud's values as defaults.
 */
export const clouds: Readonly<Record<CloudName, Cloud>> = {
  public: {
    name: 'public',
    graphUrl: 'https://graph.microsoft.com',
    loginUrl: 'https://login.microsoftonline.com',
    v1Issuers: ['https://sts.windows.net'],
    channelService: '',
    serviceUrlHosts: [
      'smba.trafficmanager.net',
      'smba.infra.gcc.teams.microsoft.com',
      'smba.onyx.prod.teams.trafficmanager.net', // Teams SDK, "Service URL Validation"
      '.botframework.com', // Web Chat, Direct Line, Slack and the other channels
    ],
    serviceUrl: 'https://smba.trafficmanager.net/teams/',
    identifierPrefixes: { teamsUser: '8:orgid:', teamsApp: '28:orgid:', communicationUser: '8:acs:' },
  },
  gcch: {
    name: 'gcch',
    graphUrl: 'https://graph.microsoft.us',
    loginUrl: 'https://login.microsoftonline.us',
    v1Issuers: ['https://sts.windows.net', 'https://login.microsoftonline.us'],
    channelService: 'https://botframework.azure.us',
    serviceUrlHosts: ['smba.infra.gov.teams.microsoft.us', '.botframework.azure.us'],
    serviceUrl: 'https://smba.infra.gov.teams.microsoft.us/teams/',
    identifierPrefixes: { teamsUser: '8:gcch:', teamsApp: '28:gcch:', communicationUser: '8:gcch-acs:' },
  },
  dod: {
    name: 'dod',
    graphUrl: 'https://dod-graph.microsoft.us',
    loginUrl: 'https://login.microsoftonline.us',
    v1Issuers: ['https://sts.windows.net', 'https://login.microsoftonline.us'],
    channelService: 'https://botframework.azure.us',
    serviceUrlHosts: ['smba.infra.dod.teams.microsoft.us', '.botframework.azure.us'],
    serviceUrl: 'https://smba.infra.dod.teams.microsoft.us/teams/',
    identifierPrefixes: { teamsUser: '8:dod:', teamsApp: '28:dod:', communicationUser: '8:dod-acs:' },
  },
};
