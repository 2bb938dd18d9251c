import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { FORMATS } from '../../src/alerts/formats.ts';
import { isSignedByGrafana } from '../../src/alerts/grafanaSignature.ts';
import { readPagerDuty } from '../../src/alerts/pagerDuty.ts';
import { severityOf, SUMMARY_LIMIT } from '../../src/alerts/signal.ts';
import {
  alertmanagerBody,
  azureBody,
  grafanaBody,
  legacyGrafanaBody,
  pagerDutyBody,
} from '../support/alerts/bodies.ts';
import {
  inShort,
  opened,
  read,
  readAlertmanager,
  readAzureMonitor,
  readGrafana,
  signals,
} from '../support/alerts/reading.ts';

describe('Alertmanager', () => {
  it('opens an alert with summary, details and links, and uses its fingerprint as the key', () => {
    const alert = opened(readAlertmanager(alertmanagerBody()));
    assert.equal(alert.dedupKey, '9f2c41d0a7be3356');
    assert.equal(alert.summary, 'Checkout error rate over 5 %');
    assert.equal(alert.severity, 'critical');
    assert.match(alert.details ?? '', /alertname=CheckoutErrors, instance=shop-7/);
    assert.deepEqual(
      alert.links.map(({ text }) => text),
      ['Runbook', 'Rule', 'Alertmanager'],
    );
  });

  for (const [name, body, expected] of [
    ['a resolved alert', alertmanagerBody([{ status: 'resolved' }]), ['resolve 9f2c41d0a7be3356']],
    [
      'a mixed group, firing alerts first',
      alertmanagerBody([{ fingerprint: 'a', status: 'resolved' }, { fingerprint: 'b' }]),
      ['open b', 'resolve a'],
    ],
    [
      'a group with one alert twice, in its order',
      alertmanagerBody([{ fingerprint: 'a', status: 'resolved' }, { fingerprint: 'a' }]),
      ['resolve a', 'open a'],
    ],
    ['an empty group', alertmanagerBody([]), []],
    [
      'a truncated group, with one alert for the rest',
      alertmanagerBody([{}], { truncatedAlerts: 12, groupKey: 'g' }),
      ['open 9f2c41d0a7be3356', 'open unlisted g'],
    ],
    [
      'a resolved truncated group as a whole',
      alertmanagerBody([{ status: 'resolved' }], { truncatedAlerts: 12, groupKey: 'g' }),
      ['resolve 9f2c41d0a7be3356', 'resolveGroup g'],
    ],
    [
      'labels in any order instead of a fingerprint',
      { status: 'firing', alerts: [{ labels: { b: '2', a: '1' } }, { labels: { a: '1', b: '2' } }] },
      ['open a=1, b=2', 'open a=1, b=2'],
    ],
    [
      'a status that only the group has',
      { status: 'resolved', alerts: [{ fingerprint: 'x' }] },
      ['resolve x'],
    ],
    [
      'malformed optional fields',
      { alerts: [{ fingerprint: 'x', annotations: null, generatorURL: 5, labels: { n: 7 } }], groupKey: 3 },
      ['open x'],
    ],
  ] as const) {
    it(`reads ${name}`, () => assert.deepEqual(inShort(signals(readAlertmanager(body))), expected));
  }

  it('reports a problem for any other body', () => {
    for (const body of [{}, { alerts: 'x' }, null, 5, [], 'x'])
      assert.ok('problem' in readAlertmanager(body));
  });
});

describe('Grafana', () => {
  it('reads unified alerting', () => {
    const alert = opened(readGrafana(grafanaBody()));
    assert.equal(alert.dedupKey, '5be0a1aa23c977d1');
    assert.equal(alert.summary, 'Queue older than 10 min');
    assert.deepEqual(
      alert.links.map(({ text }) => text),
      ['Rule', 'Silence', 'Alertmanager'],
    );
    assert.deepEqual(inShort(signals(readGrafana(grafanaBody('resolved')))), ['resolve 5be0a1aa23c977d1']);
  });

  for (const [state, expected] of [
    ['alerting', ['open rule 17']],
    ['no_data', ['open rule 17']],
    ['ok', ['resolve rule 17']],
    ['paused', []],
    ['pending', []],
  ] as const) {
    it(`reads a legacy body in the state ${state}`, () =>
      assert.deepEqual(inShort(signals(readGrafana(legacyGrafanaBody(state)))), expected));
  }

  it('is trusted only with a signature over the bytes as sent', () => {
    const body = Buffer.from('{"a": 1}');
    const now = Date.parse('2026-08-20T03:14:05Z');
    const time = String(now / 1000);
    const sign = (text: string | Buffer): string => createHmac('sha256', 's').update(text).digest('hex');
    const check = (signature: string | undefined, timestamp: string | undefined, at = now): boolean =>
      isSignedByGrafana({ body, signature, timestamp }, 's', at);
    assert.ok(check(sign(body), undefined));
    assert.ok(check(sign(body).toUpperCase(), undefined));
    assert.ok(check(sign(`${time}:{"a": 1}`), time));
    assert.ok(!check(sign('{"a":1}'), undefined), 'other bytes');
    assert.ok(!check(sign(body), time), 'the timestamp is not signed');
    assert.ok(!check(sign(`${time}:{"a": 1}`), time, now + 10 * 60_000), 'an old timestamp');
    assert.ok(!check(sign(`${time}:{"a": 1}`), String(now / 1000 + 1)), 'another timestamp');
    for (const none of [undefined, '', 'x', sign(body).slice(1)]) assert.ok(!check(none, undefined));
  });
});

