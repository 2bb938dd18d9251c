import assert from 'node:assert/strict';
import { readActivity } from '../../src/chat/turn/activity.ts';
import { ConnectorCredentials } from '../../src/chat/connector/transport.ts';
import { requesterOf } from '../../src/chat/turn/identity.ts';
import { clouds } from '../../src/config/clouds.ts';
import { readConfig } from '../../src/config/config.ts';
import type { DirectoryQuery } from '../../src/directory/directory.ts';
import { personOf } from '../../src/directory/graphUsers.ts';
import { applyOptOuts } from '../../src/escalations/optOuts.ts';
import { isGuid, isSameIdentifier } from '../../src/config/guids.ts';
import { resolveCallee } from '../../src/http/api/callee.ts';
import { granted, type Known } from '../../src/permissions/rules.ts';

const small = 'abcdef01-2345-4678-9abc-def012345678';
const capitals = small.toUpperCase();

/** Each place that compares a GUID of ours with one of theirs: equal, whichever of the two is in capitals. */
describe('a GUID in capitals is equal', () => {
  it('alone and within an identifier whose rest is case-sensitive', () => {
    assert.ok(isGuid(small) && isGuid(capitals) && !isGuid(`${small}0`));
    for (const around of ['', 'api://', 'https://login.contoso.example/']) {
      assert.ok(isSameIdentifier(around + small, around + capitals));
    }
    assert.ok(!isSameIdentifier('api://ringdown', 'api://Ringdown'));
    assert.ok(!isSameIdentifier(small, capitals.replace('A', 'B')));
  });

  it('in every setting', () => {
    const environment = {
      PUBLIC_URL: 'https://ringdown.contoso.example',
      MicrosoftAppId: capitals,
      MicrosoftAppPassword: 'the secret of the bot',
      MicrosoftAppTenantId: capitals,
      ALLOWED_TENANTS: capitals,
      ACS_CONNECTION_STRING: 'endpoint=https://contoso.communication.azure.com/;accesskey=c2VjcmV0',
      ACS_RESOURCE_ID: capitals,
      TEAMS_APP_ID: capitals,
    };
    const yaml = `
voiceApps: {help desk: ${capitals}}
permissions: {callers: [{group: ${capitals}}]}
policies: {night: {steps: [{targets: [{group: ${capitals}}, {shifts: ${capitals}}]}]}}`;
    const { bot, acs, teamsAppId, ringdown } = readConfig(environment, () => yaml);
    const read = JSON.stringify({ bot, acs, teamsAppId, ringdown });
    assert.equal(read.split(small).length - 1, 9);
    assert.ok(!read.includes(capitals));
  });

  it('of a tenant and a person in chat', () => {
    const { incoming } = readActivity({
      type: 'message',
      channelId: 'msteams',
      serviceUrl: 'https://smba.trafficmanager.net/teams/',
      from: { id: '29:adele', aadObjectId: capitals },
      recipient: { id: '28:bot' },
      conversation: { id: 'a:1', tenantId: capitals },
    });
    const requester = requesterOf(incoming, { allowAnonymous: false, allowedTenants: [small] }, 'Somebody');
    assert.ok(requester !== 'foreignTenant');
    assert.deepEqual([requester.key, requester.objectId, requester.tenantId], [small, small, small]);
  });

  it('of the bot, in the tokens of the chat service', async () => {
    const credentials = new ConnectorCredentials({
      MicrosoftAppType: 'SingleTenant',
      MicrosoftAppTenantId: small,
      MicrosoftAppId: small,
      MicrosoftAppPassword: 'the secret of the bot',
    });
    assert.ok(await credentials.isValidAppId(capitals));
    assert.ok(!(await credentials.isValidAppId(capitals.replace('A', 'B'))));
  });

  it('of a person in the directory', () => {
    assert.equal(personOf({ id: capitals, displayName: 'Adele Vance' })?.id, small);
  });

  for (const [rule, id] of [
    [{ user: capitals }, small],
    [{ user: small }, capitals],
    [{ user: `8:orgid:${capitals}` }, small],
    [{ user: `28:orgid:${capitals}` }, small],
    [{ user: `8:acs:${capitals}_${capitals}` }, `8:acs:${small}_${small}`],
  ] as const) {
    it(`in a permission: ${rule.user}`, () => {
      const known: Known = {
        id,
        displayName: 'Adele Vance',
        addresses: [],
        domains: [],
        groups: new Set<string>(),
        complete: true,
        ownNames: new Set<string>(),
      };
      assert.equal(granted([rule], known), 'yes');
    });
  }

  it('of an ACS user and a voice app in an API request', async () => {
    const parts = {
      directory: {
        find: async (query: DirectoryQuery) => {
          assert.deepEqual(query, { text: `28:orgid:${capitals}` });
          return { kind: 'none' as const, suggestions: [] };
        },
      },
      voiceApps: () => ({}),
      cloud: clouds.public,
      phonesAreOn: false,
    };
    const target = await resolveCallee({ communicationUser: `8:ACS:${capitals}_${capitals}` }, parts);
    assert.equal(target.kind, 'communicationUser');
    await assert.rejects(resolveCallee({ voiceApp: capitals }, parts), { code: 'target_not_found' });
  });

  it('of a person who starts an escalation that calls them', () => {
    const target = { kind: 'teamsUser', id: capitals, displayName: 'Adele Vance' } as const;
    const found = { people: [{ key: 'adele', target }], skipped: [], remembered: [] };
    const startedBy = { kind: 'chat', key: small, name: 'Adele Vance', objectId: small } as const;
    const heeded = applyOptOuts({ policy: null, startedBy, stepOver: [] }, found, new Set([small]));
    assert.deepEqual(heeded.people, found.people);
  });
});
