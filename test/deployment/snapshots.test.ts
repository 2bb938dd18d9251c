import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { deployPair, pairs } from './templates.ts';

/*
 * What a deployment would create, as `az deployment … what-if` would show it: each change of a template shows here as
 * a change of its result. To accept the new state: UPDATE_SNAPSHOTS=1 npm test -- test/deployment/snapshots.test.ts
 */
const cases = [
  { name: 'BotApp', kind: 'BotApp', changes: {} },
  {
    name: 'BotApp-private-with-alerts-and-slot',
    kind: 'BotApp',
    changes: {
      keyVaultAccess: 'Private',
      speechAccess: 'Private',
      communicationAccess: 'Key',
      alertEmail: 'ops@contoso.example',
      stagingSlot: true,
    },
  },
  { name: 'AzureBot', kind: 'AzureBot', changes: {} },
] as const;

describe('the result of a deployment', () => {
  for (const { name, kind, changes } of cases) {
    it(`${name} matches its snapshot`, () => {
      const pair = pairs.find((one) => one.kind === kind && !one.newGroup);
      assert.ok(pair);
      const { resources, outputs } = deployPair(pair, changes);
      const made = resources
        .filter(({ deployed }) => deployed)
        .map(({ type, apiVersion, name: called, scope, body }) => {
          const { type: _type, apiVersion: _version, name: _name, ...rest } = body;
          return { resource: `${type}@${apiVersion} ${called}`, ...(scope && { scope }), ...rest };
        });
      const text = `${JSON.stringify({ made, outputs }, null, 2)}\n`;
      const path = fileURLToPath(new URL(`snapshots/${name}.json`, import.meta.url));
      if (env['UPDATE_SNAPSHOTS']) writeFileSync(path, text);
      assert.equal(text, readFileSync(path, 'utf8'));
    });
  }
});
