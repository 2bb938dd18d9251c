import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  addressesOf,
  refusalOf,
  refusalOfGuest,
  type AskerKind,
  type Known,
  type Rules,
} from '../../src/permissions/rules.ts';
import { readRingdownYaml } from '../../src/config/ringdownYaml.ts';

const ops = '11111111-2222-3333-4444-555555555555';
const board = '99999999-2222-3333-4444-555555555555';

function someone(name: string, more: Partial<Known> = {}): Known {
  const address = `${name.toLowerCase()}@contoso.example`;
  return {
    id: `00000000-0000-0000-0000-${Buffer.from(name.padEnd(6).slice(0, 6)).toString('hex')}`,
    displayName: name,
    addresses: [address],
    domains: ['contoso.example'],
    groups: new Set(),
    complete: true,
    ownNames: new Set(),
    ...more,
  };
}

const alex = someone('Alex');
const adele = someone('Adele');
const inOps = someone('Olga', { groups: new Set([ops]) });
const chief = someone('Chief', { groups: new Set([board]) });
const guest = someone('Patti', { addresses: ['patti@fabrikam.example'], domains: ['fabrikam.example'] });
const west = someone('Wes', { addresses: ['wes@west.contoso.example'], domains: ['west.contoso.example'] });
const kiosk = someone('Kiosk', { id: '8:acs:resource_kiosk', addresses: [], domains: [] });
/** For a directory that does not answer. */
const dark = someone('Dora', { addresses: [], domains: [], groups: null, complete: false });

function rulesOf(permissions: string): Rules {
  return readRingdownYaml(`permissions: ${permissions}`, {}).permissions;
}

describe('the rules', () => {
  const table: readonly [
    what: string,
    permissions: string,
    asker: Known | null,
    callee: Known,
    answer: string | null,
    kind?: AskerKind,
  ][] = [
    ['no rules: everybody may call everybody', '{}', alex, adele, null],
    ['no rules: ACS users', '{}', alex, kiosk, 'communicationUser'],
    ['no rules: anonymous askers', '{}', null, adele, 'anonymous', 'anonymous'],
    ['callers by group', `{callers: [{group: ${ops}}]}`, inOps, adele, null],
    ['callers by group: others', `{callers: [{group: ${ops}}]}`, alex, adele, 'caller'],
    ['callers by domain', '{callers: [{domain: contoso.example}]}', alex, adele, null],
    [
      'callers by domain: a guest with another home domain',
      '{callers: [{domain: contoso.example}]}',
      guest,
      adele,
      'caller',
    ],
    ['callers by domain: a subdomain', '{callers: [{domain: contoso.example}]}', west, adele, 'caller'],
    ['callers by address', '{callers: [{user: ALEX@contoso.example}]}', alex, adele, null],
    ['callers by object id', `{callers: [{user: ${alex.id}}]}`, alex, adele, null],
    ['callers by display name alone', '{callers: [{user: Alex}]}', alex, adele, 'caller'],
    [
      'callers by display name, if the directory confirms it',
      '{callers: [{user: Alex}]}',
      { ...alex, ownNames: new Set(['Alex']) },
      adele,
      null,
    ],
    ['callers: an empty list', '{callers: []}', alex, adele, 'caller'],
    ['callers by group, unchecked', `{callers: [{group: ${ops}}]}`, dark, adele, 'unchecked'],
    [
      'callers by group, unchecked, and by id',
      `{callers: [{group: ${ops}}, {user: ${dark.id}}]}`,
      dark,
      adele,
      null,
    ],
    ['callers by domain, unchecked', '{callers: [{domain: contoso.example}]}', dark, adele, 'unchecked'],
    [
      'callees: denied by person',
      '{callees: {deny: [{user: chief@contoso.example}]}}',
      alex,
      chief,
      'callee',
    ],
    [
      'callees: denied by name, for everybody with that name',
      '{callees: {deny: [{user: CHIEF}]}}',
      alex,
      chief,
      'callee',
    ],
    ['callees: denied by group', `{callees: {deny: [{group: ${board}}]}}`, alex, chief, 'callee'],
    ['callees: denied by domain', '{callees: {deny: [{domain: fabrikam.example}]}}', alex, guest, 'callee'],
    ['callees: not denied', `{callees: {deny: [{group: ${board}}]}}`, alex, adele, null],
    [
      'callees: denied by group, unchecked',
      `{callees: {deny: [{group: ${board}}]}}`,
      alex,
      dark,
      'unchecked',
    ],
    ['callees: allowed', '{callees: {allow: [{user: adele@contoso.example}]}}', alex, adele, null],
    ['callees: not allowed', '{callees: {allow: [{user: adele@contoso.example}]}}', alex, chief, 'callee'],
    ['callees: an empty list', '{callees: {allow: []}}', alex, adele, 'callee'],
    [
      'callees: both denied and allowed',
      `{callees: {allow: [{domain: contoso.example}], deny: [{group: ${board}}]}}`,
      alex,
      chief,
      'callee',
    ],
    ['ACS users: allowed by id', '{callees: {allow: [{user: "8:acs:resource_kiosk"}]}}', alex, kiosk, null],
    [
      'ACS users: allowing one does not limit people',
      '{callees: {allow: [{user: "8:acs:resource_kiosk"}]}}',
      alex,
      adele,
      null,
    ],
    [
      'ACS users: allowing one does not allow another',
      '{callees: {allow: [{user: "8:acs:resource_other"}]}}',
      alex,
      kiosk,
      'communicationUser',
    ],
    ['API keys: ACS users', '{}', null, kiosk, null, 'api'],
    [
      'API keys: a denied ACS user',
      '{callees: {deny: [{user: "8:acs:resource_kiosk"}]}}',
      null,
      kiosk,
      'callee',
      'api',
    ],
    ['API keys: not among the callers', `{callers: [{group: ${ops}}]}`, null, adele, null, 'api'],
    ['API keys: a denied callee', `{callees: {deny: [{group: ${board}}]}}`, null, chief, 'callee', 'api'],
    [
      'anonymous askers: callees in mayCall',
      '{anonymous: {mayCall: [{user: adele@contoso.example}]}}',
      null,
      adele,
      null,
      'anonymous',
    ],
    [
      'anonymous askers: other callees',
      '{anonymous: {mayCall: [{user: adele@contoso.example}]}}',
      null,
      alex,
      'anonymous',
      'anonymous',
    ],
    [
      'anonymous askers: a denied callee in mayCall',
      `{anonymous: {mayCall: [{domain: contoso.example}]}, callees: {deny: [{group: ${board}}]}}`,
      null,
      chief,
      'callee',
      'anonymous',
    ],
    [
      'anonymous askers: mayCall, unchecked',
      `{anonymous: {mayCall: [{group: ${ops}}]}}`,
      null,
      dark,
      'unchecked',
      'anonymous',
    ],
  ];
  for (const [what, permissions, asker, callee, answer, kind = 'known'] of table) {
    it(`${answer === null ? 'allow' : `refuse (${answer})`} ${what}`, () => {
      assert.equal(refusalOf(rulesOf(permissions), kind, asker, callee), answer);
    });
  }

  it('never allow a call to a denied person, whatever else they say', () => {
    const who = fc.constantFrom(
      `{group: ${ops}}`,
      `{group: ${board}}`,
      '{domain: contoso.example}',
      '{user: chief@contoso.example}',
      '{user: Chief}',
      '{user: "8:acs:resource_kiosk"}',
      `{user: ${chief.id}}`,
    );
    const list = fc.array(who, { maxLength: 3 }).map((entries) => `[${entries.join(', ')}]`);
    const kinds = fc.constantFrom<AskerKind>('known', 'anonymous', 'api');
    fc.assert(
      fc.property(list, list, list, kinds, (callers, allow, mayCall, kind) => {
        const rules = rulesOf(
          `{callers: ${callers}, callees: {allow: ${allow}, deny: [{group: ${board}}]}, anonymous: {mayCall: ${mayCall}}}`,
        );
        assert.notEqual(refusalOf(rules, kind, kind === 'known' ? inOps : null, chief), null);
        const unknown = { ...chief, groups: null };
        assert.notEqual(refusalOf(rules, kind, kind === 'known' ? inOps : null, unknown), null);
      }),
    );
  });
});

