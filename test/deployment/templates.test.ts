import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { startCommand } from '../../demo/startCommand.ts';
import { armSchemas } from './armSchemas.ts';
import {
  deploy,
  isExpression,
  isObject,
  objectOf,
  parseExpression,
  TemplateFault,
  textOf,
} from './armTemplate.ts';
import type { Json, JsonObject, Resource } from './armTemplate.ts';
import { innerPath, names, outerPath, withNewResourceGroup } from './newResourceGroup.ts';
import {
  connectionString,
  deployPair,
  elsewhere,
  pairs,
  parametersOf,
  readJson,
  secrets,
  type Pair,
} from './templates.ts';

const singleTenant = {
  appType: 'SingleTenant',
  appId: '30000000-0000-4000-8000-000000000003',
};
type Changes = Record<string, Json>;
/** Every variant of a template. */
const variants: { title: string; app: Changes; bot: Changes }[] = [
  { title: 'as the parameter file says', app: {}, bot: {} },
  {
    title:
      'with an app registration, keys, a custom domain, alerts, a slot, everything private and the longest name',
    app: {
      ...singleTenant,
      appPassword: secrets.appPassword,
      communicationAccess: 'Key',
      publicUrl: 'https://ringdown.contoso.example',
      alertEmail: 'ops@contoso.example',
      baseName: 'a-name-of-twenty-let',
      keyVaultAccess: 'Private',
      speechAccess: 'Private',
      keyVaultPurgeProtection: false,
      stagingSlot: true,
    },
    bot: {
      ...singleTenant,
      publicUrl: 'https://ringdown.contoso.example',
      baseName: 'a-name-of-twenty-let',
      webChat: true,
    },
  },
  {
    title: 'with an Azure AI services account in another group',
    app: { existingSpeechAccountId: elsewhere.id },
    bot: {},
  },
  { title: 'with the shortest name', app: { baseName: 'abc' }, bot: { baseName: 'abc' } },
];
const cases = pairs.flatMap((pair) =>
  variants.map(({ title, app, bot }) => ({
    title: `${pair.title} ${title}`,
    pair,
    changes: declaredOf(pair, pair.kind === 'AzureBot' ? bot : app),
  })),
);
/** Container Apps have fewer options. */
function declaredOf(pair: Pair, changes: Changes): Changes {
  const declared = objectOf(readJson(pair.templatePath).parameters, 'parameters');
  return pair.kind === 'ContainerApps'
    ? Object.fromEntries(Object.entries(changes).filter(([name]) => name in declared))
    : changes;
}

/** The frame of nested deployments: their content is checked resource by resource. */
const frames = ['Microsoft.Resources/deployments', 'Microsoft.Resources/resourceGroups'];

/** Each template and each nested one, without the content of further nested ones. */
function scopes(template: JsonObject, title: string): { title: string; own: JsonObject }[] {
  const inner: { title: string; own: JsonObject }[] = [];
  const own = without(template, (key, value) => {
    if (key !== 'template' || !isObject(value) || value.$schema === undefined) return false;
    inner.push(...scopes(value, `${title} > nested`));
    return true;
  });
  return [{ title, own }, ...inner];
}

function without(object: JsonObject, drop: (key: string, value: Json) => boolean): JsonObject {
  const walk = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(walk);
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key, entry]) => !drop(key, entry))
        .map(([key, entry]) => [key, walk(entry)]),
    );
  };
  return objectOf(walk(object), 'the template');
}

/** All strings in a value, with the keys that lead to them. */
function texts(value: Json, path: readonly string[] = []): { path: readonly string[]; text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => texts(item, [...path, String(index)]));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, entry]) => [
    ...(isExpression(key) ? [{ path, text: key }] : []),
    ...texts(entry, [...path, key]),
  ]);
}

const byTemplate = pairs.flatMap((pair) => scopes(readJson(pair.templatePath), pair.title));

