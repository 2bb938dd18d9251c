import assert from 'node:assert/strict';
import { z } from 'zod';
import type { Received } from '../../src/alerts/alertService.ts';
import { endsEarlier, isStale, laterStart } from '../../src/alerts/episodes.ts';
import type { Signal } from '../../src/alerts/signal.ts';
import type { Database } from '../../src/database/open.ts';
import type { Escalation } from '../../src/escalations/escalation.ts';
import { read } from '../support/alerts/reading.ts';
import { openEmbedded } from '../support/databases.ts';
import { alertmanagerBody, azureBody } from '../support/alerts/bodies.ts';
import { firing, received, AlertWorld, SOURCE } from '../support/alerts/alertWorld.ts';
import { referenceJson } from '../support/reference.ts';

const second = 1000;
const hour = 3600 * second;
const adele = { key: 'adele', name: 'Adele Vance', way: 'chat' } as const;

describe('a repeated alert', function () {
  let database: Database;
  let world: AlertWorld;
  let policies = 0;
  let policy: string;

  before(async function () {
    database = await openEmbedded();
  });
  after(async () => await database.close());
  beforeEach(() => {
    world = new AlertWorld(database);
    policy = `policy${policies++}`;
  });

  const send = async (...batch: Received[]): Promise<void> => await world.send(policy, ...batch);
  const all = async (): Promise<Escalation[]> => {
    const found = await Promise.all(
      (await world.escalationIds(policy)).map(async (id) => await world.escalations.get(id)),
    );
    return found.filter((one) => one !== null);
  };
  const inShort = async (): Promise<string[]> =>
    (await all()).map(({ severity, summary, ladder }) => `${ladder.status} ${severity} ${summary}`);
  const timeline = async (nth = 0): Promise<string[]> => {
    const id = (await world.escalationIds(policy))[nth] ?? '';
    return (await world.escalations.timeline(id)).map(({ type }) => type);
  };

  describe('with other words', () => {
    it('updates the escalation, and reconsiders a waiting call if the severity changed', async () => {
      await send(firing('disk', { severity: 'warning', summary: 'Disk 80 %' }));
      const callId = await world.call((await world.escalationIds(policy))[0] ?? '');
      const dials = (): number =>
        world.jobs.wanted.filter(({ name, data }) => name === 'call.dial' && data['callId'] === callId)
          .length;
      assert.equal(dials(), 1);
      await send(firing('disk', { severity: 'warning', summary: 'Disk 85 %' }));
      assert.deepEqual(await inShort(), ['open warning Disk 85 %']);
      assert.equal(dials(), 1);
      await send(firing('disk', { severity: 'critical', summary: 'Disk 99 %' }));
      assert.deepEqual(await inShort(), ['open critical Disk 99 %']);
      assert.equal(dials(), 2);
      await send(firing('disk', { severity: 'info', summary: 'Disk 10 %' }));
      assert.deepEqual(await inShort(), ['open info Disk 10 %']);
      assert.equal(dials(), 3);
      assert.deepEqual(await timeline(), ['opened', 'calling', 'worse']);
    });

    it('updates its line among the other alerts', async () => {
      await send(firing('one', { severity: 'warning' }), firing('two', { severity: 'warning' }));
      await send(firing('two', { severity: 'critical', summary: 'two is worse' }));
      assert.deepEqual(await inShort(), ['open critical 2 alerts: two is worse']);
      const [{ details } = { details: '' }] = await all();
      assert.equal(details, '- two is worse (critical)\n- one (warning)');
    });

    it('that was acknowledged and becomes worse calls again, while other alerts stay acknowledged', async () => {
      await send(firing('one', { severity: 'warning' }), firing('two', { severity: 'warning' }));
      const [id = ''] = await world.escalationIds(policy);
      await world.escalations.acknowledge(id, adele);
      world.now += hour;
      await send(firing('two', { severity: 'warning', summary: 'two, other words' }));
      await world.jobs.run('alerts.callAgain');
      assert.equal((await all()).length, 1);
      await send(firing('two', { severity: 'error' }));
      await world.jobs.run('alerts.callAgain');
      assert.deepEqual(await inShort(), ['acknowledged warning one', 'open error two']);
      assert.ok((await timeline()).includes('notCovered'));
    });

    it('that becomes worse restarts a fully acknowledged escalation, but not right after its last call', async () => {
      await send(firing('one', { severity: 'warning' }));
      const [id = ''] = await world.escalationIds(policy);
      await world.escalations.acknowledge(id, adele);
      world.now += 5 * second;
      await send(firing('one', { severity: 'critical' }));
      assert.deepEqual(await inShort(), ['open critical one']);
      const [{ ladder } = { ladder: null }] = await all();
      const until = new Date(world.now + 25 * second).toISOString();
      assert.deepEqual([ladder?.bundledUntil, ladder?.wakeAt, ladder?.runs], [until, until, 1]);
    });

    it('restarts an exhausted escalation with the new words', async () => {
      await send(firing('one', { severity: 'warning' }));
      await world.exhaust((await world.escalationIds(policy))[0] ?? '');
      await send(firing('one', { severity: 'critical', summary: 'worse' }));
      assert.deepEqual(await inShort(), ['open critical worse']);
    });

    it('that becomes worse during the last call restarts the unanswered escalation once', async () => {
      await send(firing('one', { severity: 'warning' }));
      const [id = ''] = await world.escalationIds(policy);
      const ringing = await world.call(id);
      world.now += second;
      await send(firing('one', { severity: 'critical' }));
      world.now += second;
      await world.unanswered(id, ringing);
      assert.deepEqual(await inShort(), ['exhausted critical one']);
      await world.jobs.run('alerts.startAgain');
      assert.deepEqual(await inShort(), ['open critical one']);
      world.now += second;
      await world.unanswered(id, await world.call(id));
      await world.jobs.run('alerts.startAgain');
      assert.deepEqual(await inShort(), ['exhausted critical one']);
    });

    it('that becomes worse during the last call of a later run restarts the escalation too', async () => {
      await send(firing('one', { severity: 'warning' }));
      const [id = ''] = await world.escalationIds(policy);
      await world.exhaust(id);
      await send(firing('one', { severity: 'warning' }));
      const ringing = await world.call(id);
      world.now += second;
      await send(firing('one', { severity: 'critical' }));
      world.now += second;
      await world.unanswered(id, ringing);
      await world.jobs.run('alerts.startAgain');
      assert.deepEqual(await inShort(), ['open critical one']);
    });

    it('belongs to the group that it named last', async () => {
      await send(firing('one', { group: 'old' }));
      await send(firing('one', { group: 'new' }));
      await send(received({ action: 'resolveGroup', group: 'old' }));
      assert.deepEqual(await inShort(), ['open critical one']);
      await send(received({ action: 'resolveGroup', group: 'new' }));
      assert.deepEqual(await inShort(), ['resolved critical one']);
    });
  });

  describe('that an act does not cover', () => {
    const deeds = {
      acknowledge: 'acknowledged critical one',
      resolve: 'resolved critical one',
      cancel: 'cancelled critical one',
    } as const;
    const uncovered = async (deed: keyof typeof deeds): Promise<string> => {
      await send(firing('one'));
      const [{ id, revision } = { id: '', revision: 0 }] = await all();
      world.now += second;
      await send(firing('two'));
      await world.escalations[deed](id, { ...adele, seenRevision: revision });
      return id;
    };
    const standing = async (): Promise<string[]> => (await all()).map(({ ladder }) => ladder.status);

    for (const deed of ['acknowledge', 'resolve', 'cancel'] as const) {
      it(`calls when its missing policy is back in the file (${deed})`, async () => {
        const left = deeds[deed].split(' ')[0] ?? '';
        await uncovered(deed);
        world.gone.add(policy);
        await world.jobs.run('alerts.callAgain');
        assert.deepEqual([await standing(), world.missing], [[left], ['prometheus']]);
        await send(firing('two'));
        await world.jobs.run('alerts.callAgain');
        assert.deepEqual([await standing(), world.missing], [[left], ['prometheus', 'prometheus']]);
        world.gone.delete(policy);
        world.now += 60 * second;
        await send(firing('two'), firing('two'));
        await world.jobs.run('alerts.callAgain');
        assert.deepEqual(await standing(), [left, 'open']);
        assert.equal((await all())[1]?.summary, 'two');
        await send(firing('two'));
        await world.jobs.run('alerts.callAgain');
        assert.deepEqual(await standing(), [left, 'open']);
      });
    }

    it('and that moves to an escalation during its last call restarts it if nobody answers', async () => {
      const from = await uncovered('resolve');
      world.now += second;
      await send(firing('three'));
      const [, id = ''] = await world.escalationIds(policy);
      const ringing = await world.call(id);
      world.now += second;
      await world.jobs.run('alerts.callAgain');
      assert.equal((await standing()).length, 2, from);
      world.now += second;
      await world.unanswered(id, ringing);
      await world.jobs.run('alerts.startAgain');
      assert.deepEqual(await standing(), ['resolved', 'open']);
    });
  });

  describe('after it was resolved', () => {
    const [earlier, later] = ['2026-11-29T09:00:00Z', '2026-11-29T09:40:00Z'];
    const resolve = (more: object = {}): Received => received({ action: 'resolve', dedupKey: 'a', ...more });

    const stories: Record<string, { batch: Received[]; ends: string[]; says?: string }> = {
      'is stale if it has the same start': {
        batch: [firing('a', { startedAt: earlier }), resolve(), firing('a', { startedAt: earlier })],
        ends: ['resolved critical a'],
        says: 'overAlready',
      },
      'is stale if it has an older start': {
        batch: [firing('a', { startedAt: later }), resolve(), firing('a', { startedAt: earlier })],
        ends: ['resolved critical a'],
        says: 'overAlready',
      },
      'is stale if it has the start that its end named': {
        batch: [
          firing('a', { startedAt: earlier }),
          resolve({ startedAt: later }),
          firing('a', { startedAt: later }),
        ],
        ends: ['resolved critical a'],
        says: 'overAlready',
      },
      'gets only one line in the timeline, however often it comes': {
        batch: [
          firing('a', { startedAt: earlier }),
          resolve(),
          firing('a', { startedAt: earlier }),
          firing('a', { startedAt: earlier }),
        ],
        ends: ['resolved critical a'],
        says: 'overAlready',
      },
      'is stale if its group was resolved': {
        batch: [
          firing('a', { startedAt: earlier, group: 'shop' }),
          received({ action: 'resolveGroup', group: 'shop' }),
          firing('a', { startedAt: earlier, group: 'shop' }),
        ],
        ends: ['resolved critical a'],
        says: 'overAlready',
      },
      'starts another escalation if it has a later start': {
        batch: [firing('a', { startedAt: earlier }), resolve(), firing('a', { startedAt: later })],
        ends: ['resolved critical a', 'open critical a'],
      },
      'starts another escalation if it has no start': {
        batch: [firing('a', { startedAt: earlier }), resolve(), firing('a')],
        ends: ['resolved critical a', 'open critical a'],
      },
      'is another alert if another sender sends it': {
        batch: [
          firing('a', { startedAt: earlier }),
          resolve(),
          firing('a', { startedAt: earlier, source: 'integration:grafana' }),
        ],
        ends: ['resolved critical a', 'open critical a'],
      },
      'keeps firing when an earlier episode is resolved': {
        batch: [
          firing('a', { startedAt: later }),
          resolve({ startedAt: earlier, endedAt: '2026-11-29T09:30:00Z' }),
        ],
        ends: ['open critical a'],
      },
      'is resolved by an end without a time': {
        batch: [firing('a', { startedAt: later }), resolve({ startedAt: earlier })],
        ends: ['resolved critical a'],
      },
    };
    for (const [what, { batch, ends, says }] of Object.entries(stories)) {
      for (const way of ['together', 'one after another']) {
        it(`${what} (${way})`, async () => {
          if (way === 'together') await send(...batch);
          else {
            for (const one of batch) {
              world.now += second;
              await send(one);
            }
          }
          assert.deepEqual(await inShort(), ends);
          const lines = (await timeline()).filter((type) => type === 'overAlready');
          assert.deepEqual(lines, says ? [says] : []);
        });
      }
    }

    it('starts another escalation an hour later', async () => {
      await send(firing('a', { startedAt: earlier }), resolve());
      world.now += hour + second;
      await send(firing('a', { startedAt: earlier }));
      assert.deepEqual(await inShort(), ['resolved critical a', 'open critical a']);
    });

    it('starts another escalation if only a person resolved it', async () => {
      await send(firing('a', { startedAt: earlier }));
      await world.escalations.resolve((await world.escalationIds(policy))[0] ?? '', adele);
      world.now += second;
      await send(firing('a', { startedAt: earlier }));
      assert.deepEqual(await inShort(), ['resolved critical a', 'open critical a']);
    });

    it('is compared by start and end times', () => {
      const zero = null;
      const stale: [string | null | undefined, string, boolean][] = [
        ['2026-11-29T10:00:00.032Z', '2026-11-29T10:00:00.032Z', true],
        ['2026-11-29T10:00:00Z', '2026-11-29T10:00:00.000Z', true],
        ['2026-11-29T11:00:00+01:00', '2026-11-29T10:00:00Z', true],
        ['2026-11-29T10:00:01Z', '2026-11-29T10:00:00Z', false],
        [zero, '2026-11-29T10:00:00Z', false],
        [undefined, '2026-11-29T10:00:00Z', false],
      ];
      for (const [start, since, expected] of stale)
        assert.equal(isStale(start, since), expected, String(start));
      assert.equal(endsEarlier('2026-11-29T10:00:00Z', '2026-11-29T10:00:01Z'), true);
      assert.equal(endsEarlier('2026-11-29T10:00:00Z', '2026-11-29T10:00:00Z'), false);
      assert.equal(endsEarlier(null, '2026-11-29T10:00:00Z'), false);
      assert.equal(endsEarlier('2026-11-29T10:00:00Z', null), false);
      assert.equal(laterStart(null, undefined), null);
      assert.equal(laterStart(earlier, null), earlier);
      assert.equal(laterStart(later, earlier), later);
      assert.equal(laterStart(earlier, later), later);
    });
  });

  describe('from a sender that says when it started', () => {
    function bodies(format: 'alertmanager' | 'grafana' | 'azure-monitor', ...sent: unknown[]): Received[] {
      return sent.map((body) => {
        const reading = read(format, body);
        const signals: Signal[] = 'signals' in reading ? reading.signals : [];
        return { source: SOURCE, sender: 'prometheus', signals };
      });
    }
    async function isCalledOnce(sent: Received[]): Promise<void> {
      for (const one of sent) {
        world.now += second;
        await send(one);
      }
      assert.deepEqual(
        (await all()).map(({ ladder }) => ladder.status),
        ['resolved'],
      );
    }

    it('calls nobody again if it is stale (Alertmanager, Grafana)', async () => {
      for (const format of ['alertmanager', 'grafana'] as const) {
        policy = `${format}${policies++}`;
        const [fires, ends] = [alertmanagerBody(), alertmanagerBody([{ status: 'resolved' }])];
        await isCalledOnce(bodies(format, fires, ends, fires));
      }
    });

    it('calls nobody again if it is stale (Azure Monitor)', async () => {
      await isCalledOnce(bodies('azure-monitor', azureBody(), azureBody('Resolved'), azureBody()));
    });

    it('calls nobody again if it is stale (seen in the field)', async function () {
      const file = referenceJson('cases/alertmanager-stale-after-resolved.json') ?? this.skip();
      const sent = z.array(z.unknown()).parse(file);
      await isCalledOnce(bodies('alertmanager', ...sent));
    });
  });
});
