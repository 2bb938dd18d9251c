import { CallAutomationClient } from '@azure/communication-call-automation';
import { CommunicationIdentityClient } from '@azure/communication-identity';
import { isRestError } from '@azure/core-rest-pipeline';
import type { DialerConfig } from './dialer.ts';

/** How a request ended: its HTTP status, or null if no answer came. */
export interface Probed {
  status: number | null;
}

const TIME_LIMIT_MS = 8_000;

/**
 * Asks the service without placing a call: whether it lets us in, and as what.
 *
 * None of these throws.
 */
export interface ServiceProbe {
  /** Asks for a call that does not exist: 404 is what a service says that lets us in. */
  callAutomation(): Promise<Probed>;
  /** Makes an identity and deletes it again; its raw id holds the id of the resource. */
  identity(): Promise<Probed & { id: string | null }>;
  /** Has a token made for an identity, and throws it away: 404 if it does not exist. */
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
