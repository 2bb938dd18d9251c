import type { Changes, PhoneChange } from '../changes.ts';
import type { Timer, Timers } from '../clock.ts';
import type { Person } from '../people/person.ts';
import { replyOf, type AnswerScript, type Script, type Tone } from '../people/script.ts';
import type { Caller, Ring, RingDetails, RingRecord } from './ring.ts';

interface LiveRing extends Ring {
  timers: Timer[];
  onHeard: (() => void) | null;
  /** What the script replies to the next things that are said. */
  replies: ReturnType<typeof replyOf>[];
  /** To what is being said: once it is over. */
  reply: ReturnType<typeof replyOf> | null;
}

/** Between two keys of a scripted reply. */
const BETWEEN_KEYS_MS = 300;

/** A person's phone: rings according to its script, and can be operated by hand. */
export class Phone {
  readonly person: Person;
  readonly #timers: Timers;
  readonly #changes: Changes;
  readonly #rings: RingRecord[] = [];
  #ringing: LiveRing[] = [];
  #onCall: LiveRing | null = null;

  constructor(person: Person, timers: Timers, changes: Changes) {
    this.person = person;
    this.#timers = timers;
    this.#changes = changes;
  }

  /** The call that is ringing; the oldest if there are several. */
  incoming(): RingRecord | null {
    return this.#ringing[0]?.record ?? null;
  }

  /** All calls that are ringing. */
  ringing(): RingRecord[] {
    return this.#ringing.map((ring) => ring.record);
  }

  /** The call that the person is on. */
  current(): RingRecord | null {
    return this.#onCall?.record ?? null;
  }

