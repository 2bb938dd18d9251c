import { CallAutomationClient } from '@azure/communication-call-automation';
import { CommunicationIdentityClient } from '@azure/communication-identity';
import { isRestError } from '@azure/core-rest-pipeline';
import type { DialerConfig } from './dialer.ts';

/** The result of a request: its HTTP status, or null without an answer. */
export interface Probed {
  status: number | null;
}

const TIME_LIMIT_MS = 8_000;

/**
 * Checks access to the service without placing a call.
 *
 * No method throws.
 */
export interface ServiceProbe {
  /** Asks for a call that does not exist. 404 means that we have access. */
  callAutomation(): Promise<Probed>;
  /** Creates an identity and deletes it. Its raw id contains the id of the resource. */
  identity(): Promise<Probed & { id: string | null }>;
  /** Issues a token for an identity, and discards it. 404 if the identity does not exist. */
  source(id: string): Promise<Probed>;
}

export function createServiceProbe({
  acs,
  allowInsecureConnection,
}: Pick<DialerConfig, 'acs' | 'allowInsecureConnection'>): ServiceProbe {
  const options = { allowInsecureConnection, retryOptions: { maxRetries: 0 } };
  const calls =
    'connectionString' in acs
      ? new CallAutomationClient(acs.connectionString, options)
      : new CallAutomationClient(acs.endpoint, acs.credential, options);
  const identities =
    'connectionString' in acs
      ? new CommunicationIdentityClient(acs.connectionString, options)
      : new CommunicationIdentityClient(acs.endpoint, acs.credential, options);
  const limit = (): { abortSignal: AbortSignal } => ({ abortSignal: AbortSignal.timeout(TIME_LIMIT_MS) });
  return {
    async callAutomation() {
      return await probed(
        async () => await calls.getCallConnection('doctor').getCallConnectionProperties(limit()),
      );
    },
    async identity() {
      let id: string | null = null;
      const answer = await probed(async () => {
        const user = await identities.createUser(limit());
        id = user.communicationUserId;
        await identities.deleteUser(user, limit());
      });
      return { ...answer, id };
    },
    async source(id) {
      return await probed(
        async () => await identities.getToken({ communicationUserId: id }, ['voip'], limit()),
      );
    },
  };
}

async function probed(send: () => Promise<unknown>): Promise<Probed> {
  try {
    await send();
    return { status: 200 };
  } catch (error) {
    return { status: isRestError(error) ? (error.statusCode ?? null) : null };
  }
}
