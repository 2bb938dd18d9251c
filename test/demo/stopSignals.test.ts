import assert from 'node:assert/strict';
import sinon from 'sinon';
import { onStopSignal } from '../../demo/stopSignals.ts';
import { afterTest } from '../support/afterTest.ts';

describe('a signal that ends the demo', () => {
  it('stops it once, though npm passes on what the terminal has sent; another one ends it at once', () => {
    const now = sinon.stub(performance, 'now').returns(1_000);
    const exit = sinon.stub(process, 'exit');
    afterTest(() => {
      now.restore();
      exit.restore();
    });
    const stop = sinon.spy();
    const ignoreSignals = onStopSignal(stop);
    afterTest(ignoreSignals);
    process.emit('SIGINT');
    now.returns(1_200);
    process.emit('SIGTERM');
    assert.equal(stop.callCount, 1);
    assert.equal(exit.callCount, 0);
    now.returns(4_000);
    process.emit('SIGINT');
    assert.equal(stop.callCount, 1);
    assert.deepEqual(exit.firstCall.args, [130]);
  });
});
