import assert from 'node:assert/strict';
import type { EmulatorOptions } from '../../../emulator/emulator.ts';
import { readRingdownYaml } from '../../../src/config/ringdownYaml.ts';
import { openEmbedded } from '../../support/databases.ts';
import { startWorld, type World } from '../../support/world.ts';
import { wordsOf } from '../../support/chat/room.ts';

const second = 1000;
const channelId = '19:ops@thread.tacv2';
const yaml = `
policies:
  payments:
    language: de
    voice: de-DE-KatjaNeural
    channel: "${channelId}"
    steps:
      - {targets: [{user: adele@contoso.example}, {user: alex@contoso.example}], mode: parallel}
`;

describe('An escalation', () => {
  const newestCard = ({ emulator: { channel } }: World, name: string): string => {
    const card = channel.messages(channel.personal(name).id).at(-1);
    assert.ok(card, `${name} has a card`);
    return wordsOf(card);
  };

  it('speaks and shows each callee their own language, and the channel the policy’s', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml });
    const { emulator } = world;
    const { channel, people } = emulator;
    channel.teamChannel(['Megan Bowen'], 'Ops', channelId);
    for (const name of ['Adele Vance', 'Alex Wilber']) people.script(name, { answers: { afterMs: second } });
    await channel.send({ from: 'Adele Vance', text: 'language English', locale: 'de-DE' });
    await world.api('POST', '/api/v1/escalations', { policy: 'payments', summary: 'Checkout down' });
    await world.pass(10 * second);

    const calls = await world.app.calls.list({ limit: 10 });
    const spoken = calls.map(({ target, language, purpose }) => [
      target.displayName,
      language,
      'voice' in purpose ? purpose.voice : null,
    ]);
    assert.deepEqual(
      spoken.toSorted(([one], [other]) => String(one).localeCompare(String(other))),
      [
        ['Adele Vance', 'en', null],
        ['Alex Wilber', 'de', 'de-DE-KatjaNeural'],
      ],
    );
    assert.match(emulator.phone('Adele Vance').spoken().join(' '), /This is Ringdown with an alert/);
    assert.match(emulator.phone('Alex Wilber').spoken().join(' '), /Hier ist Ringdown mit einem Alarm/);
    assert.match(newestCard(world, 'Adele Vance'), /^You are being called: Checkout down/);
    assert.match(newestCard(world, 'Alex Wilber'), /^Sie werden angerufen: Checkout down/);
    assert.match(
      channel.messages(channelId).map(wordsOf).join(),
      /Checkout down – [^–]*(?:Telefon|angerufen|ruft)/,
    );
  });

  it('speaks the language that the file names now, unless the policy names one', async () => {
    const steps = [{ targets: [{ user: 'adele@contoso.example' }] }];
    const world = await startWorld({ database: await openEmbedded(), yaml: `language: es${yaml}` });
    await world.app.reload(
      readRingdownYaml(
        `language: fr${yaml}  office:\n    steps: [{targets: [{user: alex@contoso.example}]}]\n`,
        {},
      ),
    );
    await world.api('POST', '/api/v1/escalations', { policy: 'payments', summary: 'One' });
    await world.api('POST', '/api/v1/escalations', { policy: 'office', summary: 'Two' });
    await world.api('POST', '/api/v1/escalations', { steps, summary: 'Three' });
    await world.api('POST', '/api/v1/calls', { target: { user: 'megan@contoso.example' }, message: 'Four' });
    const escalations = await world.app.escalations.list({ limit: 10 });
    assert.deepEqual(escalations.map(({ summary, language }) => `${summary}: ${language}`).toSorted(), [
      'One: de',
      'Three: fr',
      'Two: fr',
    ]);
    const calls = await world.app.calls.list({ limit: 10 });
    assert.equal(calls.find(({ target }) => target.displayName === 'Megan Bowen')?.language, 'fr');
  });

  it('speaks with the voice of the language as the file names it now, unless the policy names one', async () => {
    const voices: (string | undefined)[] = [];
    const onExchange: EmulatorOptions['onExchange'] = ({ operation, request }) => {
      if (operation === 'play') voices.push(/"voiceName":"([^"]*)"/.exec(String(request.body))?.[1]);
    };
    const world = await startWorld({ database: await openEmbedded(), yaml, emulator: { onExchange } });
    const { emulator } = world;
    const { channel, people } = emulator;
    for (const name of ['Adele Vance', 'Alex Wilber']) people.script(name, { answers: { afterMs: second } });
    await channel.send({ from: 'Adele Vance', text: 'language English', locale: 'de-DE' });
    await world.app.reload(
      readRingdownYaml(`voices: {en: en-GB-SoniaNeural, de: de-AT-JonasNeural}${yaml}`, {}),
    );
    await world.api('POST', '/api/v1/escalations', { policy: 'payments', summary: 'Checkout down' });
    await world.pass(10 * second);

    assert.equal(voices.length, 2);
    assert.deepEqual(new Set(voices), new Set(['de-DE-KatjaNeural', 'en-GB-SoniaNeural']));
  });
});
