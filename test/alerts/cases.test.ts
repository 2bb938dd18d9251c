import assert from 'node:assert/strict';
import { spokenAlert } from '../../src/telephony/speech.ts';
import { textsFor } from '../../src/texts/texts.ts';
import type { Format } from '../../src/alerts/formats.ts';
import { inShort, opened, read, signals } from '../support/alerts/reading.ts';
import { referenceJson } from '../support/reference.ts';

const heard = (format: Format, body: unknown): string =>
  spokenAlert(
    {
      name: null,
      summary: opened(read(format, body)).summary,
      test: false,
      keys: false,
      again: false,
    },
    textsFor('en'),
  );

/** Bodies that real systems sent. The tables in this folder have the essence of each. */
const cases: Readonly<Record<string, (body: unknown) => void>> = {
  'azure-cost-alert.json': (body) => {
    const alert = opened(read('azure-monitor', body));
    assert.match(alert.summary, /shop-month.*900/);
    assert.match(alert.details ?? '', /BudgetName: shop-month/);
  },
  'azure-service-health-over.json': (body) =>
    assert.deepEqual(
      signals(read('azure-monitor', body)).map(({ action }) => action),
      ['resolve'],
    ),
  'azure-log-alert-dimensions.json': (body) => {
    assert.match(heard('azure-monitor', body), /sql-prod-03/);
    assert.match(opened(read('azure-monitor', body)).links[0]?.href ?? '', /q=sql-prod-03$/);
  },
  'azure-managed-prometheus.json': (body) => {
    const alert = opened(read('azure-monitor', body));
    assert.equal(alert.summary, '3 payment pods are not ready');
    assert.match(alert.details ?? '', /namespace payments\n[^]*namespace=payments, pod=pay-7d9f/);
    assert.equal(alert.links[0]?.href, 'https://runbooks.contoso.example/pods');
  },
  'grafana-no-data.json': (body) =>
    assert.match(heard('grafana', body), /Checkout stopped reporting: no data received/),
  'grafana-contact-point-test.json': (body) =>
    assert.deepEqual(inShort(signals(read('grafana', body))), ['test Trial of the contact point']),
  'alertmanager-no-alertname.json': (body) =>
    assert.match(heard('alertmanager', body), /instance=db-1, job=postgres/),
  'alertmanager-address-in-summary.json': (body) => {
    assert.match(heard('alertmanager', body), /Disk full on db-1, see grafana\.contoso\.example\. Please/);
    assert.match(opened(read('alertmanager', body)).summary, /orgId=1/);
  },
};

describe('an alert from the field', () => {
  for (const [name, check] of Object.entries(cases)) {
    it(`is read correctly: ${name}`, function () {
      check(referenceJson(`cases/${name}`) ?? this.skip());
    });
  }
});