describe('Azure Monitor', () => {
  it('reads the common schema', () => {
    const alert = opened(readAzureMonitor(azureBody()));
    assert.match(alert.dedupKey, /7d2c0c2e/);
    assert.equal(alert.summary, 'cpu-high: CPU above 90 % (vm-1)');
    assert.equal(alert.severity, 'error');
    assert.match(alert.details ?? '', /On vm-1\nPercentage CPU \(Average\) GreaterThan 90: 96.2/);
    assert.equal(alert.links[0]?.text, 'vm-1');
  });

  it('resolves an alert by the same id', () => {
    const { dedupKey } = opened(readAzureMonitor(azureBody()));
    assert.deepEqual(inShort(signals(readAzureMonitor(azureBody('Resolved')))), [`resolve ${dedupKey}`]);
  });

  for (const [name, essentials, key] of [
    ['originAlertId', { alertId: undefined, originAlertId: 'origin' }, 'origin'],
    ['rule and target', { alertId: null, originAlertId: '', alertTargetIDs: ['/t'] }, 'cpu-high /t'],
  ] as const) {
    it(`falls back to ${name} as the key`, () =>
      assert.equal(opened(readAzureMonitor(azureBody('Fired', essentials))).dedupKey, key));
  }

  it('works without optional fields', () => {
    const bare = {
      schemaId: 'azureMonitorCommonAlertSchema',
      data: { essentials: { monitorCondition: 'Fired' } },
    };
    assert.equal(opened(readAzureMonitor(bare)).severity, 'critical');
    assert.equal(opened(readAzureMonitor(azureBody('Fired', { severity: 'Sev4' }))).severity, 'info');
    assert.equal(
      opened(readAzureMonitor(azureBody('Fired', { severity: 'constructor' }))).severity,
      'critical',
    );
  });

  it('says how to turn on the common schema', () => {
    const reading = readAzureMonitor({ schemaId: 'Microsoft.Insights/activityLogs', data: {} });
    assert.match('problem' in reading ? reading.problem : '', /common alert schema/);
  });
});

describe('PagerDuty', () => {
  it('reads a trigger', () => {
    const reading = readPagerDuty(pagerDutyBody('trigger'), 'fresh');
    assert.ok('signals' in reading);
    assert.equal(reading.dedupKey, 'shop/checkout/5xx');
    const alert = opened(reading);
    assert.match(alert.details ?? '', /Source: shop-7\ncheckout, shop, http\nrate: 7.1%/);
    assert.deepEqual(
      alert.links.map(({ text }) => text),
      ['dashboard', 'probe', 'Image'],
    );
  });

  it('gives a new key to a trigger without one', () => {
    const reading = readPagerDuty(pagerDutyBody('trigger', null), 'fresh');
    assert.equal('dedupKey' in reading && reading.dedupKey, 'fresh');
  });

  for (const [name, body, errors] of [
    ['no action', {}, [/event_action/]],
    ['an unknown action', { event_action: 'boo' }, [/event_action/]],
    ['a trigger without payload', { event_action: 'trigger' }, [/summary/, /source/, /severity/]],
    [
      'an unknown severity',
      { event_action: 'trigger', payload: { summary: 's', source: 's', severity: 'bad' } },
      [/severity/],
    ],
    ['a resolve without a key', { event_action: 'resolve' }, [/dedup_key/]],
    ['a long key', { event_action: 'resolve', dedup_key: 'x'.repeat(256) }, [/dedup_key.*255/]],
  ] as const) {
    it(`refuses ${name}`, () => {
      const reading = readPagerDuty(body, 'fresh');
      assert.ok('errors' in reading);
      assert.equal(reading.errors.length, errors.length);
      for (const [index, error] of errors.entries()) assert.match(reading.errors[index] ?? '', error);
    });
  }
});

describe('every reader', () => {
  it('turns any JSON into signals or a problem', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FORMATS), fc.jsonValue(), (format, body) => {
        const reading = read(format, body);
        assert.ok('problem' in reading ? reading.problem !== '' : Array.isArray(reading.signals));
      }),
    );
  });

  it('ignores unknown fields', () => {
    const strange = fc.dictionary(
      fc.string().filter((name) => name.startsWith('x')),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(strange, (more) => {
        for (const [format, body] of [
          ['alertmanager', alertmanagerBody()],
          ['grafana', grafanaBody()],
          ['azure-monitor', azureBody()],
          ['pagerduty', pagerDutyBody('trigger')],
        ] as const) {
          assert.deepEqual(read(format, { ...more, ...body }), read(format, body));
        }
      }),
    );
  });

  it('keeps summaries short and on one line, and links only to addresses that can be opened', () => {
    const words = fc.string({ maxLength: 2_000, unit: 'binary' });
    fc.assert(
      fc.property(words, words, words, (summary, fingerprint, href) => {
        const body = { alerts: [{ fingerprint, annotations: { summary, runbook_url: href } }] };
        const alert = opened(readAlertmanager(body));
        assert.ok(alert.summary.length > 0 && alert.summary.length <= SUMMARY_LIMIT);
        assert.doesNotMatch(alert.summary, /[\n\r]/);
        for (const link of alert.links) assert.match(link.href, /^https?:\/\//);
      }),
    );
  });

  it('treats an unknown severity as critical', () => {
    assert.equal(severityOf('Warning '), 'warning');
    assert.equal(severityOf('P1'), 'critical');
    for (const unknown of [undefined, null, '', 'purple', 'constructor']) {
      assert.equal(severityOf(unknown), 'critical');
    }
  });
});
