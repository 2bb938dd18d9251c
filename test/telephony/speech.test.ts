import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nameToGreet, spokenAlert, spokenMessage } from '../../src/telephony/speech.ts';
import { languages, SPEECH_LIMIT, textsFor } from '../../src/texts/texts.ts';
import { adele } from '../support/chat/calls.ts';

const texts = textsFor('en');
const control = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/u;

describe('what the callee hears', () => {
  const call = { name: 'Adele', requester: 'Megan Bowen', message: ' The build is red ' };

  it('a message, twice', () => {
    assert.equal(
      spokenMessage(call, texts),
      'Hello Adele. This is Ringdown, calling for Megan Bowen. The message is: The build is red. I repeat: The build is red. Goodbye.',
    );
  });

  it('without a given name, and with the message’s own punctuation', () => {
    assert.equal(
      spokenMessage({ ...call, name: null, message: 'Is it\nred?' }, texts),
      'Hello. This is Ringdown, calling for Megan Bowen. The message is: Is it red? I repeat: Is it red? Goodbye.',
    );
  });

  it('a sentence that ends as the language ends one', () => {
    const japanese = textsFor('ja');
    for (const [message, ending] of [
      ['ビルドが失敗しました', 'ビルドが失敗しました。繰り返します。'],
      ['ビルドが失敗しました。', 'ビルドが失敗しました。繰り返します。'],
      ['「失敗しました。」', '「失敗しました。」繰り返します。'],
    ] as const) {
      assert.ok(spokenMessage({ ...call, message }, japanese).includes(ending), message);
    }
  });

  it('their name as their language greets people', () => {
    for (const language of languages) {
      const own = textsFor(language);
      const greeted = own.speech.calledBy === 'displayName' ? 'Adele Vance' : 'Adele';
      assert.equal(nameToGreet(adele, own), greeted, language);
    }
    const { givenName: _, ...nameless } = adele;
    assert.equal(nameToGreet(nameless, texts), null);
    assert.equal(nameToGreet(nameless, textsFor('ja')), 'Adele Vance');
    for (const kind of ['voiceApp', 'communicationUser'] as const)
      assert.equal(nameToGreet({ ...nameless, kind }, textsFor('ja')), null, kind);
  });

  it('who is calling, before the transfer', () => {
    assert.equal(
      texts.spoken.connecting({ name: null, requester: 'Megan Bowen' }),
      'Hello. Megan Bowen is calling you. Connecting you now.',
    );
  });

  it('a test call', () => {
    assert.equal(texts.spoken.test, 'This is a test call from Ringdown. Your phone works. Goodbye.');
  });

  it('a message that does not fit twice is said once', () => {
    const message = `${'word '.repeat(30)}end`;
    const spoken = spokenMessage({ ...call, message }, texts, 300);
    assert.ok(spoken.includes(message) && !spoken.includes('I repeat'));
  });

  it('a message that is too long is cut between words, and the callee hears that there is more', () => {
    assert.match(
      spokenMessage({ ...call, message: 'disk full '.repeat(100) }, texts, 200),
      /disk( full)?\. The rest of the message is too long to read out\. Goodbye\.$/,
    );
  });

  describe('of an alert', () => {
    const alert = { name: 'Adele', summary: 'Checkout errors', test: false, keys: true, again: false };

    it('the whole of it, and what the keys do', () => {
      assert.equal(
        spokenAlert(alert, texts),
        'Hello Adele. This is Ringdown with an alert. Checkout errors. Press 1 to acknowledge, 2 to pass it on, 3 to hear it again.',
      );
    });

    it('that it is a test, and nothing of keys that do not work', () => {
      assert.equal(
        spokenAlert({ ...alert, name: null, test: true, keys: false }, texts),
        'Hello. This is a test of Ringdown. Nothing is wrong. Checkout errors. Please acknowledge it on the card in Teams.',
      );
    });

    it('the second time without a greeting', () => {
      assert.equal(
        spokenAlert({ ...alert, again: true }, texts),
        'I repeat: Checkout errors. Press 1 to acknowledge, 2 to pass it on, 3 to hear it again.',
      );
    });

    it('only its beginning if it is long, and where the rest is', () => {
      const spoken = spokenAlert({ ...alert, summary: 'disk full '.repeat(100) }, texts);
      assert.match(spoken, /disk( full)?\. The full text is on the card in Teams\. Press 1/);
      assert.ok(spoken.length <= 600);
    });
  });

  for (const language of languages) {
    it(`is never longer than the service accepts (${language})`, () => {
      const own = textsFor(language);
      const goodbye = spokenMessage(call, own).slice(-8);
      const long = fc.string({ unit: 'grapheme', minLength: 0, maxLength: 6000, size: 'max' });
      fc.assert(
        fc.property(long, fc.string({ maxLength: 500 }), (message, name) => {
          const spoken = spokenMessage({ name, requester: name, message }, own);
          assert.ok(spoken.length <= SPEECH_LIMIT);
          assert.ok(spoken.isWellFormed());
          assert.doesNotMatch(spoken, control);
          assert.ok(spoken.endsWith(goodbye));
        }),
        // Shrinking a long text step by step would take minutes.
        { numRuns: 50, endOnFailure: true },
      );
    });
  }
});
