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

/** What each says, what else the card has, and what not even the card has. */
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
  ['a name of the group', { group: { groupLabels: { alertname: 'DiskFull' } } }, 'DiskFull'],
  ['what is common to the group', { group: { commonAnnotations: { summary: 'Disk full' } } }, 'Disk full'],
  ['nothing', {}, 'Alert'],
  [
    'annotations that nobody reads out',
    { labels: disk, annotations: { summary: 's', impact: 'No sales' } },
    's',
    /impact: No sales/,
  ],
  // What templates leave behind.
  [
    'a label that is not there',
    { labels: disk, annotations: { summary: 'Disk full on <no value>' } },
    'Disk full on',
    /<no value>/,
  ],
  [
    'the same in brackets',
    { labels: disk, annotations: { summary: 'Disk full (<no value>).' } },
    'Disk full.',
  ],
  ['only that', { labels: disk, annotations: { summary: '<no value>' } }, 'DiskFull'],
  [
    'a template with a fault',
    { labels: disk, annotations: { summary: '<error expanding template: x: nil pointer>' } },
    'DiskFull',
    /error expanding/,
  ],
  [
    'a template that nobody filled in',
    { labels: disk, annotations: { summary: 'Disk full on {{ $labels.instance }}' } },
    'Disk full on',
  ],
  ['a number that is not there', { labels: disk, annotations: { summary: '[no value]' } }, 'DiskFull'],
  [
    'a verb without its value',
    { labels: disk, annotations: { summary: 'Disk %!s(MISSING) full' } },
    'Disk full',
  ],
  ['only blanks', { labels: disk, annotations: { summary: ' \n ' } }, 'DiskFull'],
  // Grafana, when it knows nothing.
  ['no data', { labels: noData }, 'Checkout stopped reporting: no data received', /datasource|ref_id=A/],
  [
    'no data, and a summary of something else',
    { labels: noData, annotations: { summary: 'Errors over 5 %' } },
    'Checkout stopped reporting: no data received',
    /Errors over 5 %/,
  ],
  [
    'no data, without the rule',
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
    'a query that failed',
    { labels: failed, annotations: { Error: 'timed out' } },
    'Checkout stopped reporting: the query failed',
    /Error: timed out/,
  ],
  [
    'no data, for a rule that then fires',
    { labels: disk, annotations: { summary: 'Errors over 5 %', grafana_state_reason: 'NoData' } },
    'DiskFull: no data received',
    /Errors over 5 %/,
  ],
  [
    'the same for an error',
    { labels: disk, annotations: { grafana_state_reason: 'Error, KeepLast' } },
    'DiskFull: the query failed',
  ],
  [
    'another reason',
    { labels: disk, annotations: { summary: 'Disk full', grafana_state_reason: 'Updated' } },
    'Disk full',
    /grafana_state_reason: Updated/,
  ],
  // What is not spoken stands on the card.
  [
    'two texts of each kind',
    {
      labels: disk,
      annotations: { summary: 's', title: 'the title', description: 'd', message: 'the message' },
    },
    's',
    /^the title\nd\nthe message\n/,
  ],
  ['the same text twice', { labels: {}, annotations: { summary: 's', title: 's', message: 's' } }, 's', /^$/],
  [
    'links that are no addresses',
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
    it(`say with ${name}: ${summary}`, () => {
      for (const reading of [readAlertmanager(group(given)), readGrafana(group(given))]) {
        const alert = opened(reading);
        assert.equal(alert.summary, summary);
        assert.match(alert.details ?? '', details);
        assert.doesNotMatch(alert.details ?? '', not);
      }
    });
  }

  it('say in the language of the policy what no template wrote', () => {
    const say = (labels: object): string => opened(read('grafana', group({ labels }), 'de')).summary;
    assert.equal(say(noData), 'Checkout stopped reporting: Es kamen keine Daten');
    assert.equal(say(failed), 'Checkout stopped reporting: Die Abfrage ist fehlgeschlagen');
    const cut = read('alertmanager', { ...group({}), truncatedAlerts: 2 }, 'de');
    assert.match(JSON.stringify(cut), /2 weitere Alarme/);
  });

  it('tell alerts apart that have neither a fingerprint nor labels, by their group', () => {
    const alert = opened(readAlertmanager(group({ fields: { fingerprint: '' } })));
    assert.equal(alert.dedupKey, '{}:{}');
  });

  it('link to the runbook, however it is called, and to a picture', () => {
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
    ['Grafana’s', group({ labels: button, annotations: { summary: 'Trial' } }), ['test Trial']],
    [
      'the same with an organisation',
      group({ labels: button, fields: { generatorURL: '?orgId=1' } }),
      ['test TestAlert'],
    ],
    ['with labels of one’s own', group({ labels: { ...button, instance: 'mine' } }), ['test TestAlert']],
    ['a rule of that name', group({ labels: button, fields: { generatorURL: rule } }), ['open f']],
    [
      'a rule of Prometheus of that name',
      group({ labels: button, fields: { generatorURL: 'http://prom:9090/graph' } }),
      ['open f'],
    ],
    ['a rule by its id', group({ labels: button, fields: { ruleUID: 'abc' } }), ['open f']],
    ['the end of a test', group({ labels: button, fields: { status: 'resolved' } }), ['resolve f']],
    [
      'that of Grafana 8',
      { ...legacyGrafanaBody('alerting'), ruleId: 0, ruleName: 'Test notification' },
      ['test Test notification'],
    ],
  ] as const) {
    it(`is known: ${name}`, () => assert.deepEqual(inShort(signals(readGrafana(body))), expected));
  }

  it('is Grafana’s only: Alertmanager has none', () => {
    assert.deepEqual(inShort(signals(readAlertmanager(group({ labels: button })))), ['open f']);
  });
});

describe('Grafana of old', () => {
  for (const [state, summary] of [
    ['alerting', '[alerting] Queue too long'],
    ['no_data', 'Queue too long: no data received'],
    ['execution_error', 'Queue too long: the query failed'],
  ] as const) {
    it(`says with ${state}: ${summary}`, () =>
      assert.equal(opened(readGrafana(legacyGrafanaBody(state))).summary, summary));
  }

  it('calls nobody for what is not known to be wrong, and is refused in a state that it does not have', () => {
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
      'a summary whose template went wrong',
      trigger({ summary: '<no value>', class: 'http' }),
      'http (shop-7)',
      /<no value>/,
    ],
    ['the same, with less', trigger({ summary: '{{ .Title }}' }), 'shop-7', /Title/],
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
    it(`says of ${name}: ${summary}`, () => {
      const reading = readPagerDuty(body, 'fresh');
      assert.ok('signals' in reading, JSON.stringify(reading));
      const alert = opened(reading);
      assert.equal(alert.summary, summary);
      assert.match(alert.details ?? '', details);
    });
  }
});
