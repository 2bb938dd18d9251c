import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readConfig } from '../../src/config/config.ts';
import { environmentSchema } from '../../src/config/environment.ts';
import { afterTest } from '../support/afterTest.ts';
import { deploy, objectOf, textOf } from './armTemplate.ts';
import type { Json, JsonObject, Resource } from './armTemplate.ts';
import {
  connectionString,
  containerApps,
  deployPair,
  elsewhere,
  ids,
  pairs,
  readJson,
  secrets,
} from './templates.ts';

type Changes = Record<string, Json>;
const image = `ghcr.io/contoso/ringdown@sha256:${'a'.repeat(64)}`;
const registration = {
  appType: 'SingleTenant',
  appId: ids.app,
  appPassword: secrets.appPassword,
  communicationAccess: 'Key',
};

const Probe = z.object({
  type: z.enum(['Startup', 'Liveness', 'Readiness']),
  httpGet: z.object({ path: z.string(), port: z.number() }),
  initialDelaySeconds: z.number().min(1).max(60).optional(),
  periodSeconds: z.number().min(1).max(240),
  timeoutSeconds: z.number().min(1).max(240),
  // More than ten are rejected.
  failureThreshold: z.number().min(1).max(10),
});
const App = z.object({
  configuration: z.looseObject({
    activeRevisionsMode: z.string(),
    ingress: z.looseObject({ external: z.boolean(), targetPort: z.number(), allowInsecure: z.boolean() }),
    registries: z.array(z.object({ server: z.string(), identity: z.string() })),
    secrets: z.array(
      z.union([
        z.object({ name: z.string(), keyVaultUrl: z.string(), identity: z.string() }),
        z.object({ name: z.literal('ringdown-yaml'), value: z.string() }),
      ]),
    ),
  }),
  template: z.object({
    terminationGracePeriodSeconds: z.number(),
    containers: z.tuple([
      z.looseObject({
        image: z.string(),
        resources: z.object({ cpu: z.number(), memory: z.string() }),
        env: z.array(
          z.union([
            z.strictObject({ name: z.string(), value: z.string() }),
            z.strictObject({ name: z.string(), secretRef: z.string() }),
          ]),
        ),
        probes: z.array(Probe),
        volumeMounts: z.array(z.object({ volumeName: z.string(), mountPath: z.string() })),
      }),
    ]),
    volumes: z.array(
      z.looseObject({ secrets: z.array(z.object({ secretRef: z.string(), path: z.string() })) }),
    ),
    scale: z.looseObject({
      minReplicas: z.number(),
      maxReplicas: z.number(),
      rules: z.array(
        z.object({ name: z.string(), http: z.object({ metadata: z.record(z.string(), z.string()) }) }),
      ),
    }),
  }),
});

const resources = (changes: Changes = {}): Resource[] =>
  deployPair(containerApps, { image, ...changes }).resources;
const only = (type: string, changes?: Changes, last = ''): Resource => {
  const found = resources(changes).filter((one) => one.type === type && one.name.endsWith(last));
  assert.equal(found.length, 1, type);
  return found[0] as Resource;
};
const properties = (type: string, changes?: Changes, last?: string): JsonObject =>
  objectOf(only(type, changes, last).body.properties, type);

function app(changes?: Changes) {
  const { properties: all } = z
    .object({ properties: z.looseObject({}) })
    .parse(only('Microsoft.App/containerApps', changes).body);
  const { configuration, template } = App.parse(all);
  const { env: settings, ...container } = template.containers[0];
  return { configuration, template, container, settings };
}

/** As Ringdown sees its settings: secrets come from the Key Vault. */
function environment(changes: Changes): Record<string, string> {
  const { configuration, settings } = app(changes);
  const vault = only('Microsoft.KeyVault/vaults', changes);
  const all = resources(changes);
  return Object.fromEntries(
    settings.map((setting): [string, string] => {
      if ('value' in setting) return [setting.name, setting.value];
      const secret = configuration.secrets.find(({ name }) => name === setting.secretRef);
      assert.ok(secret !== undefined && 'keyVaultUrl' in secret, `there is no secret ${setting.secretRef}`);
      const [, host, name] = /^https:\/\/([^/]+)\/secrets\/([^/]+)$/.exec(secret.keyVaultUrl) ?? [];
      assert.equal(host, `${vault.name}.vault.azure.net`);
      const kept = all.find((one) => one.deployed && one.name === `${vault.name}/${name}`);
      return [
        setting.name,
        kept ? textOf(objectOf(kept.body.properties, 'secret').value, 'text') : `of ${name}`,
      ];
    }),
  );
}

