import assert from 'node:assert/strict';
import { RingdownError } from '../../src/errors.ts';
import { AlertRefusals } from '../../src/http/routes/alertRefusals.ts';
import type { Notice } from '../../src/texts/alertTexts.ts';

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
  });
  return { refusals, told };
}

async function thrown(doing: Promise<unknown>): Promise<RingdownError> {
  const error: unknown = await doing.catch((reason: unknown) => reason);
  assert.ok(error instanceof RingdownError);
  return error;
}

describe('alerts that are refused', () => {
  it('are told in the words of the fault, with the address, if the sender’s key was right', async () => {
    const { refusals, told } = refusing();
    const error = await thrown(
      refusals.forSender(
        async () => await Promise.reject(new RingdownError('bad_request', { detail: 'No list.' })),
      ),
    );
    await refusals.tell('alertmanager', error, '/api/v1/alerts/alertmanager/payments');
    const forbidden = new RingdownError('forbidden', { detail: 'This key is for another policy.' });
    await refusals.tell('grafana', forbidden, '/api/v1/alerts/grafana/other');
    assert.deepEqual(
      told.map(({ subject, notice, everyMs }) => [subject, 'sender' in notice && notice.sender, everyMs]),
      [
        ['intake bad_request alertmanager/payments', 'alertmanager/payments', undefined],
        ['intake forbidden grafana/other', 'grafana/other', undefined],
      ],
    );
    assert.equal(told[0] && 'detail' in told[0].notice && told[0].notice.detail, 'No list.');
  });

  it('by strangers are told in fixed words and few lines, hourly, however many and whatever they send', async () => {
    const { refusals, told } = refusing();
    for (let n = 0; n < 100; n++) {
      const path = `/api/v1/alerts/grafana/come-and-see-evil-${n}.example`;
      for (const code of [
        'unauthorized',
        'bad_request',
        'unsupported_media_type',
        'payload_too_large',
      ] as const) {
        await refusals.tell('grafana', new RingdownError(code, { detail: `evil ${n}` }), path);
      }
      for (const code of ['not_found', 'method_not_allowed', 'bad_request'] as const) {
        await refusals.unrouted(new RingdownError(code), path);
      }
    }
    assert.equal(new Set(told.map(({ subject }) => subject)).size, 5);
    assert.doesNotMatch(JSON.stringify(told), /evil/);
    assert.ok(told.every(({ everyMs }) => everyMs === HOUR));
  });

  it('are not told if they may be sent again, or went somewhere else', async () => {
    const { refusals, told } = refusing();
    await refusals.tell('grafana', new RingdownError('unavailable'), '/api/v1/alerts/grafana/payments');
    await refusals.unrouted(new RingdownError('not_found'), '/api/v1/alertsx/grafana');
    await refusals.unrouted(new RingdownError('not_found'), '/favicon.ico');
    assert.deepEqual(told, []);
  });
});
