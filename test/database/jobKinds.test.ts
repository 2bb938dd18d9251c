import assert from 'node:assert/strict';
import { idsOf } from '../../src/database/jobKinds.ts';
import type { JobData } from '../../src/database/jobStore.ts';

describe('logs and traces of a job', () => {
  const cases: [name: string, data: JobData, ids: JobData][] = [
    ['call.speak', { callId: 'call_1', context: 'message' }, { callId: 'call_1' }],
    ['escalation.callEnded', { id: 'esc_1', callId: 'call_1' }, { escalationId: 'esc_1', callId: 'call_1' }],
    ['alerts.callAgain', { id: 'esc_1', policy: 'payments' }, { escalationId: 'esc_1', policy: 'payments' }],
    ['alerts.workOff', { policy: 'payments' }, { policy: 'payments' }],
    ['webhook.deliver', { webhook: 'hook', escalation: 'esc_1' }, { webhook: 'hook', escalationId: 'esc_1' }],
    ['chat.notice', { person: 'megan', text: 'red', until: 1 }, {}],
    ['chat.answer', { place: '{}', conversation: 'c', message: '{}', at: 1, after: 1 }, {}],
    ['somethingNewOfTomorrow', { callId: 'call_1' }, {}],
  ];
  for (const [name, data, ids] of cases) {
    it(`name its ids and nothing else: ${name}`, () => {
      assert.deepEqual(idsOf({ name, data }), ids);
    });
  }
});
