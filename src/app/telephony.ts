import { speakingOfNow } from '../alerts/spokenAlerts.ts';
import { registerCallEffects } from '../calls/callEffects.ts';
import { azureCredential, inScope } from '../config/azureCredential.ts';
import { tracedTelephony } from '../operations/tracing/tracing.ts';
import { createCallbackTokens } from '../telephony/callbackTokens.ts';
import { createDialer } from '../telephony/dialer.ts';
import { GridEvents } from '../telephony/gridEventStore.ts';
import { createIdentityClient } from '../telephony/identityClient.ts';
import { createDtmfKeys } from '../telephony/dtmfKeys.ts';
import { TalkIdentities } from '../telephony/talkIdentities.ts';
import type { Calls } from './calls.ts';
import type { Current } from './parts.ts';
import type { Storage } from './storage.ts';

export type Telephony = Awaited<ReturnType<typeof openTelephony>>;

/** Azure Communication Services: placing calls, callbacks, and Event Grid events. */
export async function openTelephony(storage: Storage, { calls }: Calls, current: Current) {
  const { config, log, tracing, checkpoint, azure, database, sql, clock, jobs, transact } = storage;
  const { acs, cloud, eventGridSecret } = config;
  const keys = createDtmfKeys(config.dtmfAcknowledge, sql, calls);
  const access = {
    acs: acs.key
      ? { connectionString: acs.key.connectionString }
      : {
          endpoint: acs.endpoint,
          credential: inScope(azure ?? (await azureCredential(cloud)), acs.tokenScope),
        },
    allowInsecureConnection: acs.endpoint.startsWith('http:'),
  };
  const identities = new TalkIdentities({
    transact,
    jobs,
    clock,
    log,
    calls,
    sql,
    client: createIdentityClient({ ...access, clock, checkpoint }),
  });
  const dialer = createDialer({
    config: {
      ...access,
      sourceIdentity: acs.sourceIdentity ?? null,
      callerDisplayName: acs.callerDisplayName,
      phoneNumber: acs.phoneNumber ?? null,
      cognitiveServicesEndpoint: acs.cognitiveServicesEndpoint ?? null,
      publicUrl: () => current.publicUrl,
      cloud: cloud.identifierCloud,
      listenForKeys: keys.listen,
      askForKeys: async () => await keys.ask(),
      voices: () => current.ringdown.voices,
    },
    sql,
    clock,
    log,
    assertLease: jobs.assertLease.bind(jobs),
    checkpoint,
  });
  registerCallEffects({
    database,
    jobs,
    calls,
    telephony: tracedTelephony(speakingOfNow(dialer, sql), tracing),
    clock,
  });
  const tokens = createCallbackTokens({
    openIdUrl: acs.callbackOpenIdUrl,
    issuer: acs.callbackIssuer,
    audience: acs.resourceId,
    clock,
    log,
  });
  const gridEvents = new GridEvents({ transact, calls, jobs, clock, isOn: eventGridSecret !== undefined });
  return {
    identities,
    tokens,
    gridEvents,
    /**
     * The emulator's origin, if calls go there. Plain http is allowed on loopback only, where no Microsoft service
     * runs.
     */
    emulator: access.allowInsecureConnection ? new URL(acs.endpoint).origin : null,
  };
}
