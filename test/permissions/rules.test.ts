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
/** The directory does not answer. */
const dark = someone('Dora', { addresses: [], domains: [], groups: null, complete: false });

function rulesOf(permissions: string): Rules {
  return readRingdownYaml(`permissions: ${permissions}`, {}).permissions;
}

describe('Who may call whom', () => {
  const table: readonly [
    what: string,
    permissions: string,
    asker: Known | null,
    callee: Known,
    answer: string | null,
    kind?: AskerKind,
  ][] = [
    ['without rules everybody may call everybody', '{}', alex, adele, null],
    ['but not ACS users', '{}', alex, kiosk, 'communicationUser'],
    ['and anonymous people nobody', '{}', null, adele, 'anonymous', 'anonymous'],
    ['callers by group', `{callers: [{group: ${ops}}]}`, inOps, adele, null],
    ['and nobody else', `{callers: [{group: ${ops}}]}`, alex, adele, 'caller'],
    ['callers by domain', '{callers: [{domain: contoso.example}]}', alex, adele, null],
    ['a guest is at home elsewhere', '{callers: [{domain: contoso.example}]}', guest, adele, 'caller'],
    [
      'a domain is that one, not those under it',
      '{callers: [{domain: contoso.example}]}',
      west,
      adele,
      'caller',
    ],
    ['callers by person: an address', '{callers: [{user: ALEX@contoso.example}]}', alex, adele, null],
    ['callers by person: an object id', `{callers: [{user: ${alex.id}}]}`, alex, adele, null],
    ['a display name alone grants nothing', '{callers: [{user: Alex}]}', alex, adele, 'caller'],
    [
      'unless it is surely that person',
      '{callers: [{user: Alex}]}',
      { ...alex, ownNames: new Set(['Alex']) },
      adele,
      null,
    ],
    ['an empty list of callers lets nobody', '{callers: []}', alex, adele, 'caller'],
    ['a group that cannot be checked refuses', `{callers: [{group: ${ops}}]}`, dark, adele, 'unchecked'],
    ['unless another rule lets them', `{callers: [{group: ${ops}}, {user: ${dark.id}}]}`, dark, adele, null],
    [
      'a domain that cannot be checked refuses',
      '{callers: [{domain: contoso.example}]}',
      dark,
      adele,
      'unchecked',
    ],
    [
      'callees: denied by person',
      '{callees: {deny: [{user: chief@contoso.example}]}}',
      alex,
      chief,
      'callee',
    ],
    [
      'callees: denied by name, whoever bears it',
      '{callees: {deny: [{user: CHIEF}]}}',
      alex,
      chief,
      'callee',
    ],
    ['callees: denied by group', `{callees: {deny: [{group: ${board}}]}}`, alex, chief, 'callee'],
    ['callees: denied by domain', '{callees: {deny: [{domain: fabrikam.example}]}}', alex, guest, 'callee'],
    ['callees: others are not', `{callees: {deny: [{group: ${board}}]}}`, alex, adele, null],
    [
      'callees: a denial that cannot be checked refuses',
      `{callees: {deny: [{group: ${board}}]}}`,
      alex,
      dark,
      'unchecked',
    ],
    [
      'callees: only those who are allowed',
      '{callees: {allow: [{user: adele@contoso.example}]}}',
      alex,
      adele,
      null,
    ],
    [
      'callees: and nobody else',
      '{callees: {allow: [{user: adele@contoso.example}]}}',
      alex,
      chief,
      'callee',
    ],
    ['callees: an empty list is nobody', '{callees: {allow: []}}', alex, adele, 'callee'],
    [
      'deny goes over allow',
      `{callees: {allow: [{domain: contoso.example}], deny: [{group: ${board}}]}}`,
      alex,
      chief,
      'callee',
    ],
    ['ACS users who are named', '{callees: {allow: [{user: "8:acs:resource_kiosk"}]}}', alex, kiosk, null],
    [
      'naming one limits nobody else',
      '{callees: {allow: [{user: "8:acs:resource_kiosk"}]}}',
      alex,
      adele,
      null,
    ],
    [
      'nor lets another one',
      '{callees: {allow: [{user: "8:acs:resource_other"}]}}',
      alex,
      kiosk,
      'communicationUser',
    ],
    ['a key may call ACS users', '{}', null, kiosk, null, 'api'],
    [
      'unless they are denied',
      '{callees: {deny: [{user: "8:acs:resource_kiosk"}]}}',
      null,
      kiosk,
      'callee',
      'api',
    ],
    ['a key need not be among the callers', `{callers: [{group: ${ops}}]}`, null, adele, null, 'api'],
    ['but is bound by the callees', `{callees: {deny: [{group: ${board}}]}}`, null, chief, 'callee', 'api'],
    [
      'anonymous people: those named for them',
      '{anonymous: {mayCall: [{user: adele@contoso.example}]}}',
      null,
      adele,
      null,
      'anonymous',
    ],
    [
      'anonymous people: nobody else',
      '{anonymous: {mayCall: [{user: adele@contoso.example}]}}',
      null,
      alex,
      'anonymous',
      'anonymous',
    ],
    [
      'anonymous people: deny goes over it',
      `{anonymous: {mayCall: [{domain: contoso.example}]}, callees: {deny: [{group: ${board}}]}}`,
      null,
      chief,
      'callee',
      'anonymous',
    ],
    [
      'anonymous people: what cannot be checked refuses',
      `{anonymous: {mayCall: [{group: ${ops}}]}}`,
      null,
      dark,
      'unchecked',
      'anonymous',
    ],
  ];
  for (const [what, permissions, asker, callee, answer, kind = 'known'] of table) {
    it(`${what}: ${answer ?? 'may'}`, () => {
      assert.equal(refusalOf(rulesOf(permissions), kind, asker, callee), answer);
    });
  }

  it('who is denied is never called, whatever else the rules say', () => {
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

describe('Where somebody is at home', () => {
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
    it(`${userPrincipalName || 'nowhere'}: ${domains.join(', ')}`, () => {
      assert.deepEqual(
        addressesOf({ userPrincipalName, mail, otherAddresses: [], userType: null }).domains,
        domains,
      );
    });
  }
});

describe('Who may do what members may', () => {
  const fabrikam = '{guests: [{domain: fabrikam.example}]}';
  const table: readonly [string, string, boolean | null, Known, string | null][] = [
    ['a member', '{}', true, alex, null],
    ['no guest', '{}', false, guest, 'guest'],
    ['nobody of whom it cannot be told', '{}', null, dark, 'unchecked'],
    ['guests by domain', fabrikam, false, guest, null],
    ['no guests of elsewhere', fabrikam, false, west, 'guest'],
    ['no guest whose domain cannot be read', fabrikam, false, dark, 'unchecked'],
    ['guests by id, also if the directory is silent', `{guests: [{user: ${dark.id}}]}`, null, dark, null],
    ['no guest for being a caller', '{callers: [{domain: fabrikam.example}]}', false, guest, 'guest'],
  ];
  for (const [what, permissions, isMember, known, answer] of table) {
    it(`${what}: ${answer ?? 'yes'}`, () => {
      assert.equal(refusalOfGuest(rulesOf(permissions), isMember, known), answer);
    });
  }
});
