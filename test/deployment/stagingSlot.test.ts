import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { healthRoutes } from '../../src/http/routes/health.ts';
import { objectOf, textOf } from './armTemplate.ts';
import type { Json, Resource } from './armTemplate.ts';
import { deployPair, ids, pairs } from './templates.ts';

const site = 'Microsoft.Web/sites';
const slot = `${site}/slots`;

/** The site or the slot, with its own child resources. */
function partsOf(resources: readonly Resource[], type: string) {
  const owner = resources.find((one) => one.type === type);
  assert.ok(owner);
  const belongs = ({ id, type: of, scope }: Resource): boolean =>
    id === owner.id ||
    scope === owner.id ||
    (id.startsWith(`${owner.id}/`) && of.startsWith(slot) === (type === slot));
  return Object.fromEntries(
    resources
      .filter(belongs)
      .map(({ id, type: of, name, deployed, body }) => [
        id === owner.id ? 'itself' : `${of.split('/').at(-1)} ${name.split('/').at(-1)}`,
        { deployed, properties: body.properties ?? null, identity: body.identity ?? null },
      ]),
  );
}

describe('the staging slot', () => {
  for (const pair of pairs.filter(({ kind }) => kind === 'BotApp')) {
    const deployed = (changes: Readonly<Record<string, Json>>) => deployPair(pair, changes).resources;

    it(`${pair.title}: exists only if wanted`, () => {
      const parts = Object.values(partsOf(deployed({}), slot));
      assert.equal(parts.length, 5);
      assert.ok(parts.every((part) => !part.deployed));
    });

    for (const [title, changes] of [
      ['by default', {}],
      ['with everything private', { keyVaultAccess: 'Private', communicationAccess: 'Key' }],
    ] as const) {
      it(`${pair.title}: has everything that the site has, ${title}`, () => {
        const resources = deployed({ ...changes, stagingSlot: true });
        const [parts, those] = [partsOf(resources, slot), partsOf(resources, site)];
        // Identity and network, settings, no basic publishing, logs.
        assert.equal(Object.keys(parts).length, 5);
        assert.deepEqual(parts, those);
      });
    }

    it(`${pair.title}: has no sticky settings, so that a swap does not restart a warm instance`, () => {
      assert.ok(!deployed({ stagingSlot: true }).some(({ name }) => /slotConfigNames$/i.test(name)));
    });

    it(`${pair.title}: is swapped in only when the new version is ready`, () => {
      const settings = deployed({ stagingSlot: true }).find(({ type }) => type === `${slot}/config`);
      const { WEBSITE_SWAP_WARMUP_PING_PATH: path, WEBSITE_SWAP_WARMUP_PING_STATUSES: statuses } = objectOf(
        settings?.body.properties,
        'settings',
      );
      const readiness = async () => await Promise.resolve({ ready: true, checks: {} });
      assert.ok(healthRoutes({ readiness }).some((route) => route.path === path));
      assert.equal(statuses, '200');
    });

    it(`${pair.title}: is a replica of the same Ringdown: same database, address and bot`, () => {
      const settings = objectOf(
        deployed({ stagingSlot: true }).find(({ type }) => type === `${slot}/config`)?.body.properties,
        'settings',
      );
      assert.equal(settings.PUBLIC_URL, 'https://ringdown.azurewebsites.net');
      assert.equal(settings.AZURE_CLIENT_ID, ids.identityClient);
      assert.match(
        textOf(settings.DATABASE_URL, 'DATABASE_URL'),
        /^postgres:\/\/ringdown-identity@ringdown\.postgres/,
      );
    });
  }

  it('gets no rights that the site lacks: its identity is the same', () => {
    const [pair] = pairs;
    assert.ok(pair);
    const rights = (changes: Readonly<Record<string, Json>>) =>
      deployPair(pair, changes).resources.filter(({ type }) => type.endsWith('/roleAssignments')).length;
    assert.equal(rights({ stagingSlot: true }), rights({}));
  });

  it('upgrades.md swaps the slot that the template creates', () => {
    const text = readFileSync(new URL('../../docs/upgrades.md', import.meta.url), 'utf8');
    assert.match(text, /--slot staging/);
    assert.match(text, /`stagingSlot`/);
    assert.doesNotMatch(text, /slot create|identity assign|vnet-integration/);
  });
});
