import assert from 'node:assert/strict';
import { CallAutomationClient } from '@azure/communication-call-automation';
import type { CallConnection, CreateCallOptions } from '@azure/communication-call-automation';
import { CommunicationIdentityClient } from '@azure/communication-identity';
import { createEmulator } from '../../../emulator/emulator.ts';
import type { Addresses, Emulator, EmulatorOptions } from '../../../emulator/emulator.ts';
import type { Exchange } from '../../../emulator/http/requests.ts';
import { FakeClock } from '../clock.ts';
import { Application } from './application.ts';
import { swagger } from './swagger.ts';

export interface World {
  emulator: Emulator;
  clock: FakeClock;
  at: Addresses;
  application: Application;
  /** A client with its own source identity. */
  client: CallAutomationClient;
  identities: CommunicationIdentityClient;
  exchanges: Exchange[];
  /** Calls a person, with text to speech. The operation context is `ctx`. */
  call(who: string, options?: Partial<CreateCallOptions>): Promise<CallConnection>;
  /** Moves time, and waits until everything that results from it has arrived. */
  pass(ms: number): Promise<void>;
  stop(): Promise<void>;
}

export const insecure = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };

/**
 * An emulator with its own clock, an application that receives its callbacks, and the real SDK clients. `stop` fails
 * if a request, an answer or an event did not match the official description.
 */
export async function startWorld(options: EmulatorOptions = {}): Promise<World> {
  const clock = new FakeClock(Date.parse('2026-03-12T10:00:00Z'));
  const faults: string[] = [];
  const exchanges: Exchange[] = [];
  const described = swagger();
  const emulator = createEmulator({
    clock,
    ...options,
    onExchange: (exchange) => {
      exchanges.push(exchange);
      faults.push(...(described?.faultsOf(exchange) ?? []));
    },
  });
  const application = new Application();
  const [at] = await Promise.all([emulator.start(), application.start()]);
  const identities = new CommunicationIdentityClient(at.connectionString, insecure);
  const client = new CallAutomationClient(at.connectionString, {
    ...insecure,
    sourceIdentity: { communicationUserId: `8:acs:${at.resourceId}_00000031-44bb-d83b-23e1-6f8ded7cfe24` },
  });
  const pass = async (ms: number): Promise<void> => {
    await clock.tick(ms);
    await emulator.idle();
  };
  return {
    emulator,
    clock,
    at,
    application,
    client,
    identities,
    exchanges,
    pass,
    async call(who, more = {}) {
      const microsoftTeamsUserId = emulator.people.get(who).id;
      const { callConnection } = await client.createCall(
        { targetParticipant: { microsoftTeamsUserId }, sourceDisplayName: 'Ringdown' },
        application.callbackUri,
        {
          operationContext: 'ctx',
          callIntelligenceOptions: { cognitiveServicesEndpoint: 'https://cognitive.example' },
          ...more,
        },
      );
      return callConnection;
    },
    async stop() {
      await Promise.all([emulator.stop(), application.stop()]);
      for (const { name, data } of described ? application.events : []) {
        if (name !== 'SomethingNew') faults.push(...(described?.faultsOfEvent(name, data) ?? []));
      }
      assert.deepEqual(faults, [], 'everything matches the official description');
    },
  };
}

/** The status and code of an error that a client throws. */
export async function refusalOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof Error && 'statusCode' in error, String(error));
    return `${String(error.statusCode)} ${'code' in error ? String(error.code) : ''}`.trim();
  }
  return 'accepted';
}
