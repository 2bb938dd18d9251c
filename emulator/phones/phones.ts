import type { Changes } from '../changes.ts';
import type { Timers } from '../clock.ts';
import type { People } from '../people/people.ts';
import type { Person } from '../people/person.ts';
import { Phone } from './phone.ts';

/** One phone per person, created when first needed. */
export class Phones {
  readonly #people: People;
  readonly #timers: Timers;
  readonly #changes: Changes;
  readonly #phones = new Map<string, Phone>();

  constructor(people: People, timers: Timers, changes: Changes) {
    this.#people = people;
    this.#timers = timers;
    this.#changes = changes;
  }

  of(person: Person): Phone {
    const known = this.#phones.get(person.id);
    if (known && known.person === person) return known;
    const phone = new Phone(person, this.#timers, this.#changes);
    this.#phones.set(person.id, phone);
    return phone;
  }

  /** Finds a phone by id, user principal name, mail or display name. */
  get(idOrName: string): Phone {
    return this.of(this.#people.get(idOrName));
  }

  /** The phones that have rung. */
  list(): Phone[] {
    return [...this.#phones.values()];
  }
}
