import type { CallRow, EscalationRow } from './model.ts';

/* Examples for /openapi.json. */

export const aCall: CallRow = {
  id: '6f0a3c1e-9d1b-4d0e-8f0c-2b8a54c0f0aa',
  state: 'ended',
  disposition: 'answered',
  text: 'Answered',
  callee: 'Adele Vance',
  caller: 'Alex Wilber',
  escalationId: null,
  policy: null,
  createdAt: '2026-11-23T03:00:00.000Z',
  connectedAt: '2026-11-23T03:00:09.000Z',
  endedAt: '2026-11-23T03:00:41.000Z',
  code: 200,
  subCode: 0,
};

export const anEscalation: EscalationRow = {
  id: 'esc_0b1f6a3c9d1b4d0e8f0c2b8a54c0f0aa',
  status: 'open',
  text: 'Adele Vance: Calling',
  policy: 'payments',
  summary: 'Checkout 5xx at 7 %',
  severity: 'critical',
  test: false,
  startedBy: 'grafana',
  createdAt: '2026-11-23T03:00:00.000Z',
  endedAt: null,
  acknowledgedBy: null,
  steps: [
    {
      number: 1,
      state: 'now',
      targets: [],
      people: [{ name: 'Adele Vance', state: 'dialing', text: 'Calling', callId: aCall.id }],
    },
    { number: 2, state: 'later', targets: ['Rotation website'], people: [] },
  ],
  round: 1,
  rounds: 2,
  nextAt: '2026-11-23T03:00:45.000Z',
  revision: 3,
  may: ['acknowledge', 'callNext', 'resolve', 'stop'],
};
