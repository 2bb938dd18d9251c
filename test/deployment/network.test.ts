import assert from 'node:assert/strict';
import { objectOf, textOf } from './armTemplate.ts';
import type { Json, JsonObject, Resource } from './armTemplate.ts';
import { roles } from './roles.ts';
import { deployPair, pairs } from './templates.ts';

type Changes = Readonly<Record<string, Json>>;

/**
 * DNS zone by the kind of endpoint. Source: "Azure Private Endpoint private DNS zone values",
 * https://learn.microsoft.com/azure/private-link/private-endpoint-dns
 */
const zones: Readonly<Record<string, string>> = {
  postgresqlServer: 'privatelink.postgres.database.azure.com',
  vault: 'privatelink.vaultcore.azure.net',
  account: 'privatelink.cognitiveservices.azure.com',
};

const apps = pairs.filter(({ kind }) => kind === 'BotApp');
const everything = { keyVaultAccess: 'Private', speechAccess: 'Private' };

function deployed(pair: (typeof pairs)[number], changes: Changes = {}) {
  const resources = deployPair(pair, changes).resources.filter((resource) => resource.deployed);
  const of = (type: string): Resource[] => resources.filter((resource) => resource.type === type);
  const properties = (type: string): JsonObject => objectOf(of(type)[0]?.body.properties, type);
  return { of, properties };
}

const path = (value: Json | undefined, ...keys: (string | number)[]): Json =>
  keys.reduce<Json>(
    (inner, key) =>
      Array.isArray(inner) ? (inner[Number(key)] ?? null) : (objectOf(inner, String(key))[key] ?? null),
    value ?? null,
  );

describe('the network of the deployment', () => {
  for (const pair of apps) {
    it(`${pair.title}: only the network reaches the database, which has no password and no firewall rules`, () => {
      const { of, properties } = deployed(pair);
      const server = properties('Microsoft.DBforPostgreSQL/flexibleServers');
      assert.deepEqual(server.network, { publicNetworkAccess: 'Disabled' });
      assert.equal(path(server, 'authConfig', 'passwordAuth'), 'Disabled');
      assert.equal(path(server, 'authConfig', 'activeDirectoryAuth'), 'Enabled');
      assert.ok(!('administratorLogin' in server));
      assert.equal(of('Microsoft.DBforPostgreSQL/flexibleServers/firewallRules').length, 0);
      const [administrator] = of('Microsoft.DBforPostgreSQL/flexibleServers/administrators');
      assert.equal(path(administrator?.body.properties, 'principalName'), 'admin@contoso.example');
    });

    it(`${pair.title}: the site uses its own subnet, and endpoints are in another`, () => {
      const { of, properties } = deployed(pair);
      const [network] = of('Microsoft.Network/virtualNetworks');
      assert.ok(network);
      const subnets = Array.isArray(path(network.body.properties, 'subnets'))
        ? [0, 1].map((index) => path(network.body.properties, 'subnets', index))
        : [];
      assert.deepEqual(
        subnets.map((subnet) => [path(subnet, 'name'), path(subnet, 'properties', 'addressPrefix')]),
        [
          ['site', '10.71.0.0/26'],
          ['endpoints', '10.71.0.64/26'],
        ],
      );
      assert.equal(
        textOf(properties('Microsoft.Web/sites').virtualNetworkSubnetId, 'subnet').toLowerCase(),
        `${network.id}/subnets/site`,
      );
    });

    for (const [title, changes, kinds] of [
      ['the database', {}, ['postgresqlServer']],
      ['the database, the vault and speech', everything, ['postgresqlServer', 'vault', 'account']],
    ] as const) {
      it(`${pair.title}: each private endpoint, of ${title}, has a DNS zone that is linked to the network`, () => {
        const { of } = deployed(pair, changes);
        const endpoints = of('Microsoft.Network/privateEndpoints');
        const [network] = of('Microsoft.Network/virtualNetworks');
        const found = endpoints.map((endpoint) => {
          const connection = path(endpoint.body.properties, 'privateLinkServiceConnections', 0, 'properties');
          const kind = textOf(path(connection, 'groupIds', 0), 'group');
          const group = of('Microsoft.Network/privateEndpoints/privateDnsZoneGroups').find(({ id }) =>
            id.startsWith(`${endpoint.id}/`),
          );
          const zoneId = path(
            group?.body.properties,
            'privateDnsZoneConfigs',
            0,
            'properties',
            'privateDnsZoneId',
          );
          const zone = of('Microsoft.Network/privateDnsZones').find(
            ({ id }) => id === textOf(zoneId, 'zone').toLowerCase(),
          );
          assert.equal(zone?.name, zones[kind]);
          const link = of('Microsoft.Network/privateDnsZones/virtualNetworkLinks').find(({ id }) =>
            id.startsWith(`${zone?.id}/`),
          );
          const linked = path(link?.body.properties, 'virtualNetwork', 'id');
          assert.equal(textOf(linked, 'network').toLowerCase(), network?.id);
          return kind;
        });
        assert.deepEqual(found, kinds);
        assert.equal(
          of('Microsoft.Network/privateDnsZones').length,
          endpoints.length,
          'no zone without an endpoint',
        );
      });
    }

    it(`${pair.title}: private resources refuse public access, and the site reads its secrets through the network`, () => {
      const shut = deployed(pair, everything);
      const vault = shut.properties('Microsoft.KeyVault/vaults');
      assert.equal(vault.publicNetworkAccess, 'disabled');
      assert.deepEqual(vault.networkAcls, { defaultAction: 'Deny', bypass: 'AzureServices' });
      assert.equal(
        path(shut.properties('Microsoft.CognitiveServices/accounts'), 'networkAcls', 'defaultAction'),
        'Deny',
      );
      assert.equal(path(shut.properties('Microsoft.Web/sites'), 'siteConfig', 'vnetRouteAllEnabled'), true);
      const open = deployed(pair);
      assert.equal(open.properties('Microsoft.KeyVault/vaults').publicNetworkAccess, 'enabled');
      assert.equal(open.properties('Microsoft.KeyVault/vaults').enablePurgeProtection, true);
    });
  }

  for (const pair of pairs) {
    it(`${pair.title}: every assigned role is a known one`, () => {
      const text = JSON.stringify(
        deployPair(pair, { ...(pair.kind === 'BotApp' && { baseName: 'ringdown' }) }).resources,
      );
      for (const [, id = ''] of text.matchAll(/roleDefinitions\/([0-9a-f-]{36})/g))
        assert.ok(id in roles, id);
    });
  }
});
