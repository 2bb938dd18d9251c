import assert from 'node:assert/strict';
import { TestProcess } from '../../scripts/tests/process.ts';
import { missedText } from '../../scripts/tests/report.ts';

const noPostgres = async (): Promise<string> => await Promise.reject(new TypeError('no test here needs it'));

describe('checks that need reference files', () => {
  it('are counted if the files are missing, and a run says so at its end', async () => {
    const own = new TestProcess({ ...process.env, RINGDOWN_REFERENCE: '/nowhere' }, noPostgres);
    const result = await own.run('test/alerts/cases.test.ts', null);
    assert.equal(await own.end(), null);
    assert.ok(result.tests.length > 5);
    assert.ok(result.tests.every(({ state }) => state === 'skipped'));
    assert.equal(result.missedChecks, result.tests.length);
    assert.equal(
      missedText([result, { ...result, missedChecks: 2 }]),
      `${result.tests.length + 2} checks were skipped: they need RINGDOWN_REFERENCE (docs/testing.md#reference-files)`,
    );
  });

  it('are not mentioned if none was skipped', () => {
    assert.equal(missedText([]), '');
  });
});
