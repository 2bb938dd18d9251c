import assert from 'node:assert/strict';
import {
  SUBSCRIPTION,
  WORKSPACE,
  body,
  metric,
  log,
  logV1,
  serviceHealth,
  resourceHealth,
  activity,
  prometheus,
  budget,
  cost,
  noRule,
} from '../support/alerts/azureBodies.ts';
import { azureBody } from '../support/alerts/bodies.ts';
import { inShort, opened, read, readAzureMonitor, signals } from '../support/alerts/reading.ts';

/** The summary that a body leads to, and what else its card shows. */
const spoken: readonly (readonly [name: string, body: object, summary: string, details?: RegExp])[] = [
  [
    'a metric',
    azureBody(),
    'cpu-high: CPU above 90 % (vm-1)',
    /On vm-1\nPercentage CPU \(Average\) GreaterThan 90: 96.2/,
  ],
  [
    'a metric with a dimension',
    body(metric({ dimensions: [{ name: 'ApiName', value: 'GetBlob' }], metricValue: 100 })),
    'cpu-high: CPU above 90 % (ApiName GetBlob, vm-1)',
    /Transactions GreaterThan 0: 100\nApiName: GetBlob/,
  ],
  [
    'a metric of a resource whose id is a GUID',
    body(metric({ dimensions: [{ name: 'ResourceId', value: '11111111-2222-3333-4444-555555555555' }] })),
    'cpu-high: CPU above 90 % (vm-1)',
  ],
  [
    'a metric of several resources, named by the last part of the id',
    body(metric({ dimensions: [{ name: 'ResourceId', value: `${SUBSCRIPTION}/providers/x/y/vm-2` }] }), {
      configurationItems: [`${SUBSCRIPTION}/providers/x/y/vm-2`],
    }),
    'cpu-high: CPU above 90 % (vm-2)',
  ],
  [
    'a dynamic threshold',
    body({
      conditionType: 'DynamicThresholdCriteria',
      condition: {
        allOf: [
          {
            alertSensitivity: 'High',
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 },
            metricName: 'Egress',
            operator: 'GreaterOrLessThan',
            threshold: 47658,
            dimensions: [],
            metricValue: 50101,
          },
        ],
      },
    }),
    'cpu-high: CPU above 90 % (vm-1)',
    /Egress GreaterOrLessThan 47658: 50101/,
  ],
  [
    'an availability test',
    body(
      {
        conditionType: 'WebtestLocationAvailabilityCriteria',
        condition: {
          allOf: [
            {
              metricName: 'Failed Location',
              operator: 'GreaterThan',
              threshold: '2',
              metricValue: 5,
              webTestName: 'shop',
            },
          ],
        },
      },
      { ...noRule, configurationItems: ['shop-insights'] },
    ),
    'rule (shop, shop-insights)',
    /Failed Location GreaterThan 2: 5/,
  ],
  [
    'a log search V2',
    body(log, {
      alertRule: 'Heartbeat missing',
      description: 'No heartbeat',
      configurationItems: [WORKSPACE],
    }),
    'Heartbeat missing: No heartbeat (sql-prod-03)',
    /Computer: sql-prod-03/,
  ],
  [
    'a log search V1',
    body(logV1, { alertRule: 'Heartbeat missing', description: null, configurationItems: [] }),
    'Heartbeat missing (sql-prod-03)',
    /2 results \(Less Than 10\)\nComputer: sql-prod-03/,
  ],
  [
    'a budget with a description by Azure',
    body(budget(), { ...cost, description: 'shop-month: 900 USD of 1000.' }),
    'shop-month: 900 USD of 1000.',
    /SpentAmount: \$900.00/,
  ],
  [
    'a budget without a description',
    body(budget(), { ...cost, description: null }),
    'Budget shop-month: $900.00 of $1000.00 spent',
  ],
  [
    'a forecast',
    body(budget({ ThresholdType: 'Forecasted', ForecastedTotalForPeriod: '$1111.11' }), {
      ...cost,
      description: 'This is a budget alert.',
    }),
    'Budget shop-month: forecast to spend $1111.11 of $1000.00',
    /This is a budget alert/,
  ],
  [
    'a cost alert without data',
    body(null, { ...cost, description: 'Credit is used up', monitorCondition: undefined }),
    'Credit is used up',
  ],
  [
    'an incident of Azure',
    body(serviceHealth({})),
    'Requests fail (Storage, West Europe)',
    /Incident, Active, AB12-3CD\nStorage, West Europe\nWe look into it.\nMore soon./,
  ],
  [
    'an incident whose title names service and region',
    body(serviceHealth({ title: 'Storage in West Europe fails' })),
    'Storage in West Europe fails',
  ],
  ['planned maintenance', body(serviceHealth({ stage: 'Planned' })), 'Requests fail (Storage, West Europe)'],
  [
    'the health of a resource',
    body(resourceHealth({}), noRule),
    'rule: The machine does not answer (Unavailable, vm-1)',
    /Available → Unavailable\nCause: PlatformInitiated/,
  ],
  [
    'an action by a person',
    body(activity('Microsoft.Compute/virtualMachines/restart/action'), noRule),
    'rule: virtualMachines restart Succeeded (vm-1)',
    /restart\/action: Succeeded\nBy megan@contoso.example/,
  ],
  [
    'an action by autoscale',
    body(
      activity('Microsoft.Insights/AutoscaleSettings/Scaleup/Action', {
        properties: { description: 'From 9 to 10' },
      }),
      noRule,
    ),
    'rule: From 9 to 10 (vm-1)',
  ],
  [
    'a finding of the Security Centre',
    body(
      activity('Microsoft.Security/locations/alerts/activate/action', {
        status: 'Active',
        properties: { compromisedEntity: 'vm-9', category: 'Virus' },
      }),
    ),
    'cpu-high: CPU above 90 % (vm-9, vm-1)',
    /category: Virus/,
  ],
  [
    'managed Prometheus',
    body(prometheus({ summary: '3 pods are not ready', description: 'namespace payments', impact: 'high' }), {
      description: '',
      configurationItems: ['aks-shop'],
    }),
    '3 pods are not ready',
    /namespace payments\nimpact: high\nalertname=KubePodNotReady, pod=pay-7d9f\nup == 0: 3/,
  ],
  [
    'managed Prometheus without annotations',
    body(prometheus({}), { alertRule: 'shop/KubePodNotReady', description: '', configurationItems: [] }),
    'shop/KubePodNotReady (pay-7d9f)',
  ],
  [
    'managed Prometheus with a failed template',
    body(
      prometheus({ summary: '<error expanding template: x>', description: 'Pods of {{ $labels.x }} down' }),
      noRule,
    ),
    'Pods of down',
  ],
  [
    'smart detection',
    body(
      {
        DetectionSummary: 'Requests became slow',
        DetectedValue: '0.45 sec',
        NormalValue: '0.27 sec',
        SmartDetectorName: 'x',
      },
      {
        alertRule: 'Shop speed',
        description: 'Notifies you of slow requests',
        configurationItems: ['shop-insights'],
      },
    ),
    'Shop speed: Requests became slow (shop-insights)',
    /Notifies you of slow requests\n0.45 sec \(0.27 sec\)/,
  ],
  [
    'a resource whose name is the beginning of another name in the text',
    body(null, { ...noRule, alertRule: 'vm-12 beside it', configurationItems: ['vm-1'] }),
    'vm-12 beside it (vm-1)',
  ],
  [
    'an alert with nothing but the rule',
    body(null, { ...noRule, configurationItems: null, alertTargetIDs: null }),
    'rule',
  ],
  [
    'an alert with custom properties',
    body(null, noRule, { customProperties: { team: 'payments' } }),
    'rule (vm-1)',
    /team: payments/,
  ],
];

