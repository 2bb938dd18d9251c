import assert from 'node:assert/strict';
import { parseCallAutomationEvent } from '@azure/communication-call-automation';
import { z } from 'zod';
import { signed } from '../support/emulator/signedRequest.ts';
import { refusalOf, startWorld } from '../support/emulator/world.ts';
import type { World } from '../support/emulator/world.ts';

const adele = '87d349ed-44d7-43e1-9a83-5f2406dee5bd';

describe('emulator: createCall', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  it('answers at once that the call is connecting, without a server call id', async () => {
    const { callConnectionProperties: properties } = await world.client.createCall(
      { targetParticipant: { microsoftTeamsUserId: adele }, sourceDisplayName: 'Ringdown' },
      world.application.callbackUri,
    );
    assert.equal(properties.callConnectionState, 'connecting');
    assert.equal(properties.serverCallId, undefined);
    assert.match(properties.callConnectionId ?? '', /^[0-9a-f-]{36}$/);
    assert.match(properties.correlationId ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(properties.sourceDisplayName, 'Ringdown');
  });

  it('reports the answer as CallConnected, then ParticipantsUpdated, which the SDK can parse', async () => {
    const connection = await world.call('Adele Vance');
    assert.deepEqual(world.application.story, []);
    await world.pass(2000);
    assert.deepEqual(world.application.story, ['CallConnected 200/0', 'ParticipantsUpdated 200/0']);
    const parsed = world.application.events.map(({ raw }) => parseCallAutomationEvent(JSON.stringify(raw)));
    assert.equal(parsed[0]?.kind, 'CallConnected');
    assert.equal(parsed[0]?.operationContext, 'ctx');
    const properties = await connection.getCallConnectionProperties();
    assert.equal(properties.callConnectionState, 'connected');
    assert.ok(properties.serverCallId);
  });

  it('sends events in the recorded format', async () => {
    await world.call('Adele Vance');
    await world.pass(2000);
    const [first] = world.application.events;
    const event = z.record(z.string(), z.unknown()).parse(first?.raw);
    assert.deepEqual(Object.keys(event).toSorted(), [
      'data', 'datacontenttype', 'id', 'source', 'specversion', 'subject', 'time', 'type',
    ]); // prettier-ignore
    assert.match(String(event['time']), /^2026-03-12T10:00:02\.\d{7}\+00:00$/);
    assert.equal(event['source'], `calling/callConnections/${first?.data.callConnectionId ?? ''}`);
    assert.equal(event['subject'], event['source']);
    const data = z.record(z.string(), z.unknown()).parse(event['data']);
    assert.equal(data['version'], '2026-03-12');
    assert.equal(data['publicEventType'], 'Microsoft.Communication.CallConnected');
    const address = Buffer.from(String(data['serverCallId']), 'base64').toString('utf8');
    assert.match(address, /^https:\/\/api\.flightproxy\.skype\.com\/api\/v2\/cp\/conv-/);
  });

  it('records the request, and every ring', async () => {
    await world.call('Adele Vance');
    await world.pass(1000);
    const [record] = world.emulator.calls.list();
    assert.equal(record?.target.displayName, 'Adele Vance');
    assert.equal(record?.displayName, 'Ringdown');
    assert.equal(record?.operationContext, 'ctx');
    assert.match(record?.repeatabilityRequestId ?? '', /^[0-9a-f-]{36}$/);
    const phone = world.emulator.phone('Adele Vance');
    assert.equal(phone.rings().length, 1);
    assert.equal(phone.incoming()?.callerName, 'Ringdown');
  });

  it('hangs up: 204, then CallDisconnected 200/7000, and the call is gone', async () => {
    const connection = await world.call('Adele Vance');
    await world.pass(2000);
    await connection.hangUp(true);
    await world.pass(0);
    assert.equal(world.application.story.at(-1), 'CallDisconnected 200/7000');
    assert.equal(await refusalOf(connection.getCallConnectionProperties()), '404 8522');
    assert.equal(await refusalOf(connection.hangUp(false)), '404 8522');
  });

  it('ends an unanswered call with 487/0, and the phone stops ringing', async () => {
    const connection = await world.call('Adele Vance');
    await connection.hangUp(false);
    await world.pass(10_000);
    assert.deepEqual(world.application.story, ['CallDisconnected 487/0']);
    assert.equal(world.emulator.phone('Adele Vance').incoming(), null);
  });

  it('lists the participants of an answered call', async () => {
    const connection = await world.call('Adele Vance');
    assert.deepEqual((await connection.listParticipants()).values, []);
    await world.pass(2000);
    const rawIds = (await connection.listParticipants()).values?.map(({ identifier }) => identifier);
    assert.equal(rawIds?.length, 2);
    const found = await connection.getParticipant({ microsoftTeamsUserId: adele });
    assert.equal(found.isMuted, false);
    const nobody = connection.getParticipant({
      microsoftTeamsUserId: '00000000-0000-0000-0000-000000000000',
    });
    assert.equal(await refusalOf(nobody), '404 8522');
  });

  const good = {
    targets: [{ microsoftTeamsUser: { userId: adele } }],
    callbackUri: 'https://bot.example/callbacks',
  };
  const refused: [what: string, body: unknown, status: number][] = [
    ['no JSON', '{', 400],
    ['no targets', { callbackUri: good.callbackUri }, 400],
    ['empty targets', { ...good, targets: [] }, 400],
    ['two kinds in one identifier', { ...good, targets: [{ communicationUser: { id: '8:acs:a' }, phoneNumber: { value: '+1' } }] }, 400],
    ['a kind that does not match', { ...good, targets: [{ kind: 'phoneNumber', microsoftTeamsUser: { userId: adele } }] }, 400],
    ['no callback URI', { targets: good.targets }, 400],
    ['an invalid callback URI', { ...good, callbackUri: 'bot.example' }, 400],
    ['plain http beyond this machine', { ...good, callbackUri: 'http://bot.example/callbacks' }, 400],
    ['an operation context that is too long', { ...good, operationContext: 'x'.repeat(5001) }, 400],
    ['several targets', { ...good, targets: [...good.targets, ...good.targets] }, 501],
    ['nothing wrong', { ...good, operationContext: 'x'.repeat(5000) }, 201],
  ]; // prettier-ignore
  for (const [what, body, status] of refused) {
    it(`answers ${status} to ${what}`, async () => {
      const answer = await signed({
        method: 'POST',
        url: `${world.at.url}/calling/callConnections?api-version=2026-03-12`,
        connectionString: world.at.connectionString,
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
      assert.equal(answer.status, status, await answer.text());
    });
  }

  it('requires JSON and the emulated API version', async () => {
    const request = {
      method: 'POST',
      connectionString: world.at.connectionString,
      body: JSON.stringify(good),
    };
    const url = `${world.at.url}/calling/callConnections`;
    const text = await signed({
      ...request,
      url: `${url}?api-version=2026-03-12`,
      headers: { 'content-type': 'text/plain' },
    });
    assert.equal(text.status, 415);
    const old = await signed({
      ...request,
      url: `${url}?api-version=2023-01-01`,
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(old.status, 404);
    assert.match(await old.text(), /No HTTP resource was found/);
  });

  it('answers 501 for operations that are not emulated', async () => {
    const connection = await world.call('Adele Vance');
    await world.pass(2000);
    const adding = connection.addParticipant({ targetParticipant: { microsoftTeamsUserId: adele } });
    assert.equal(await refusalOf(adding), '501 NotEmulated');
  });
});
