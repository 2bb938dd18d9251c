import { CommunicationIdentityClient } from '@azure/communication-identity';
import type { TokenCredential } from '@azure/core-auth';
import { noCheckpoint, type Checkpoint } from '../database/checkpoint.ts';
import type { Clock } from '../clock.ts';
import { timeLimitPolicy, withTimeLimit } from './timeLimit.ts';

/** How to authenticate to the service: by access key, or by managed identity at an endpoint. */
export type AcsAccess = { connectionString: string } | { endpoint: string; credential: TokenCredential };

/** The part of Communication Identity that Ringdown uses. */
export type IdentityClient = Pick<
  CommunicationIdentityClient,
  'createUser' | 'deleteUser' | 'getToken' | 'revokeTokens'
>;

const ATTEMPT_TIMEOUT_MS = 8_000;

/**
 * Disables the SDK's retries: creating an identity is not idempotent, and the callers retry themselves. A request
 * without an answer is aborted after 8 s.
 */
export function createIdentityClient(parts: {
  acs: AcsAccess;
  /** Plain http, which the configuration allows on loopback only. */
  allowInsecureConnection: boolean;
  clock: Clock;
  checkpoint?: Checkpoint;
}): IdentityClient {
  const { acs, allowInsecureConnection, clock, checkpoint = noCheckpoint } = parts;
  const options = {
    allowInsecureConnection,
    additionalPolicies: [{ policy: timeLimitPolicy, position: 'perCall' as const }],
    retryOptions: { maxRetries: 0 },
  };
  const client =
    'connectionString' in acs
      ? new CommunicationIdentityClient(acs.connectionString, options)
      : new CommunicationIdentityClient(acs.endpoint, acs.credential, options);
  const limited = async <T>(what: string, send: () => Promise<T>): Promise<T> => {
    checkpoint(`before ${what}`);
    const answer = await withTimeLimit(ATTEMPT_TIMEOUT_MS, clock, send);
    checkpoint(`after ${what}`);
    return answer;
  };
  return {
    createUser: async () => await limited('createIdentity', async () => await client.createUser()),
    deleteUser: async (user) => await limited('deleteIdentity', async () => await client.deleteUser(user)),
    getToken: async (...asked) => await limited('issueToken', async () => await client.getToken(...asked)),
    revokeTokens: async (user) => await limited('revokeTokens', async () => await client.revokeTokens(user)),
  };
}
