import assert from 'node:assert/strict';
import sinon from 'sinon';
import { JOB_KINDS } from '../../src/database/jobKinds.ts';
import { Jobs } from '../../src/database/jobRunner.ts';
import { afterTest } from '../support/afterTest.ts';
import { openEmbedded } from '../support/databases.ts';
import { isTestKind } from '../support/jobKinds.ts';
import { startWorld } from '../support/world.ts';

describe('the catalogue of jobs', () => {
  it('names exactly the kinds that the app runs', async () => {
    const known = Object.keys(JOB_KINDS).filter((name) => !isTestKind(name));
    const handle = sinon.spy(Jobs.prototype, 'handle');
    afterTest(() => handle.restore());
    await startWorld({ database: await openEmbedded() });
    const handled = handle.getCalls().map(({ args: [name] }) => name);
    assert.deepEqual(handled.toSorted(), known.toSorted());
  });
});
