import assert from 'node:assert/strict';
import { readPagerDuty } from '../../src/alerts/pagerDuty.ts';
import { legacyGrafanaBody, pagerDutyBody } from '../support/alerts/bodies.ts';
import { inShort, opened, read, readAlertmanager, readGrafana, signals } from '../support/alerts/reading.ts';

interface Given {
  labels?: object;
  annotations?: object;
  fields?: object;
  group?: object;
}

function group({ labels = {}, annotations = {}, fields = {}, group: about = {} }: Given): object {
  return {
    status: 'firing',
    groupKey: '{}:{}',
    ...about,
    alerts: [{ status: 'firing', fingerprint: 'f', labels, annotations, ...fields }],
  };
}

const noData = { alertname: 'DatasourceNoData', rulename: 'Checkout stopped reporting', ref_id: 'A' };
const failed = { ...noData, alertname: 'DatasourceError' };
const disk = { alertname: 'DiskFull', instance: 'db-1' };

/** The summary that an alert leads to, what else its card shows, and what the card does not show. */
const spoken: readonly (readonly [
  name: string,
  given: Given,
  summary: string,
  details?: RegExp,
  not?: RegExp,
])[] = [
  [
    'a summary',
    { labels: disk, annotations: { summary: 'Disk full on db-1', description: '97 %' } },
    'Disk full on db-1',
    /^97 %\nalertname=DiskFull, instance=db-1/,
  ],
  ['a title', { labels: disk, annotations: { title: 'Disk full' } }, 'Disk full'],
  ['a description', { labels: disk, annotations: { description: 'Disk full' } }, 'Disk full', /^alertname/],
  ['a message', { labels: disk, annotations: { message: 'Disk full' } }, 'Disk full'],
  ['a name', { labels: disk }, 'DiskFull'],
  [
    'labels',
    { labels: { instance: 'db-1', job: 'postgres', severity: 'warning' } },
    'instance=db-1, job=postgres',
  ],
  ['a name in the group labels', { group: { groupLabels: { alertname: 'DiskFull' } } }, 'DiskFull'],
  ['a summary common to the group', { group: { commonAnnotations: { summary: 'Disk full' } } }, 'Disk full'],
  ['nothing', {}, 'Alert'],
  [
    'annotations for the card only',
    { labels: disk, annotations: { summary: 's', impact: 'No sales' } },
    's',
    /impact: No sales/,
  ],
  // Remains of failed templates.
  [
    'a missing label',
    { labels: disk, annotations: { summary: 'Disk full on <no value>' } },
    'Disk full on',
    /<no value>/,
  ],
  [
    'a missing label in brackets',
    { labels: disk, annotations: { summary: 'Disk full (<no value>).' } },
    'Disk full.',
  ],
  ['nothing but a missing label', { labels: disk, annotations: { summary: '<no value>' } }, 'DiskFull'],
  [
    'a failed template',
    { labels: disk, annotations: { summary: '<error expanding template: x: nil pointer>' } },
    'DiskFull',
    /error expanding/,
  ],
  [
    'an unexpanded template',
    { labels: disk, annotations: { summary: 'Disk full on {{ $labels.instance }}' } },
    'Disk full on',
  ],
  ['a missing number', { labels: disk, annotations: { summary: '[no value]' } }, 'DiskFull'],
  [
    'a Go verb without its value',
    { labels: disk, annotations: { summary: 'Disk %!s(MISSING) full' } },
    'Disk full',
  ],
  ['only blanks', { labels: disk, annotations: { summary: ' \n ' } }, 'DiskFull'],
  // Grafana without data.
  ['no data', { labels: noData }, 'Checkout stopped reporting: no data received', /datasource|ref_id=A/],
  [
    'no data, and a summary about something else',
    { labels: noData, annotations: { summary: 'Errors over 5 %' } },
    'Checkout stopped reporting: no data received',
    /Errors over 5 %/,
  ],
  [
    'no data, and no rule name',
    { labels: { alertname: 'DatasourceNoData' }, annotations: { summary: 'Errors' } },
    'Errors: no data received',
  ],
  [
    'no number',
    { labels: noData, fields: { valueString: '[no value]' } },
    'Checkout stopped reporting: no data received',
    /./,
    /no value/,
  ],
  [
    'a failed query',
    { labels: failed, annotations: { Error: 'timed out' } },
    'Checkout stopped reporting: the query failed',
    /Error: timed out/,
  ],
  [
    'no data, for a rule that fires then',
    { labels: disk, annotations: { summary: 'Errors over 5 %', grafana_state_reason: 'NoData' } },
    'DiskFull: no data received',
    /Errors over 5 %/,
  ],
  [
    'a failed query, for a rule that fires then',
    { labels: disk, annotations: { grafana_state_reason: 'Error, KeepLast' } },
    'DiskFull: the query failed',
  ],
  [
    'another state reason',
    { labels: disk, annotations: { summary: 'Disk full', grafana_state_reason: 'Updated' } },
    'Disk full',
    /grafana_state_reason: Updated/,
  ],
  // The card shows what is not spoken.
  [
    'four texts',
    {
      labels: disk,
      annotations: { summary: 's', title: 'the title', description: 'd', message: 'the message' },
    },
    's',
    /^the title\nd\nthe message\n/,
  ],
  [
    'the same text three times',
    { labels: {}, annotations: { summary: 's', title: 's', message: 's' } },
    's',
    /^$/,
  ],
  [
    'links that are not addresses',
    {
      labels: disk,
      annotations: { summary: 's', runbook_url: 'wiki, page 7', runbook: 'ask Adele', dashboard_url: '/d/7' },
    },
    's',
    /runbook_url: wiki, page 7\nrunbook: ask Adele\ndashboard_url: \/d\/7/,
  ],
];

