import assert from 'node:assert/strict';
import type { Exchange } from '../../emulator/http/requests.ts';
import { swagger } from '../support/emulator/swagger.ts';
import type { Swagger } from '../support/emulator/swagger.ts';

/**
 * Every world of the other tests fails at its end if an exchange or an event does not match the description
 * (test/support/emulator/world.ts). These tests show that this check finds wrong ones.
 */
describe('emulator: the official API descriptions, if available', () => {
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
    ['an undescribed status', create(good, 200, {}), 2],
    ['a request without callback URI that was accepted', create({ targets: good.targets }, 201, {}), 1],
    ['an error in the right format', create({}, 400, { error: { code: '8523', message: 'no' } }), 0],
    ['an error in another format', create({}, 400, { message: 'no' }), 1],
  ];
  for (const [what, exchange, faults] of cases) {
    it(`find ${faults} faults in ${what}`, () => {
      assert.equal(described.faultsOf(exchange).length, faults, described.faultsOf(exchange).join('\n'));
    });
  }

  it('find a wrong event', () => {
    const event = { callConnectionId: 'c-1', resultInformation: { code: 200, subCode: 0, message: '' } };
    assert.deepEqual(described.faultsOfEvent('CallConnected', event), []);
    assert.equal(described.faultsOfEvent('CallConnected', { ...event, callConnectionId: 1 }).length, 1);
    assert.equal(described.faultsOfEvent('CallConnected', { ...event, mood: 'good' }).length, 1);
    assert.equal(described.faultsOfEvent('CallImproved', event).length, 1);
  });
});
