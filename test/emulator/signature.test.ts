import assert from 'node:assert/strict';
import { CallAutomationClient } from '@azure/communication-call-automation';
import { CommunicationIdentityClient } from '@azure/communication-identity';
import { signed } from '../support/emulator/signedRequest.ts';
import { insecure, refusalOf, startWorld } from '../support/emulator/world.ts';
import type { World } from '../support/emulator/world.ts';

const otherKey = Buffer.from('another key altogether').toString('base64');

describe('emulator: signed requests', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  it('get 401 with another key', async () => {
    const wrong = `endpoint=${world.at.url}/;accesskey=${otherKey}`;
    const client = new CallAutomationClient(wrong, insecure);
    assert.equal(
      await refusalOf(client.getCallConnection('some-call').getCallConnectionProperties()),
      '401 Denied',
    );
    const identities = new CommunicationIdentityClient(wrong, insecure);
    assert.equal(await refusalOf(identities.createUser()), '401 Denied');
  });

  const url = (): string => `${world.at.url}/calling/callConnections/some-call?api-version=2026-03-12`;
  const cases: [what: string, more: () => object, status: number][] = [
    ['a valid request for an unknown call', () => ({}), 404],
    ['a request from six minutes ago', () => ({ date: new Date(Date.now() - 6 * 60_000) }), 401],
    ['a request from the future', () => ({ date: new Date(Date.now() + 6 * 60_000) }), 401],
    ['a request from four minutes ago', () => ({ date: new Date(Date.now() - 4 * 60_000) }), 404],
    [
      'a date other than the signed one',
      () => ({ headers: { 'x-ms-date': new Date(0).toUTCString() } }),
      401,
    ],
    ['a hash of another body', () => ({ headers: { 'x-ms-content-sha256': 'AAAA' } }), 401],
    ['no authorization', () => ({ headers: { authorization: '' } }), 401],
    ['a bearer token', () => ({ headers: { authorization: 'Bearer x' } }), 401],
  ];
  for (const [what, more, status] of cases) {
    it(`get ${status} for ${what}`, async () => {
      const request = { method: 'GET', url: url(), connectionString: world.at.connectionString, ...more() };
      const answer = await signed(request);
      assert.equal(answer.status, status);
      assert.match(await answer.text(), /"error":\{"code"/);
    });
  }
});
