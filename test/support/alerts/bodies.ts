/** Bodies as the senders document them, with our own values. */

export interface AlertOptions {
  status?: 'firing' | 'resolved';
  name?: string;
  fingerprint?: string;
  summary?: string;
  severity?: string;
  startsAt?: string;
}

function prometheusAlert({
  status = 'firing',
  name = 'CheckoutErrors',
  fingerprint = '9f2c41d0a7be3356',
  summary = 'Checkout error rate over 5 %',
  severity = 'critical',
  startsAt = '2026-08-20T03:14:05.120Z',
}: AlertOptions = {}): object {
  return {
    status,
    labels: { alertname: name, instance: 'shop-7', severity, team: 'pay' },
    annotations: { summary, runbook_url: 'https://wiki.example.test/rb/7' },
    startsAt,
    endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : '2026-08-20T03:20:05.120Z',
    generatorURL: 'https://prom.example.test/graph?g0.expr=x',
    fingerprint,
  };
}

/** Alertmanager's webhook, version 4. */
export function alertmanagerBody(alerts: readonly AlertOptions[] = [{}], more: object = {}): object {
  const allResolved = alerts.every(({ status }) => status === 'resolved');
  return {
    version: '4',
    groupKey: '{}/{team="pay"}:{alertname="CheckoutErrors"}',
    truncatedAlerts: 0,
    status: allResolved ? 'resolved' : 'firing',
    receiver: 'ring-people',
    groupLabels: { alertname: 'CheckoutErrors' },
    commonLabels: { alertname: 'CheckoutErrors', severity: 'critical', team: 'pay' },
    commonAnnotations: { summary: 'Checkout error rate over 5 %' },
    externalURL: 'https://am.example.test',
    notification_reason: 'first notification',
    routeLabels: {},
    alerts: alerts.map(prometheusAlert),
    ...more,
  };
}

export function grafanaBody(status: 'firing' | 'resolved' = 'firing'): object {
  return {
    receiver: 'ring-people',
    status,
    version: '1',
    orgId: 1,
    groupKey: '{}/{folder="pay"}:{alertname="Queue too long"}',
    truncatedAlerts: 0,
    groupLabels: { alertname: 'Queue too long' },
    commonLabels: { alertname: 'Queue too long', severity: 'critical' },
    commonAnnotations: { summary: 'Queue older than 10 min' },
    externalURL: 'https://grafana.example.test/',
    title: '[FIRING:1] Queue too long',
    state: status === 'firing' ? 'alerting' : 'ok',
    message: '**Firing** …',
    appVersion: '12.1.0',
    alerts: [
      {
        status,
        labels: { alertname: 'Queue too long', grafana_folder: 'pay' },
        annotations: { summary: 'Queue older than 10 min' },
        startsAt: '2026-08-20T03:15:00Z',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'https://grafana.example.test/alerting/grafana/abc1/view',
        fingerprint: '5be0a1aa23c977d1',
        silenceURL: 'https://grafana.example.test/alerting/silence/new?x=1',
        dashboardURL: '',
        panelURL: '',
        ruleUID: 'abc1',
        values: { A: 612.4, C: 1 },
        valueString: "[ var='A' value=612.4 ]",
        imageURL: '',
        orgId: 1,
      },
    ],
  };
}

/** The webhook of legacy alerting. */
export function legacyGrafanaBody(state: string): object {
  return {
    dashboardId: 1,
    evalMatches: [{ value: 100, metric: 'High value', tags: null }],
    imageUrl: 'https://grafana.example.test/img.png',
    message: 'Somebody should look',
    orgId: 1,
    panelId: 2,
    ruleId: 17,
    ruleName: 'Queue too long',
    ruleUrl: 'https://grafana.example.test/d/1',
    state,
    tags: {},
    title: `[${state}] Queue too long`,
  };
}

export function azureBody(
  monitorCondition: 'Fired' | 'Resolved' = 'Fired',
  essentials: object = {},
  more: object = {},
): object {
  return {
    schemaId: 'azureMonitorCommonAlertSchema',
    data: {
      essentials: {
        alertId:
          '/subscriptions/11111111-2222-3333-4444-555555555555/providers/Microsoft.AlertsManagement/alerts/7d2c0c2e-0000-4a51-9d55-2f5f3a3f1a10',
        alertRule: 'cpu-high',
        severity: 'Sev1',
        signalType: 'Metric',
        monitorCondition,
        monitoringService: 'Platform',
        alertTargetIDs: [
          '/subscriptions/11111111-2222-3333-4444-555555555555/resourcegroups/rg-shop/providers/microsoft.compute/virtualmachines/vm-1',
        ],
        configurationItems: ['vm-1'],
        originAlertId:
          '11111111-2222-3333-4444-555555555555_rg-shop_microsoft.insights_metricAlerts_cpu-high_-99999',
        firedDateTime: '2026-08-20T03:14:05.1200000Z',
        ...(monitorCondition === 'Resolved' ? { resolvedDateTime: '2026-08-20T03:20:05.1200000Z' } : {}),
        description: 'CPU above 90 %',
        essentialsVersion: '1.0',
        alertContextVersion: '1.0',
        ...essentials,
      },
      alertContext: {
        properties: null,
        conditionType: 'SingleResourceMultipleMetricCriteria',
        condition: {
          windowSize: 'PT5M',
          allOf: [
            {
              metricName: 'Percentage CPU',
              metricNamespace: 'Microsoft.Compute/virtualMachines',
              operator: 'GreaterThan',
              threshold: '90',
              timeAggregation: 'Average',
              dimensions: [],
              metricValue: 96.2,
            },
          ],
        },
      },
      customProperties: null,
      ...more,
    },
  };
}

export function pagerDutyBody(action: string, dedupKey: string | null = 'shop/checkout/5xx'): object {
  const common = {
    routing_key: '0123456789abcdef0123456789abcdef',
    event_action: action,
    ...(dedupKey === null ? {} : { dedup_key: dedupKey }),
  };
  if (action !== 'trigger') return common;
  return {
    ...common,
    payload: {
      summary: 'Checkout 5xx at 7 %',
      source: 'shop-7',
      severity: 'critical',
      timestamp: '2026-08-20T03:14:05Z',
      component: 'checkout',
      group: 'shop',
      class: 'http',
      custom_details: { rate: '7.1%' },
    },
    images: [{ src: 'https://img.example.test/a.png', href: 'https://g.example.test', alt: 'graph' }],
    links: [{ href: 'https://g.example.test/d/1', text: 'dashboard' }],
    client: 'probe',
    client_url: 'https://p.example.test',
  };
}
