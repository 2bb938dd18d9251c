import type { CallView, TimelineEntry } from '../../calls/call.ts';
import type { Actor, Escalation, FrozenStep, Ladder, Rung, StepPeople } from '../escalation.ts';
import { isWorse, sameWords, type Words } from '../words.ts';

/**
 * The ladder, pure: (escalation, event) -> {escalation, effects, timeline}. Who is called, when and how often; when it
 * ends. Calls themselves live in calls/: this only says that one is wanted, and hears how it ended.
 */

/** Somebody who is on the phone is tried again after this. */
const BUSY_PAUSE_MS = 15_000;
/**
 * A call whose outcome is unknown may still be at the phone: the person is not called again before it must have ended,
 * which is this long after the ring timeout.
 */
const UNKNOWN_PAUSE_MS = 30_000;
/** Whom a step means must be known within this; then it is asked again, so often in all, then the next step's turn is come. */
const ASK_LIMIT_MS = 20_000;
const MAX_ASKED = 3;
/** A test that somebody has acknowledged stays so long for people to see it on their cards. */
const TEST_OVER_MS = 30_000;

/** Who closes what nobody has resolved. */
const ITSELF: Actor = { key: 'ringdown', name: 'Ringdown', way: 'auto' };

/** One that calls nobody for longer than this rests. */
const REST_MS = 60_000;

export type LadderEvent =
  | { type: 'started'; at: string }
  /** Who the targets of a step are. `skipped` are told with their reason. */
  | ({ type: 'stepResolved'; at: string; run: number; round: number; step: number } & StepPeople)
  | { type: 'callPlaced'; at: string; key: string; callId: string }
  | {
      type: 'callEnded';
      at: string;
      callId: string;
      end: Pick<CallView, 'disposition' | 'cause' | 'code' | 'subCode'>;
      /** Of the call that ended. */
      ringTimeoutSeconds: number;
    }
  | { type: 'acknowledged'; at: string; by: Actor; note?: string }
  | { type: 'resolved'; at: string; by: Actor; note?: string }
  | { type: 'cancelled'; at: string; by: Actor; note?: string }
  /** A callee cannot take it, or somebody asks for the next one: `key` null means everybody who is being called. */
  | { type: 'passedOn'; at: string; by: Actor; key: string | null }
  /** The same alert came again, maybe in other words. `again`: an acknowledgement does not cover it. */
  | { type: 'joined'; at: string; words?: Words; again?: boolean }
  /** What it stands for has changed. `entry` says how. */
  | { type: 'reworded'; at: string; words: Words; entry?: Omit<TimelineEntry, 'at'> }
  /** Nobody is called before `until`, so that the call says what came meanwhile, too. */
  | { type: 'bundled'; at: string; until: string }
  /** Something about it that moves nothing, but that people should be able to read. */
  | { type: 'noted'; at: string; entry: Omit<TimelineEntry, 'at'> }
  | { type: 'wake'; at: string };

export type LadderEffect =
  | { kind: 'resolveStep'; run: number; round: number; step: number }
  /** `attempt` names this call within the escalation: the same one is never placed twice. */
  | { kind: 'call'; key: string; attempt: string; ringTimeoutSeconds: number | undefined }
  | { kind: 'hangUp'; callIds: string[] }
  /** Unanswered calls are hung up; those who are connected hear that it is over first. */
  | { kind: 'tellOver' }
  | { kind: 'tellExhausted'; run: number };

/** The pause of all calls as it was read with the event, and who began or ended it. */
export interface Pausing {
  paused: boolean;
  by: string | null;
}

export type Refusal = 'already_acknowledged' | 'wrong_state';

export interface Climb {
  escalation: Escalation;
  effects: LadderEffect[];
  timeline: TimelineEntry[];
  /** Why the event was not taken, if so. */
  refused: Refusal | null;
}

export function freshLadder(): Ladder {
  return {
    status: 'open',
    round: 0,
    step: 0,
    phase: 'resolving',
    rungs: [],
    engaged: [],
    asked: 0,
    phaseUntil: null,
    calledInRound: false,
    wakeAt: null,
    halted: false,
    acknowledgedBy: null,
    endedBy: null,
    endedAt: null,
    runs: 0,
  };
}

