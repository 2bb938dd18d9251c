import assert from 'node:assert/strict';
import sinon from 'sinon';
import { Changes } from '../../scripts/tests/changes.ts';
import { afterTest } from '../support/afterTest.ts';

describe('changes in watch mode', () => {
  it('are taken together, although an editor writes in several steps', async () => {
    const clock = sinon.useFakeTimers();
    afterTest(() => clock.restore());
    const interrupted = sinon.spy();
    const changes = new Changes(interrupted);
    changes.note('src/a.ts');
    changes.note('src/b.ts');
    await clock.tickAsync(59);
    changes.note('src/a.ts');
    await clock.tickAsync(60);
    assert.deepEqual(await changes.take(), ['src/a.ts', 'src/b.ts']);
    await clock.tickAsync(1000);
    assert.equal(interrupted.callCount, 1, 'nothing ends the run of these tests');
  });

  it('end the current run, whose changes are tested again after the new ones', async () => {
    const clock = sinon.useFakeTimers();
    afterTest(() => clock.restore());
    const interrupted = sinon.spy();
    const changes = new Changes(interrupted);
    changes.note('src/a.ts');
    await clock.tickAsync(60);
    const first = await changes.take();
    changes.note('src/b.ts');
    await clock.tickAsync(60);
    assert.equal(interrupted.callCount, 2);
    changes.putBack(first);
    assert.deepEqual(await changes.take(), ['src/b.ts', 'src/a.ts']);
  });

  it('are none when watching ends', async () => {
    const changes = new Changes(() => undefined);
    const taken = changes.take();
    changes.stop();
    assert.deepEqual(await taken, []);
  });
});
