import assert from 'node:assert/strict';
import type { Exchange } from '../../emulator/http/requests.ts';
import { swagger } from '../support/emulator/swagger.ts';
import type { Swagger } from '../support/emulator/swagger.ts';

/**
 * Every world of the other tests fails at its end when an exchange or an event did not fit the description
 * (test/support/emulator/world.ts). Here it is shown that this check sees a wrong one.
 */
describe('emulator: the official API descriptions, if they are at hand', () => {
  let described: Swagger;
  before(function () {
    described = swagger() ?? this.skip();
  });

  const create = (request: unknown, status: number, answer: unknown): Exchange => ({
    operation: 'createCall',
    request: {
      method: 'POST',
      target: '/calling/callConnections?api-version=2026-03-12',
      headers: {},
      body: Buffer.from(JSON.stringify(request)),
    },
    answer: { status, headers: {}, body: Buffer.from(JSON.stringify(answer)) },
    spoiled: false,
  });
  const good = { targets: [{ communicationUser: { id: '8:acs:a' } }], callbackUri: 'https://bot.example' };

  it('know the operations', () => {
    assert.equal(described.operationIds.length, 34 + 5);
    assert.equal(described.operationOf('POST', '/calling/callConnections/c-1:play'), 'CallMedia_Play');
    assert.equal(described.operationOf('GET', '/calling/callConnections/c-1'), 'CallConnection_GetCall');
  });

  const cases: [what: string, exchange: Exchange, faults: number][] = [
    ['a good one', create(good, 201, { callConnectionId: 'c-1', callConnectionState: 'connecting' }), 0],
    ['an answer of the wrong type', create(good, 201, { callConnectionId: 1 }), 1],
    ['a status that is not described', create(good, 200, {}), 2],
    ['a request without callback URI that was accepted', create({ targets: good.targets }, 201, {}), 1],
    ['an error in the right form', create({}, 400, { error: { code: '8523', message: 'no' } }), 0],
    ['an error in another form', create({}, 400, { message: 'no' }), 1],
  ];
  for (const [what, exchange, faults] of cases) {
    it(`see ${faults} faults in ${what}`, () => {
      assert.equal(described.faultsOf(exchange).length, faults, described.faultsOf(exchange).join('\n'));
    });
  }

  it('see a wrong event', () => {
    const event = { callConnectionId: 'c-1', resultInformation: { code: 200, subCode: 0, message: '' } };
    assert.deepEqual(described.faultsOfEvent('CallConnected', event), []);
    assert.equal(described.faultsOfEvent('CallConnected', { ...event, callConnectionId: 1 }).length, 1);
    assert.equal(described.faultsOfEvent('CallConnected', { ...event, mood: 'good' }).length, 1);
    assert.equal(described.faultsOfEvent('CallImproved', event).length, 1);
  });
});