/** Takes an event into an escalation. While all calls are paused its ladder stands still. */
export function climb(
  escalation: Escalation,
  event: LadderEvent,
  pausing: Pausing = { paused: false, by: null },
): Climb {
  const timeline: TimelineEntry[] = [];
  const effects: LadderEffect[] = [];
  const note = (type: string, data?: TimelineEntry['data']): void => {
    timeline.push(data ? { at: event.at, type, data } : { at: event.at, type });
  };
  const out: Out = { at: event.at, note, effects };
  const taken = take(escalation, event, out);
  if (taken === 'already_acknowledged' || taken === 'wrong_state') {
    return { escalation, effects: [], timeline: [], refused: taken };
  }
  const told = 'words' in event ? { ...escalation, ...event.words } : escalation;
  const ladder = advance(told, forgetFreed(meet(pausing, taken, out), event.at), out);
  const changed = timeline.length > 0 || effects.length > 0 || !sameWords(told, escalation);
  const next = { ...told, ladder, revision: escalation.revision + (changed ? 1 : 0) };
  return { escalation: next, effects, timeline, refused: null };
}

/** What an event brings forth, and when it was. */
interface Out {
  at: string;
  note: (type: string, data?: TimelineEntry['data']) => void;
  effects: LadderEffect[];
}

function take(escalation: Escalation, event: LadderEvent, out: Out): Ladder | Refusal {
  const { ladder } = escalation;
  switch (event.type) {
    case 'started':
      out.note('opened', { by: escalation.startedBy.name, summary: escalation.summary });
      return beginStep(ladder, 0, 0, out);
    case 'stepResolved':
      return stepResolved(ladder, event, out);
    case 'callPlaced':
      return withRung(ladder, event.key, (rung) => ({
        ...rung,
        tries: rung.tries + 1,
        callId: event.callId,
      }));
    case 'callEnded':
      return callEnded(escalation, event, out);
    case 'acknowledged':
      return acknowledged(ladder, event, out);
    case 'resolved':
      if (isClosed(ladder)) return 'wrong_state';
      out.note('resolved', actorData(event.by, event.note));
      return closed({ ...ladder, status: 'resolved' }, event.by, out);
    case 'cancelled':
      if (ladder.status !== 'open' && ladder.status !== 'acknowledged') return 'wrong_state';
      out.note('cancelled', actorData(event.by, event.note));
      return closed({ ...ladder, status: 'cancelled' }, event.by, out);
    case 'passedOn':
      return passedOn(ladder, event, out);
    case 'joined': {
      if (isClosed(ladder)) return 'wrong_state';
      out.note('joined');
      const worse = worsened(escalation, event.words, out);
      const isWanted = event.again || ladder.status === 'exhausted' || (worse && rests(ladder, out.at));
      return isWanted ? restart(ladder, out) : ladder;
    }
    case 'reworded': {
      if (event.entry) out.note(event.entry.type, event.entry.data);
      const worse = worsened(escalation, event.words, out);
      return worse && ladder.status === 'open' && rests(ladder, out.at) ? restart(ladder, out) : ladder;
    }
    case 'bundled':
      out.note('bundling', { seconds: Math.ceil((Date.parse(event.until) - Date.parse(event.at)) / 1000) });
      return { ...ladder, heldUntil: event.until };
    case 'noted':
      out.note(event.entry.type, event.entry.data);
      return ladder;
    case 'wake':
      return ladder.status === 'acknowledged' ? unresolved(escalation, out) : ladder;
  }
}

/** `halted` is no copy of the pause: it only remembers that people were told. */
function meet({ paused, by }: Pausing, ladder: Ladder, out: Out): Ladder {
  const isOpen = ladder.status === 'open';
  const halted = paused && isOpen;
  if (halted === ladder.halted) return ladder;
  if (isOpen) out.note(halted ? 'halted' : 'resumed', { by: by ?? ITSELF.name });
  return { ...ladder, halted };
}