describe('deployment templates', () => {
  describe('against the official schemas', () => {
    for (const { title, pair, changes } of cases) {
      it(`every resource matches the schema of its type and API version: ${title}`, function () {
        const schemas = armSchemas() ?? this.skip();
        for (const resource of deployPair(pair, changes).resources) {
          if (frames.includes(resource.type)) continue;
          const faults = schemas.faultsOfResource(resource);
          assert.deepEqual(faults, [], `${resource.type}@${resource.apiVersion} ${resource.name}`);
        }
      });
    }

    it('find planted faults', function () {
      const schemas = armSchemas() ?? this.skip();
      const [pair] = pairs;
      assert.ok(pair);
      const { resources } = deployPair(pair);
      const faultsAfter = (type: string, change: (properties: JsonObject) => void): number => {
        const resource = resources.find((one) => one.type === type);
        assert.ok(resource);
        const copy = structuredClone(resource);
        change(objectOf(copy.body.properties, type));
        return schemas.faultsOfResource(copy)?.length ?? 0;
      };
      const site = 'Microsoft.Web/sites';
      const config = (properties: JsonObject) => objectOf(properties.siteConfig, 'siteConfig');
      assert.equal(
        faultsAfter(site, () => undefined),
        0,
      );
      assert.notEqual(
        faultsAfter(site, (properties) => (properties.httpOnly = true)),
        0,
      );
      assert.notEqual(
        faultsAfter(site, (properties) => (config(properties).minTlsVersion = '2')),
        0,
      );
      assert.notEqual(
        faultsAfter(site, (properties) => (config(properties).healthcheckPath = '/')),
        0,
      );
      assert.notEqual(
        faultsAfter('Microsoft.KeyVault/vaults', (properties) => delete properties.sku),
        0,
      );
    });

    for (const { title, own } of byTemplate) {
      it(`${title} is a valid template`, function () {
        const schemas = armSchemas() ?? this.skip();
        assert.deepEqual(schemas.faultsOfTemplate(own), []);
      });
    }

    for (const pair of pairs) {
      it(`the parameter file of ${pair.title} is valid`, function () {
        const schemas = armSchemas() ?? this.skip();
        assert.deepEqual(schemas.faultsOfParameters(readJson(pair.parametersPath)), []);
      });
    }
  });

  describe('parameters', () => {
    for (const { title, own } of byTemplate) {
      const uses = (what: string) =>
        new Set(
          texts(own).flatMap(({ text }) =>
            [...(isExpression(text) ? text.matchAll(new RegExp(`\\b${what}\\('(\\w+)'\\)`, 'g')) : [])].map(
              (match) => match[1] ?? '',
            ),
          ),
        );
      const declared = (what: string) => {
        const { copy, ...others } = objectOf(own[what] ?? {}, what);
        const copied = Array.isArray(copy)
          ? copy.map((one) => textOf(objectOf(one, 'copy').name, 'name'))
          : [];
        return new Set([...Object.keys(others), ...copied]);
      };

      it(`${title}: all declared ones are used, and all used ones are declared`, () => {
        assert.deepEqual([...uses('parameters')].toSorted(), [...declared('parameters')].toSorted());
        assert.deepEqual([...uses('variables')].toSorted(), [...declared('variables')].toSorted());
      });

      it(`${title}: every expression can be parsed`, () => {
        for (const { text } of texts(own)) if (isExpression(text)) parseExpression(text.slice(1, -1));
      });
    }

    for (const pair of pairs) {
      const declared = objectOf(readJson(pair.templatePath).parameters, 'parameters');
      const secure = Object.keys(declared).filter(
        (key) => objectOf(declared[key], key).type === 'securestring',
      );

      it(`${pair.title}: each has a description`, () => {
        for (const [key, entry] of Object.entries(declared)) {
          const { metadata } = objectOf(entry, key);
          assert.ok(isObject(metadata) && typeof metadata.description === 'string', key);
        }
      });

      it(`${pair.title}: the parameter file sets everything without a default, and no secrets`, () => {
        const given = Object.keys(parametersOf(pair));
        for (const key of given) assert.ok(key in declared, `${key} is not declared`);
        const needed = Object.entries(declared)
          .filter(([, entry]) => objectOf(entry, 'parameter').defaultValue === undefined)
          .map(([key]) => key);
        assert.deepEqual(
          needed.filter((key) => !given.includes(key)).toSorted(),
          needed.filter((key) => secure.includes(key)).toSorted(),
          'only secrets are left to the command line',
        );
        for (const key of secure) assert.ok(!given.includes(key), `${key} is a secret`);
      });
    }

    it('secrets are securestring, and have no default except an empty one', () => {
      for (const { title, own } of byTemplate) {
        for (const [key, entry] of Object.entries(objectOf(own.parameters ?? {}, 'parameters'))) {
          const { type, defaultValue } = objectOf(entry, key);
          const secret = /password|secret|connectionString|accessKey/i.test(key);
          assert.equal(type === 'securestring', secret, `${title}: ${key}`);
          if (secret) assert.ok(defaultValue === undefined || defaultValue === '', `${title}: ${key}`);
        }
      }
    });

    it('wrong values are refused', () => {
      const [pair] = pairs;
      assert.ok(pair);
      const wrong: Changes[] = [
        { appType: 'MultiTenant' },
        { instances: 1 },
        { baseName: 'ab' },
        { eventGridSecret: 'short' },
        { databaseAdminType: 'Robot' },
        { ringTimeoutSeconds: 121 },
        { unknown: true },
      ];
      for (const changes of wrong) assert.throws(() => deployPair(pair, changes), TemplateFault);
    });
  });

  describe('secrets', () => {
    const all = [...Object.values(secrets), connectionString];
    const holds = (text: string) =>
      all.some((secret) => text.includes(secret) || text.includes(encodeURIComponent(secret)));

    for (const { title, pair, changes } of cases) {
      it(`appear only in Key Vault and where they are used: ${title}`, () => {
        const { resources, outputs } = deployPair(pair, changes);
        const places = resources.flatMap((resource) =>
          texts(resource.body)
            .filter(({ text }) => holds(text))
            .map(({ path }) => `${resource.type} ${path.join('.')}`),
        );
        const allowed = [
          'Microsoft.KeyVault/vaults/secrets properties.value',
          'Microsoft.EventGrid/systemTopics/eventSubscriptions properties.destination.properties.endpointUrl',
          // Secure parameters passed to the nested deployment, which declares them secure too.
          'Microsoft.Resources/deployments properties.parameters.eventGridSecret.value',
          'Microsoft.Resources/deployments properties.parameters.appPassword.value',
        ];
        assert.deepEqual(
          places.filter((place) => !allowed.includes(place)),
          [],
        );
        assert.ok(places.length > 0);
        assert.deepEqual(
          texts(outputs).filter(({ text }) => holds(text)),
          [],
        );
      });
    }

    for (const pair of pairs.filter(({ kind }) => kind !== 'AzureBot')) {
      it(`${pair.title}: a deployment without appPassword leaves the one in Key Vault as it is`, () => {
        const written = (changes: Changes) =>
          deployPair(pair, changes)
            .resources.filter(
              ({ type, deployed }) => deployed && type === 'Microsoft.KeyVault/vaults/secrets',
            )
            .map(({ name, body }) => [name.split('/')[1], objectOf(body.properties, 'secret').value]);
        const password = ['MicrosoftAppPassword', secrets.appPassword];
        const first = written({ ...singleTenant, appPassword: secrets.appPassword });
        assert.deepEqual(
          first.filter(([, value]) => value === secrets.appPassword),
          [password],
        );
        const again = written(singleTenant);
        assert.deepEqual(
          again,
          first.filter(([name]) => name !== 'MicrosoftAppPassword'),
        );
        assert.ok(again.every(([, value]) => value !== ''));
      });
    }

    it('are not written into a template or parameter file', () => {
      const files = pairs.flatMap(({ templatePath, parametersPath }) => [templatePath, parametersPath]);
      for (const file of files) {
        const values = without(readJson(file), (key) => ['metadata', '$schema', 'comments'].includes(key));
        for (const { path, text } of texts(values)) {
          const name = path.findLast((key) => !/^\d+$|^(default)?value$/i.test(key)) ?? '';
          if (isExpression(text) || text === '' || path.at(-1) === 'type') continue;
          assert.ok(
            !/(password|secret|key|token|connectionString)$/i.test(name),
            `${file}: ${path.join('.')}`,
          );
          assert.ok(!/[A-Za-z0-9+/_-]{40,}|accesskey=|sig=/i.test(text), `${file}: ${path.join('.')}`);
        }
      }
    });

    it('are not in outputs', () => {
      for (const { title, own } of byTemplate) {
        for (const { path, text } of texts(own.outputs ?? {})) {
          assert.ok(
            !/listKeys|securestring|secureobject|password|secret/i.test(text),
            `${title}: ${path.join('.')}`,
          );
        }
      }
    });
  });

  describe('resources', () => {
    for (const { title, pair, changes } of cases) {
      it(`depend on resources of the same template only: ${title}`, () => {
        const { resources } = deployPair(pair, changes);
        const ids = new Set(resources.map(({ id }) => id));
        assert.equal(ids.size, resources.length, 'each occurs once');
        const waitsFor = (id: string): string[] =>
          (resources.find((one) => one.id === id)?.dependsOn ?? []).flatMap((next) => [
            next,
            ...waitsFor(next),
          ]);
        for (const { id, name, dependsOn, scope, reads } of resources) {
          for (const other of dependsOn) assert.ok(ids.has(other), `${name} depends on ${other}`);
          if (scope !== undefined && scope !== elsewhere.id.toLowerCase()) {
            assert.ok(ids.has(scope), `${name} belongs to ${scope}`);
          }
          // reference() by id does not make Azure wait.
          for (const other of [...(scope === undefined ? [] : [scope]), ...reads]) {
            assert.ok(!ids.has(other) || waitsFor(id).includes(other), `${name} does not wait for ${other}`);
          }
        }
      });

      it(`children wait for their parents: ${title}`, () => {
        const { resources } = deployPair(pair, changes);
        for (const { id, name, dependsOn, type } of resources) {
          // A child of a slot is not a child of the site.
          const parent = resources
            .filter((one) => type.startsWith(`${one.type}/`) && id.startsWith(`${one.id}/`))
            .toSorted((one, other) => other.id.length - one.id.length)[0];
          const nested = ['/eventSubscriptions', '/administrators'].some((end) => type.endsWith(end));
          if (parent && !nested) assert.ok(dependsOn.includes(parent.id), `${name} waits for ${parent.name}`);
        }
      });

      it(`have names within Azure's limits: ${title}`, () => {
        for (const { type, name } of deployPair(pair, changes).resources) {
          const limit = limits[type];
          assert.ok(limit, `no limit is known for ${type}`);
          assert.match(name.split('/').at(-1) ?? '', limit, type);
        }
      });
    }

    it('are never MultiTenant', () => {
      for (const { templatePath, parametersPath } of pairs) {
        for (const path of [templatePath, parametersPath]) {
          assert.doesNotMatch(readFileSync(path, 'utf8'), /multi-?tenant/i, path);
        }
      }
    });

    it('accept only TLS, and no passwords', () => {
      const [pair] = pairs;
      assert.ok(pair);
      const { resources } = deployPair(pair);
      const properties = (type: string, last?: string): JsonObject =>
        objectOf(
          resources.find((one) => one.type === type && (last === undefined || one.name.endsWith(`/${last}`)))
            ?.body.properties,
          `${type} ${last}`,
        );
      const site = properties('Microsoft.Web/sites');
      assert.equal(site.httpsOnly, true);
      assert.equal(objectOf(site.siteConfig, 'siteConfig').healthCheckPath, '/readyz');
      assert.equal(objectOf(site.siteConfig, 'siteConfig').ftpsState, 'Disabled');
      assert.equal(
        objectOf(site.siteConfig, 'siteConfig').appCommandLine,
        // Like `npm start`, but for the deployment package. With `exec` SIGTERM reaches Node, not a shell.
        startCommand().replace('src/main.ts', 'server/main.js'),
      );
      assert.equal(properties('Microsoft.Web/sites/basicPublishingCredentialsPolicies', 'scm').allow, false);
      assert.equal(properties('Microsoft.Web/sites/basicPublishingCredentialsPolicies', 'ftp').allow, false);
      assert.equal(properties('Microsoft.KeyVault/vaults').enableRbacAuthorization, true);
      assert.equal(properties('Microsoft.CognitiveServices/accounts').disableLocalAuth, true);
      assert.equal(properties('Microsoft.Communication/communicationServices').disableLocalAuth, true);
      assert.equal(
        properties('Microsoft.DBforPostgreSQL/flexibleServers/configurations', 'require_secure_transport')
          .value,
        'on',
      );
    });

    it('permissions are minimal', () => {
      const [pair] = pairs;
      assert.ok(pair);
      const rights = (changes: Readonly<Record<string, Json>>) =>
        deployPair(pair, changes)
          .resources.filter(
            ({ type, deployed }) => type === 'Microsoft.Authorization/roleAssignments' && deployed,
          )
          .map(({ scope, body }) => {
            const { roleDefinitionId, principalId } = objectOf(body.properties, 'role assignment');
            return [
              scope?.split('/').at(-2),
              textOf(roleDefinitionId, 'role').split('/').at(-1),
              principalId,
            ];
          });
      const secretsUser = [
        'vaults',
        '4633458b-17de-408a-b874-0445c86b69e6',
        '50000000-0000-4000-8000-000000000005',
      ];
      const speech = [
        'accounts',
        'a97b65f3-24c7-4388-baec-2e87135dc908',
        '60000000-0000-4000-8000-000000000006',
      ];
      const calls = [
        'communicationservices',
        '09976791-48a7-449e-bb21-39d1a415f350',
        '50000000-0000-4000-8000-000000000005',
      ];
      assert.deepEqual(rights({}), [secretsUser, calls, speech]);
      assert.deepEqual(rights({ communicationAccess: 'Key' }), [secretsUser, speech]);
    });
  });

  describe('the bot', () => {
    const bot = (pair: (typeof pairs)[number], changes: Readonly<Record<string, Json>>): Resource[] =>
      deployPair(pair, changes).resources;

    for (const pair of pairs.filter(({ kind }) => kind === 'AzureBot')) {
      it(`${pair.title}: is the managed identity, or an app registration`, () => {
        const of = (changes: Readonly<Record<string, Json>>): JsonObject =>
          objectOf(
            bot(pair, changes).find(({ type }) => type === 'Microsoft.BotService/botServices')?.body
              .properties,
            'bot',
          );
        const byIdentity = of({});
        assert.equal(byIdentity.msaAppType, 'UserAssignedMSI');
        assert.equal(byIdentity.msaAppId, '40000000-0000-4000-8000-000000000004');
        assert.match(
          textOf(byIdentity.msaAppMSIResourceId, 'identity'),
          /\/userAssignedIdentities\/ringdown-identity$/,
        );
        assert.equal(byIdentity.endpoint, 'https://ringdown.azurewebsites.net/api/messages');
        const byRegistration = of({ ...singleTenant, publicUrl: 'https://ringdown.contoso.example' });
        assert.equal(byRegistration.msaAppType, 'SingleTenant');
        assert.equal(byRegistration.msaAppId, singleTenant.appId);
        assert.equal(byRegistration.msaAppMSIResourceId, '');
        assert.equal(byRegistration.endpoint, 'https://ringdown.contoso.example/api/messages');
      });

      it(`${pair.title}: is configured for GCC if its Teams is in GCC`, () => {
        const teamsOf = (azureCloud: string): Json => {
          const channel = bot(pair, { azureCloud }).find(({ body }) =>
            JSON.stringify(body).includes('MsTeamsChannel"'),
          );
          const { properties } = objectOf(channel?.body.properties, 'channel');
          return objectOf(properties, 'channel').deploymentEnvironment ?? null;
        };
        assert.equal(teamsOf('gcc'), 'GCCModerateDeployment');
        for (const cloud of ['public', 'gcch', 'dod']) assert.equal(teamsOf(cloud), 'CommercialDeployment');
      });

      it(`${pair.title}: is on Teams, on Web Chat only if wanted, and Event Grid has the secret`, () => {
        const resources = bot(pair, {});
        const channels = (all: Resource[]): Json[] =>
          all
            .filter(({ type, deployed }) => type === 'Microsoft.BotService/botServices/channels' && deployed)
            .map(({ body }) => objectOf(body.properties, 'channel').channelName ?? null);
        assert.deepEqual(channels(resources), ['MsTeamsChannel']);
        assert.deepEqual(channels(bot(pair, { webChat: true })), ['MsTeamsChannel', 'WebChatChannel']);
        const subscription = resources.find(({ type }) => type.endsWith('/eventSubscriptions'));
        const { destination } = objectOf(subscription?.body.properties, 'subscription');
        assert.equal(
          objectOf(objectOf(destination, 'destination').properties, 'destination').endpointUrl,
          `https://ringdown.azurewebsites.net/api/events?token=${secrets.eventGridSecret}`,
        );
      });
    }
  });

  describe('with a new resource group', () => {
    for (const name of names) {
      it(`${name} contains the templates for an existing group (node test/deployment/newResourceGroup.ts)`, () => {
        assert.equal(
          readFileSync(outerPath(name), 'utf8'),
          withNewResourceGroup(name, readFileSync(innerPath(name), 'utf8')),
        );
      });
    }

    it('the outputs are the same', () => {
      for (const kind of names) {
        const [old, made] = pairs
          .filter((pair) => pair.kind === kind)
          .map((pair) => deployPair(pair).outputs);
        assert.deepEqual(made, old);
      }
    });
  });

  describe('the evaluation of templates', () => {
    const evaluate = (text: string, parameters: JsonObject = {}) =>
      deploy(
        {
          parameters: Object.fromEntries(Object.keys(parameters).map((key) => [key, { type: 'string' }])),
          resources: [],
          outputs: { it: { value: text } },
        },
        parameters,
        { known: {} },
      ).outputs.it;

    it('implements what Azure does', () => {
      assert.equal(
        evaluate("[format('{0}-{1}', toLower('AB'), take(replace('a-b-c', '-', ''), 2))]"),
        'ab-ab',
      );
      assert.equal(evaluate("[if(equals(parameters('x'), 'y'), 'yes', 'no')]", { x: 'y' }), 'yes');
      assert.equal(evaluate("[split('a,b', ',')[1]]"), 'b');
      assert.equal(evaluate("[uriComponent('a/b''c')]"), "a%2Fb'c");
      assert.equal(evaluate('[[not an expression]'), '[not an expression]');
    });

    for (const text of [
      "[parameters('missing')]",
      "[variables('missing')]",
      "[unknown('x')]",
      "[format('{0}')]",
      "[format('a' 'b')]",
      "[resourceId('Microsoft.Web/sites')]",
      "[reference(resourceId('Microsoft.Web/sites', 'none'), '2024-11-01').defaultHostName]",
    ]) {
      it(`refuses ${text}`, () => assert.throws(() => evaluate(text), TemplateFault));
    }
  });
});