  /** Every time this phone rang, oldest first. For assertions in tests. */
  rings(): RingRecord[] {
    return [...this.#rings];
  }

  /** Everything that was ever spoken to this person. */
  spoken(): string[] {
    return this.#rings.flatMap((ring) => ring.spoken);
  }

  /** Answers the call. False if nothing is ringing. */
  answer(callConnectionId?: string): boolean {
    const ring = this.#findRinging(callConnectionId);
    if (!ring) return false;
    this.#answer(ring, null);
    return true;
  }

  decline(callConnectionId?: string): boolean {
    const ring = this.#findRinging(callConnectionId);
    if (!ring) return false;
    this.#decline(ring);
    return true;
  }

  /** Presses a key. False if the person is not on a call. */
  press(tone: Tone): boolean {
    const ring = this.#onCall;
    if (!ring) return false;
    ring.record.tones.push(tone);
    ring.caller.pressed(tone);
    return true;
  }

  hangUp(): boolean {
    const ring = this.#onCall;
    if (!ring) return false;
    this.#finish(ring, 'ended', 'hungUp');
    ring.caller.hungUp();
    return true;
  }

  /** Whether another call gets busy instead of ringing. */
  get engaged(): boolean {
    return this.#onCall !== null && this.person.busyWhenOnCall;
  }

  /** Starts to ring. Then the script acts, or somebody by hand. */
  ring(details: RingDetails, script: Script, caller: Caller): Ring {
    const record: RingRecord = {
      ...details,
      personId: this.person.id,
      state: 'ringing',
      answeredAt: null,
      endedAt: null,
      spoken: [],
      tones: [],
      mailbox: null,
    };
    const ring: LiveRing = {
      person: this.person,
      record,
      caller,
      playFails: 'answers' in script ? script.answers.playFails : undefined,
      timers: [],
      onHeard: null,
      replies: [],
      reply: null,
      hear: (text) => this.#hear(ring, text),
      heard: () => {
        ring.onHeard?.();
        ring.onHeard = null;
        if (ring.reply) this.#reply(ring, ring.reply);
        ring.reply = null;
      },
      stop: () => this.#finish(ring, record.state === 'ringing' ? 'stopped' : 'ended', 'stopped'),
    };
    this.#rings.push(record);
    this.#ringing.push(ring);
    this.#tell(ring, 'rings');
    this.#follow(ring, script);
    return ring;
  }

  #follow(ring: LiveRing, script: Script): void {
    if ('answers' in script) {
      const { answers } = script;
      ring.timers.push(this.#timers.after(answers.afterMs ?? 2000, () => this.#answer(ring, answers)));
    } else if ('voicemail' in script) {
      const { afterMs = 10_000, greetsForMs = 4000, recordsForMs = 60_000, presses } = script.voicemail;
      const hangsUpAfterMs = greetsForMs + recordsForMs;
      const pickUp = (): void => {
        ring.record.mailbox = { recordsFrom: this.#timers.now() + greetsForMs, recorded: [] };
        this.#answer(ring, { hangsUpAfterMs, ...(presses && { presses }) });
      };
      ring.timers.push(this.#timers.after(afterMs, pickUp));
    } else if ('declines' in script) {
      const { afterMs = 2000, code } = script.declines;
      ring.timers.push(this.#timers.after(afterMs, () => this.#decline(ring, code)));
    }
  }

  #answer(ring: LiveRing, script: AnswerScript | null): void {
    cancelTimers(ring);
    if (this.#onCall) {
      this.#finish(ring, 'stopped', 'stopped');
      ring.caller.busy();
      return;
    }
    this.#ringing = this.#ringing.filter((other) => other !== ring);
    this.#onCall = ring;
    ring.record.state = 'onCall';
    ring.record.answeredAt = this.#timers.now();
    this.#tell(ring, 'answered');
    ring.replies = (script?.replies ?? []).map(replyOf);
    ring.caller.answered();
    if (script === null) return;
    if (script.listens === true) ring.onHeard = () => this.#act(ring, script);
    else this.#act(ring, script);
  }

  /** Presses keys and hangs up according to the script. */
  #act(ring: LiveRing, script: AnswerScript): void {
    for (const { tone, afterMs } of script.presses ?? []) {
      ring.timers.push(this.#timers.after(afterMs, () => this.press(tone)));
    }
    if (script.hangsUpAfterMs !== undefined) {
      ring.timers.push(this.#timers.after(script.hangsUpAfterMs, () => this.hangUp()));
    }
  }

  #hear(ring: LiveRing, text: string): void {
    const { record } = ring;
    record.spoken.push(text);
    if (record.mailbox && this.#timers.now() >= record.mailbox.recordsFrom)
      record.mailbox.recorded.push(text);
    const reply = ring.replies.shift() ?? null;
    ring.reply = reply?.during ? null : reply;
    if (reply?.during) this.#reply(ring, reply);
  }

  #reply(ring: LiveRing, { tones, afterMs }: ReturnType<typeof replyOf>): void {
    for (const [index, tone] of tones.entries()) {
      const inMs = afterMs + index * BETWEEN_KEYS_MS;
      ring.timers.push(this.#timers.after(inMs, () => this.press(tone)));
    }
  }

  #decline(ring: LiveRing, codes?: string): void {
    this.#finish(ring, 'declined', 'declined');
    ring.caller.declined(codes);
  }

  #finish(ring: LiveRing, state: 'declined' | 'stopped' | 'ended', what: PhoneChange): void {
    if (ring.record.endedAt !== null) return;
    cancelTimers(ring);
    ring.record.state = state;
    ring.record.endedAt = this.#timers.now();
    this.#ringing = this.#ringing.filter((other) => other !== ring);
    if (this.#onCall === ring) this.#onCall = null;
    this.#tell(ring, what);
  }

  #findRinging(callConnectionId: string | undefined): LiveRing | null {
    const found = this.#ringing.find(
      (ring) => callConnectionId === undefined || ring.record.callConnectionId === callConnectionId,
    );
    return found ?? null;
  }

  #tell(ring: LiveRing, what: PhoneChange): void {
    const { callConnectionId } = ring.record;
    this.#changes.tell({ type: 'phone', personId: this.person.id, what, callConnectionId });
  }
}

function cancelTimers(ring: LiveRing): void {
  for (const timer of ring.timers) timer.cancel();
  ring.timers = [];
}