/** Somebody has it, and it is not resolved: after a time it calls again, or closes by itself. */
function unresolved(escalation: Escalation, out: Out): Ladder {
  const { ladder } = escalation;
  const { callsAgain, closes } = unresolvedUntil(escalation, ladder);
  if (callsAgain !== null && callsAgain <= out.at) {
    out.note('acknowledgeTimeout', { name: ladder.acknowledgedBy?.name ?? '' });
    return restart(ladder, out);
  }
  if (closes === null || closes > out.at) return ladder;
  if (escalation.test) return testIsOver(ladder, out);
  const seconds = (Date.parse(out.at) - Date.parse(ladder.acknowledgedBy?.at ?? out.at)) / 1000;
  out.note('resolved', { ...actorData(ITSELF), seconds });
  return closed({ ...ladder, status: 'resolved' }, ITSELF, out);
}

/** What becomes of one that is acknowledged and not resolved, and when. */
function unresolvedUntil(
  { acknowledgeTimeoutMs, autoResolveMs, test }: Escalation,
  { acknowledgedBy }: Ladder,
): { callsAgain: string | null; closes: string | null } {
  const after = (ms: number | null): string | null =>
    ms === null || acknowledgedBy === null ? null : later(acknowledgedBy.at, ms);
  if (test) return { callsAgain: null, closes: after(TEST_OVER_MS) };
  return { callsAgain: after(acknowledgeTimeoutMs), closes: after(autoResolveMs ?? null) };
}

function worsened({ severity: from }: Escalation, words: Words | undefined, out: Out): boolean {
  if (!words || !isWorse(words.severity, from)) return false;
  out.note('worse', { from, to: words.severity });
  return true;
}

/** Whether nobody is called now, nor within a minute. */
export function rests(ladder: Ladder, now: string): boolean {
  if (ladder.status !== 'open') return true;
  if (ladder.halted || ladder.phase === 'resolving') return false;
  if (ladder.rungs.some(({ state }) => state === 'calling')) return false;
  // Without a time it waits for a call to end.
  return ladder.wakeAt !== null && ladder.wakeAt > later(now, REST_MS);
}

function stepResolved(
  ladder: Ladder,
  event: Extract<LadderEvent, { type: 'stepResolved' }>,
  out: Out,
): Ladder {
  const expected =
    ladder.status === 'open' &&
    ladder.phase === 'resolving' &&
    ladder.runs === event.run &&
    ladder.round === event.round &&
    ladder.step === event.step;
  if (!expected) return ladder;
  for (const name of event.remembered) out.note('remembered', { name });
  for (const { name, reason } of event.skipped) out.note('skipped', { name, reason });
  const rungs = new Map<string, Rung>();
  for (const { key, target } of event.people) {
    if (!rungs.has(key)) rungs.set(key, freshRung(key, target));
  }
  if (rungs.size === 0) out.note('nobodyInStep', { step: event.step + 1 });
  return { ...ladder, phase: 'calling', phaseUntil: null, rungs: [...rungs.values()] };
}

function freshRung(key: string, target: Rung['target']): Rung {
  return {
    key,
    target,
    state: 'waiting',
    tries: 0,
    callId: null,
    retryAt: null,
    holds: true,
    disposition: null,
  };
}

function callEnded(
  escalation: Escalation,
  event: Extract<LadderEvent, { type: 'callEnded' }>,
  out: Out,
): Ladder {
  const { ladder } = escalation;
  const { disposition, cause, code, subCode } = event.end;
  const tell = (name: string): void => out.note('callEnded', { name, disposition, cause, code, subCode });
  // The service never said what became of it: the phone may still be called.
  const until =
    cause === 'outcomeUnknown' ? later(event.at, event.ringTimeoutSeconds * 1000 + UNKNOWN_PAUSE_MS) : null;
  const engagedUntil = (key: string, name: string): Ladder['engaged'] =>
    until ? [{ key, name, callId: null, until }] : [];

  const left = ladder.engaged.find(({ callId }) => callId === event.callId);
  if (left) {
    tell(left.name);
    const others = ladder.engaged.filter((engaged) => engaged !== left);
    return { ...ladder, engaged: [...others, ...engagedUntil(left.key, left.name)] };
  }
  const rung = ladder.rungs.find(({ callId, state }) => callId === event.callId && state === 'calling');
  if (!rung) return ladder;
  tell(rung.target.displayName);
  const step = escalation.steps[ladder.step];
  const again = rung.tries < (step?.tries ?? 1) ? retry(event, until) : null;
  const ended = withRung(ladder, rung.key, (own) =>
    again ? { ...own, disposition, state: 'retry', ...again } : { ...own, disposition, state: 'done' },
  );
  return { ...ended, engaged: [...ladder.engaged, ...engagedUntil(rung.key, rung.target.displayName)] };
}