/** "Naming rules and restrictions for Azure resources", for the last part of a name. */
const limits: Readonly<Record<string, RegExp>> = {
  'Microsoft.ManagedIdentity/userAssignedIdentities': /^[a-z0-9][\w-]{2,127}$/i,
  'Microsoft.OperationalInsights/workspaces': /^[a-z0-9][a-z0-9-]{2,61}[a-z0-9]$/i,
  'Microsoft.Insights/components': /^[^%&\\?/]{1,259}[^%&\\?/. ]$/,
  'Microsoft.Insights/actionGroups': /^[^:<>+/&%\\?|]{1,259}[^:<>+/&%\\?|. ]$/,
  'Microsoft.Insights/metricAlerts': /^[^*#&+:<>?@%{}\\/]{1,259}[^*#&+:<>?@%{}\\/. ]$/,
  'Microsoft.KeyVault/vaults': /^(?!.*--)[a-z][a-z0-9-]{1,22}[a-z0-9]$/i,
  'Microsoft.KeyVault/vaults/secrets': /^[a-z0-9-]{1,127}$/i,
  'Microsoft.Authorization/roleAssignments': /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'Microsoft.DBforPostgreSQL/flexibleServers': /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
  'Microsoft.DBforPostgreSQL/flexibleServers/configurations': /^[a-z_]+$/,
  'Microsoft.DBforPostgreSQL/flexibleServers/administrators': /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'Microsoft.Network/virtualNetworks': /^[a-z0-9][\w.-]{0,62}\w$/i,
  'Microsoft.Network/privateEndpoints': /^[a-z0-9][\w.-]{0,62}\w$/i,
  'Microsoft.Network/privateEndpoints/privateDnsZoneGroups': /^[a-z0-9][\w.-]{0,78}\w$/i,
  'Microsoft.Insights/scheduledQueryRules': /^[^#<>%&:?/{}*]{1,260}$/,
  'Microsoft.CognitiveServices/accounts': /^[a-z0-9][a-z0-9-]{1,63}$/i,
  'Microsoft.Communication/communicationServices': /^[\w-]{1,63}$/,
  'Microsoft.Web/serverfarms': /^[a-z0-9-]{1,40}$/i,
  'Microsoft.Web/sites': /^[a-z0-9][a-z0-9-]{0,58}[a-z0-9]$/i,
  'Microsoft.Web/sites/config': /^appsettings$/,
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies': /^(ftp|scm)$/,
  'Microsoft.Web/sites/slots': /^[a-z0-9][a-z0-9-]{0,57}[a-z0-9]$/i,
  'Microsoft.Web/sites/slots/config': /^appsettings$/,
  'Microsoft.Web/sites/slots/basicPublishingCredentialsPolicies': /^(ftp|scm)$/,
  'Microsoft.BotService/botServices': /^[a-z0-9][\w-]{1,41}$/i,
  'Microsoft.BotService/botServices/channels': /^(MsTeams|WebChat)Channel$/,
  'Microsoft.EventGrid/systemTopics': /^[a-z0-9-]{3,50}$/i,
  'Microsoft.EventGrid/systemTopics/eventSubscriptions': /^[a-z0-9-]{3,64}$/i,
  'Microsoft.App/managedEnvironments': /^[a-z0-9][a-z0-9-]{0,58}[a-z0-9]$/i,
  'Microsoft.App/containerApps': /^(?!.*--)[a-z][a-z0-9-]{0,30}[a-z0-9]$/,
  'Microsoft.App/jobs': /^(?!.*--)[a-z][a-z0-9-]{0,30}[a-z0-9]$/,
  'Microsoft.Network/privateDnsZones': /^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,33}$/,
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks': /^\w[\w.-]{0,78}\w$/,
  'Microsoft.Insights/diagnosticSettings': /^[^*<>%&:\\?+/]{1,260}$/,
  'Microsoft.Resources/deployments': /^[\w().-]{1,64}$/,
  'Microsoft.Resources/resourceGroups': /^[\w().-]{0,89}[\w()-]$/,
};
