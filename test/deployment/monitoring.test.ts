import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { createMetrics } from '../../src/operations/metrics/metrics.ts';
import { armSchemas } from './armSchemas.ts';
import { deploy, isObject, objectOf, textOf } from './armTemplate.ts';
import type { Json } from './armTemplate.ts';
import { deployPair, pairs, readJson } from './templates.ts';

/** By type of resource. Source: "Supported logs" of Azure Monitor, https://learn.microsoft.com/azure/azure-monitor/reference/logs-index */
const logged: Readonly<Record<string, readonly string[]>> = {
  'Microsoft.Web/sites': ['AppServiceConsoleLogs', 'AppServicePlatformLogs'],
  'Microsoft.Web/sites/slots': ['AppServiceConsoleLogs', 'AppServicePlatformLogs'],
  'Microsoft.Communication/communicationServices': [
    'CallAutomationOperational',
    'CallAutomationMediaSummary',
    'AuthOperational',
  ],
  'Microsoft.KeyVault/vaults': ['AuditEvent'],
  'Microsoft.DBforPostgreSQL/flexibleServers': ['PostgreSQLLogs'],
  'Microsoft.BotService/botServices': ['BotRequest'],
  'Microsoft.App/managedEnvironments': ['ContainerAppConsoleLogs', 'ContainerAppSystemLogs'],
};

const workbookPath = fileURLToPath(
  new URL('../../deploymentTemplates/monitoring/template-workbook.json', import.meta.url),
);

/** Every Kusto query in a value. */
function queriesIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(queriesIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, entry]) =>
    key === 'query' && typeof entry === 'string' ? [entry] : queriesIn(entry),
  );
}

/** Checks that a query uses metrics and labels that Ringdown sends. */
async function asksForWhatIsSent(query: string): Promise<void> {
  const known = await createMetrics().list();
  const names = [...query.matchAll(/'(ringdown_\w+)'/g)].map(([, name = '']) => name);
  for (const name of names)
    assert.ok(
      known.some((one) => one.name === name),
      name,
    );
  if (!query.startsWith('AppMetrics')) return;
  assert.ok(names.length > 0, query);
  const labels = known.filter(({ name }) => names.includes(name)).flatMap((one) => one.labels);
  for (const [, label = ''] of query.matchAll(/Properties\['(\w+)'\]/g))
    assert.ok(labels.includes(label), label);
}

describe('Azure monitoring of Ringdown', () => {
  it('sends the useful logs of each resource to the workspace, without request paths', () => {
    const found = pairs
      .filter(({ newGroup }) => !newGroup)
      .flatMap((pair) => {
        const { resources } = deployPair(pair);
        return resources
          .filter(({ type }) => type === 'Microsoft.Insights/diagnosticSettings')
          .map(({ scope, body }): [string, Json[]] => {
            const { logs, workspaceId } = objectOf(body.properties, 'diagnostics');
            assert.match(textOf(workspaceId, 'workspace'), /\/workspaces\/ringdown-logs$/);
            const owner = resources.find(({ id }) => id === scope);
            const categories = Array.isArray(logs)
              ? logs.map((one) => objectOf(one, 'log').category ?? null)
              : [];
            return [owner?.type ?? '', categories];
          });
      });
    assert.deepEqual(Object.fromEntries(found), logged);
    assert.ok(!JSON.stringify(found).includes('AppServiceHTTPLogs'));
  });

  it('mails somebody if calls fail, callbacks are refused, nobody acknowledges or jobs are late', async () => {
    const [pair] = pairs;
    assert.ok(pair);
    const alerts = (changes: Record<string, Json>) =>
      deployPair(pair, changes).resources.filter(
        ({ type, deployed }) => type === 'Microsoft.Insights/scheduledQueryRules' && deployed,
      );
    assert.deepEqual(alerts({}), []);
    const made = alerts({ alertEmail: 'ops@contoso.example' });
    assert.deepEqual(
      made.map(({ name }) => name),
      ['calls-fail', 'callbacks-refused', 'escalation-exhausted', 'work-is-late'].map(
        (name) => `ringdown-${name}`,
      ),
    );
    for (const { body } of made) {
      for (const query of queriesIn(body)) await asksForWhatIsSent(query);
    }
  });

  it('has a workbook that shows Ringdown’s metrics and matches the schema', async function () {
    const { resources } = deploy(readJson(workbookPath), {}, { known: {} });
    const [workbook] = resources;
    assert.ok(workbook);
    const data = textOf(objectOf(workbook.body.properties, 'workbook').serializedData, 'serializedData');
    const queries = queriesIn(JSON.parse(data) as Json);
    assert.ok(queries.length >= 8);
    for (const query of queries) await asksForWhatIsSent(query);
    const schemas = armSchemas() ?? this.skip();
    assert.deepEqual(schemas.faultsOfResource(workbook), []);
    assert.deepEqual(schemas.faultsOfTemplate(readJson(workbookPath)), []);
  });
});