/** When the same person is called again in this step, and whether those after wait for it; null: not again. */
function retry(
  { at, end }: Extract<LadderEvent, { type: 'callEnded' }>,
  engagedUntil: string | null,
): Pick<Rung, 'retryAt' | 'holds'> | null {
  if (engagedUntil) return { retryAt: engagedUntil, holds: false };
  switch (end.disposition) {
    case 'no_answer':
    case 'answered':
    case 'failed':
      return { retryAt: at, holds: true };
    case 'busy':
      return { retryAt: later(at, BUSY_PAUSE_MS), holds: true };
    default:
      return null;
  }
}

function acknowledged(
  ladder: Ladder,
  event: Extract<LadderEvent, { type: 'acknowledged' }>,
  out: Out,
): Ladder | Refusal {
  switch (ladder.status) {
    case 'open':
    case 'exhausted':
      out.note('acknowledged', actorData(event.by, event.note));
      return over(
        {
          ...ladder,
          status: 'acknowledged',
          acknowledgedBy: { ...event.by, at: event.at },
          endedAt: null,
        },
        out,
      );
    case 'acknowledged':
      return ladder.acknowledgedBy && isSamePerson(ladder.acknowledgedBy, event.by)
        ? ladder
        : 'already_acknowledged';
    default:
      return 'wrong_state';
  }
}

/** Also if the directory was silent when one of the two was named, and their words had to stand for them. */
export function isSamePerson(one: Actor, other: Actor): boolean {
  const names = namesOf(one);
  return namesOf(other).some((name) => names.includes(name));
}

function namesOf({ key, named }: Actor): string[] {
  return named === undefined ? [key.toLowerCase()] : [key.toLowerCase(), named];
}

function passedOn(
  ladder: Ladder,
  event: Extract<LadderEvent, { type: 'passedOn' }>,
  out: Out,
): Ladder | Refusal {
  if (ladder.status !== 'open') return 'wrong_state';
  if (event.key === null && ladder.phase === 'pausing') {
    out.note('passedOn', actorData(event.by));
    return { ...ladder, phaseUntil: event.at };
  }
  const passing = ladder.rungs.filter(
    (rung) =>
      rung.state !== 'done' && (event.key === null ? rung.state !== 'waiting' : rung.key === event.key),
  );
  if (passing.length === 0) return ladder;
  out.note('passedOn', actorData(event.by));
  const callIds = passing.flatMap(({ state, callId }) => (state === 'calling' && callId ? [callId] : []));
  if (callIds.length > 0) out.effects.push({ kind: 'hangUp', callIds });
  return letGo(ladder, new Set(passing.map(({ key }) => key)));
}

/** Nothing was wrong, so nobody will say that it is over. */
function testIsOver(ladder: Ladder, out: Out): Ladder {
  out.note('testOver');
  out.note('resolved', actorData(ITSELF));
  return closed({ ...ladder, status: 'resolved' }, ITSELF, out);
}

/** It has been taken or stopped: nobody is called any more. */
function over(ladder: Ladder, out: Out): Ladder {
  out.effects.push({ kind: 'tellOver' });
  const keys = new Set(ladder.rungs.map(({ key }) => key));
  return { ...letGo(ladder, keys), phase: 'over', phaseUntil: null };
}