describe('the home domain', () => {
  const table: readonly [upn: string, mail: string | null, domains: string[]][] = [
    ['adele@contoso.example', null, ['contoso.example']],
    [
      'adele@contoso.onmicrosoft.com',
      'Adele@Contoso.example',
      ['contoso.onmicrosoft.com', 'contoso.example'],
    ],
    ['patti_fabrikam.example#EXT#@contoso.example', null, ['fabrikam.example']],
    ['a_b_fabrikam.example#EXT#@contoso.example', 'a_b@fabrikam.example', ['fabrikam.example']],
    ['', null, []],
  ];
  for (const [userPrincipalName, mail, domains] of table) {
    it(`of ${userPrincipalName || 'nobody'} is ${domains.join(', ') || 'unknown'}`, () => {
      assert.deepEqual(
        addressesOf({ userPrincipalName, mail, otherAddresses: [], userType: null }).domains,
        domains,
      );
    });
  }
});

describe('the rights of members', () => {
  const fabrikam = '{guests: [{domain: fabrikam.example}]}';
  const table: readonly [string, string, boolean | null, Known, string | null][] = [
    ['a member', '{}', true, alex, null],
    ['a guest', '{}', false, guest, 'guest'],
    ['somebody unknown', '{}', null, dark, 'unchecked'],
    ['a guest by domain', fabrikam, false, guest, null],
    ['a guest from another domain', fabrikam, false, west, 'guest'],
    ['a guest whose domain cannot be read', fabrikam, false, dark, 'unchecked'],
    [
      'a guest by id, even without an answer of the directory',
      `{guests: [{user: ${dark.id}}]}`,
      null,
      dark,
      null,
    ],
    [
      'a guest who is only among the callers',
      '{callers: [{domain: fabrikam.example}]}',
      false,
      guest,
      'guest',
    ],
  ];
  for (const [what, permissions, isMember, known, answer] of table) {
    it(`${answer === null ? 'are granted' : `are refused (${answer})`} to ${what}`, () => {
      assert.equal(refusalOfGuest(rulesOf(permissions), isMember, known), answer);
    });
  }
});
