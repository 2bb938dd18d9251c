import type { Telephony } from './telephony.ts';

/**
 * Sends nothing to the service once another process may have taken over the call.
 *
 * @param assertLease throws if the lease is lost, so that the job runs again
 */
export function leasedTelephony(telephony: Telephony, assertLease: () => void): Telephony {
  const leased =
    <Args extends unknown[], Answer>(ask: (...args: Args) => Promise<Answer>) =>
    async (...args: Args): Promise<Answer> => {
      assertLease();
      return await ask(...args);
    };
  return {
    dial: leased(async (dial) => await telephony.dial(dial)),
    speak: leased(async (call, connection, speech) => await telephony.speak(call, connection, speech)),
    listen: leased(async (call, connection) => await telephony.listen(call, connection)),
    transfer: leased(async (call, connection, to) => await telephony.transfer(call, connection, to)),
    hangUp: leased(async (connection) => await telephony.hangUp(connection)),
    probe: leased(async (connection) => await telephony.probe(connection)),
  };
}