describe('Alertmanager and Grafana', () => {
  for (const [name, given, summary, details = /^/, not = /^(?!)/] of spoken) {
    it(`say "${summary}" for ${name}`, () => {
      for (const reading of [readAlertmanager(group(given)), readGrafana(group(given))]) {
        const alert = opened(reading);
        assert.equal(alert.summary, summary);
        assert.match(alert.details ?? '', details);
        assert.doesNotMatch(alert.details ?? '', not);
      }
    });
  }

  it('use the language of the policy for their own words', () => {
    const say = (labels: object): string => opened(read('grafana', group({ labels }), 'de')).summary;
    assert.equal(say(noData), 'Checkout stopped reporting: Es kamen keine Daten');
    assert.equal(say(failed), 'Checkout stopped reporting: Die Abfrage ist fehlgeschlagen');
    const cut = read('alertmanager', { ...group({}), truncatedAlerts: 2 }, 'de');
    assert.match(JSON.stringify(cut), /2 weitere Alarme/);
  });

  it('use the group as the key of an alert without fingerprint and labels', () => {
    const alert = opened(readAlertmanager(group({ fields: { fingerprint: '' } })));
    assert.equal(alert.dedupKey, '{}:{}');
  });

  it('link to the runbook, under either name, and to a picture', () => {
    const runbook = 'https://runbooks.contoso.example/disk';
    const imageURL = 'https://grafana.contoso.example/a.png';
    for (const name of ['runbook_url', 'runbook']) {
      const { links, details } = opened(
        readAlertmanager(group({ annotations: { [name]: runbook }, fields: { imageURL } })),
      );
      assert.deepEqual(
        links.map(({ text, href }) => [text, href]),
        [
          ['Runbook', runbook],
          ['Image', imageURL],
        ],
      );
      assert.equal(details, null);
    }
  });
});

