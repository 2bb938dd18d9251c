import assert from 'node:assert/strict';
import { callEntries } from '../../src/calls/timeline.ts';
import { escalationEntries } from '../../src/escalations/timeline.ts';
import type { Notice } from '../../src/texts/alertTexts.ts';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { helpAsText, languages, SPEECH_LIMIT, textsFor } from '../../src/texts/texts.ts';
import type { SpokenMessage, Texts } from '../../src/texts/texts.ts';
import { refusalReasons } from '../support/permissions/reasons.ts';

const texts = textsFor('en');
const german = textsFor('de');
const callEntryTypes = Object.keys(callEntries);
const escalationNoteTypes = Object.keys(escalationEntries);
const each = Object.keys(languages).map((tag) => [tag, textsFor(tag)] as const);

/**
 * Every text of a language, with this foreign text inserted everywhere. Texts with arguments other than strings need
 * examples here, otherwise they say "undefined" or "NaN".
 */
function everyText(language: Texts, foreign: string): Map<string, string> {
  const person = { callee: foreign, requester: foreign, givenName: foreign, by: foreign };
  const examples: Record<string, unknown[]> = {
    cause: [person, { ...person, requester: null }],
    advice: [{ acsResourceId: foreign, userPrincipalName: foreign }],
    spoken: [person, { ...person, givenName: null }],
    'spoken.message': [{ ...person, message: foreign }],
    'spoken.alert': [true, false].map((flag) => ({
      ...person,
      summary: foreign,
      test: flag,
      keys: flag,
      again: !flag,
    })),
    timeline: [...callEntryTypes, 'somethingNewOfTomorrow'].flatMap((type) => [
      { type },
      {
        type,
        data: { name: foreign, to: foreign, tone: foreign, code: 487, subCode: 10004, cause: foreign },
      },
    ]),
    'escalation.timeline': [...escalationNoteTypes, 'somethingNewOfTomorrow'].flatMap((type) => [
      { type },
      { type, data: { name: foreign, by: foreign, summary: foreign, note: foreign, seconds: 60 } },
    ]),
    'alerts.noData': [{ name: foreign }],
    'alerts.queryFailed': [{ name: foreign }],
    'alerts.budget': [true, false].map((isForecast) => ({ name: foreign, spent: '9', of: '10', isForecast })),
    'escalation.skipped': [{ name: foreign, reason: 'noTeamsPhone' }],
    'escalationChat.card.step': [
      { step: 1, of: 3, round: 1 },
      { step: 1, of: 3, round: 2 },
    ],
    'escalationChat.card.since': ['{{TIME(2026-09-15T13:05:00Z)}}'],
    'escalationChat.card.at': ['{{TIME(2026-09-15T13:05:00Z)}}'],
    'escalationChat.card.goesOnAt': ['{{TIME(2026-09-15T13:05:00Z)}}'],
    'escalationChat.card.resolveBy': ['{{TIME(2026-09-15T13:05:00Z)}}'],
    'escalationChat.card.calling': [[[foreign]], [[foreign, foreign]], [[]]],
    'escalationChat.card.talking': [[[foreign]], [[foreign, foreign]], [[]]],
    'escalationChat.card.youAreCalled': [
      { policy: foreign, step: 1, startedBy: foreign },
      { policy: null, step: 1, startedBy: foreign },
    ],
    'escalationChat.card.youWereCalled': [
      { policy: foreign, step: 1, startedBy: foreign },
      { policy: null, step: 1, startedBy: foreign },
    ],
    'escalationChat.card.youAreTold': [foreign, null],
    'escalationChat.card.earlier': [1, 2],
    'escalationChat.card.text': [true, false].map((test) => ({ summary: foreign, state: foreign, test })),
    'escalationChat.card.calleeText': [true, false].map((test) => ({ summary: foreign, test })),
    'escalationChat.nobodyCanBeCalled': [[[]], [[{ name: foreign, reason: 'guest' }]]],
    'escalationChat.noSuchPolicy': [
      [foreign, []],
      [foreign, [foreign]],
      [foreign, [foreign, foreign]],
    ],
    'escalationChat.whichPolicy': [[[]], [[foreign, foreign]]],
    'escalationChat.escalateIncomplete': ['message', 'targets'],
    'escalationChat.severalFit': [[foreign, [foreign, foreign]]],
    'escalationChat.onCallStep': [{ step: 1, people: [foreign, foreign] }],
    'escalationChat.onCallUntil': [{ name: foreign, until: foreign }],
    'escalationChat.nobodyInStep': [2],
    'escalationChat.covering': [{ name: foreign, until: foreign }],
    'escalationChat.covered': [
      { policy: foreign, until: foreign, instead: foreign },
      { policy: foreign, until: foreign, instead: null },
    ],
    'escalationChat.coverTooLong': [90],
    'escalationChat.runs': [1, 2],
    'escalationChat.statusEscalation': [true, false].map((test) => ({
      summary: foreign,
      state: foreign,
      seconds: 12,
      test,
    })),
    'chat.talk.purpose': [person],
    'chat.talk.openHere': [{ callee: foreign, address: foreign }],
    'escalation.exhausted': [
      { summary: foreign, policy: foreign },
      { summary: foreign, policy: null },
    ],
    'alerts.listed': [[[{ summary: foreign, severity: 'critical' }], 0]],
    'alerts.several': [0, 2].map((resolved) => ({ firing: 3, resolved, first: foreign })),
    'alerts.unlisted': [{ count: 2, name: foreign }],
    'alerts.silent': [{ name: foreign, everySeconds: 90 }],
    'alerts.silentDetails': [{ lastAt: null }, { lastAt: foreign }],
    'alerts.timeline': [{}, { name: foreign, by: foreign, host: foreign, event: foreign, firing: 2 }],
    'operators.message': noticesAbout(foreign).map((notice, count) => [[{ notice, count }], count]),
    'chat.greeting': [foreign, null],
    'chat.nobodyFits': [
      [foreign, []],
      [foreign, [foreign, foreign]],
    ],
    'chat.oneAtATime': [[foreign, 'The build is red']],
    'chat.didYouMean': [1, 2].map((count) => [foreign, count]),
    'chat.tooLong': [2000],
    'chat.rateLimited': [null, 90],
    'chat.refused': refusalReasons.flatMap((reason) =>
      [foreign, ''].flatMap((callee) =>
        [[], [foreign, foreign]].flatMap((ask) => [
          { reason, callee, ask, until: null, seconds: null, timeZone: 'UTC' },
          { reason, callee, ask, until: 1_800_000_000_000, seconds: 600, timeZone: 'Europe/Berlin' },
        ]),
      ),
    ),
    'chat.notCallable': [
      { callee: foreign, reason: 'noTeamsPhone' },
      { callee: foreign, reason: null },
    ],
    'chat.presence': [{ availability: 'Busy', activity: 'InACall' }],
    'chat.disturb.question': [{ callee: foreign, because: 'presenting' }],
    'chat.disturb.writeHere': [
      { callee: foreign, address: 'https://teams.microsoft.com/l/chat/0/0?users=a' },
    ],
    'chat.language.unknown': [[foreign, ['Deutsch', 'English']]],
    'chat.language.present': [[foreign, ['Deutsch', 'English']]],
    'chat.runs': [1, 2],
    'chat.whoIs': [1, 2],
    'chat.choiceOutOfRange': [3],
    'chat.statusLine': [person, { ...person, requester: null }].map((who) => ({
      ...who,
      state: 'dialing',
      seconds: 12,
    })),
    'chat.card.connects': [person],
    'chat.card.running': [person],
    'chat.card.result': [{ code: 487, subCode: 10004 }],
    // A macro of Adaptive Cards, which must not change.
    'chat.captured': [
      ['recordingStarted', foreign],
      ['recordingEnded', foreign],
      ['transcriptionStarted', foreign],
      ['transcriptionEnded', foreign],
    ],
    'chat.card.since': ['{{TIME(2026-09-15T13:05:00Z)}}'],
  };
  const found = new Map<string, string>();
  const add = (path: string, value: unknown): void => {
    if (typeof value === 'string') found.set(path, value);
    else if (typeof value === 'function') {
      const nearest = Object.keys(examples).filter((known) => `${path}.`.startsWith(`${known}.`));
      const given = examples[nearest.toSorted((a, b) => b.length - a.length)[0] ?? ''] ?? [foreign];
      given.forEach((example, n) => {
        add(`${path}(${n})`, Reflect.apply(value, null, Array.isArray(example) ? example : [example]));
      });
    } else if (value && typeof value === 'object') {
      for (const [key, inner] of Object.entries(value)) add(path ? `${path}.${key}` : key, inner);
    } else assert.equal(value, null, path);
  };
  const { format: _, ...words } = language;
  add('', words);
  return found;
}

