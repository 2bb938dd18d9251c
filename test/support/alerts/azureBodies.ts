import { azureBody } from './bodies.ts';

/** Contexts of Azure Monitor's services, as Microsoft documents them, with our own values. */
export const SUBSCRIPTION = '/subscriptions/11111111-2222-3333-4444-555555555555';
export const WORKSPACE = `${SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.operationalinsights/workspaces/ws`;

/** A body with the context of any monitoring service. */
export function body(alertContext: object | null, essentials: object = {}, more: object = {}): object {
  return azureBody('Fired', essentials, { alertContext, ...more });
}

export const metric = (condition: object): object => ({
  conditionType: 'SingleResourceMultipleMetricCriteria',
  condition: {
    allOf: [{ metricName: 'Transactions', operator: 'GreaterThan', threshold: '0', ...condition }],
  },
});

export const log = {
  conditionType: 'LogQueryCriteria',
  condition: {
    allOf: [
      {
        searchQuery: 'Heartbeat',
        metricMeasureColumn: 'n',
        operator: 'LowerThan',
        threshold: '1',
        timeAggregation: 'Count',
        dimensions: [{ name: 'Computer', value: 'sql-prod-03' }],
        metricValue: 0,
        linkToSearchResultsUI: 'https://portal.contoso.example/all',
        linkToFilteredSearchResultsUI: 'https://portal.contoso.example/some',
      },
    ],
  },
};

export const logV1 = {
  SearchQuery: 'Heartbeat',
  ResultCount: 2,
  Operator: 'Less Than',
  Threshold: 10,
  Dimensions: [{ name: 'Computer', value: 'sql-prod-03' }],
  AffectedConfigurationItems: ['sql-prod-03'],
  LinkToSearchResults: 'https://portal.contoso.example/all',
  LinkToFilteredSearchResultsUI: 'https://portal.contoso.example/some',
};

export const serviceHealth = (properties: object, status = 'Active'): object => ({
  eventSource: 2,
  operationName: 'Microsoft.ServiceHealth/incident/action',
  status,
  properties: {
    title: 'Requests fail',
    service: 'Storage',
    region: 'West Europe',
    trackingId: 'AB12-3CD',
    incidentType: 'Incident',
    communication: '<p>We look&nbsp;into it.</p><p>More soon.</p>',
    stage: 'Active',
    ...properties,
  },
});

export const resourceHealth = (properties: object, status = 'Active', verb = 'Activated'): object => ({
  eventSource: 'ResourceHealth',
  operationName: `Microsoft.Resourcehealth/healthevent/${verb}/action`,
  status,
  properties: {
    title: 'The machine does not answer',
    currentHealthStatus: 'Unavailable',
    previousHealthStatus: 'Available',
    cause: 'PlatformInitiated',
    ...properties,
  },
});

export const activity = (operationName: string, more: object = {}): object => ({
  eventSource: 'Administrative',
  operationName,
  status: 'Succeeded',
  caller: 'megan@contoso.example',
  ...more,
});

export const prometheus = (
  annotations: object,
  labels: object = { alertname: 'KubePodNotReady', pod: 'pay-7d9f' },
): object => ({
  expression: 'up == 0',
  expressionValue: '3',
  labels,
  annotations,
});

export const budget = (data: object = {}): object => ({
  AlertCategory: 'budgets',
  AlertData: {
    ThresholdType: 'Actual',
    BudgetThreshold: '$1000.00',
    NotificationThresholdAmount: '$800.00',
    BudgetName: 'shop-month',
    SpentAmount: '$900.00',
    ...data,
  },
});
export const cost = {
  alertId: '/subscriptions/1/providers/Microsoft.CostManagement/alerts/shop-budget',
  alertRule: null,
  severity: null,
  monitorCondition: null,
  monitoringService: 'CostAlerts',
  alertTargetIDs: null,
  configurationItems: ['budgets'],
  originAlertId: null,
};
export const noRule = { alertRule: 'rule', description: '' };
