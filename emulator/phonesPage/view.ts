import type { CallRecord } from '../callAutomation/call.ts';
import type { Emulator } from '../surface.ts';
import type { Person } from '../people/person.ts';
import type { Script, Tone } from '../people/script.ts';
import type { Phone } from '../phones/phone.ts';
import type { RingRecord } from '../phones/ring.ts';

export type PhonesSource = Pick<Emulator, 'people' | 'phones' | 'calls' | 'timings'>;

/** Everything that the page shows at one moment. It contains no secrets, such as callback URIs. */
export interface PhonesView {
  /** Epoch milliseconds, like all times here. The browser's clock may differ. */
  now: number;
  timings: { failureMs: number; unansweredMs: number; perCharacterMs: number };
  phones: PhoneView[];
  /** How many people match the search. `phones` is limited. */
  found: number;
  /** Every ringing phone, even if the search does not match. */
  ringing: { personId: string; displayName: string }[];
  /** Newest first. */
  calls: CallView[];
}

interface PhoneView {
  personId: string;
  displayName: string;
  about: string;
  /** The phone's scripts: the first serves the next call, the last one stays. */
  scripts: Script[];
  incoming: {
    callConnectionId: string;
    callerName: string | null;
    reason: RingRecord['reason'];
    state: CallRecord['state'] | null;
  } | null;
  current: ConversationView | null;
  last: LastCallView | null;
}

/** The person's last call that has ended. */
interface LastCallView {
  at: number;
  /** The outcome at this phone; null if the phone did not ring. */
  state: RingRecord['state'] | null;
  ended: CallRecord['ended'];
}

interface ConversationView {
  callConnectionId: string;
  callerName: string | null;
  since: number;
  /** Disconnected although somebody is still talking: the call was transferred. */
  state: CallRecord['state'] | null;
  spoken: { text: string; at: number | null; speaking: boolean }[];
  tones: Tone[];
  recording: boolean;
  transcribing: boolean;
}

interface CallView {
  callConnectionId: string;
  callee: string;
  callerName: string | null;
  state: CallRecord['state'];
  createdAt: number;
  connectedAt: number | null;
  endedAt: number | null;
  ended: CallRecord['ended'];
  spoken: string[];
  tones: string[];
}

const phonesShown = 60;
const callsShown = 30;

/** @param find part of a name or address; empty for everybody */
export function phonesView(source: PhonesSource, find: string): PhonesView {
  const { people, phones, calls, timings } = source;
  const wanted = folded(find.trim());
  const found = people
    .list()
    .filter(
      ({ displayName, userPrincipalName }) =>
        folded(displayName).includes(wanted) || folded(userPrincipalName).includes(wanted),
    );
  const { failureMs, unansweredMs, perCharacterMs } = timings;
  return {
    now: Date.now(),
    timings: { failureMs, unansweredMs, perCharacterMs },
    phones: found.slice(0, phonesShown).map((person) => phoneView(source, person)),
    found: found.length,
    ringing: phones
      .list()
      .filter((phone) => phone.incoming() !== null)
      .map(({ person }) => ({ personId: person.id, displayName: person.displayName })),
    calls: calls.list().slice(-callsShown).toReversed().map(callView),
  };
}

function phoneView({ phones, calls }: PhonesSource, person: Person): PhoneView {
  const phone = phones.of(person);
  const incoming = phone.incoming();
  const current = phone.current();
  return {
    personId: person.id,
    displayName: person.displayName,
    about: person.jobTitle ?? person.department ?? '',
    scripts: person.scripts,
    incoming: incoming && {
      callConnectionId: incoming.callConnectionId,
      callerName: incoming.callerName,
      reason: incoming.reason,
      state: calls.record(incoming.callConnectionId)?.state ?? null,
    },
    current: current && conversationView(current, calls.record(current.callConnectionId)),
    last: lastCall(phone, calls.list()),
  };
}

function lastCall(phone: Phone, calls: CallRecord[]): LastCallView | null {
  const { id } = phone.person;
  const call = calls.findLast(
    ({ target, rings }) => target.personId === id || rings.some(({ personId }) => personId === id),
  );
  if (!call || call.endedAt === null) return null;
  const ring = phone.rings().findLast(({ callConnectionId }) => callConnectionId === call.callConnectionId);
  return { at: ring?.endedAt ?? call.endedAt, state: ring?.state ?? null, ended: call.ended };
}

function conversationView(ring: RingRecord, call: CallRecord | null): ConversationView {
  // The call records when each sentence began. A person after a transfer hears none of them.
  const spoken =
    call !== null && ring.reason === 'call'
      ? call.spoken.map(({ text, at, outcome }) => ({
          text,
          at,
          speaking: outcome === null && call.endedAt === null,
        }))
      : ring.spoken.map((text) => ({ text, at: null, speaking: false }));
  return {
    callConnectionId: ring.callConnectionId,
    callerName: ring.callerName,
    since: ring.answeredAt ?? ring.at,
    state: call?.state ?? null,
    spoken,
    tones: ring.tones,
    recording: call?.recording?.on ?? false,
    transcribing: call?.transcribing ?? false,
  };
}

function callView(call: CallRecord): CallView {
  return {
    callConnectionId: call.callConnectionId,
    callee: call.target.displayName ?? call.target.rawId,
    callerName: call.displayName,
    state: call.state,
    createdAt: call.createdAt,
    connectedAt: call.connectedAt,
    endedAt: call.endedAt,
    ended: call.ended,
    spoken: call.spoken.map(({ text }) => text),
    tones: call.tones.map(({ tone, arrived }) => (arrived ? tone : `${tone} (lost)`)),
  };
}

/** "Sian" matches "Siân". */
function folded(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}
