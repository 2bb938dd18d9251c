import assert from 'node:assert/strict';
import type { EscalationEntry, EscalationNote } from '../../src/escalations/timeline.ts';
import { webhookEvent } from '../../src/webhooks/event.ts';
import { at, Climbing, step } from '../support/escalations/climbing.ts';

const adele = { name: 'Adele', way: 'card' } as const;
const call = { name: 'Adele', step: 1, round: 1, try: 2 };
const ended = { name: 'Adele', disposition: 'busy', cause: 'busy', code: 486, subCode: 560_486 } as const;

/** The type of the event and what it has besides `escalation`; null: no event. */
const cases: [entry: EscalationNote, event: object | null][] = [
  [{ type: 'opened', data: { by: 'ci', summary: 'Checkout is down' } }, { type: 'started' }],
  [{ type: 'startedAgain' }, { type: 'started', again: true }],
  [
    { type: 'calling', data: call },
    { type: 'call_placed', call },
  ],
  [
    { type: 'callEnded', data: ended },
    { type: 'call_ended', call: { name: 'Adele', disposition: 'busy', code: 486, subCode: 560_486 } },
  ],
  [
    { type: 'acknowledged', data: { ...adele, note: 'on it' } },
    { type: 'acknowledged', by: adele, note: 'on it' },
  ],
  [
    { type: 'resolved', data: { name: 'Ringdown', way: 'auto', seconds: 604_800 } },
    { type: 'resolved', by: { name: 'Ringdown', way: 'auto' } },
  ],
  [
    { type: 'cancelled', data: adele },
    { type: 'cancelled', by: adele },
  ],
  [{ type: 'exhausted', data: { called: false } }, { type: 'exhausted' }],
  [{ type: 'joined' }, null],
  [{ type: 'pausing', data: { seconds: 60 } }, null],
];

describe('an event of a webhook', () => {
  const { escalation } = new Climbing({ steps: [step('Adele')] }).acknowledge(3, 'Adele').run();

  for (const [note, expected] of cases) {
    it(`for ${note.type}`, () => {
      const entry: EscalationEntry = { at: at(5), ...note };
      const event = webhookEvent(escalation, entry);
      if (expected === null) {
        assert.equal(event, null);
        return;
      }
      assert.ok(event);
      const { escalation: told, ...own } = { escalation: null, ...event.body };
      assert.deepEqual({ type: event.type, ...own }, expected);
      assert.equal(event.at, at(5));
      assert.deepEqual(told, {
        id: 'esc_1',
        status: 'acknowledged',
        policy: 'payments',
        dedupKey: null,
        summary: 'Checkout is down',
        severity: 'critical',
        test: false,
        createdAt: at(0),
        acknowledgedBy: { ...adele, at: at(3) },
      });
    });
  }
});
