import type { Addresses } from './options.ts';

/** The settings that make a bot use the emulator, by their names in Ringdown's environment. */
export function settingsFor(addresses: Addresses): Record<string, string> {
  return {
    MicrosoftAppTenantId: addresses.tenantId,
    ACS_CONNECTION_STRING: addresses.connectionString,
    ACS_RESOURCE_ID: addresses.resourceId,
    ACS_CALLBACK_OPENID_URL: addresses.openIdUrl,
    ACS_CALLBACK_ISSUER: addresses.issuer,
    ACS_PHONE_NUMBER: addresses.phoneNumber,
    // Any value works: nothing is sent there, and spoken texts are kept as text.
    COGNITIVE_SERVICES_ENDPOINT: addresses.url,
    GRAPH_URL: addresses.graphUrl,
    GRAPH_TOKEN: addresses.graphToken,
    TEAMS_SERVICE_URL: addresses.connectorUrl,
  };
}
