import type { TokenCredential } from '@azure/core-auth';
import type { DefaultAzureCredentialOptions } from '@azure/identity';
import type { Cloud } from './clouds.ts';

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

/** The same identity, for a client that would ask for a token of the public cloud wherever it is. */
export function inScope(credential: TokenCredential, scope: string): TokenCredential {
  return { getToken: async (_, options) => await credential.getToken(scope, options) };
}
