import type { Addresses } from './options.ts';

/** What a bot is told so that it speaks to the emulator, under the names that Ringdown's environment has for it. */
export function settingsFor(addresses: Addresses): Record<string, string> {
  return {
    MicrosoftAppTenantId: addresses.tenantId,
    ACS_CONNECTION_STRING: addresses.connectionString,
    ACS_RESOURCE_ID: addresses.resourceId,
    ACS_CALLBACK_OPENID_URL: addresses.openIdUrl,
    ACS_CALLBACK_ISSUER: addresses.issuer,
    // Any will do: nothing is asked of it, what is spoken is kept as text.
    COGNITIVE_SERVICES_ENDPOINT: addresses.url,
    GRAPH_URL: addresses.graphUrl,
    GRAPH_TOKEN: addresses.graphToken,
    TEAMS_SERVICE_URL: addresses.connectorUrl,
  };
}