describe('Container Apps', () => {
  for (const [title, changes] of [
    ['managed identity', {}],
    ['app registration and key', registration],
  ] as [string, Changes][]) {
    it(`${title}: Ringdown starts with the settings`, () => {
      const config = readConfig(environment(changes), (path) =>
        path.startsWith('/config/') ? '' : undefined,
      );
      assert.equal(config.publicUrl, 'https://ringdown.example-1234.westeurope.azurecontainerapps.io');
      assert.equal(config.eventGridSecret, secrets.eventGridSecret);
      assert.equal(config.acs.resourceId, ids.immutableResource);
      assert.equal(config.acs.key?.connectionString, 'appId' in changes ? connectionString : undefined);
      assert.equal(config.bot.appPassword, 'appId' in changes ? secrets.appPassword : undefined);
      assert.equal(config.port, app().configuration.ingress.targetPort);
      assert.ok(config.database.kind === 'postgres');
      const address = new URL(config.database.url);
      assert.equal(address.password, '');
      assert.equal(address.username, 'ringdown-identity');
      assert.equal(address.searchParams.get('sslmode'), 'verify-full');
    });

    it(`${title}: the settings are the same as for App Service, each once`, () => {
      const names = app(changes).settings.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length);
      const appService = pairs.find(({ kind }) => kind === 'BotApp');
      assert.ok(appService);
      const { resources: there } = deployPair(appService, changes);
      const site = there.find(({ name }) => name.endsWith('/appsettings'))?.body.properties;
      const platform = /^(SCM_|WEBSITES?_|ApplicationInsightsAgent|NODE_COMPILE_CACHE)/;
      const optional = ['MicrosoftAppPassword', 'ACS_CONNECTION_STRING'];
      for (const name of Object.keys(objectOf(site, 'app settings'))) {
        if (platform.test(name) || (optional.includes(name) && changes === undefined)) continue;
        if (optional.includes(name) && !('appId' in changes)) continue;
        assert.ok(names.includes(name), name);
      }
      const known = [
        ...Object.keys(environmentSchema.shape),
        'AZURE_CLIENT_ID',
        'APPLICATIONINSIGHTS_CONNECTION_STRING',
        'DATABASE_AUTH',
      ];
      assert.deepEqual(
        names.filter((name) => !known.includes(name)),
        [],
      );
    });
  }

  it('runs at least two replicas, with liveness and readiness probes', () => {
    const { template, container } = app();
    assert.equal(template.scale.minReplicas, 2);
    assert.throws(() => app({ minReplicas: 1 }), /out of range/);
    const probes = new Map(container.probes.map((probe) => [probe.type, probe]));
    assert.deepEqual(
      container.probes.map(({ type, httpGet }) => [type, httpGet.path]),
      [
        ['Startup', '/healthz'],
        ['Liveness', '/healthz'],
        ['Readiness', '/readyz'],
      ],
    );
    const startup = probes.get('Startup');
    assert.ok(startup && startup.periodSeconds * startup.failureThreshold >= 300, 'an upgrade of the tables');
    // /readyz itself takes up to 3 s.
    assert.ok((probes.get('Readiness')?.timeoutSeconds ?? 0) > 3);
    assert.equal(template.terminationGracePeriodSeconds, 30);
  });

  it('scales out when requests wait, and never below the minimum', () => {
    assert.deepEqual(app({ concurrentRequests: 80 }).template.scale.rules, [
      { name: 'requests', http: { metadata: { concurrentRequests: '80' } } },
    ]);
  });

  it('memory matches the CPUs, as the profile requires', () => {
    for (const [cpu, memory] of [
      ['0.25', '0.5Gi'],
      ['0.5', '1.0Gi'],
      ['2.0', '4.0Gi'],
    ] as const) {
      assert.deepEqual(app({ cpu }).container.resources, { cpu: Number(cpu), memory });
    }
  });

  it('secrets are read from the Key Vault by Ringdown’s identity', () => {
    const { configuration } = app(registration);
    const fromVault = configuration.secrets.filter((secret) => 'keyVaultUrl' in secret);
    assert.deepEqual(
      fromVault.map(({ name }) => name),
      ['event-grid-secret', 'insights', 'app-password', 'acs-connection-string'],
    );
    for (const { identity } of fromVault) assert.match(identity, /\/ringdown-identity$/);
  });

  it('custom settings are passed as they are, and custom secrets by their names in the Key Vault', () => {
    const changes: Changes = {
      additionalSettings: [{ name: 'HOOK_URL', value: 'https://hooks.contoso.example' }],
      vaultSettings: ['HOOK-SECRET'],
    };
    const seen = environment(changes);
    assert.equal(seen['HOOK_URL'], 'https://hooks.contoso.example');
    assert.equal(seen['HOOK_SECRET'], 'of HOOK-SECRET');
    assert.equal('HOOK_SECRET' in environment({}), false);
  });

  it('a custom setting replaces that of the template, without duplicates', () => {
    const restored = 'postgres://ringdown-identity@restored.postgres.database.azure.com:5432/ringdown';
    const changes: Changes = {
      additionalSettings: [{ name: 'DATABASE_URL', value: restored }],
      vaultSettings: ['API-KEYS'],
    };
    const names = app(changes).settings.map(({ name }) => name);
    assert.deepEqual(
      names.toSorted(),
      app()
        .settings.map(({ name }) => name)
        .toSorted(),
    );
    const seen = environment(changes);
    assert.equal(seen['DATABASE_URL'], restored);
    assert.equal(seen['API_KEYS'], 'of API-KEYS');
  });

  it('speaks with an existing account, even in another group', () => {
    const kept = resources({ existingSpeechAccountId: elsewhere.id });
    assert.ok(
      kept.every(({ type, deployed }) => type !== 'Microsoft.CognitiveServices/accounts' || !deployed),
    );
    const right = kept.find(({ scope }) => scope === elsewhere.id.toLowerCase());
    assert.equal(objectOf(right?.body.properties, 'role').principalId, ids.communicationPrincipal);
  });

  it('the vault of a trial may be purged', () => {
    const vault = 'Microsoft.KeyVault/vaults';
    assert.equal(properties(vault).enablePurgeProtection, true);
    assert.equal(properties(vault, { keyVaultPurgeProtection: false }).enablePurgeProtection, undefined);
  });

  it('the workbook finds its workspace, as it does for App Service', () => {
    const { resources: made } = deploy(
      readJson(
        fileURLToPath(
          new URL('../../deploymentTemplates/monitoring/template-workbook.json', import.meta.url),
        ),
      ),
      {},
      { known: {} },
      'ringdown',
    );
    const workspaces = pairs
      .filter(({ kind, newGroup }) => kind !== 'AzureBot' && !newGroup)
      .map((pair) => deployPair(pair, {}).resources.find(({ type }) => type.endsWith('/workspaces'))?.id);
    assert.equal(new Set(workspaces).size, 1);
    const source = textOf(objectOf(made[0]?.body.properties, 'workbook').sourceId, 'sourceId');
    assert.equal(source.toLowerCase(), workspaces[0]);
  });

  it('a new ringdown.yaml makes a new revision, which finds it at CONFIG_FILE', () => {
    const at = (ringdownYaml: string): string => {
      const { settings, template, configuration } = app({ ringdownYaml });
      const file = settings.find(({ name }) => name === 'CONFIG_FILE');
      const [volume] = template.volumes;
      assert.ok(file && 'value' in file && volume);
      assert.equal(`/config/${volume.secrets[0]?.path}`, file.value);
      const kept = configuration.secrets.find(({ name }) => name === 'ringdown-yaml');
      assert.ok(kept && 'value' in kept);
      // An empty secret is rejected.
      assert.equal(kept.value, ringdownYaml === '' ? '# no settings' : ringdownYaml);
      return file.value;
    };
    assert.notEqual(at('operators: [Megan Bowen]'), at(''));
  });

  it('an image in a private registry is pulled with the identity', () => {
    assert.deepEqual(app().configuration.registries, []);
    const [own] = app({ registryServer: 'contoso.azurecr.io' }).configuration.registries;
    assert.equal(own?.server, 'contoso.azurecr.io');
    assert.match(own?.identity ?? '', /\/ringdown-identity$/);
  });

  it('without an image everything is deployed except the app and its monitoring', () => {
    const kept = resources({ image: '', alertEmail: 'ops@contoso.example' }).filter(
      ({ deployed }) => !deployed,
    );
    assert.deepEqual(
      kept.map(({ type }) => type).filter((type) => !type.endsWith('/secrets')),
      ['Microsoft.App/containerApps', 'Microsoft.Insights/metricAlerts', 'Microsoft.Insights/metricAlerts'],
    );
    const said = (changes: Changes): Json => deployPair(containerApps, changes).outputs['nextStep'] ?? null;
    assert.match(textOf(said({}), 'text'), /databaseRoleJob/);
    assert.match(textOf(said({ image }), 'text'), /template-AzureBot/);
  });

  describe('the database', () => {
    const server = 'Microsoft.DBforPostgreSQL/flexibleServers';

    it('has an address only in the virtual network, through a linked DNS zone', () => {
      const { network } = properties(server);
      const { delegatedSubnetResourceId, privateDnsZoneArmResourceId, publicNetworkAccess } = objectOf(
        network,
        'network',
      );
      assert.equal(publicNetworkAccess, 'Disabled');
      const zone = only('Microsoft.Network/privateDnsZones');
      assert.match(zone.name, /\.private\.postgres\.database\.azure\.com$/);
      assert.equal(textOf(privateDnsZoneArmResourceId, 'text').toLowerCase(), zone.id);
      const links = properties('Microsoft.Network/privateDnsZones/virtualNetworkLinks');
      const net = only('Microsoft.Network/virtualNetworks');
      assert.equal(textOf(objectOf(links.virtualNetwork, 'link').id, 'text').toLowerCase(), net.id);
      const subnets = z
        .array(
          z.object({
            name: z.string(),
            properties: z.object({
              addressPrefix: z.string(),
              delegations: z.tuple([z.object({ properties: z.object({ serviceName: z.string() }) }).loose()]),
            }),
          }),
        )
        .parse(objectOf(net.body.properties, 'network').subnets);
      const delegated = Object.fromEntries(
        subnets.map(({ name, properties: { delegations } }) => [name, delegations[0].properties.serviceName]),
      );
      assert.deepEqual(delegated, { apps: 'Microsoft.App/environments', database: server });
      assert.match(textOf(delegatedSubnetResourceId, 'text'), /\/subnets\/database$/);
      const { infrastructureSubnetId } = objectOf(
        properties('Microsoft.App/managedEnvironments').vnetConfiguration,
        'vnetConfiguration',
      );
      assert.match(textOf(infrastructureSubnetId, 'text'), /\/subnets\/apps$/);
      assert.ok(!resources().some(({ type }) => type.endsWith('/firewallRules')));
    });

    it('accepts no passwords, and its administrator is not Ringdown’s identity', () => {
      assert.deepEqual(objectOf(properties(server).authConfig, 'authConfig').passwordAuth, 'Disabled');
      assert.equal(properties(server).administratorLogin, undefined);
      const administrator = properties(`${server}/administrators`);
      assert.equal(administrator.principalName, 'ringdown-database-admin');
      const identities = (type: string) =>
        Object.keys(
          objectOf(objectOf(only(type).body.identity, 'identity').userAssignedIdentities, 'identities'),
        );
      assert.match(identities('Microsoft.App/containerApps').join(), /^\S+\/ringdown-identity$/);
      assert.match(identities('Microsoft.App/jobs').join(), /^\S+\/ringdown-database-admin$/);
    });

    describe('the job that creates the role', () => {
      /** Runs the script with stand-ins for wget and psql, which record their arguments. */
      function runJob(answer: string): {
        status: number | null;
        output: string;
        asked: string;
        psql: string;
      } {
        const [container] = z
          .tuple([
            z.looseObject({
              command: z.array(z.string()),
              args: z.array(z.string()),
              env: z.array(z.object({ name: z.string(), value: z.string() })),
            }),
          ])
          .parse(objectOf(properties('Microsoft.App/jobs').template, 'template').containers);
        const folder = mkdtempSync(join(tmpdir(), 'ringdown-job-'));
        afterTest(() => rmSync(folder, { recursive: true }));
        const program = (name: string, text: string): void => {
          writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
          chmodSync(join(folder, name), 0o755);
        };
        program('wget', `printf '%s\\n' "$@" > ${folder}/asked; printf %s '${answer}'`);
        program('psql', `{ printf '%s\\n' "$PGUSER" "$PGPASSWORD" "$@"; cat; } > ${folder}/done`);
        const [shell = '', ...options] = container.command;
        const { status, stdout, stderr } = spawnSync(shell, [...options, ...container.args], {
          encoding: 'utf8',
          env: {
            ...Object.fromEntries(container.env.map(({ name, value }) => [name, value])),
            PATH: `${folder}:${env.PATH}`,
            IDENTITY_ENDPOINT: 'http://localhost/msi/token',
            IDENTITY_HEADER: 'header-of-the-platform',
          },
        });
        const kept = (name: string): string => {
          try {
            return readFileSync(join(folder, name), 'utf8');
          } catch {
            return '';
          }
        };
        return { status, output: stdout + stderr, asked: kept('asked'), psql: kept('done') };
      }

      it('gets a token of the administrator, and gives Ringdown only a database', () => {
        const token = 'a.token-of_entra';
        const { status, output, asked, psql } = runJob(`{"access_token":"${token}","expires_on":"1"}`);
        assert.equal(status, 0, output);
        assert.match(asked, /X-IDENTITY-HEADER: header-of-the-platform/);
        assert.match(
          asked,
          new RegExp(
            `client_id=${ids.identityClient}&resource=https%3A%2F%2Fossrdbms-aad\\.database\\.windows\\.net$`,
            'm',
          ),
        );
        const lines = psql.split('\n');
        assert.deepEqual(lines.slice(0, 2), ['ringdown-database-admin', token]);
        assert.ok(lines.includes('role=ringdown-identity'));
        assert.ok(lines.includes(`id=${ids.identityPrincipal}`));
        // 'service', not an administrator, no multi-factor authentication.
        assert.match(psql, /pgaadauth_create_principal_with_oid\(:'role', :'id', 'service', false, false\)/);
        assert.match(psql, /GRANT CONNECT, CREATE, TEMPORARY ON DATABASE ringdown TO :"role"/);
        assert.ok(!output.includes(token));
      });

      it('fails if the identity gets no token', () => {
        const { status, psql } = runJob('{"error":"invalid_request"}');
        assert.notEqual(status, 0);
        assert.equal(psql, '');
      });
    });
  });

  it('logs go to Log Analytics, without request paths', () => {
    const kept = resources()
      .filter(({ type }) => type === 'Microsoft.Insights/diagnosticSettings')
      .map(({ scope, body }) => {
        const { logs } = z
          .looseObject({ logs: z.array(z.object({ category: z.string(), enabled: z.literal(true) })) })
          .parse(body.properties);
        return [scope?.split('/').at(-2), logs.map(({ category }) => category)];
      });
    assert.deepEqual(Object.fromEntries(kept), {
      managedenvironments: ['ContainerAppConsoleLogs', 'ContainerAppSystemLogs'],
      communicationservices: ['CallAutomationOperational', 'CallAutomationMediaSummary', 'AuthOperational'],
      vaults: ['AuditEvent'],
      flexibleservers: ['PostgreSQLLogs'],
    });
  });
});
