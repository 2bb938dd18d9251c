import assert from 'node:assert/strict';
import type { CallMedia, FileSource, SsmlSource, TextSource } from '@azure/communication-call-automation';
import { refusalOf, startWorld } from '../support/emulator/world.ts';
import type { World } from '../support/emulator/world.ts';

const red: TextSource = { kind: 'textSource', text: 'The build is red', voiceName: 'en-US-NancyNeural' };
const again: TextSource = { kind: 'textSource', text: 'Again', voiceName: 'en-US-NancyNeural' };
const file: FileSource = { kind: 'fileSource', url: 'https://files.example/ring.wav' };

describe('emulator: play', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  const connected = async (options: object = {}): Promise<CallMedia> => {
    const connection = await world.call('Adele Vance', options);
    await world.pass(2000);
    world.application.requests.length = 0;
    return connection.getCallMedia();
  };

  it('takes as long as the text', async () => {
    const media = await connected();
    await media.playToAll([red], { operationContext: 'greeting' });
    await world.pass(0);
    assert.deepEqual(world.application.story, ['PlayStarted 200/0']);
    await world.pass(red.text.length * 60);
    assert.deepEqual(world.application.story, ['PlayStarted 200/0', 'PlayCompleted 200/0']);
    assert.equal(world.application.last('PlayCompleted').data.operationContext, 'greeting');
    assert.deepEqual(world.emulator.phone('Adele Vance').spoken(), [red.text]);
    assert.equal(world.emulator.calls.list()[0]?.spoken[0]?.outcome, 'completed');
  });

  it('speaks one thing after another', async () => {
    const media = await connected();
    await media.playToAll([red, again]);
    await media.playToAll([file]);
    await world.pass(60_000);
    assert.deepEqual(world.emulator.phone('Adele Vance').spoken(), [
      red.text,
      'Again',
      '[https://files.example/ring.wav]',
    ]);
    assert.deepEqual(world.application.story, [
      'PlayStarted 200/0',
      'PlayCompleted 200/0',
      'PlayStarted 200/0',
      'PlayCompleted 200/0',
    ]);
  });

  it('is heard without SSML tags', async () => {
    const media = await connected();
    const ssml: SsmlSource = {
      kind: 'ssmlSource',
      ssmlText: '<speak><voice name="x">Red &amp; <break/>blue</voice></speak>',
    };
    await media.playToAll([ssml]);
    await world.pass(10_000);
    assert.deepEqual(world.emulator.phone('Adele Vance').spoken(), ['Red & blue']);
  });

  it('is cancelled, including queued ones', async () => {
    const media = await connected();
    await media.playToAll([red]);
    await media.playToAll([again]);
    await media.cancelAllOperations();
    await world.pass(10_000);
    assert.deepEqual(world.application.story, [
      'PlayStarted 200/0',
      'PlayCanceled 400/8508',
      'PlayCanceled 400/8508',
    ]);
    assert.equal(world.emulator.calls.list()[0]?.spoken[0]?.outcome, 'cancelled');
  });

  it('interrupts running speech', async () => {
    const media = await connected();
    await media.playToAll([red]);
    await media.playToAll([again], { interruptCallMediaOperation: true });
    await world.pass(10_000);
    assert.deepEqual(world.application.story, [
      'PlayStarted 200/0',
      'PlayCanceled 400/8508',
      'PlayStarted 200/0',
      'PlayCompleted 200/0',
    ]);
  });

  it('loops until it is cancelled', async () => {
    const media = await connected();
    await media.playToAll([again], { loop: true });
    await world.pass(3 * 5 * 60);
    assert.equal(world.emulator.phone('Adele Vance').spoken().length, 4);
    await media.cancelAllOperations();
    await world.pass(10_000);
    assert.deepEqual(world.application.story, ['PlayStarted 200/0', 'PlayCanceled 400/8508']);
  });

  it('fails for text without Cognitive Services, but not for a file', async () => {
    const media = await connected({ callIntelligenceOptions: undefined });
    await media.playToAll([red]);
    await media.playToAll([file]);
    await world.pass(10_000);
    assert.deepEqual(world.application.story, [
      'PlayFailed 400/8565',
      'PlayStarted 200/0',
      'PlayCompleted 200/0',
    ]);
    assert.deepEqual(world.emulator.phone('Adele Vance').spoken(), ['[https://files.example/ring.wav]']);
  });

  it('fails as the person’s script says', async () => {
    world.emulator.people.script('Adele Vance', { answers: { afterMs: 2000, playFails: '500/8572' } });
    const media = await connected();
    await media.playToAll([red]);
    await world.pass(0);
    assert.deepEqual(world.application.story, ['PlayFailed 500/8572']);
  });

  it('is refused before the answer, to strangers, and after the end', async () => {
    const connection = await world.call('Adele Vance');
    const media = connection.getCallMedia();
    assert.equal(await refusalOf(media.playToAll([red])), '409 8501');
    await world.pass(2000);
    const stranger = { microsoftTeamsUserId: world.emulator.people.get('Alex Wilber').id };
    assert.equal(await refusalOf(media.play([red], [stranger])), '400 8523');
    assert.equal(await refusalOf(media.playToAll([{ ...red, text: 'x'.repeat(4001) }])), '400 8523');
    await connection.hangUp(true);
    assert.equal(await refusalOf(media.playToAll([red])), '404 8522');
  });

  it('stops when the call ends', async () => {
    const media = await connected();
    await media.playToAll([red]);
    world.emulator.phone('Adele Vance').hangUp();
    await world.pass(10_000);
    assert.deepEqual(world.application.story, ['PlayStarted 200/0', 'CallDisconnected 200/0']);
    assert.equal(world.emulator.calls.list()[0]?.spoken[0]?.outcome, null);
  });

  it('sends its events to the URI of the operation', async () => {
    const media = await connected();
    await media.playToAll([again], { operationCallbackUrl: `${world.application.callbackUri}/play` });
    await world.pass(10_000);
    assert.deepEqual(
      world.application.requests.map(({ path }) => path),
      ['/callbacks/play', '/callbacks/play'],
    );
  });
});