describe('a sender’s Test button', () => {
  const button = { alertname: 'TestAlert', instance: 'Grafana' };
  const rule = 'https://grafana.contoso.example/alerting/grafana/abc/view';
  for (const [name, body, expected] of [
    ['of Grafana', group({ labels: button, annotations: { summary: 'Trial' } }), ['test Trial']],
    [
      'of Grafana with an organisation',
      group({ labels: button, fields: { generatorURL: '?orgId=1' } }),
      ['test TestAlert'],
    ],
    ['with custom labels', group({ labels: { ...button, instance: 'mine' } }), ['test TestAlert']],
    ['unless a rule has that name', group({ labels: button, fields: { generatorURL: rule } }), ['open f']],
    [
      'unless a Prometheus rule has that name',
      group({ labels: button, fields: { generatorURL: 'http://prom:9090/graph' } }),
      ['open f'],
    ],
    ['unless a rule is named by its id', group({ labels: button, fields: { ruleUID: 'abc' } }), ['open f']],
    ['unless it is resolved', group({ labels: button, fields: { status: 'resolved' } }), ['resolve f']],
    [
      'of Grafana 8',
      { ...legacyGrafanaBody('alerting'), ruleId: 0, ruleName: 'Test notification' },
      ['test Test notification'],
    ],
  ] as const) {
    it(`is recognised ${name}`, () => assert.deepEqual(inShort(signals(readGrafana(body))), expected));
  }

  it('is not recognised in Alertmanager, which has none', () => {
    assert.deepEqual(inShort(signals(readAlertmanager(group({ labels: button })))), ['open f']);
  });
});

describe('legacy Grafana', () => {
  for (const [state, summary] of [
    ['alerting', '[alerting] Queue too long'],
    ['no_data', 'Queue too long: no data received'],
    ['execution_error', 'Queue too long: the query failed'],
  ] as const) {
    it(`says "${summary}" in the state ${state}`, () =>
      assert.equal(opened(readGrafana(legacyGrafanaBody(state))).summary, summary));
  }

  it('calls nobody unless something is wrong, and is refused in an unknown state', () => {
    for (const state of ['paused', 'pending', 'unknown']) {
      assert.deepEqual(signals(readGrafana(legacyGrafanaBody(state))), []);
    }
    assert.ok('problem' in readGrafana(legacyGrafanaBody('purple')));
  });
});

describe('PagerDuty', () => {
  const trigger = (payload: object, more: object = {}): object => ({
    event_action: 'trigger',
    payload: { summary: 'Checkout 5xx', source: 'shop-7', severity: 'critical', ...payload },
    ...more,
  });

  for (const [name, body, summary, details] of [
    [
      'an event',
      pagerDutyBody('trigger'),
      'Checkout 5xx at 7 %',
      /^Source: shop-7\ncheckout, shop, http\nrate: 7.1%/,
    ],
    [
      'a summary with a failed template',
      trigger({ summary: '<no value>', class: 'http' }),
      'http (shop-7)',
      /<no value>/,
    ],
    ['a failed template and no class', trigger({ summary: '{{ .Title }}' }), 'shop-7', /Title/],
    [
      'custom details of any form',
      trigger({ custom_details: ['a', { b: 1 }] }),
      'Checkout 5xx',
      /0: a\n1: {"b":1}/,
    ],
    ['custom details as text', trigger({ custom_details: 'all of it' }), 'Checkout 5xx', /all of it/],
    [
      'nulls',
      trigger({ custom_details: null, class: null, timestamp: null }, { links: null, images: null }),
      'Checkout 5xx',
      /^Source: shop-7$/,
    ],
    ['a summary on several lines', trigger({ summary: 'Checkout\n5xx' }), 'Checkout 5xx', /./],
  ] as const) {
    it(`says "${summary}" for ${name}`, () => {
      const reading = readPagerDuty(body, 'fresh');
      assert.ok('signals' in reading, JSON.stringify(reading));
      const alert = opened(reading);
      assert.equal(alert.summary, summary);
      assert.match(alert.details ?? '', details);
    });
  }
});
