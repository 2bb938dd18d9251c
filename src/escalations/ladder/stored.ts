import type { Disposition, Target } from '../../calls/call.ts';
import type { Engaged, Ladder, Phase, Rung, RungPhone, Unread } from '../escalation.ts';

/**
 * A ladder in the database: it has every field in every phase. The version before reads and writes it like this, and
 * during a deployment both versions run side by side.
 */
export type StoredLadder = Omit<Ladder, 'phase' | 'engaged' | 'bundledUntil'> & {
  /** `bundledUntil` of the ladder. */
  heldUntil?: string;
  engaged: StoredEngaged[];
  rungs: StoredRung[];
  asked: number;
} & StoredPhase;

type StoredPhase =
  | { phase: 'resolving'; phaseUntil: string | null }
  | { phase: 'pausing'; phaseUntil: string }
  | { phase: 'calling' | 'over'; phaseUntil: null };

type StoredEngaged = { key: string; name: string; mobile?: true } & (
  { callId: string; until: null } | { callId: null; until: string }
);

/**
 * `disposition` is of no use any more. A version that does not know `phones` keeps them, and calls `target` as if it were
 * the only phone.
 */
type StoredRung = {
  key: string;
  target: Target;
  tries: number;
  phones?: readonly RungPhone[];
  callId: string | null;
  holds: boolean;
  disposition: Disposition | null;
} & ({ state: 'retry'; retryAt: string } | { state: 'waiting' | 'calling' | 'done'; retryAt: null });

export function storedLadder({ phase, engaged, bundledUntil, ...shared }: Ladder): StoredLadder {
  return {
    ...shared,
    ...(bundledUntil !== undefined && { heldUntil: bundledUntil }),
    engaged: engaged.map(storedEngaged),
    rungs: phase.kind === 'resolving' ? [] : phase.rungs.map(storedRung),
    asked: phase.kind === 'resolving' ? phase.asked : 0,
    ...storedPhase(phase),
  };
}

function storedPhase(phase: Phase): StoredPhase {
  switch (phase.kind) {
    case 'resolving':
      return { phase: phase.kind, phaseUntil: phase.until };
    case 'pausing':
      return { phase: phase.kind, phaseUntil: phase.until };
    case 'calling':
    case 'over':
      return { phase: phase.kind, phaseUntil: null };
  }
}

function storedEngaged({ key, name, mobile, unread, ...by }: Engaged): StoredEngaged {
  const shared = { ...unread, key, name, ...(mobile && { mobile }) };
  return 'callId' in by
    ? { ...shared, callId: by.callId, until: null }
    : { ...shared, callId: null, until: by.until };
}

function storedRung({ unread, ...rung }: Rung): StoredRung {
  return { ...unread, callId: null, retryAt: null, holds: true, disposition: null, ...rung };
}

export function readLadder(stored: StoredLadder): Ladder {
  const { phase: kind, phaseUntil: until, asked, rungs: storedRungs, engaged, heldUntil, ...shared } = stored;
  const rungs = storedRungs.map(readRung);
  const ladder = {
    ...shared,
    ...(heldUntil !== undefined && { bundledUntil: heldUntil }),
    engaged: engaged.map(readEngaged),
  };
  switch (kind) {
    case 'resolving':
      return { ...ladder, phase: { kind, asked, until } };
    case 'pausing':
      return { ...ladder, phase: { kind, rungs, until } };
    case 'over':
      return { ...ladder, phase: { kind, rungs } };
    case 'calling':
    // A phase of a newer version: somebody has to be called all the same.
    default:
      return { ...ladder, phase: { kind: 'calling', rungs } };
  }
}

function readEngaged({ key, name, mobile, callId, until, ...others }: StoredEngaged): Engaged {
  const shared = { key, name, ...(mobile && { mobile }), ...unreadIn(others) };
  return callId === null ? { ...shared, until } : { ...shared, callId };
}

function readRung(rung: StoredRung): Rung {
  const { key, target, tries, phones, state, callId, retryAt, holds, disposition: _, ...others } = rung;
  const shared = { key, target, tries, ...(phones && { phones }), ...unreadIn(others) };
  switch (state) {
    case 'done':
      return { ...shared, state };
    case 'calling':
      return { ...shared, state, callId };
    case 'retry':
      return { ...shared, state, retryAt, holds };
    case 'waiting':
    // A state of a newer version: a call too many is better than none.
    default:
      return { ...shared, state: 'waiting' };
  }
}

function unreadIn(others: object): { unread?: Unread } {
  return Object.keys(others).length > 0 ? { unread: { ...others } } : {};
}