function closed(ladder: Ladder, by: Actor, out: Out): Ladder {
  return over({ ...ladder, endedBy: { ...by, at: out.at }, endedAt: out.at }, out);
}

function isClosed({ status }: Ladder): boolean {
  return status === 'resolved' || status === 'cancelled';
}

/** Nothing more is tried with these people in this step. Their calls are still to end. */
function letGo(ladder: Ladder, keys: ReadonlySet<string>): Ladder {
  const calling = ladder.rungs.filter(
    ({ key, state, callId }) => keys.has(key) && state === 'calling' && callId !== null,
  );
  return {
    ...ladder,
    rungs: ladder.rungs.map((rung) =>
      keys.has(rung.key) ? { ...rung, state: 'done', retryAt: null } : rung,
    ),
    engaged: [
      ...ladder.engaged,
      ...calling.map(({ key, target, callId }) => ({
        key,
        name: target.displayName,
        callId,
        until: null,
      })),
    ],
  };
}

function forgetFreed(ladder: Ladder, now: string): Ladder {
  const engaged = ladder.engaged.filter(({ until }) => until === null || until > now);
  return engaged.length === ladder.engaged.length ? ladder : { ...ladder, engaged };
}

function restart(ladder: Ladder, out: Out): Ladder {
  out.note('startedAgain');
  const { engaged, halted, runs } = ladder;
  return beginStep({ ...freshLadder(), engaged, halted, runs: runs + 1 }, 0, 0, out);
}

function beginStep(ladder: Ladder, round: number, step: number, out: Out): Ladder {
  const begun: Ladder = {
    ...ladder,
    phase: 'resolving',
    round,
    step,
    rungs: [],
    asked: 0,
    calledInRound: round === ladder.round && step > 0 ? ladder.calledInRound : false,
  };
  return ask(begun, out);
}

/** Asks whom the step means. The answer comes as an event. */
function ask(ladder: Ladder, out: Out): Ladder {
  const { runs, round, step } = ladder;
  out.effects.push({ kind: 'resolveStep', run: runs, round, step });
  return { ...ladder, asked: ladder.asked + 1, phaseUntil: later(out.at, ASK_LIMIT_MS) };
}

// ---------------------------------------------------------------------------------------------------------------

/** Goes on as far as it can without waiting for anything. */
function advance(escalation: Escalation, ladder: Ladder, out: Out): Ladder {
  if (ladder.status === 'acknowledged') {
    const { callsAgain, closes } = unresolvedUntil(escalation, ladder);
    const [wakeAt = null] = [callsAgain, closes].filter((time) => time !== null).toSorted();
    return { ...ladder, wakeAt };
  }
  if (ladder.status !== 'open' || ladder.halted) return { ...ladder, wakeAt: null };
  const { heldUntil } = ladder;
  if (heldUntil !== undefined && heldUntil > out.at) return { ...ladder, wakeAt: heldUntil };
  const step = escalation.steps[ladder.step];
  if (!step) return exhausted(ladder, out);
  const isOver = ladder.phaseUntil === null || ladder.phaseUntil <= out.at;
  switch (ladder.phase) {
    case 'over':
      return { ...ladder, wakeAt: null };
    case 'resolving': {
      if (!isOver) return { ...ladder, wakeAt: ladder.phaseUntil };
      if (ladder.asked < MAX_ASKED) {
        const asked = ask(ladder, out);
        return { ...asked, wakeAt: asked.phaseUntil };
      }
      out.note('notFoundOut', { step: ladder.step + 1 });
      return advance(escalation, { ...ladder, phase: 'calling', rungs: [] }, out);
    }
    case 'pausing':
      return isOver ? nextStep(escalation, ladder, out) : { ...ladder, wakeAt: ladder.phaseUntil };
    case 'calling': {
      const called = callThoseDue(ladder, step, out);
      if (called.rungs.some((rung) => rung.state !== 'done'))
        return { ...called, wakeAt: nextTry(called, out.at) };
      if (step.pauseSeconds > 0 && called.rungs.length > 0 && goesOn(escalation, called)) {
        out.note('pausing', { seconds: step.pauseSeconds });
        const until = later(out.at, step.pauseSeconds * 1000);
        return { ...called, phase: 'pausing', phaseUntil: until, wakeAt: until };
      }
      return nextStep(escalation, called, out);
    }
  }
}

