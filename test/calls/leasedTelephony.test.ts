import assert from 'node:assert/strict';
import type { Telephony } from '../../src/calls/telephony.ts';
import { leasedTelephony } from '../../src/calls/leasedTelephony.ts';
import { LeaseLost } from '../../src/database/tryAgain.ts';
import { queuedCall, speak, speechNamed } from '../support/calls/stories.ts';

describe('a process that was suspended for longer than its lease', () => {
  const call = queuedCall(speak);
  const asks: Record<keyof Telephony, (service: Telephony) => Promise<unknown>> = {
    dial: async (service) =>
      await service.dial({
        call,
        repeatabilityId: 'r',
        firstSent: new Date(),
        isRepeated: false,
        callbackSecret: 's',
      }),
    speak: async (service) => await service.speak(call, 'c', speechNamed('message')),
    listen: async (service) => await service.listen(call, 'c'),
    transfer: async (service) => await service.transfer(call, 'c', call.target),
    hangUp: async (service) => await service.hangUp('c'),
    probe: async (service) => await service.probe('c'),
  };
  for (const [name, ask] of Object.entries(asks)) {
    it(`sends no ${name} to the service until it has its lease again`, async () => {
      const asked: string[] = [];
      const service = new Proxy({} as Telephony, {
        get: (_target, method) => async () => void asked.push(String(method)),
      });
      let isLost = true;
      const leased = leasedTelephony(service, () => {
        if (isLost) throw new LeaseLost();
      });
      await assert.rejects(ask(leased), LeaseLost);
      assert.deepEqual(asked, []);
      isLost = false;
      await ask(leased);
      assert.deepEqual(asked, [name]);
    });
  }
});
