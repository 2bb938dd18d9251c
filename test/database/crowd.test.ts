import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { Crowd, type Going } from '../../src/database/crowd.ts';
import { testClock } from '../support/clock.ts';

describe('a crowd of work', () => {
  /** How long a turn of the event loop takes. */
  let turnMs = 0;

  afterEach(() => {
    // Whatever waits still goes on.
    turnMs = 0;
  });

  /** Twenty of the urgency are under way. */
  async function crowded(loop: { turnMs: number }) {
    ({ turnMs } = loop);
    const clock = testClock();
    const crowd = new Crowd(clock, async () => {
      await setImmediate();
      return turnMs;
    });
    const going = await Promise.all(Array.from({ length: 20 }, async () => await crowd.enter(0)));
    const begun: string[] = [];
    const enter = (name: string, own: number, inOrder = true): Promise<Going> =>
      crowd.enter(own, inOrder).then((gone) => {
        begun.push(name);
        return gone;
      });
    const settle = async (): Promise<void> => {
      for (let turn = 0; turn < 10; turn++) await setImmediate();
    };
    return { clock, going, begun, enter, settle };
  }

  it('goes on at once while only services are waited for', async () => {
    const { begun, enter, settle } = await crowded({ turnMs: 0 });
    void enter('call', 0);
    void enter('card', -1);
    await settle();
    assert.deepEqual(begun, ['call', 'card']);
  });

  it('goes on in its turn while the processor is busy: the urgent first, then in the order of arrival', async () => {
    const { going, begun, enter, settle } = await crowded({ turnMs: 5 });
    for (const [name, urgency] of [
      ['card', -1],
      ['first call', 0],
      ['second call', 0],
    ] as const)
      void enter(name, urgency);
    void enter('alert', 10);
    await settle();
    assert.deepEqual(begun, ['alert'], 'nothing as urgent is under way');
    for (const one of going.slice(0, 3)) one.leave();
    await settle();
    // The alert counts for the calls: the first that leaves makes no room for them.
    assert.deepEqual(begun, ['alert', 'first call', 'second call']);
    going[3]?.leave();
    await settle();
    assert.deepEqual(begun.at(-1), 'card');
  });

  it('waits for nothing that is only as urgent, unless it is to go on in order', async () => {
    const { begun, enter, settle } = await crowded({ turnMs: 5 });
    void enter('in order', 0);
    void enter('job', 0, false);
    await settle();
    assert.deepEqual(begun, ['job']);
  });

  it('waits no longer than two seconds', async () => {
    const { clock, begun, enter, settle } = await crowded({ turnMs: 5 });
    void enter('card', -1);
    await clock.tick(1_999);
    await settle();
    assert.deepEqual(begun, []);
    await clock.tick(1);
    await settle();
    assert.deepEqual(begun, ['card']);
  });

  it('lets others go first with what it has left to do', async () => {
    const { going, begun, enter, settle } = await crowded({ turnMs: 5 });
    void enter('call', 0);
    let shows = false;
    void going[0]?.turnTo(-1).then(() => (shows = true));
    await settle();
    assert.deepEqual({ begun, shows }, { begun: ['call'], shows: false });
    going[1]?.leave();
    await settle();
    assert.equal(shows, true);
    for (const one of going) one.leave();
  });
});
