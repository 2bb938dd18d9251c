import assert from 'node:assert/strict';
import { readConfig, secretValues } from '../../src/config/config.ts';
import { environmentSchema, variables } from '../../src/config/environment.ts';
import { objectOf, textOf } from './armTemplate.ts';
import type { Json } from './armTemplate.ts';
import { connectionString, deployPair, ids, pairs, secrets } from './templates.ts';
import type { Pair } from './templates.ts';

/** Settings that App Service and the Azure SDKs read, not Ringdown. */
const platform = [
  'AZURE_CLIENT_ID',
  'ApplicationInsightsAgent_EXTENSION_VERSION',
  'SCM_DO_BUILD_DURING_DEPLOYMENT',
  'WEBSITE_RUN_FROM_PACKAGE',
  'WEBSITE_SWAP_WARMUP_PING_PATH',
  'WEBSITE_SWAP_WARMUP_PING_STATUSES',
  'NODE_COMPILE_CACHE',
  'WEBSITES_CONTAINER_STOP_TIME_LIMIT',
];

interface Deployed {
  /** As App Service shows them, with Key Vault references. */
  settings: Record<string, string>;
  /** As Ringdown sees them. */
  environment: Record<string, string>;
}

function deployed(pair: Pair, changes: Readonly<Record<string, Json>>): Deployed {
  const { resources } = deployPair(pair, changes);
  const body = resources.find(({ name }) => name.endsWith('/appsettings'))?.body;
  const settings = Object.fromEntries(
    Object.entries(objectOf(body?.properties, 'app settings')).map(([key, value]) => [
      key,
      textOf(value, key),
    ]),
  );
  const vault = resources.find(({ type }) => type === 'Microsoft.KeyVault/vaults');
  assert.ok(vault);
  const environment = Object.entries(settings).map(([key, value]): [string, string] => {
    if (!value.startsWith('@Microsoft.KeyVault')) return [key, value];
    const [, host, secret] =
      /^@Microsoft\.KeyVault\(SecretUri=https:\/\/([^/]+)\/secrets\/([^/)]+)\)$/.exec(value) ?? [];
    assert.equal(host, `${vault.name}.vault.azure.net`);
    const found = resources.find(({ name, deployed: there }) => there && name === `${vault.name}/${secret}`);
    assert.ok(found, `the secret ${secret} is not in the vault`);
    return [key, textOf(objectOf(found.body.properties, 'secret').value, key)];
  });
  return { settings, environment: Object.fromEntries(environment) };
}

const variants: { title: string; changes: Record<string, Json> }[] = [
  { title: 'managed identity', changes: {} },
  {
    title: 'app registration and key',
    changes: {
      appType: 'SingleTenant',
      appId: ids.app,
      appPassword: secrets.appPassword,
      communicationAccess: 'Key',
      publicUrl: 'https://ringdown.contoso.example',
      additionalSettings: { ACS_SOURCE_IDENTITY: `8:acs:${ids.immutableResource}_${ids.app}`, HOOK_URL: 'x' },
    },
  },
];

describe('app settings of the deployment', () => {
  for (const pair of pairs.filter(({ kind }) => kind === 'BotApp')) {
    for (const { title, changes } of variants) {
      it(`${pair.title}, ${title}: all are known, and all required ones are set`, () => {
        const { settings } = deployed(pair, changes);
        const ours = Object.keys(environmentSchema.shape);
        const extra = Object.keys(objectOf(changes.additionalSettings ?? {}, 'additionalSettings'));
        const unknown = Object.keys(settings).filter(
          (key) => ![...ours, ...platform, ...extra].includes(key),
        );
        assert.deepEqual(unknown, []);

        const needed = Object.entries(environmentSchema.shape)
          .filter(([, rule]) => variables.get(rule)?.toFill)
          .map(([key]) => key);
        assert.ok(needed.length > 0);
        assert.deepEqual(
          needed.filter((key) => !(key in settings)),
          [],
        );
      });

      it(`${pair.title}, ${title}: Ringdown starts with them`, () => {
        const { environment } = deployed(pair, changes);
        const config = readConfig(environment, () => undefined);
        assert.equal(config.acs.resourceId, ids.immutableResource);
        assert.equal(config.acs.endpoint, 'https://ringdown.europe.communication.azure.com');
        assert.equal(config.acs.cognitiveServicesEndpoint, 'https://ringdown.cognitiveservices.azure.com/');
        assert.equal(config.eventGridSecret, secrets.eventGridSecret);
        assert.equal(config.bot.allowAnonymous, false);
        assert.ok(config.database.kind === 'postgres');
        const database = new URL(config.database.url);
        assert.equal(config.database.auth, 'entra');
        assert.equal(database.username, 'ringdown-identity');
        assert.equal(database.password, '');
        assert.equal(database.host, 'ringdown.postgres.database.azure.com:5432');
        assert.equal(database.searchParams.get('sslmode'), 'verify-full');
        assert.equal(environment.AZURE_CLIENT_ID, ids.identityClient);
      });

      it(`${pair.title}, ${title}: they contain no secrets, only references`, () => {
        const { settings, environment } = deployed(pair, changes);
        const hidden = secretValues(readConfig(environment, () => undefined));
        assert.ok(hidden.length > 0);
        for (const [key, value] of Object.entries(settings)) {
          for (const secret of hidden) assert.ok(!value.includes(secret), key);
        }
      });
    }

    it(`${pair.title}: the bot has the identity of the variant`, () => {
      const [identity, registration] = variants.map(({ changes }) =>
        readConfig(deployed(pair, changes).environment, () => undefined),
      );
      assert.equal(identity?.bot.type, 'UserAssignedMSI');
      assert.equal(identity?.bot.appId, ids.identityClient);
      assert.equal(identity?.acs.key, undefined);
      assert.equal(identity?.publicUrl, 'https://ringdown.azurewebsites.net');
      assert.equal(registration?.bot.type, 'SingleTenant');
      assert.equal(registration?.bot.appId, ids.app);
      assert.equal(registration?.bot.appPassword, secrets.appPassword);
      assert.equal(registration?.acs.key?.connectionString, connectionString);
      assert.equal(registration?.publicUrl, 'https://ringdown.contoso.example');
    });

    it(`${pair.title}: additional settings are added, and replace those of the template`, () => {
      const restored =
        'postgres://ringdown-identity@restored.postgres.database.azure.com:5432/ringdown?sslmode=verify-full';
      const { settings, environment } = deployed(pair, {
        additionalSettings: { HOOK_URL: 'x', DATABASE_URL: restored },
      });
      assert.equal(settings.HOOK_URL, 'x');
      const { database } = readConfig(environment, () => undefined);
      assert.equal(database.kind === 'postgres' && database.url, restored);
    });
  }
});