function noticesAbout(foreign: string): Notice[] {
  return [
    { kind: 'intakeRejected', sender: foreign, code: 'unauthorized', detail: foreign },
    { kind: 'intakeFailed', sender: foreign },
    { kind: 'policyMissing', sender: foreign, policy: foreign },
    { kind: 'exhausted', policy: foreign, summary: foreign, id: 'esc_1' },
    { kind: 'unreachable', policy: foreign, name: foreign, why: 'unreachable' },
    { kind: 'unreachable', policy: foreign, name: foreign, why: 'notFound' },
    { kind: 'webhookFailing', host: foreign, problem: 'HTTP 500' },
    { kind: 'webhookGivenUp', host: foreign, event: 'started', id: 'evt_1' },
    { kind: 'notInDirectory', where: 'rotations.web.members[0]', name: foreign, why: 'notFound' },
    ...(['policy', 'rotation', 'voiceApp', 'apiKey', 'integration', 'heartbeat'] as const).map((what) => ({
      kind: 'gone' as const,
      what,
      name: foreign,
      escalations: 2,
    })),
    { kind: 'fileRefused', faults: 2 },
  ];
}

const control = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/u;

describe('Texts', () => {
  describe('by locale', () => {
    const cases: [asked: string | undefined, used: string][] = [
      [undefined, 'en'],
      ['en', 'en'],
      ['en-GB', 'en-GB'],
      ['EN-us', 'en-US'],
      ['fr-FR', 'en'],
      ['', 'en'],
      ['not a locale', 'en'],
      ['en_US', 'en'],
      ['constructor', 'en'],
      ['de', 'de'],
      ['de-DE', 'de-DE'],
      ['DE-at', 'de-AT'],
      ['de-Latn-CH-1996', 'de-Latn-CH-1996'],
    ];
    for (const [asked, used] of cases) {
      it(`${JSON.stringify(asked)} reads ${used}`, () => {
        const found = textsFor(asked);
        assert.equal(found.format.locale, used);
        const words = used.startsWith('de') ? 'Es läuft kein Anruf.' : 'No call is running.';
        assert.equal(found.chat.nothingRuns(), words);
      });
    }
  });

  it('every language has the same texts, each in its own words', () => {
    const english = everyText(texts, 'Adele Vance');
    // Not words, or the same word in both languages.
    const expected =
      /^(advice\..*\.(commands|docs)|escalationChat\.card\.(details|showDetails|links|text|step)|chat\.help\..*\.(of|say)|chat\.card\.details)|\.color$|^chat\.presence|^history\.test$|^alerts\.listed/;
    for (const [tag, language] of each) {
      if (language === texts) continue;
      const other = everyText(language, 'Adele Vance');
      assert.deepEqual([...other.keys()].toSorted(), [...english.keys()].toSorted(), tag);
      const same = [...english].filter(([path, text]) => other.get(path) === text).map(([path]) => path);
      assert.deepEqual(
        same.filter((path) => !expected.test(path)),
        [],
        tag,
      );
    }
  });

  it('no cause lacks words', async () => {
    const source = await readFile(new URL('../../src/calls/call.ts', import.meta.url), 'utf8');
    const union = /export type Cause =([^;]*);/.exec(source)?.[1] ?? '';
    const causes = [...union.matchAll(/'(\w+)'/g)].map((match) => match[1] ?? '').toSorted();
    assert.ok(causes.length > 40);
    for (const [, language] of each) {
      assert.deepEqual(Object.keys(language.cause).toSorted(), causes);
      assert.deepEqual(Object.keys(language.advice).toSorted(), causes);
    }
  });

  it('no entry of the timeline of a call misses words', () => {
    for (const type of callEntryTypes) {
      const fallback = type.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      const own = texts.timeline({ type, data: {} });
      if (type !== 'acknowledged')
        assert.notEqual(own.toLowerCase(), `${fallback}.`, `${type} has own words`);
      assert.doesNotMatch(german.timeline({ type, data: {} }), /Ereignis/, type);
    }
  });

  it('every entry of the timeline of an escalation has words', () => {
    assert.ok(escalationNoteTypes.length > 30);
    for (const type of escalationNoteTypes) {
      const fallback = `${type.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}.`;
      assert.notEqual(
        texts.escalation.timeline({ type, data: {} }).toLowerCase(),
        fallback,
        `${type} has own words`,
      );
      assert.doesNotMatch(german.escalation.timeline({ type, data: {} }), /Ereignis „\w+“\.$/, type);
    }
  });

  for (const [name, language] of each) {
    it(`no text says "undefined", or that a phone is ringing, which the service does not report (${name})`, () => {
      for (const [path, text] of everyText(language, 'Adele Vance')) {
        assert.doesNotMatch(text, /undefined|\bnull\b|NaN|\[object/, path);
        assert.doesNotMatch(text, /\brings?\b|\bringing\b|\brang\b|klingel|läutet/i, path);
        assert.ok(text.trim() === text && text.length > 0, path);
        assert.doesNotMatch(text, / {2}|[.!?]{2}/, path);
      }
    });
  }

  it('German texts use "Sie" and German quotation marks', () => {
    for (const [path, text] of everyText(german, 'Adele Vance')) {
      if (path.startsWith('advice.')) continue;
      assert.doesNotMatch(text, /\b(du|dir|dich|dein\w*|euch|euer\w*)\b/i, path);
      assert.doesNotMatch(text, /["']/, path);
      assert.equal(text.split('„').length, text.split('“').length, path);
    }
  });

  describe('names cannot break out of a sentence', () => {
    it('apostrophes and Markdown stay: escaping happens where a text is shown', () => {
      for (const name of ["Siobhán O'Hara", 'A*d_e[l](e) <b>V</b> `x`', '\\"$&$1${name}', '艾德尔', 'عادل']) {
        assert.equal(texts.cause.noAnswer.text({ callee: name, requester: null }), `${name} did not answer.`);
      }
    });

    it('line breaks and direction marks are removed', () => {
      const callee = 'Adele\u202E\r\n\u2067Vance\u2028\u0000';
      assert.equal(texts.cause.noAnswer.text({ callee, requester: null }), 'Adele Vance did not answer.');
    });

    it('whatever the name, every text stays on one line and readable', () => {
      const name = fc.string({ unit: 'binary', maxLength: 30 });
      fc.assert(
        fc.property(
          fc.tuple(name, fc.constantFrom('\n', '\u202E', '\r', '\u2066', '\u0007'), name),
          (parts) => {
            for (const [path, text] of each.flatMap(([, one]) => [...everyText(one, parts.join(''))])) {
              assert.doesNotMatch(text, control, path);
              assert.ok(text.isWellFormed(), path);
            }
          },
        ),
        { numRuns: 20, endOnFailure: true },
      );
    });

    it('a very long name is cut', () => {
      const text = texts.cause.noAnswer.text({ callee: 'Adele '.repeat(500), requester: null });
      assert.ok(text.length < 250);
      assert.match(text, /Adele… did not answer\.$/);
    });
  });

  describe('advice', () => {
    it('gives lines ready to paste, with known values filled in', () => {
      const known = {
        acsResourceId: '7e1a0c9b-0000-4000-8000-0123456789ab',
        userPrincipalName: 'adele.vance@contoso.example',
      };
      assert.deepEqual(texts.advice.federationNotAllowed?.(known).commands, [
        "Set-CsTeamsAcsFederationConfiguration -EnableAcsUsers $True -AllowedAcsResources @('7e1a0c9b-0000-4000-8000-0123456789ab')",
        'Set-CsExternalAccessPolicy -Identity Global -EnableAcsFederationAccess $true',
      ]);
      assert.deepEqual(texts.advice.enterpriseVoiceOrSource?.(known).commands, [
        'Set-CsPhoneNumberAssignment -Identity adele.vance@contoso.example -EnterpriseVoiceEnabled $true',
      ]);
    });

    it('has placeholders for values that are unknown or unsafe in a shell', () => {
      for (const evil of [
        undefined,
        "x'); Remove-Item / #",
        'a@b.example; calc',
        '$(calc)@b.example',
        'a@b\n-x',
      ]) {
        const known = evil === undefined ? {} : { acsResourceId: evil, userPrincipalName: evil };
        assert.match(
          texts.advice.federationNotAllowed?.(known).commands.join() ?? '',
          /@\('<ACS_RESOURCE_ID>'\)/,
        );
        assert.equal(
          texts.advice.enterpriseVoiceOrSource?.(known).commands[0],
          'Set-CsPhoneNumberAssignment -Identity <upn> -EnterpriseVoiceEnabled $true',
        );
      }
    });
  });

  describe('what the callee hears', () => {
    const call: SpokenMessage = {
      givenName: 'Adele',
      requester: 'Megan Bowen',
      message: ' The build is red ',
    };

    it('a message, twice', () => {
      assert.equal(
        texts.spoken.message(call),
        'Hello Adele. This is Ringdown, calling for Megan Bowen. The message is: The build is red. I repeat: The build is red. Goodbye.',
      );
    });

    it('without a given name, and with the message’s own punctuation', () => {
      assert.equal(
        texts.spoken.message({ ...call, givenName: null, message: 'Is it\nred?' }),
        'Hello. This is Ringdown, calling for Megan Bowen. The message is: Is it red? I repeat: Is it red? Goodbye.',
      );
    });

    it('who is calling, before the transfer', () => {
      assert.equal(
        texts.spoken.connecting({ givenName: null, requester: 'Megan Bowen' }),
        'Hello. Megan Bowen is calling you. Connecting you now.',
      );
    });

    it('a test call', () => {
      assert.equal(texts.spoken.test(), 'This is a test call from Ringdown. Your phone works. Goodbye.');
    });

    it('a message that does not fit twice is said once', () => {
      const message = `${'word '.repeat(30)}end`;
      const spoken = texts.spoken.message({ ...call, message, limit: 300 });
      assert.ok(spoken.includes(message) && !spoken.includes('I repeat'));
    });

    it('a message that is too long is cut between words, and the callee hears where the rest is', () => {
      const long = { ...call, message: 'disk full '.repeat(100), limit: 200 };
      assert.match(
        texts.spoken.message({ ...long, restOnCard: true }),
        /disk full\. The rest is on the card in chat\. Goodbye\.$|full disk\. The rest is on the card/,
      );
      assert.match(
        texts.spoken.message(long),
        /The rest of the message is too long to read out\. Goodbye\.$/,
      );
    });

    it('is never longer than the service accepts', () => {
      const long = fc.string({ unit: 'grapheme', minLength: 0, maxLength: 6000, size: 'max' });
      fc.assert(
        fc.property(long, fc.string({ maxLength: 500 }), fc.boolean(), (message, name, restOnCard) => {
          const spoken = texts.spoken.message({ givenName: name, requester: name, message, restOnCard });
          assert.ok(spoken.length <= SPEECH_LIMIT);
          assert.ok(spoken.isWellFormed());
          assert.doesNotMatch(spoken, control);
          assert.match(spoken, /Goodbye\.$/);
        }),
        // Shrinking a long text step by step would take minutes.
        { numRuns: 50, endOnFailure: true },
      );
    });
  });

  describe('chat', () => {
    it('suggests near names', () => {
      assert.equal(
        texts.chat.nobodyFits('Adle', ['Adele Vance', 'Alex Wilber']),
        'I found nobody called "Adle". Did you mean Adele Vance or Alex Wilber?',
      );
    });

    it('says when to try again, never too early', () => {
      assert.match(texts.chat.rateLimited(90), /No call was placed\. Please try again in 2 minutes\.$/);
      assert.match(texts.chat.rateLimited(0.2), /in 1 second\.$/);
    });

    it('gives the status in one line', () => {
      assert.equal(
        texts.chat.statusLine({
          callee: 'Adele Vance',
          state: 'dialing',
          requester: 'Megan Bowen',
          seconds: 12,
        }),
        'Adele Vance: Calling … (12 seconds, requested by Megan Bowen)',
      );
    });

    it('gives the help as plain text too, with each command on its own line', () => {
      const lines = helpAsText(texts.chat.help).split('\n');
      for (const { say, does } of texts.chat.help.groups.flatMap((group) => group.commands)) {
        assert.ok(lines.includes(`  ${say} – ${does}`), say);
      }
    });
  });

  describe('timeline', () => {
    const cases: [type: string, data: Record<string, string | number | null>, words: string][] = [
      ['ended', { disposition: 'no_answer', code: 487, subCode: 10004 }, 'Ended: no answer (487/10004).'],
      ['ended', { disposition: 'answered', code: 200, subCode: 7000 }, 'Ended: answered.'],
      ['ended', { disposition: 'cancelled', code: null, subCode: null }, 'Ended: cancelled.'],
      ['corrected', { disposition: 'declined', code: 603, subCode: 0 }, 'Corrected: declined (603/0).'],
      ['hangUpRequested', { by: 'requester', name: 'Megan Bowen' }, 'Megan Bowen ended the call.'],
      ['hangUpRequested', { by: 'timeout' }, 'Hanging up: time is up.'],
      ['deferred', { reason: 'paused' }, 'Waiting: an operator has paused all calls.'],
      ['speaking', { context: 'message2' }, 'Speaking the message again …'],
      ['transferring', { to: 'Megan Bowen' }, 'Connecting to Megan Bowen …'],
      ['somethingNewOfTomorrow', {}, 'Something new of tomorrow.'],
      ['constructor', {}, 'Constructor.'],
    ];
    for (const [type, data, words] of cases) {
      it(words, () => {
        assert.equal(texts.timeline({ type, data }), words);
      });
    }
  });

  describe('format', () => {
    it('writes durations in at most two units', () => {
      const cases: [seconds: number, words: string][] = [
        [0, '0 seconds'],
        [1, '1 second'],
        [59.6, '1 minute'],
        [125, '2 minutes 5 seconds'],
        [3600, '1 hour'],
        [3725, '1 hour 2 minutes'],
        [90_000, '1 day 1 hour'],
        [604_800, '7 days'],
        [-5, '0 seconds'],
      ];
      for (const [seconds, words] of cases) assert.equal(texts.format.duration(seconds), words);
    });

    it('writes times in the time zone and in the region’s format', () => {
      const at = '2026-09-15T13:05:00.000Z';
      assert.match(texts.format.time(at, 'Europe/Berlin'), /^3:05\sPM$/);
      assert.equal(textsFor('en-GB').format.time(at, 'Europe/Berlin'), '15:05');
    });

    it('cuts between words of the language, and never inside a character', () => {
      assert.equal(texts.format.cut('The build is red', 12), 'The build is');
      assert.equal(texts.format.cut('The build is red', 11), 'The build');
      assert.equal(texts.format.cut('short', 5), 'short');
      assert.equal(texts.format.cut('Donaudampfschifffahrt', 5), 'Donau');
      assert.equal(texts.format.cut('👩‍👩‍👧👩‍👩‍👧', 9), '👩‍👩‍👧');
    });
  });
});
