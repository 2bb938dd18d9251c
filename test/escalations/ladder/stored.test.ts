import assert from 'node:assert/strict';
import type { Ladder, Phase } from '../../../src/escalations/escalation.ts';
import { readLadder, storedLadder, type StoredLadder } from '../../../src/escalations/ladder/stored.ts';
import { inState, rungsOf } from '../../../src/escalations/ladder/rungs.ts';
import { freshLadder } from '../../../src/escalations/ladder/steps.ts';

const at = '2026-05-04T03:00:00.000Z';
const adele = {
  key: 'teamsUser:1',
  target: { kind: 'teamsUser', id: '1', displayName: 'Adele' },
  tries: 1,
} as const;

const phones = [
  { target: adele.target, calls: 1, over: false },
  {
    target: { kind: 'phone', id: '+491701234567', displayName: 'Adele', personId: '1' },
    calls: 0,
    over: false,
  },
] as const;

const shared = {
  engaged: [],
  status: 'open',
  round: 0,
  step: 0,
  calledInRound: false,
  wakeAt: null,
  halted: false,
  acknowledgedBy: null,
  endedBy: null,
  endedAt: null,
  runs: 0,
} satisfies Partial<StoredLadder>;

/** Each phase as the version before stores it. */
const phases: { it: string; stored: StoredLadder; phase: Phase }[] = [
  {
    it: 'a step whose people are not known yet',
    stored: { ...shared, phase: 'resolving', phaseUntil: at, asked: 2, rungs: [] },
    phase: { kind: 'resolving', asked: 2, until: at },
  },
  {
    it: 'a person who waits, one who is called, one who is called again, and one who is done',
    stored: {
      ...shared,
      phase: 'calling',
      phaseUntil: null,
      asked: 1,
      rungs: [
        { ...adele, state: 'waiting', callId: null, retryAt: null, holds: true, disposition: null },
        { ...adele, state: 'calling', callId: 'call_1', retryAt: null, holds: true, disposition: 'busy' },
        { ...adele, state: 'retry', callId: 'call_1', retryAt: at, holds: false, disposition: 'failed' },
        { ...adele, state: 'done', callId: 'call_1', retryAt: null, holds: true, disposition: 'declined' },
      ],
    },
    phase: {
      kind: 'calling',
      rungs: [
        { ...adele, state: 'waiting' },
        { ...adele, state: 'calling', callId: 'call_1' },
        { ...adele, state: 'retry', retryAt: at, holds: false },
        { ...adele, state: 'done' },
      ],
    },
  },
  {
    it: 'a person with several phones, who is called on the second one',
    stored: {
      ...shared,
      phase: 'calling',
      phaseUntil: null,
      asked: 1,
      rungs: [
        {
          ...adele,
          phones,
          state: 'calling',
          callId: 'call_2',
          retryAt: null,
          holds: true,
          disposition: null,
        },
      ],
    },
    phase: { kind: 'calling', rungs: [{ ...adele, phones, state: 'calling', callId: 'call_2' }] },
  },
  {
    it: 'a pause',
    stored: { ...shared, phase: 'pausing', phaseUntil: at, asked: 1, rungs: [] },
    phase: { kind: 'pausing', until: at, rungs: [] },
  },
  {
    it: 'the end',
    stored: { ...shared, phase: 'over', phaseUntil: null, asked: 1, rungs: [] },
    phase: { kind: 'over', rungs: [] },
  },
];

describe('the ladder in the database', () => {
  for (const { it: title, stored, phase } of phases) {
    it(`is read as the version before wrote it: ${title}`, () => {
      assert.deepEqual(readLadder(stored).phase, phase);
    });

    it(`has every field that the version before reads: ${title}`, () => {
      const ladder: Ladder = { ...freshLadder(), phase };
      const written = storedLadder(ladder);
      const fields = (one: object): string[] => Object.keys(one).toSorted();
      assert.deepEqual(fields(written), fields(stored));
      assert.deepEqual(written.rungs.map(fields), stored.rungs.map(fields));
      assert.deepEqual(readLadder(written), ladder);
    });
  }

  it('keeps who is engaged, by a call or until a time', () => {
    const engaged: Ladder['engaged'] = [
      { key: 'a', name: 'Adele', callId: 'call_1' },
      { key: 'b', name: 'Alex', mobile: true, until: at },
    ];
    const written = storedLadder({ ...freshLadder(), engaged });
    assert.deepEqual(written.engaged, [
      { key: 'a', name: 'Adele', callId: 'call_1', until: null },
      { key: 'b', name: 'Alex', mobile: true, callId: null, until: at },
    ]);
    assert.deepEqual(readLadder(written).engaged, engaged);
  });

  it('keeps the fields that only a newer version knows', () => {
    const newer = { channel: 'sms' };
    const rung = { ...adele, callId: null, retryAt: null, holds: true, disposition: null, ...newer };
    const stored: StoredLadder = {
      ...shared,
      ...newer,
      engaged: [{ key: 'a', name: 'Adele', callId: 'call_1', until: null, ...newer }],
      phase: 'calling',
      phaseUntil: null,
      asked: 0,
      rungs: [{ ...rung, state: 'waiting' }],
    };
    assert.deepEqual(storedLadder(readLadder(stored)), stored);
    const [rungRead] = rungsOf(readLadder(stored));
    assert.ok(rungRead);
    const phase: Phase = { kind: 'calling', rungs: [inState(rungRead, { state: 'done' })] };
    const [changed] = storedLadder({ ...freshLadder(), phase }).rungs;
    assert.deepEqual(changed, { ...rung, state: 'done' });
  });

  it('calls on if a newer version stored a phase or a state that this one does not know', () => {
    const stored: unknown = {
      ...shared,
      phase: 'texting',
      phaseUntil: at,
      asked: 1,
      rungs: [{ ...adele, state: 'texted', callId: null, retryAt: null, holds: true, disposition: null }],
    };
    const { phase } = readLadder(stored as StoredLadder);
    assert.deepEqual(phase, { kind: 'calling', rungs: [{ ...adele, state: 'waiting' }] });
  });
});
