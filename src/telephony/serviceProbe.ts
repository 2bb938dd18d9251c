import { CallAutomationClient } from '@azure/communication-call-automation';
import { CommunicationIdentityClient } from '@azure/communication-identity';
import { createCommunicationAuthPolicy, parseConnectionString } from '@azure/communication-common';
import {
  createDefaultHttpClient,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  isRestError,
} from '@azure/core-rest-pipeline';
import { z } from 'zod';
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
  /**
   * Asks for a telephone number (E.164) of the resource. 404 if it is not the resource's. `calls` is false if no calls
   * can be made from it; null if the answer does not say.
   */
  phoneNumber(number: string): Promise<Probed & { calls: boolean | null }>;
}

/** The newest stable version of the Phone Numbers API whose description we read. */
const PHONE_NUMBERS_VERSION = '2025-04-01';

const phoneNumberAnswer = z.object({ capabilities: z.object({ calling: z.string() }) });

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
    async phoneNumber(number) {
      const pipeline = createEmptyPipeline();
      const isKey = 'connectionString' in acs;
      const { endpoint, credential } = isKey ? parseConnectionString(acs.connectionString) : acs;
      pipeline.addPolicy(createCommunicationAuthPolicy(credential));
      const base = endpoint.replace(/\/$/, '');
      try {
        const { status, bodyAsText } = await pipeline.sendRequest(
          createDefaultHttpClient(),
          createPipelineRequest({
            url: `${base}/phoneNumbers/${encodeURIComponent(number)}?api-version=${PHONE_NUMBERS_VERSION}`,
            headers: createHttpHeaders({ accept: 'application/json' }),
            allowInsecureConnection,
            ...limit(),
          }),
        );
        if (status !== 200) return { status, calls: null };
        const { capabilities } = phoneNumberAnswer.safeParse(JSON.parse(bodyAsText ?? '')).data ?? {};
        return { status, calls: capabilities ? capabilities.calling.includes('outbound') : null };
      } catch {
        return { status: null, calls: null };
      }
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