function callThoseDue(ladder: Ladder, step: FrozenStep, out: Out): Ladder {
  const due = step.mode === 'parallel' ? ladder.rungs.filter(isDue) : firstInTurn();
  for (const rung of due) {
    out.effects.push({
      kind: 'call',
      key: rung.key,
      attempt: [ladder.runs, ladder.round, ladder.step, rung.key, rung.tries].join('/'),
      ringTimeoutSeconds: step.ringTimeoutSeconds,
    });
    out.note('calling', {
      name: rung.target.displayName,
      step: ladder.step + 1,
      round: ladder.round + 1,
      try: rung.tries + 1,
    });
  }
  return {
    ...ladder,
    calledInRound: ladder.calledInRound || due.length > 0,
    rungs: ladder.rungs.map((rung) =>
      due.includes(rung) ? { ...rung, state: 'calling', callId: null, retryAt: null } : rung,
    ),
  };

  /** One after another: the first who is not done; somebody whose phone may still be called holds nobody up. */
  function firstInTurn(): Rung[] {
    if (ladder.rungs.some(({ state }) => state === 'calling')) return [];
    const first = ladder.rungs.find((rung) => isDue(rung) || (rung.state === 'retry' && rung.holds));
    return first && isDue(first) ? [first] : [];
  }

  function isDue(rung: Rung): boolean {
    if (ladder.engaged.some(({ key }) => key === rung.key)) return false;
    return rung.state === 'waiting' || (rung.state === 'retry' && (rung.retryAt ?? '') <= out.at);
  }
}

/**
 * The earliest time at which somebody is to be called who cannot be called now. Who waits only for another call to end
 * needs none: its end comes as an event.
 */
function nextTry(ladder: Ladder, now: string): string | null {
  const times = ladder.rungs.flatMap(({ key, state, retryAt }) => {
    if (state !== 'waiting' && state !== 'retry') return [];
    const engaged = ladder.engaged.filter((one) => one.key === key);
    if (engaged.some(({ callId }) => callId !== null)) return [];
    const free = [retryAt, ...engaged.map(({ until }) => until)].filter((time) => time !== null);
    return free.toSorted().at(-1) ?? [];
  });
  return times.toSorted().find((time) => time > now) ?? null;
}

function goesOn(escalation: Escalation, ladder: Ladder): boolean {
  return (
    ladder.step + 1 < escalation.steps.length || (ladder.round < escalation.repeat && ladder.calledInRound)
  );
}

function nextStep(escalation: Escalation, ladder: Ladder, out: Out): Ladder {
  if (!goesOn(escalation, ladder)) return exhausted(ladder, out);
  const again = ladder.step + 1 >= escalation.steps.length;
  if (again) out.note('repeating', { round: ladder.round + 2 });
  const next = beginStep(ladder, again ? ladder.round + 1 : ladder.round, again ? 0 : ladder.step + 1, out);
  return advance(escalation, next, out);
}

function exhausted(ladder: Ladder, out: Out): Ladder {
  // A round without calls is the last one: the rounds before it had some.
  const called = ladder.round > 0 || ladder.calledInRound;
  out.note('exhausted', called ? undefined : { called });
  out.effects.push({ kind: 'tellExhausted', run: ladder.runs });
  return { ...ladder, status: 'exhausted', phase: 'over', phaseUntil: null, wakeAt: null, endedAt: out.at };
}

function withRung(ladder: Ladder, key: string, change: (rung: Rung) => Rung): Ladder {
  return { ...ladder, rungs: ladder.rungs.map((rung) => (rung.key === key ? change(rung) : rung)) };
}

function actorData(by: Actor, note?: string): NonNullable<TimelineEntry['data']> {
  return note ? { name: by.name, way: by.way, note } : { name: by.name, way: by.way };
}

function later(time: string, ms: number): string {
  return new Date(Date.parse(time) + ms).toISOString();
}
