import assert from 'node:assert/strict';
import { DtmfTone } from '@azure/communication-call-automation';
import type { CallMedia } from '@azure/communication-call-automation';
import { refusalOf, startWorld } from '../support/emulator/world.ts';
import type { World } from '../support/emulator/world.ts';

describe('emulator: keys that the callee presses', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  const adele = (): { microsoftTeamsUserId: string } => ({
    microsoftTeamsUserId: world.emulator.people.get('Adele Vance').id,
  });
  const connected = async (): Promise<CallMedia> => {
    const connection = await world.call('Adele Vance');
    await world.pass(2000);
    world.application.requests.length = 0;
    return connection.getCallMedia();
  };
  const press = async (...tones: ('one' | 'two' | 'pound')[]): Promise<void> => {
    for (const tone of tones) world.emulator.phone('Adele Vance').press(tone);
    await world.pass(0);
  };

  it('arrive during continuous recognition, with increasing numbers', async () => {
    const media = await connected();
    await press('one');
    await media.startContinuousDtmfRecognition(adele(), { operationContext: 'keys' });
    await press('one', 'pound');
    await media.stopContinuousDtmfRecognition(adele());
    await press('two');
    assert.deepEqual(world.application.story, [
      'ContinuousDtmfRecognitionToneReceived 200/0',
      'ContinuousDtmfRecognitionToneReceived 200/0',
      'ContinuousDtmfRecognitionStopped 200/0',
    ]);
    const { data } = world.application.last('ContinuousDtmfRecognitionToneReceived');
    assert.equal(data['tone'], 'pound');
    assert.equal(data['sequenceId'], 2);
    assert.equal(data.operationContext, 'keys');
  });

  it('do not arrive if the person’s keys never do, but are recorded', async () => {
    world.emulator.people.change('Adele Vance', { keysArrive: false });
    const media = await connected();
    await media.startContinuousDtmfRecognition(adele());
    await press('one');
    assert.deepEqual(world.application.story, []);
    assert.deepEqual(
      world.emulator.calls.list()[0]?.tones.map(({ tone, arrived }) => [tone, arrived]),
      [['one', false]],
    );
  });

  it('cannot be listened for twice, nor stopped twice', async () => {
    const media = await connected();
    assert.equal(await refusalOf(media.stopContinuousDtmfRecognition(adele())), '412 8583');
    await media.startContinuousDtmfRecognition(adele());
    assert.equal(await refusalOf(media.startContinuousDtmfRecognition(adele())), '412 8583');
  });

  const recognized = (): unknown => world.application.last('RecognizeCompleted').data['dtmfResult'];

  it('are collected up to the maximum', async () => {
    const media = await connected();
    await media.startRecognizing(adele(), { kind: 'callMediaRecognizeDtmfOptions', maxTonesToCollect: 2 });
    await press('one');
    assert.deepEqual(world.application.story, []);
    await press('two');
    assert.deepEqual(world.application.story, ['RecognizeCompleted 200/8531']);
    assert.deepEqual(recognized(), { tones: ['one', 'two'] });
  });

  it('are collected until a stop tone', async () => {
    const media = await connected();
    await media.startRecognizing(adele(), {
      kind: 'callMediaRecognizeDtmfOptions',
      stopDtmfTones: [DtmfTone.Pound],
    });
    await press('one', 'pound');
    assert.deepEqual(world.application.story, ['RecognizeCompleted 200/8514']);
    assert.deepEqual(recognized(), { tones: ['one'] });
  });

  it('are awaited after the prompt, until the silence timeout', async () => {
    const media = await connected();
    const text = 'Press one';
    await media.startRecognizing(adele(), {
      kind: 'callMediaRecognizeDtmfOptions',
      maxTonesToCollect: 1,
      initialSilenceTimeoutInSeconds: 10,
      playPrompt: { kind: 'textSource', text, voiceName: 'en-US-NancyNeural' },
    });
    await world.pass(text.length * 60 + 9_999);
    assert.deepEqual(world.application.story, []);
    await world.pass(1);
    assert.deepEqual(world.application.story, ['RecognizeFailed 400/8510']);
    assert.deepEqual(world.emulator.phone('Adele Vance').spoken(), [text]);
  });

  it('time out if the next one takes too long', async () => {
    const media = await connected();
    await media.startRecognizing(adele(), {
      kind: 'callMediaRecognizeDtmfOptions',
      maxTonesToCollect: 3,
      interToneTimeoutInSeconds: 4,
    });
    await press('one');
    await world.pass(4000);
    assert.deepEqual(world.application.story, ['RecognizeFailed 400/8532']);
  });

  it('choose one of several', async () => {
    const media = await connected();
    await media.startRecognizing(adele(), {
      kind: 'callMediaRecognizeChoiceOptions',
      choices: [{ label: 'Acknowledge', phrases: ['yes'], tone: DtmfTone.One }],
    });
    await press('two');
    await press('one');
    assert.deepEqual(world.application.story, ['RecognizeCompleted 200/8533']);
    assert.deepEqual(world.application.last('RecognizeCompleted').data['choiceResult'], {
      label: 'Acknowledge',
    });
  });

  it('are no longer awaited after recognition is cancelled', async () => {
    const media = await connected();
    await media.startRecognizing(adele(), { kind: 'callMediaRecognizeDtmfOptions', maxTonesToCollect: 1 });
    await media.cancelAllOperations();
    await press('one');
    assert.deepEqual(world.application.story, ['RecognizeCanceled 400/8508']);
  });

  it('are pressed by the script, after the message if the person listens to it', async () => {
    world.emulator.people.script('Adele Vance', {
      answers: {
        afterMs: 2000,
        listens: true,
        presses: [{ tone: 'one', afterMs: 1000 }],
        hangsUpAfterMs: 3000,
      },
    });
    const media = await connected();
    await media.startContinuousDtmfRecognition(adele());
    await world.pass(20_000);
    assert.deepEqual(world.application.story, []);
    await media.playToAll([{ kind: 'textSource', text: 'Red', voiceName: 'en-US-NancyNeural' }]);
    await world.pass(3 * 60 + 1000);
    assert.equal(world.application.story.at(-1), 'ContinuousDtmfRecognitionToneReceived 200/0');
    await world.pass(2000);
    assert.equal(world.application.story.at(-1), 'CallDisconnected 200/0');
  });

  it('are pressed as replies to what is said: after it, during it, or not at all', async () => {
    world.emulator.people.script('Adele Vance', {
      answers: { replies: [{ keys: '1', during: true, afterMs: 60 }, '', '47#'] },
    });
    const media = await connected();
    const ask = async (
      name: string,
      options: { interruptPrompt?: boolean; maxTonesToCollect: number },
    ): Promise<void> => {
      await media.startRecognizing(adele(), {
        kind: 'callMediaRecognizeDtmfOptions',
        stopDtmfTones: [DtmfTone.Pound],
        playPrompt: { kind: 'textSource', text: 'Which?', voiceName: 'en-US-NancyNeural' },
        operationContext: name,
        ...options,
      });
      await world.pass(6 * 60 + 5_000);
    };
    // A key during a prompt that cannot be interrupted is not heard, also not after it.
    await ask('first', { interruptPrompt: false, maxTonesToCollect: 1 });
    await ask('second', { interruptPrompt: true, maxTonesToCollect: 1 });
    await ask('third', { interruptPrompt: true, maxTonesToCollect: 8 });
    assert.deepEqual(world.application.story, [
      'RecognizeFailed 400/8510',
      'RecognizeFailed 400/8510',
      'RecognizeCompleted 200/8514',
    ]);
    assert.deepEqual(recognized(), { tones: ['four', 'seven'] });
    assert.deepEqual(world.emulator.phone('Adele Vance').rings()[0]?.tones, [
      'one',
      'four',
      'seven',
      'pound',
    ]);
  });

  it('may come from a mailbox, which records what is said after its beep', async () => {
    world.emulator.people.script('Adele Vance', {
      voicemail: {
        afterMs: 1000,
        greetsForMs: 3000,
        recordsForMs: 9000,
        presses: [{ tone: 'one', afterMs: 500 }],
      },
    });
    const media = await connected();
    const say = async (text: string): Promise<void> => {
      await media.playToAll([{ kind: 'textSource', text, voiceName: 'en-US-NancyNeural' }]);
      await world.pass(2500);
    };
    await say('Hello?');
    await say('Are you there?');
    const [ring] = world.emulator.phone('Adele Vance').rings();
    assert.deepEqual(ring?.mailbox?.recorded, ['Are you there?']);
    assert.deepEqual(ring?.tones, ['one']);
    await world.pass(6000);
    assert.equal(world.application.story.at(-1), 'CallDisconnected 200/0');
  });
});
