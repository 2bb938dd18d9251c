import assert from 'node:assert/strict';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { isPublicAddress, isPublicHost } from '../../src/config/publicAddress.ts';
import { AddressRefused, publicLookup } from '../../src/config/publicLookup.ts';

describe('addresses that webhooks and calendars may reach', () => {
  for (const address of ['8.8.8.8', '20.50.1.2', '172.32.0.1', '2606:4700::1111', '2a01:111::1']) {
    it(`${address} is public`, () => assert.ok(isPublicAddress(address)));
  }
  for (const address of [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.9.9.9',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::ffff:a9fe:a9fe',
    '64:ff9b::7f00:1',
    '2001:0:1::',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'nonsense',
    '',
  ]) {
    it(`${address || 'an empty address'} is not public`, () => assert.ok(!isPublicAddress(address)));
  }

  it('another spelling of a private IPv4 address is not public either', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.nat(255), (a, b, c) => {
        const address = `10.${a}.${b}.${c}`;
        const hex = [10, a, b, c].map((byte) => byte.toString(16).padStart(2, '0')).join('');
        assert.ok(!isPublicAddress(address));
        assert.ok(!isPublicAddress(`::ffff:${address}`));
        for (const host of [address, `0x${hex}`, String(Number.parseInt(hex, 16)), `[::ffff:${address}]`]) {
          assert.ok(!isPublicHost(new URL(`https://${host}/`)), host);
        }
      }),
    );
  });

  const addresses = [
    { address: '10.0.0.1', family: 4 },
    { address: '8.8.8.8', family: 4 },
    { address: '2606:4700::1111', family: 6 },
  ];

  it('are the only ones that a look-up returns', async () => {
    const lookup = promisify(publicLookup((_host, done) => done(null, addresses)));
    assert.equal(await lookup('hooks.example', { all: false }), '8.8.8.8');
    assert.deepEqual(await lookup('hooks.example', { all: true }), addresses.slice(1));
    assert.equal(await lookup('hooks.example', { family: 6 }), '2606:4700::1111');
  });

  it('are missing for a name with private addresses only, and the look-up fails', async () => {
    const lookup = promisify(publicLookup((_host, done) => done(null, addresses.slice(0, 1))));
    await assert.rejects(lookup('hooks.example', {}), AddressRefused);
    const missing = promisify(publicLookup((_host, done) => done(new Error('ENOTFOUND'), [])));
    await assert.rejects(missing('hooks.example', {}), /ENOTFOUND/);
  });
});
