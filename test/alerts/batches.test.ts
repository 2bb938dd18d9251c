import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Received } from '../../src/alerts/alertService.ts';
import type { Database } from '../../src/database/open.ts';
import { openEmbedded } from '../support/databases.ts';
import { itInBoth, runs } from '../support/long.ts';
import { firing, received, AlertWorld, SOURCE } from '../support/alerts/alertWorld.ts';

const second = 1000;
const RUNS = runs(5);
const adele = { key: 'adele', name: 'Adele Vance', way: 'chat' } as const;

const key = fc.constantFrom('a', 'b', 'c', 'd');
const source = fc.constantFrom(SOURCE, SOURCE, SOURCE, 'alertmanager:ci');
const group = fc.constantFrom('one', 'two');

const opens = fc
  .record({
    key,
    source,
    group,
    start: fc.constantFrom('2026-11-29T09:00:00Z', '2026-11-29T09:30:00Z', undefined),
    severity: fc.constantFrom('critical' as const, 'warning' as const),
    filling: fc.constantFrom('full', 'fuller'),
  })
  .map(({ key: name, start, filling, ...more }) =>
    firing(name, {
      ...more,
      summary: `${name} ${filling}`,
      ...(start === undefined ? {} : { startedAt: start }),
    }),
  );
const ends = fc
  .record({
    key,
    source,
    action: fc.constantFrom('resolve' as const, 'resolve' as const, 'acknowledge' as const),
  })
  .map(({ key: dedupKey, source: from, action }) => received({ action, dedupKey }, from));
const endsOfGroups = fc
  .record({ group, source })
  .map(({ group: name, source: from }) => received({ action: 'resolveGroup', group: name }, from));
const anything: fc.Arbitrary<Received> = fc.oneof(
  { weight: 5, arbitrary: opens },
  { weight: 4, arbitrary: ends },
  { weight: 1, arbitrary: endsOfGroups },
);

/** What happens to one escalation (counted from the newest) before a batch arrives. */
const happening = fc.record({
  deed: fc.constantFrom('nothing', 'exhaust', 'exhaust', 'acknowledge', 'resolve'),
  which: fc.nat({ max: 2 }),
  seconds: fc.constantFrom(1, 1, 31),
});
const stories = fc.array(
  fc.record({ before: happening, batch: fc.array(anything, { minLength: 1, maxLength: 6 }) }),
  { minLength: 2, maxLength: 5 },
);

/** A simple model that knows the firing alerts. */
class Firing {
  readonly #firing = new Map<string, { group: string | null; start: string }>();
  readonly #resolved = new Map<string, string>();

  apply({ source: from, signals }: Received): void {
    for (const signal of signals) {
      if (signal.action === 'resolveGroup') {
        for (const [name, one] of this.#firing) {
          if (name.startsWith(`${from} `) && one.group === signal.group) this.#end(name);
        }
      } else if (signal.action !== 'test') {
        const name = `${from} ${signal.dedupKey}`;
        if (signal.action === 'resolve') this.#end(name);
        if (signal.action === 'open') this.#open(name, signal.group, signal.startedAt ?? '');
      }
    }
  }

  /** For a person who ended the escalation of these alerts. */
  close(names: readonly string[]): void {
    for (const name of names) this.#firing.delete(name);
  }

  get names(): string[] {
    return [...this.#firing.keys()].toSorted();
  }

  #open(name: string, ofGroup: string | null, start: string): void {
    if (start !== '' && start <= (this.#resolved.get(name) ?? '')) return;
    const known = this.#firing.get(name)?.start ?? '';
    this.#firing.set(name, { group: ofGroup, start: start > known ? start : known });
  }

  #end(name: string): void {
    const { start = '' } = this.#firing.get(name) ?? {};
    if (start > (this.#resolved.get(name) ?? '')) this.#resolved.set(name, start);
    this.#firing.delete(name);
  }
}

describe('a batch of alerts', function () {
  this.timeout(60_000 + RUNS * 5_000);
  let database: Database;
  let world: AlertWorld;
  let policies = 0;
  const policy = (): string => `policy${policies++}`;

  before(async function () {
    database = await openEmbedded();
  });
  after(async () => await database.close());
  beforeEach(() => (world = new AlertWorld(database)));

  /** The firing alerts, each with its escalation. */
  async function fires(name: string): Promise<{ name: string; escalation: string; status: string }[]> {
    const rows = await database.sql
      .selectFrom('alerts')
      .innerJoin('escalations', 'escalations.id', 'escalation_id')
      .select(['alerts.source', 'alerts.dedup_key', 'escalations.id', 'escalations.status'])
      .where('alerts.policy', '=', name)
      .where('alerts.status', '=', 'firing')
      .execute();
    return rows
      .map((row) => ({ name: `${row.source} ${row.dedup_key}`, escalation: row.id, status: row.status }))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  it('keeps a new alert in its escalation while another alert restarts an exhausted one', async () => {
    const name = policy();
    await world.send(name, firing('old'));
    const [exhausted = ''] = await world.escalationIds(name);
    await world.exhaust(exhausted);
    world.now += second;
    await world.send(name, firing('first'));
    await world.send(name, firing('new'), firing('old'));
    const [, open = ''] = await world.escalationIds(name);
    assert.deepEqual(await fires(name), [
      { name: `${SOURCE} first`, escalation: open, status: 'open' },
      { name: `${SOURCE} new`, escalation: open, status: 'open' },
      { name: `${SOURCE} old`, escalation: exhausted, status: 'open' },
    ]);
  });

  itInBoth(
    'stores the same rows as its alerts would one at a time, with each firing alert in one escalation',
    async () => {
      const property = fc.asyncProperty(stories, async (story) => {
        const [together, alone] = [policy(), policy()];
        const expected = new Firing();
        for (const {
          before: { deed, which, seconds },
          batch,
        } of story) {
          world.now += seconds * second;
          for (const name of [together, alone]) {
            const id = (await world.escalationIds(name)).at(-1 - which);
            if (id === undefined) continue;
            if (deed === 'exhaust') await world.exhaust(id);
            if (deed === 'acknowledge') await world.escalations.acknowledge(id, adele);
            if (deed === 'resolve') {
              const of = (await fires(name)).filter(({ escalation }) => escalation === id);
              expected.close(of.map((one) => one.name));
              await world.escalations.resolve(id, adele);
            }
          }
          await world.send(together, ...batch);
          for (const one of batch) await world.send(alone, one);
          for (const one of batch) expected.apply(one);
        }
        assert.deepEqual(await world.rows(together), await world.rows(alone));
        const stored = await fires(together);
        assert.deepEqual(
          stored.map(({ name }) => name),
          expected.names,
        );
        assert.ok(stored.every(({ status }) => ['open', 'acknowledged', 'exhausted'].includes(status)));
      });
      await fc.assert(property, { numRuns: RUNS, endOnFailure: true });
    },
  );
});
