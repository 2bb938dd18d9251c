import assert from 'node:assert/strict';
import type { Incoming } from '../../../src/chat/turn/activity.ts';
import { conversationKey, requesterOf, requestKeyOf } from '../../../src/chat/turn/identity.ts';

const tenantId = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const objectId = '626cbf8c-5dde-46b0-8385-9e40d64736fe';

const fromTeams: Incoming = {
  type: 'message',
  id: '17',
  channelId: 'msteams',
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  from: { id: '29:alex', name: 'Alex Wilber', aadObjectId: objectId.toUpperCase() },
  botId: '28:bot',
  conversation: { id: '19:ops@thread.tacv2;messageid=5', kind: 'group' },
  tenantId,
  text: '',
  isEdit: false,
  entities: [],
  attachments: undefined,
  value: undefined,
  locale: undefined,
  timeZone: null,
  replyToId: null,
  invokeName: null,
  membersAdded: [],
  membersRemoved: [],
  action: null,
};
const trusted = { allowAnonymous: false, allowedTenants: [tenantId] };
const anonymous = { allowAnonymous: true, allowedTenants: [] };

describe('The identity of the person who writes', () => {
  const unknown = { id: 'x', name: 'Alex Wilber', aadObjectId: objectId };
  const table: readonly [
    what: string,
    change: Partial<Incoming>,
    trust: typeof trusted | typeof anonymous,
    key: string,
  ][] = [
    ['a Teams user of an allowed tenant', {}, trusted, objectId],
    [
      'a Teams user of another tenant',
      { tenantId: 'f8cdef31-a31e-4b4a-93e4-5f571e91255a' },
      trusted,
      'foreignTenant',
    ],
    ['a Teams user of no known tenant', { tenantId: null }, trusted, 'foreignTenant'],
    [
      'somebody in Teams without an object id',
      { from: { ...unknown, aadObjectId: null } },
      trusted,
      'msteams|x',
    ],
    [
      'somebody in Teams with a made-up one',
      { from: { ...unknown, aadObjectId: '../me' } },
      trusted,
      'msteams|x',
    ],
    ['somebody of another channel', { channelId: 'webchat', from: unknown }, trusted, 'webchat|x'],
    [
      'somebody of a channel of a similar name',
      { channelId: 'MSTeams', from: unknown },
      trusted,
      'MSTeams|x',
    ],
    ['anybody on Teams, in anonymous mode', { tenantId: null }, anonymous, objectId],
    [
      'somebody of another channel, in anonymous mode',
      { channelId: 'webchat', from: unknown },
      anonymous,
      'webchat|x',
    ],
    [
      'a Teams user of another tenant, in anonymous mode with tenants',
      { tenantId: null },
      { ...anonymous, allowedTenants: [tenantId] },
      'foreignTenant',
    ],
  ];
  for (const [what, change, trust, key] of table) {
    it(`${what}: ${key}`, () => {
      const requester = requesterOf({ ...fromTeams, ...change }, trust, 'Somebody');
      assert.equal(requester === 'foreignTenant' ? requester : requester.key, key);
      if (requester !== 'foreignTenant')
        assert.equal(requester.objectId, key === objectId ? objectId : undefined);
    });
  }

  it('a name without an identity shows its channel', () => {
    const requester = requesterOf({ ...fromTeams, channelId: 'webchat', from: unknown }, trusted, 'Somebody');
    assert.equal(requester !== 'foreignTenant' && requester.name, 'Alex Wilber (webchat)');
    const nameless = { ...fromTeams, channelId: 'webchat', from: { ...unknown, name: null } };
    const stranger = requesterOf(nameless, trusted, 'Jemand');
    assert.equal(stranger !== 'foreignTenant' && stranger.name, 'Jemand (webchat)');
  });

  it('threads of a channel are one conversation, but their messages are separate requests', () => {
    assert.equal(conversationKey(fromTeams), 'msteams|19:ops@thread.tacv2');
    assert.equal(requestKeyOf(fromTeams), 'msteams|19:ops@thread.tacv2;messageid=5|17');
    assert.equal(requestKeyOf({ ...fromTeams, id: null }), null);
  });
});
