import type { LRUCache } from 'lru-cache';
import { createCache } from '../cache.ts';
import type { Call } from '../calls/call.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../database/open.ts';
import type { Directory } from '../directory/directory.ts';
import { coversNow } from '../schedules/coverStore.ts';
import type { Escalation } from '../escalations/escalation.ts';
import { isCallee } from '../calls/callee.ts';
import type { EscalationRights, Right } from '../escalations/escalationRights.ts';
import { isTheirTurn, possibleActs, type EscalationAct } from '../escalations/possibleActs.ts';
import type { EscalationFacts } from './escalationFacts.ts';
import type { Reader } from './reader.ts';
import type { Round } from './view.ts';

interface Parts {
  rights: EscalationRights;
  database: Database;
  directory: Directory;
  clock: Pick<Clock, 'now'>;
}

/** How long a right outlives a directory that does not answer. */
const REMEMBERED = { most: 10_000, milliseconds: 10 * 60_000 };

/** What a reader sees: what chat would show them, or everything. */
export class Sight {
  readonly #parts: Parts;
  readonly #had: LRUCache<string, true>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#had = createCache(parts.clock, REMEMBERED);
  }

  /** The reader's right to act on each escalation. Readers of one round share the questions. */
  async rightsOf({ requester }: Reader, some: readonly EscalationFacts[], round: Round): Promise<Right[]> {
    const facts = new Map(some.map((one) => [one.escalation.id, one]));
    const rights = this.#parts.rights.with({
      escalations: {
        callsOf: async (id) => await Promise.resolve([...(facts.get(id)?.calls ?? [])]),
      },
      wasSentCard: async (id, objectId) =>
        await Promise.resolve(facts.get(id)?.sentTo.has(objectId.toLowerCase()) ?? false),
      covering: async (policy) =>
        await round.once(`cover ${policy}`, async () => await this.#covering(policy)),
      directory: sharedDirectory(this.#parts.directory, round),
    });
    return await Promise.all(
      some.map(async ({ escalation }) => {
        const key = `${requester.objectId} ${escalation.id}`;
        const right = await rights.of(requester, escalation);
        if (right === 'yes') this.#had.set(key, true);
        return right === 'unknown' && this.#had.has(key) ? 'yes' : right;
      }),
    );
  }

  async #covering(policy: string): Promise<string[]> {
    const { database, clock } = this.#parts;
    return (await coversNow(database.sql, policy, clock.now())).map(({ person }) => person.id);
  }
}

/** What a reader may do: as on a card, and "Can't take it" for somebody whom it calls. */
export function actsOf({ requester }: Reader, escalation: Escalation, right: Right): EscalationAct[] {
  if (right !== 'yes') return [];
  const acts = possibleActs(escalation, null);
  const [first, ...others] = acts;
  const isTheirs = isTheirTurn(escalation, `teamsUser:${requester.objectId}`);
  return first !== undefined && isTheirs ? [first, 'cantTake', ...others] : acts;
}

/** Whether a reader sees a call without a look at its escalation. */
export function isOwnCall({ requester, seesAll }: Reader, call: Call): boolean {
  if (seesAll || isAskedBy(requester, call)) return true;
  return call.purpose.kind === 'escalate' && isCallee(call.target, requester.objectId);
}

/** As on the call's card: the person who requested it, and its callee. */
export function mayHangUp({ requester }: Reader, call: Call): boolean {
  return isAskedBy(requester, call) || isCallee(call.target, requester.objectId);
}

export function isAskedBy({ key }: Reader['requester'], { requestedBy }: Call): boolean {
  return requestedBy.kind === 'chat' && requestedBy.key === key;
}

/** Asks the directory once in a round. */
function sharedDirectory(
  directory: Directory,
  round: Round,
): Pick<Directory, 'find' | 'isMemberOf' | 'managerOf' | 'shifts'> {
  return {
    find: async (query, asker) =>
      await round.once(`find ${JSON.stringify(query)}`, async () => await directory.find(query, asker)),
    isMemberOf: async (id, groups) =>
      await round.once(
        `groups ${id} ${groups.join(' ')}`,
        async () => await directory.isMemberOf(id, groups),
      ),
    managerOf: async (id) => await round.once(`manager ${id}`, async () => await directory.managerOf(id)),
    shifts: async (team, at) =>
      await round.once(`shifts ${team}`, async () => await directory.shifts(team, at)),
  };
}
