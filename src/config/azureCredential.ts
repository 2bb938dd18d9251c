import type { TokenCredential } from '@azure/core-auth';
import type { DefaultAzureCredentialOptions, TokenCredentialOptions } from '@azure/identity';
import type { Cloud } from './clouds.ts';
import type { Config } from './config.ts';

/**
 * The identity that Ringdown runs as. It caches its tokens. It needs the cloud's own authority, because the public
 * one does not know tenants of other clouds.
 */
export async function azureCredential(
  { loginUrl }: Pick<Cloud, 'loginUrl'>,
  options: DefaultAzureCredentialOptions = {},
): Promise<TokenCredential> {
  // Loaded only where needed: it is many modules, and botbuilder brings another version of them.
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new DefaultAzureCredential({ ...options, authorityHost: loginUrl });
}

/**
 * The bot's own identity, which the manifest of its Teams app names. It may differ from `azureCredential`: if the bot
 * is an app registration, everything else uses the managed identity of the site.
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

/** The same identity, for a client that would request a token of the public cloud in every cloud. */
export function inScope(credential: TokenCredential, scope: string): TokenCredential {
  return { getToken: async (_, options) => await credential.getToken(scope, options) };
}
