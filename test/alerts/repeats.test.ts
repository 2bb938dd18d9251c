import assert from 'node:assert/strict';
import { z } from 'zod';
import type { Received } from '../../src/alerts/alertService.ts';
import { endsEarlier, isOver, laterStart } from '../../src/alerts/episodes.ts';
import type { Signal } from '../../src/alerts/signal.ts';
import type { Database } from '../../src/database/open.ts';
import type { Escalation } from '../../src/escalations/escalation.ts';
import { read } from '../support/alerts/reading.ts';
import { openEmbedded } from '../support/databases.ts';
import { alertmanagerBody, azureBody } from '../support/alerts/bodies.ts';
import { firing, received, Rounds, SOURCE } from '../support/alerts/rounds.ts';
import { referenceJson } from '../support/reference.ts';

const second = 1000;
const hour = 3600 * second;
const adele = { key: 'adele', name: 'Adele Vance', way: 'chat' } as const;

describe('an alert that comes again', function () {
  let database: Database;
  let rounds: Rounds;
  let policies = 0;
  let policy: string;

  before(async function () {
    database = await openEmbedded();
  });
  after(async () => await database.close());
  beforeEach(() => {
    rounds = new Rounds(database);
    policy = `policy${policies++}`;
  });

  const take = async (...batch: Received[]): Promise<void> => await rounds.take(policy, ...batch);
  const all = async (): Promise<Escalation[]> => {
    const found = await Promise.all(
      (await rounds.of(policy)).map(async (id) => await rounds.escalations.get(id)),
    );
    return found.filter((one) => one !== null);
  };
  const inShort = async (): Promise<string[]> =>
    (await all()).map(({ severity, summary, ladder }) => `${ladder.status} ${severity} ${summary}`);
  const timeline = async (nth = 0): Promise<string[]> => {
    const id = (await rounds.of(policy))[nth] ?? '';
    return (await rounds.escalations.timeline(id)).map(({ type }) => type);
  };

  describe('and says something else', () => {
    it('is shown as it is now, and what rests is looked at again if its severity has changed', async () => {
      await take(firing('disk', { severity: 'warning', summary: 'Disk 80 %' }));
      const callId = await rounds.call((await rounds.of(policy))[0] ?? '');
      const dials = (): number =>
        rounds.jobs.wanted.filter(({ name, data }) => name === 'call.dial' && data['callId'] === callId)
          .length;
      assert.equal(dials(), 1);
      await take(firing('disk', { severity: 'warning', summary: 'Disk 85 %' }));
      assert.deepEqual(await inShort(), ['open warning Disk 85 %']);
      assert.equal(dials(), 1);
      await take(firing('disk', { severity: 'critical', summary: 'Disk 99 %' }));
      assert.deepEqual(await inShort(), ['open critical Disk 99 %']);
      assert.equal(dials(), 2);
      await take(firing('disk', { severity: 'info', summary: 'Disk 10 %' }));
      assert.deepEqual(await inShort(), ['open info Disk 10 %']);
      assert.equal(dials(), 3);
      assert.deepEqual(await timeline(), ['opened', 'calling', 'worse']);
    });

    it('is shown among the others as it is now', async () => {
      await take(firing('one', { severity: 'warning' }), firing('two', { severity: 'warning' }));
      await take(firing('two', { severity: 'critical', summary: 'two is worse' }));
      assert.deepEqual(await inShort(), ['open critical 2 alerts: two is worse']);
      const [{ details } = { details: '' }] = await all();
      assert.equal(details, '- two is worse (critical)\n- one (warning)');
    });

    it('and was acknowledged, calls again if it has become worse, also if others stay acknowledged', async () => {
      await take(firing('one', { severity: 'warning' }), firing('two', { severity: 'warning' }));
      const [id = ''] = await rounds.of(policy);
      await rounds.escalations.acknowledge(id, adele);
      rounds.now += hour;
      await take(firing('two', { severity: 'warning', summary: 'two, other words' }));
      await rounds.jobs.run('alerts.callAgain');
      assert.equal((await all()).length, 1);
      await take(firing('two', { severity: 'error' }));
      await rounds.jobs.run('alerts.callAgain');
      assert.deepEqual(await inShort(), ['acknowledged warning one', 'open error two']);
      assert.ok((await timeline()).includes('notCovered'));
    });

    it('and all of it was acknowledged, calls again itself, but not somebody who was called a moment ago', async () => {
      await take(firing('one', { severity: 'warning' }));
      const [id = ''] = await rounds.of(policy);
      await rounds.escalations.acknowledge(id, adele);
      rounds.now += 5 * second;
      await take(firing('one', { severity: 'critical' }));
      assert.deepEqual(await inShort(), ['open critical one']);
      const [{ ladder } = { ladder: null }] = await all();
      const until = new Date(rounds.now + 25 * second).toISOString();
      assert.deepEqual([ladder?.heldUntil, ladder?.wakeAt, ladder?.runs], [until, until, 1]);
    });

    it('and is exhausted, starts again with what it says now', async () => {
      await take(firing('one', { severity: 'warning' }));
      await rounds.exhaust((await rounds.of(policy))[0] ?? '');
      await take(firing('one', { severity: 'critical', summary: 'worse' }));
      assert.deepEqual(await inShort(), ['open critical worse']);
    });

    it('while the last phone rings, and nobody answers, is called for again, once', async () => {
      await take(firing('one', { severity: 'warning' }));
      const [id = ''] = await rounds.of(policy);
      const ringing = await rounds.call(id);
      rounds.now += second;
      await take(firing('one', { severity: 'critical' }));
      rounds.now += second;
      await rounds.unanswered(id, ringing);
      assert.deepEqual(await inShort(), ['exhausted critical one']);
      await rounds.jobs.run('alerts.startAgain');
      assert.deepEqual(await inShort(), ['open critical one']);
      rounds.now += second;
      await rounds.unanswered(id, await rounds.call(id));
      await rounds.jobs.run('alerts.startAgain');
      assert.deepEqual(await inShort(), ['exhausted critical one']);
    });

    it('while the last phone of a later run rings is called for again, too', async () => {
      await take(firing('one', { severity: 'warning' }));
      const [id = ''] = await rounds.of(policy);
      await rounds.exhaust(id);
      await take(firing('one', { severity: 'warning' }));
      const ringing = await rounds.call(id);
      rounds.now += second;
      await take(firing('one', { severity: 'critical' }));
      rounds.now += second;
      await rounds.unanswered(id, ringing);
      await rounds.jobs.run('alerts.startAgain');
      assert.deepEqual(await inShort(), ['open critical one']);
    });

    it('is found by the group that it is in now', async () => {
      await take(firing('one', { group: 'old' }));
      await take(firing('one', { group: 'new' }));
      await take(received({ action: 'resolveGroup', group: 'old' }));
      assert.deepEqual(await inShort(), ['open critical one']);
      await take(received({ action: 'resolveGroup', group: 'new' }));
      assert.deepEqual(await inShort(), ['resolved critical one']);
    });
  });

  describe('and was not covered by what somebody did', () => {
    const deeds = {
      acknowledge: 'acknowledged critical one',
      resolve: 'resolved critical one',
      cancel: 'cancelled critical one',
    } as const;
    const uncovered = async (deed: keyof typeof deeds): Promise<string> => {
      await take(firing('one'));
      const [{ id, revision } = { id: '', revision: 0 }] = await all();
      rounds.now += second;
      await take(firing('two'));
      await rounds.escalations[deed](id, { ...adele, seenRevision: revision });
      return id;
    };
    const standing = async (): Promise<string[]> => (await all()).map(({ ladder }) => ladder.status);

    for (const deed of ['acknowledge', 'resolve', 'cancel'] as const) {
      it(`(${deed}), while the policy was not in the file, calls when the policy is back`, async () => {
        const left = deeds[deed].split(' ')[0] ?? '';
        await uncovered(deed);
        rounds.gone.add(policy);
        await rounds.jobs.run('alerts.callAgain');
        assert.deepEqual([await standing(), rounds.missing], [[left], ['prometheus']]);
        await take(firing('two'));
        await rounds.jobs.run('alerts.callAgain');
        assert.deepEqual([await standing(), rounds.missing], [[left], ['prometheus', 'prometheus']]);
        rounds.gone.delete(policy);
        rounds.now += 60 * second;
        await take(firing('two'), firing('two'));
        await rounds.jobs.run('alerts.callAgain');
        assert.deepEqual(await standing(), [left, 'open']);
        assert.equal((await all())[1]?.summary, 'two');
        await take(firing('two'));
        await rounds.jobs.run('alerts.callAgain');
        assert.deepEqual(await standing(), [left, 'open']);
      });
    }

    it('and moved to one whose last phone rings, is called for when nobody answers', async () => {
      const from = await uncovered('resolve');
      rounds.now += second;
      await take(firing('three'));
      const [, id = ''] = await rounds.of(policy);
      const ringing = await rounds.call(id);
      rounds.now += second;
      await rounds.jobs.run('alerts.callAgain');
      assert.equal((await standing()).length, 2, from);
      rounds.now += second;
      await rounds.unanswered(id, ringing);
      await rounds.jobs.run('alerts.startAgain');
      assert.deepEqual(await standing(), ['resolved', 'open']);
    });
  });

  describe('and is over', () => {
    const [earlier, later] = ['2026-11-29T09:00:00Z', '2026-11-29T09:40:00Z'];
    const resolve = (more: object = {}): Received => received({ action: 'resolve', dedupKey: 'a', ...more });

    const stories: Record<string, { batch: Received[]; ends: string[]; says?: string }> = {
      'the same start again is the one that is over': {
        batch: [firing('a', { startedAt: earlier }), resolve(), firing('a', { startedAt: earlier })],
        ends: ['resolved critical a'],
        says: 'overAlready',
      },
      'an older start, too': {
        batch: [firing('a', { startedAt: later }), resolve(), firing('a', { startedAt: earlier })],
        ends: ['resolved critical a'],
        says: 'overAlready',
      },
      'the start that its end names, too': {
        batch: [
          firing('a', { startedAt: earlier }),
          resolve({ startedAt: later }),
          firing('a', { startedAt: later }),
        ],
        ends: ['resolved critical a'],
        says: 'overAlready',
      },
      'it said so once, however often it comes': {
        batch: [
          ...[firing('a', { startedAt: earlier }), resolve()],
          ...[firing('a', { startedAt: earlier }), firing('a', { startedAt: earlier })],
        ],
        ends: ['resolved critical a'],
        says: 'overAlready',
      },
      'the end of its group counts as its end': {
        batch: [
          firing('a', { startedAt: earlier, group: 'shop' }),
          received({ action: 'resolveGroup', group: 'shop' }),
          firing('a', { startedAt: earlier, group: 'shop' }),
        ],
        ends: ['resolved critical a'],
        says: 'overAlready',
      },
      'a later start begins anew': {
        batch: [firing('a', { startedAt: earlier }), resolve(), firing('a', { startedAt: later })],
        ends: ['resolved critical a', 'open critical a'],
      },
      'without a start it begins anew': {
        batch: [firing('a', { startedAt: earlier }), resolve(), firing('a')],
        ends: ['resolved critical a', 'open critical a'],
      },
      'the same start of another sender is another alert': {
        batch: [
          ...[firing('a', { startedAt: earlier }), resolve()],
          firing('a', { startedAt: earlier, source: 'integration:grafana' }),
        ],
        ends: ['resolved critical a', 'open critical a'],
      },
      'the end of an earlier episode does not end the one that fires': {
        batch: [
          firing('a', { startedAt: later }),
          resolve({ startedAt: earlier, endedAt: '2026-11-29T09:30:00Z' }),
        ],
        ends: ['open critical a'],
      },
      'an end without its time ends what fires': {
        batch: [firing('a', { startedAt: later }), resolve({ startedAt: earlier })],
        ends: ['resolved critical a'],
      },
    };
    for (const [what, { batch, ends, says }] of Object.entries(stories)) {
      for (const way of ['together', 'one after another']) {
        it(`${what} (${way})`, async () => {
          if (way === 'together') await take(...batch);
          else {
            for (const one of batch) {
              rounds.now += second;
              await take(one);
            }
          }
          assert.deepEqual(await inShort(), ends);
          const told = (await timeline()).filter((type) => type === 'overAlready');
          assert.deepEqual(told, says ? [says] : []);
        });
      }
    }

    it('after an hour its sender means it', async () => {
      await take(firing('a', { startedAt: earlier }), resolve());
      rounds.now += hour + second;
      await take(firing('a', { startedAt: earlier }));
      assert.deepEqual(await inShort(), ['resolved critical a', 'open critical a']);
    });

    it('when a person has resolved it and its sender has not, it begins anew', async () => {
      await take(firing('a', { startedAt: earlier }));
      await rounds.escalations.resolve((await rounds.of(policy))[0] ?? '', adele);
      rounds.now += second;
      await take(firing('a', { startedAt: earlier }));
      assert.deepEqual(await inShort(), ['resolved critical a', 'open critical a']);
    });

    it('the pure rules', () => {
      const zero = null;
      const over: [string | null | undefined, string, boolean][] = [
        ['2026-11-29T10:00:00.032Z', '2026-11-29T10:00:00.032Z', true],
        ['2026-11-29T10:00:00Z', '2026-11-29T10:00:00.000Z', true],
        ['2026-11-29T11:00:00+01:00', '2026-11-29T10:00:00Z', true],
        ['2026-11-29T10:00:01Z', '2026-11-29T10:00:00Z', false],
        [zero, '2026-11-29T10:00:00Z', false],
        [undefined, '2026-11-29T10:00:00Z', false],
      ];
      for (const [start, since, expected] of over)
        assert.equal(isOver(start, since), expected, String(start));
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

  describe('of a sender that says when it began', () => {
    function bodies(format: 'alertmanager' | 'grafana' | 'azure-monitor', ...sent: unknown[]): Received[] {
      return sent.map((body) => {
        const reading = read(format, body);
        const signals: Signal[] = 'signals' in reading ? reading.signals : [];
        return { source: SOURCE, sender: 'prometheus', signals };
      });
    }
    async function isCalledOnce(sent: Received[]): Promise<void> {
      for (const one of sent) {
        rounds.now += second;
        await take(one);
      }
      assert.deepEqual(
        (await all()).map(({ ladder }) => ladder.status),
        ['resolved'],
      );
    }

    it('Alertmanager and Grafana: nobody is called again for the one that is over', async () => {
      for (const format of ['alertmanager', 'grafana'] as const) {
        policy = `${format}${policies++}`;
        const [fires, ends] = [alertmanagerBody(), alertmanagerBody([{ status: 'resolved' }])];
        await isCalledOnce(bodies(format, fires, ends, fires));
      }
    });

    it('Azure Monitor: nobody is called again for the one that is over', async () => {
      await isCalledOnce(bodies('azure-monitor', azureBody(), azureBody('Resolved'), azureBody()));
    });

    it('as it was seen in the field', async function () {
      const file = referenceJson('cases/alertmanager-stale-after-resolved.json') ?? this.skip();
      const sent = z.array(z.unknown()).parse(file);
      await isCalledOnce(bodies('alertmanager', ...sent));
    });
  });
});
