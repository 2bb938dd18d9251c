import type { Clock } from '../clock.ts';
import type { Database } from '../database/open.ts';
import type { Transact, Work } from '../database/transaction.ts';
import { callableOf } from '../directory/callable.ts';
import type { Directory } from '../directory/directory.ts';
import { RingdownError } from '../errors.ts';
import { coversIn, lockCovers, mayTakeCover, takeCover, type NewCover } from '../schedules/coverStore.ts';
import {
  expiryOf,
  isSettled,
  stateAfter,
  type Exchange,
  type ExchangeEvent,
  type ExchangeFault,
} from '../schedules/exchange.ts';
import {
  insertExchange,
  loadExchange,
  lockExchange,
  MOST_OFFERS,
  openExchanges,
  saveExchange,
} from '../schedules/exchangeStore.ts';
import { faultOf } from '../schedules/exchanging.ts';
import type { PolicyDuty, RotationDuty } from './rotationDuty.ts';

interface Parts {
  database: Pick<Database, 'sql'>;
  transact: Transact;
  clock: Pick<Clock, 'now'>;
  directory: Pick<Directory, 'get'>;
  duty: Pick<RotationDuty, 'of'>;
  /** Called in the transaction of each change. */
  changed: (work: Work, exchange: Exchange) => void;
}

export type NewExchange = Omit<Exchange, 'id' | 'revision' | 'createdAt' | 'expiresAt' | 'state'>;

/** What became of an event. `isNews`: this event changed the state. */
export interface Outcome {
  exchange: Exchange;
  isNews: boolean;
}

/** Offers to exchange duty. Each change is one transaction, which locks the offer; so an offer has one end. */
export class ExchangeService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async get(id: string): Promise<Exchange | null> {
    return await loadExchange(this.#parts.database.sql, id);
  }

  /**
   * Stores an offer, in the caller's transaction. It is sent at once if there is something to take in return; otherwise
   * the asker decides first.
   *
   * @returns `asked`: the same offer waits already; `tooMany`: the asker has too many that wait
   */
  async offerIn(work: Work, wanted: NewExchange): Promise<{ id: string } | 'asked' | 'tooMany'> {
    const now = this.#parts.clock.now();
    await lockCovers(work.sql, wanted.policy);
    const open = (await openExchanges(work.sql, wanted.policy, now)).filter(
      ({ asker }) => asker.id === wanted.asker.id,
    );
    const isSame = ({ asked, rotation, gives }: Exchange): boolean =>
      asked.id === wanted.asked.id && rotation === wanted.rotation && gives.from === wanted.gives.from;
    if (open.some(isSame)) return 'asked';
    if (open.length >= MOST_OFFERS) return 'tooMany';
    const state: Exchange['state'] =
      wanted.takes === null ? { kind: 'proposed' } : { kind: 'asked', since: now, deliveredAt: null };
    const expiresAt = expiryOf(wanted, now);
    const id = await insertExchange(work.sql, { ...wanted, state, createdAt: now, expiresAt });
    work.enqueue({ name: 'exchange.expire', data: { id }, dueAt: expiresAt });
    if (state.kind === 'asked') work.enqueue({ name: 'exchange.ask', data: { id } });
    return { id };
  }

  /** @returns null if there is no such offer */
  async happens(
    id: string,
    event: ExchangeEvent,
    also?: (work: Work) => Promise<void>,
  ): Promise<Outcome | null> {
    return await this.#parts.transact(async (work) => {
      const exchange = await lockExchange(work.sql, id);
      if (!exchange) return null;
      await also?.(work);
      return await this.#applyIn(work, exchange, event);
    });
  }

  /**
   * The asked person says yes. Checks that both still have what they give, and takes both covers, or none.
   *
   * @returns null if there is no such offer
   * @throws RingdownError directory_unavailable, also if the calendar of the rotation was not read yet; the offer stays
   */
  async accept(id: string): Promise<Outcome | null> {
    const { duty, directory, transact } = this.#parts;
    const known = await this.get(id);
    if (!known) return null;
    if (known.state.kind !== 'asked') return await this.happens(id, { kind: 'accept' });
    // The directory is asked before, so that no transaction waits for it.
    const [policy, asker, asked] = await Promise.all([
      duty.of(known.policy),
      directory.get(known.asker.id),
      directory.get(known.asked.id),
    ]);
    if (policy?.unread.includes(known.rotation)) throw new RingdownError('directory_unavailable');
    const isGone = (person: typeof asker): boolean => person === null || !callableOf(person).callable;
    const gone = isGone(asker) ? 'askerIsGone' : isGone(asked) ? 'askedIsGone' : null;
    return await transact(async (work) => {
      await lockCovers(work.sql, known.policy);
      const exchange = await lockExchange(work.sql, id);
      if (!exchange) return null;
      const accept = { kind: 'accept' } as const;
      if (stateAfter(exchange, accept, this.#parts.clock.now())?.kind !== 'accepted')
        return await this.#applyIn(work, exchange, accept);
      const why = gone ?? (await this.#exchangeIn(work, exchange, policy));
      return await this.#applyIn(work, exchange, why ? { kind: 'fail', why } : accept);
    });
  }

  /** Takes both covers. @returns why none was taken; null if they were */
  async #exchangeIn(
    work: Work,
    exchange: Exchange,
    policy: PolicyDuty | null,
  ): Promise<ExchangeFault | null> {
    const now = this.#parts.clock.now();
    const { asker, asked, gives, takes, rotation } = exchange;
    if (!policy) return 'askerLacksDuty';
    const { from, to } = policy.range;
    const fault = faultOf(exchange, policy.plans(await coversIn(work.sql, from, to, exchange.policy)));
    if (fault) return fault;
    const covers: NewCover[] = [
      { policy: exchange.policy, rotation, person: asked, from: gives.from, until: gives.to },
      ...(takes
        ? [{ policy: exchange.policy, rotation, person: asker, from: takes.from, until: takes.to }]
        : []),
    ];
    for (const cover of covers) {
      if (!(await mayTakeCover(work.sql, cover, now))) return 'tooManyCovers';
    }
    for (const cover of covers) await takeCover(work.sql, cover, now);
    return null;
  }

  async #applyIn(work: Work, exchange: Exchange, event: ExchangeEvent): Promise<Outcome> {
    const { clock, changed } = this.#parts;
    const state = stateAfter(exchange, event, clock.now());
    if (!state) return { exchange, isNews: false };
    await saveExchange(work.sql, exchange, state);
    const { id, expiresAt } = exchange;
    if (event.kind === 'confirm' && state.kind === 'asked')
      work.enqueue({ name: 'exchange.ask', data: { id } });
    if (isSettled(state) && event.kind !== 'expire')
      work.drop({ name: 'exchange.expire', data: { id }, dueAt: expiresAt });
    const after = { ...exchange, state, revision: exchange.revision + 1 };
    changed(work, after);
    return { exchange: after, isNews: true };
  }
}
