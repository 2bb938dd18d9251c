import assert from 'node:assert/strict';
import { healthRoutes } from '../../src/http/routes/health.ts';
import type { HealthPorts } from '../../src/http/routes/health.ts';
import { servers } from '../support/http/harness.ts';

describe('health', () => {
  const serve = servers();

  async function ask(path: string, readiness: HealthPorts['readiness']): Promise<[number, unknown]> {
    const { url } = await serve(healthRoutes({ readiness }));
    const answer = await fetch(url + path);
    return [answer.status, await answer.json()];
  }
  const checks = { database: 'ok', jobs: 'ok' };
  const away = async () => ({ ready: false, checks: { ...checks, database: 'does not answer' } });

  it('is alive while it serves, even if it cannot do any work', async () => {
    assert.deepEqual(await ask('/healthz', away), [200, { status: 'alive' }]);
  });

  it('is ready when every part works', async () => {
    const readiness = async () => ({ ready: true, checks });
    assert.deepEqual(await ask('/readyz', readiness), [200, { status: 'ready', checks }]);
  });

  it('is not ready when one does not, and says which', async () => {
    const expected = { status: 'not ready', checks: { database: 'does not answer', jobs: 'ok' } };
    assert.deepEqual(await ask('/readyz', away), [503, expected]);
  });

  it('is not ready if the check fails', async () => {
    const [status] = await ask('/readyz', async () => {
      throw new Error('Query read timeout');
    });
    assert.equal(status, 503);
  });
});
