import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { AzureAuthorityHosts } from '@azure/identity';
import {
  createIdentifierFromRawId,
  getIdentifierRawId,
  type CommunicationIdentifier,
} from '@azure/communication-common';
import { z } from 'zod';
import { createGraphDirectory } from '../../src/directory/graphDirectory.ts';
import { clouds, type Cloud } from '../../src/config/clouds.ts';
import { systemClock } from '../../src/clock.ts';

const root = new URL('../../', import.meta.url);
/** A dependency of botbuilder. */
const fromBotbuilder = createRequire(import.meta.resolve('botbuilder'));
const constants = z.object({
  ToChannelFromBotOAuthScope: z.string(),
  ToBotFromChannelOpenIdMetadataUrl: z.string(),
});
const { AuthenticationConstants, GovernmentConstants } = z
  .object({
    AuthenticationConstants: constants,
    GovernmentConstants: constants.extend({ ChannelService: z.string() }),
  })
  .parse(fromBotbuilder('botframework-connector'));
const all = Object.values(clouds);
const government = [clouds.gcch, clouds.dod];
const inPublic = [clouds.public, clouds.gcc];

describe('The table of clouds', () => {
  it('has what Microsoft’s SDKs have: Entra', () => {
    for (const { loginUrl } of inPublic) assert.equal(loginUrl, AzureAuthorityHosts.AzurePublicCloud);
    for (const { loginUrl } of government) assert.equal(loginUrl, AzureAuthorityHosts.AzureGovernment);
  });

  it('has what Microsoft’s SDKs have: issuers of version 1', () => {
    const { ToBotFromBotOrEmulatorTokenValidationParameters: known } = z
      .object({ ToBotFromBotOrEmulatorTokenValidationParameters: z.object({ issuer: z.array(z.string()) }) })
      .parse(fromBotbuilder('botframework-connector/lib/auth/tokenValidationParameters.js'));
    const beginnings = new Set(
      known.issuer.map((issuer) => issuer.replace(/\/[-\da-f]{36}\/(?:v2\.0)?$/, '')),
    );
    for (const { v1Issuers } of all) assert.ok(v1Issuers.every((issuer) => beginnings.has(issuer)));
  });

  it('has what Microsoft’s SDKs have: the Bot Framework', () => {
    for (const cloud of inPublic) {
      assert.equal(cloud.channelService, '');
      assert.equal(cloud.botScope, AuthenticationConstants.ToChannelFromBotOAuthScope);
      assert.equal(cloud.botOpenIdUrl, AuthenticationConstants.ToBotFromChannelOpenIdMetadataUrl);
    }
    for (const cloud of government) {
      assert.equal(cloud.channelService, GovernmentConstants.ChannelService);
      assert.equal(cloud.botScope, GovernmentConstants.ToChannelFromBotOAuthScope);
      assert.equal(cloud.botOpenIdUrl, GovernmentConstants.ToBotFromChannelOpenIdMetadataUrl);
    }
  });

  it('has what Microsoft’s SDKs have: identifiers', () => {
    const id = '626cbf8c-5dde-46b0-8385-9e40d64736fe';
    for (const { identifierCloud: cloud, identifierPrefixes } of all) {
      const named: [string, CommunicationIdentifier][] = [
        [identifierPrefixes.teamsUser, { microsoftTeamsUserId: id, cloud }],
        [identifierPrefixes.teamsApp, { teamsAppId: id, cloud }],
      ];
      for (const [prefix, identifier] of named) assert.equal(getIdentifierRawId(identifier), prefix + id);
      const user = createIdentifierFromRawId(`${identifierPrefixes.communicationUser}resource_user`);
      assert.equal(user.kind, 'communicationUser');
    }
  });

  it('has what Microsoft’s SDKs have: the scope of Communication Services', () => {
    const policy = new URL(
      'node_modules/@azure/communication-common/dist/esm/credential/communicationAuthPolicy.js',
      root,
    );
    const scope = /scopes: \["([^"]+)"\]/.exec(readFileSync(policy, 'utf8'))?.[1];
    for (const { acsScope } of inPublic) assert.equal(acsScope, scope);
    for (const { acsScope } of government) assert.equal(acsScope, scope?.replace('.azure.com', '.azure.us'));
  });

  it('starts chats at an address that it may also answer', () => {
    for (const { serviceUrl, serviceUrlHosts } of all) {
      assert.ok(serviceUrlHosts.includes(new URL(serviceUrl).hostname));
    }
    const hosts = all.map(({ serviceUrl }) => new URL(serviceUrl).hostname);
    assert.equal(new Set(hosts).size, all.length, 'GCC has its own chat service');
  });

  it('keeps clouds apart: government hosts end in .us, and no others do', () => {
    const urlsOf = (cloud: Cloud): string[] => [
      cloud.graphUrl,
      cloud.loginUrl,
      cloud.acsScope,
      cloud.botScope,
      cloud.botOpenIdUrl,
      cloud.serviceUrl,
      cloud.teamsUrl,
      cloud.portalUrl,
      ...cloud.serviceUrlHosts.map((host) => `https://${host.replace(/^\./, '')}`),
    ];
    const isUs = (url: string): boolean => new URL(url).hostname.endsWith('.us');
    for (const cloud of government)
      assert.deepEqual(
        urlsOf(cloud).filter((url) => !isUs(url)),
        [],
      );
    for (const cloud of inPublic) assert.deepEqual(urlsOf(cloud).filter(isUs), []);
  });

  it('is the only file of src/ with Microsoft addresses', () => {
    /** Not addresses: examples for people, and a data set with the name of a host. */
    const allowed = [
      /https:\/\/(?:contoso|<name>)\./,
      /'graph\.microsoft\.com\/users'/,
      // The page's policy lists whole domains of all clouds.
      /^\s*'\*\./,
    ];
    const hosts =
      /[\w*.>-]+\.(?:microsoft|microsoftonline|azure|azurewebsites|botframework|trafficmanager|windows|office|office365|skype)\.(?:com|us|net|de|cn)/;
    const found = globSync('src/**/*.ts', { cwd: root }).flatMap((file) => {
      if (file === 'src/config/clouds.ts') return [];
      const lines = readFileSync(new URL(file, root), 'utf8').split('\n');
      return lines
        .filter((line) => !/^\s*(?:\*|\/\*\*|\/\/)/.test(line) && hosts.test(line))
        .filter((line) => !allowed.some((pattern) => pattern.test(line)))
        .map((line) => `${file}: ${line.trim()}`);
    });
    assert.deepEqual(found, []);
  });
});

describe('Shifts', () => {
  it('are not requested in clouds without them', async () => {
    for (const cloud of government) {
      const directory = createGraphDirectory({
        graphUrl: 'http://127.0.0.1:1',
        getToken: async () => assert.fail('nothing is requested'),
        clock: systemClock,
        cloud,
      });
      assert.equal(await directory.shifts('team', 0), null);
    }
  });
});
