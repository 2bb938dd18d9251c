import type { Timer, Timers } from '../clock.ts';
import type { People } from '../people/people.ts';
import { hasTeamsPhone, isInDirectory, isResourceAccount, isTelephone } from '../people/person.ts';
import type { Person } from '../people/person.ts';
import { parseCodes } from '../people/script.ts';
import type { Script } from '../people/script.ts';
import type { Phones } from '../phones/phones.ts';
import type { Caller, Ring, RingDetails } from '../phones/ring.ts';
import type { Identifier } from './identifiers.ts';
import { results, scriptedResult } from './results.ts';
import type { Result } from './results.ts';
import type { Timings } from './timings.ts';

export interface ReachParts {
  people: People;
  phones: Phones;
  timers: Timers;
  timings: Timings;
}

export interface ReachListener extends Caller {
  /** No phone rang. */
  failed(result: Result): void;
  /** It rang until the service gave up. */
  unanswered(): void;
}

export interface Reached {
  ring: Ring | null;
  timers: Timer[];
}

/** Tries to ring the target's phone. Reports to `listener`, never synchronously. */
export function reach(
  parts: ReachParts,
  target: Identifier,
  details: Omit<RingDetails, 'at'>,
  giveUpMs: number,
  listener: ReachListener,
): Reached {
  const { people, phones, timers, timings } = parts;
  const person = people.byRawId(target.rawId);
  const script = person && people.takeScript(person);
  const refusal = person && script ? refusalOf(person, script, phones) : noSuchPhone(target);
  if (!person || !script || refusal) {
    const result = refusal ?? results.unreachable;
    return { ring: null, timers: [timers.after(timings.failureMs, () => listener.failed(result))] };
  }
  const ring = phones.of(person).ring({ ...details, at: timers.now() }, script, listener);
  const giveUp = timers.after(giveUpMs, () => {
    if (ring.record.state === 'ringing') listener.unanswered();
  });
  return { ring, timers: [giveUp] };
}

function noSuchPhone(target: Identifier): Result {
  if (target.kind === 'phoneNumber') return results.numberUnknown;
  return target.kind === 'microsoftTeamsUser' ? results.unreachable : results.noEndpoint;
}

/** Why this person's phone cannot ring now. */
function refusalOf(person: Person, script: Script, phones: Phones): Result | null {
  if ('notAllowed' in script) return scriptedResult(parseCodes(script.notAllowed));
  if (!person.accountEnabled || 'unreachable' in script)
    return isTelephone(person) ? results.telephoneUnavailable : results.unreachable;
  const isUser = isInDirectory(person) && !isResourceAccount(person);
  if (isUser && (person.userType === 'Guest' || !hasTeamsPhone(person))) return results.notEnabled;
  if ('busy' in script || phones.of(person).engaged) return results.busy;
  return null;
}
