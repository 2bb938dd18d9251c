import type { Emulator } from '../surface.ts';
import type { Person } from '../people/person.ts';
import type { Phone } from '../phones/phone.ts';
import type { RingRecord } from '../phones/ring.ts';

/** A person with their phone, in the control API. */
export function personView(emulator: Emulator, person: Person): object {
  return { ...person, phone: phoneView(emulator.phones.of(person)) };
}

export function phoneView(phone: Phone): object {
  return { ringing: phone.ringing(), current: phone.current(), timesCalled: phone.rings().length };
}

/** Every ring of every phone, oldest first, with the call that it was for. */
export function allRings(emulator: Emulator): (RingRecord & { displayName: string })[] {
  return emulator.phones
    .list()
    .flatMap((phone) => phone.rings().map((ring) => ({ ...ring, displayName: phone.person.displayName })))
    .toSorted((a, b) => a.at - b.at);
}
