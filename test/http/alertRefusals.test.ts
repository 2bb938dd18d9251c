import assert from 'node:assert/strict';
import { RingdownError } from '../../src/errors.ts';
import { AlertRefusals } from '../../src/http/routes/alertRefusals.ts';
import type { Notice } from '../../src/operations/notice.ts';

const HOUR = 3_600_000;

interface Told {
  subject: string;
  notice: Notice;
  everyMs: number | undefined;
}

function refusing(): { refusals: AlertRefusals; told: Told[] } {
  const told: Told[] = [];
  const refusals = new AlertRefusals(async (subject, notice, everyMs) => {
    told.push({ subject, notice, everyMs });
    await Promise.resolve();
  });
  return { refusals, told };
}

describe('refused alerts', () => {
  it('are reported with their fault, by sender and path, if the sender’s key is valid', async () => {
    const { refusals, told } = refusing();
    const error = new RingdownError('bad_request', { detail: 'No list.' });
    const refused = refusals.forSender('ops', 'grafana/payments', async () => await Promise.reject(error));
    await assert.rejects(refused, error);
    assert.deepEqual(told, [
      {
        subject: 'intake bad_request ops',
        notice: {
          kind: 'intakeRejected',
          sender: 'ops (grafana/payments)',
          code: 'bad_request',
          detail: 'No list.',
        },
        everyMs: undefined,
      },
    ]);
  });

  it('of one sender make one notice, whatever paths it invents', async () => {
    const { refusals, told } = refusing();
    for (let n = 0; n < 100; n++) {
      const error = new RingdownError('policy_not_found');
      await assert.rejects(
        refusals.forSender(
          'ops',
          `grafana/${n}${'x'.repeat(1_000)}`,
          async () => await Promise.reject(error),
        ),
      );
    }
    assert.deepEqual([...new Set(told.map(({ subject }) => subject))], ['intake policy_not_found ops']);
    assert.ok(told.every(({ notice }) => JSON.stringify(notice).length < 300));
  });

  it('of strangers make one hourly notice with a fixed text, however many and whatever they send', async () => {
    const { refusals, told } = refusing();
    for (let n = 0; n < 100; n++) {
      const path = `/api/v1/alerts/grafana/come-and-see-evil-${n}.example`;
      for (const code of ['unauthorized', 'bad_request', 'payload_too_large', 'not_found'] as const) {
        await refusals.ofStranger(new RingdownError(code, { detail: `evil ${n}` }), path);
      }
    }
    const [first] = told;
    assert.deepEqual(first, {
      subject: 'intake of strangers',
      notice: { kind: 'intakeOfStrangers' },
      everyMs: HOUR,
    });
    assert.ok(told.every((one) => JSON.stringify(one) === JSON.stringify(first)));
  });

  it('are not reported if a retry may succeed, or they went to another endpoint', async () => {
    const { refusals, told } = refusing();
    const away = new RingdownError('unavailable');
    await refusals.ofStranger(away, '/api/v1/alerts/grafana/payments');
    await assert.rejects(
      refusals.forSender('ops', 'grafana/payments', async () => await Promise.reject(away)),
    );
    await refusals.ofStranger(new RingdownError('not_found'), '/api/v1/alertsx/grafana');
    await refusals.ofStranger(new RingdownError('not_found'), '/favicon.ico');
    assert.deepEqual(told, []);
  });
});
