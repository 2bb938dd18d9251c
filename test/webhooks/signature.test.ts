import assert from 'node:assert/strict';
import { signatureOf } from '../../src/webhooks/signature.ts';

describe('the signature of a webhook', () => {
  it('covers time and body, once for each secret', () => {
    const signature = signatureOf('{"a":1}', ['new', 'old'], 1_790_000_000_999);
    assert.match(signature, /^t=1790000000,v1=[0-9a-f]{64},v1=[0-9a-f]{64}$/);
    const [, first, second] = signature.split(',');
    assert.notEqual(first, second);
    assert.equal(signatureOf('{"a":1}', ['new'], 1_790_000_000_000), `t=1790000000,${first}`);
    assert.notEqual(signatureOf('{"a":2}', ['new'], 1_790_000_000_000), `t=1790000000,${first}`);
  });
});