const over: readonly (readonly [name: string, body: object])[] = [
  ['a resolved condition', azureBody('Resolved')],
  ['a resolved condition in capitals', body(null, { monitorCondition: ' RESOLVED ' })],
  [
    'a resolved alert of managed Prometheus',
    body(prometheus({ summary: 's' }), { monitorCondition: 'Resolved' }),
  ],
  ...['Resolved', 'RCA', 'Complete', 'Completed', 'Canceled', 'Cancelled'].map(
    (stage) => [`service health in the stage ${stage}`, body(serviceHealth({ stage }))] as const,
  ),
  ['service health with the status Resolved', body(serviceHealth({}, 'Resolved'))],
  ['an available resource', body(resourceHealth({ currentHealthStatus: 'Available' }))],
  ['a resource with a resolved event', body(resourceHealth({}, 'Resolved'))],
  ['a resource with an operation that says Resolved', body(resourceHealth({}, 'Active', 'Resolved'))],
  ['a resolved security finding', body(activity('Microsoft.Security/x/action', { status: 'Resolved' }))],
];

describe('the Azure Monitor reader', () => {
  for (const [name, given, summary, details = /./] of spoken) {
    it(`says "${summary}" for ${name}`, () => {
      const alert = opened(readAzureMonitor(given));
      assert.equal(alert.summary, summary);
      assert.match(alert.details ?? '', details);
    });
  }

  for (const [name, given] of over) {
    it(`resolves ${name}`, () => {
      assert.deepEqual(
        signals(readAzureMonitor(given)).map(({ action }) => action),
        ['resolve'],
      );
    });
  }

  for (const [name, one, other] of [
    [
      'an incident',
      body(serviceHealth({}), { alertId: 'a' }),
      body(serviceHealth({}, 'Resolved'), { alertId: 'b' }),
    ],
    [
      'a resource',
      body(resourceHealth({}), { alertId: 'a' }),
      body(resourceHealth({}, 'Resolved'), { alertId: 'b' }),
    ],
  ] as const) {
    it(`resolves ${name}, although Azure sends the end as another alert`, () => {
      const { dedupKey } = opened(readAzureMonitor(one));
      assert.deepEqual(inShort(signals(readAzureMonitor(other))), [`resolve ${dedupKey}`]);
    });
  }

  it('opens another alert for the next threshold of a budget', () => {
    const keys = ['$800.00', '$1000.00'].map(
      (amount) =>
        opened(readAzureMonitor(body(budget({ NotificationThresholdAmount: amount }), cost))).dedupKey,
    );
    assert.notEqual(keys[0], keys[1]);
  });

  it('links to filtered results and to runbooks', () => {
    for (const context of [log, logV1]) {
      assert.equal(
        opened(readAzureMonitor(body(context))).links[0]?.href,
        'https://portal.contoso.example/some',
      );
    }
    const runbook = 'https://runbooks.contoso.example/pods';
    const alert = opened(readAzureMonitor(body(prometheus({ summary: 's', runbook_url: runbook }))));
    assert.deepEqual(alert.links[0], { text: 'Runbook', href: runbook });
  });

  it('shows broken links, long texts and failed templates on the card', () => {
    const long = `${'word '.repeat(120)}end`;
    const given = { summary: long, runbook_url: 'wiki, page 7', dashboard_url: '/d/7' };
    const { details } = opened(readAzureMonitor(body(prometheus(given), { description: '{{ $labels.x }}' })));
    assert.match(details ?? '', /word end\n/);
    assert.match(details ?? '', /runbook_url: wiki, page 7\ndashboard_url: \/d\/7/);
    assert.match(details ?? '', /\{\{ \$labels.x \}\}/);
  });

  it('describes a budget in the language of the policy', () => {
    const alert = opened(read('azure-monitor', body(budget(), { ...cost, description: '' }), 'de'));
    assert.equal(alert.summary, 'Budget shop-month: $900.00 von $1000.00 ausgegeben');
  });

  it('recognises samples of the Test button by rule and resource, and mistakes no real alert for one', () => {
    const target = (group: string): string[] => [`${SUBSCRIPTION}/resourcegroups/${group}/providers/x/y/z`];
    const isTest = (given: object): boolean => signals(readAzureMonitor(given))[0]?.action === 'test';
    const rule = { alertRule: 'test-metricAlertRule' };
    assert.ok(isTest(body(null, { ...rule, alertTargetIDs: target('test-RG') })));
    assert.ok(!isTest(body(null, { ...rule, alertTargetIDs: target('rg-shop') })));
    assert.ok(!isTest(body(null, { ...rule, alertTargetIDs: [] })));
    assert.ok(!isTest(body(null, { alertRule: 'test-mine', alertTargetIDs: target('test-RG') })));
    const sample = { title: 'TestActionGroup-TestServiceHealthAlert', stage: 'Resolved' };
    const health = { alertRule: 'test-ServiceHealthAlertRule', alertTargetIDs: [SUBSCRIPTION] };
    assert.ok(isTest(body(serviceHealth(sample, 'Resolved'), health)));
    assert.ok(!isTest(body(serviceHealth({}), health)));
    const alertId = '/subscriptions/1/providers/Microsoft.CostManagement/alerts/';
    assert.ok(isTest(body(budget(), { ...cost, alertId: `${alertId}Test_Alert` })));
    assert.ok(!isTest(body(budget(), { ...cost, alertId: `${alertId}7d2c` })));
  });

  it('accepts an id with a broken character, and links to it', () => {
    const { links } = opened(
      readAzureMonitor(azureBody('Fired', { alertTargetIDs: ['/subscriptions/1/vm\ud800'] })),
    );
    assert.ok(
      links.some(({ href }) => href === 'https://portal.azure.com/#resource/subscriptions/1/vm%EF%BF%BD'),
    );
  });
});
