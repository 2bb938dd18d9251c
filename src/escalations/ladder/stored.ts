import type { Disposition, Target } from '../../calls/call.ts';
import type { Engaged, Ladder, Phase, Rung } from '../escalation.ts';

/**
 * A ladder in the database: it has every field in every phase. The version before reads and writes it like this, and
 * during a deployment both versions run side by side.
 */
export type StoredLadder = Omit<Ladder, 'phase' | 'engaged'> & {
  engaged: StoredEngaged[];
  rungs: StoredRung[];
  asked: number;
} & StoredPhase;

type StoredPhase =
  | { phase: 'resolving'; phaseUntil: string | null }
  | { phase: 'pausing'; phaseUntil: string }
  | { phase: 'calling' | 'over'; phaseUntil: null };

type StoredEngaged = { key: string; name: string } & (
  { callId: string; until: null } | { callId: null; until: string }
);

/** `disposition` is of no use any more. */
type StoredRung = {
  key: string;
  target: Target;
  tries: number;
  callId: string | null;
  holds: boolean;
  disposition: Disposition | null;
} & ({ state: 'retry'; retryAt: string } | { state: 'waiting' | 'calling' | 'done'; retryAt: null });

export function storedLadder({ phase, engaged, ...shared }: Ladder): StoredLadder {
  return {
    ...shared,
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

function storedEngaged({ key, name, ...by }: Engaged): StoredEngaged {
  return 'callId' in by
    ? { key, name, callId: by.callId, until: null }
    : { key, name, callId: null, until: by.until };
}

function storedRung(rung: Rung): StoredRung {
  return { callId: null, retryAt: null, holds: true, disposition: null, ...rung };
}

export function readLadder(stored: StoredLadder): Ladder {
  const { phase: kind, phaseUntil: until, asked, rungs: storedRungs, engaged, ...shared } = stored;
  const rungs = storedRungs.map(readRung);
  const ladder = { ...shared, engaged: engaged.map(readEngaged) };
  switch (kind) {
    case 'resolving':
      return { ...ladder, phase: { kind, asked, until } };
    case 'pausing':
      return { ...ladder, phase: { kind, rungs, until } };
    case 'calling':
    case 'over':
      return { ...ladder, phase: { kind, rungs } };
  }
}

function readEngaged({ key, name, callId, until }: StoredEngaged): Engaged {
  return callId === null ? { key, name, until } : { key, name, callId };
}

function readRung(rung: StoredRung): Rung {
  const { key, target, tries } = rung;
  const shared = { key, target, tries };
  switch (rung.state) {
    case 'waiting':
    case 'done':
      return { ...shared, state: rung.state };
    case 'calling':
      return { ...shared, state: rung.state, callId: rung.callId };
    case 'retry':
      return { ...shared, state: rung.state, retryAt: rung.retryAt, holds: rung.holds };
  }
}
