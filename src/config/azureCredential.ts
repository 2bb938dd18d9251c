import type { TokenCredential } from '@azure/core-auth';
import type { DefaultAzureCredentialOptions, TokenCredentialOptions } from '@azure/identity';
import type { Cloud } from './clouds.ts';
import type { Config } from './config.ts';

/**
 * The identity that Ringdown runs as. It keeps its tokens until they expire. Without the cloud's own authority it would
 * ask the public one, which knows no tenant of another.
 */
export async function azureCredential(
  { loginUrl }: Pick<Cloud, 'loginUrl'>,
  options: DefaultAzureCredentialOptions = {},
): Promise<TokenCredential> {
  // Loaded only where it is needed: it is many modules, and botbuilder brings another edition of the same.
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new DefaultAzureCredential({ ...options, authorityHost: loginUrl });
}

/**
 * The bot's own identity, which the manifest of its Teams app names. (`azureCredential` may be another one: with an app
 * registration as the bot, the rest of Graph is asked by the managed identity of the site.)
 *
 * @returns null if the bot has none, as in anonymous mode
 */
export async function botCredential(
  { bot, cloud }: Pick<Config, 'bot'> & { cloud: Pick<Cloud, 'loginUrl'> },
  options: TokenCredentialOptions = {},
): Promise<TokenCredential | null> {
  const { type, appId, appPassword, tenantId } = bot;
  if (appId === undefined) return null;
  const { ClientSecretCredential, ManagedIdentityCredential } = await import('@azure/identity');
  if (type === 'UserAssignedMSI') return new ManagedIdentityCredential({ ...options, clientId: appId });
  if (tenantId === undefined || appPassword === undefined) return null;
  return new ClientSecretCredential(tenantId, appId, appPassword, {
    ...options,
    authorityHost: cloud.loginUrl,
  });
}

/** The same identity, for a client that would ask for a token of the public cloud wherever it is. */
export function inScope(credential: TokenCredential, scope: string): TokenCredential {
  return { getToken: async (_, options) => await credential.getToken(scope, options) };
}
