import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseCommand } from '../../../src/chat/language/parseCommand.ts';
import type { Command, PersonQuery } from '../../../src/chat/language/command.ts';
import { maximumLength, placeholder } from '../../../src/chat/language/mentions.ts';
import { itInBoth, runs } from '../../support/long.ts';

const mentions = [
  { id: '29:adele', name: 'Adele Vance' },
  { id: '29:alex', name: 'Alex Wilber' },
];
const [adele, alex] = [placeholder(0), placeholder(1)];
const mentioned: PersonQuery = { by: 'mention', id: '29:adele', name: 'Adele Vance' };
const alsoMentioned: PersonQuery = { by: 'mention', id: '29:alex', name: 'Alex Wilber' };
const self: PersonQuery = { by: 'self' };
const guid = '11111111-2222-3333-4444-555555555555';

const parse = (text: string): Command =>
  parseCommand(text, mentions, { voiceApps: ['Help Desk', 'Sales and Support'] });
const named = (text: string): PersonQuery => ({ by: 'text', text });
const call = (who: string | PersonQuery, message?: string): Command => {
  const person = typeof who === 'string' ? named(who) : who;
  return message === undefined ? { kind: 'call', person } : { kind: 'call', person, message };
};
const near = (command: Extract<Command, { kind: 'unknown' }>['near']): Command => ({
  kind: 'unknown',
  ...(command && { near: command }),
});
const several = (people: (string | PersonQuery)[], message?: string): Command => ({
  kind: 'callSeveral',
  people: people.map((who) => (typeof who === 'string' ? named(who) : who)),
  ...(message === undefined ? {} : { message }),
});
const lacks = (
  of: Extract<Command, { kind: 'incomplete' }>['of'],
  missing: Extract<Command, { kind: 'incomplete' }>['missing'],
): Command => ({ kind: 'incomplete', of, missing });

type Case = readonly [text: string, expected: Command];

const calls: readonly Case[] = [
  // A phone number
  [
    'call +49 (30) 123-456: hi',
    { kind: 'call', person: { by: 'phone', text: '+49 (30) 123-456' }, message: 'hi' },
  ],
  ['call 4:+4930123456', { kind: 'call', person: { by: 'phone', text: '4:+4930123456' } }],
  // The person
  ['call Adele', call('Adele')],
  ['CALL ADELE VANCE!', call('ADELE VANCE')],
  ['call adele.vance@contoso.example', call('adele.vance@contoso.example')],
  ['call mailto:adele@contoso.example: hi', call('adele@contoso.example', 'hi')],
  ['call guest_fabrikam.example#EXT#@contoso.example', call('guest_fabrikam.example#EXT#@contoso.example')],
  [`call ${guid}`, call(guid)],
  [`call ${guid}: hi`, call(guid, 'hi')],
  [`call 8:orgid:${guid}`, call(`8:orgid:${guid}`)],
  [`call 8:acs:${guid}_${guid}: the build: red`, call(`8:acs:${guid}_${guid}`, 'the build: red')],
  [`call 8:gcch-acs:${guid}_${guid} and say hi`, call(`8:gcch-acs:${guid}_${guid}`, 'hi')],
  [`call ${adele}`, call(mentioned)],
  [`call ${adele}: hi`, call(mentioned, 'hi')],
  [`please call ${adele} ${adele} now`, call(mentioned)],
  [`call ${adele} and tell her that ${alex} is on the way`, call(mentioned, 'Alex Wilber is on the way')],
  ['call @Adele', call('Adele')],
  ['call Vance, Adele: hi', call('Vance, Adele', 'hi')],
  ["call Siobhán O'Connor: hi", call("Siobhán O'Connor", 'hi')],
  ['call Siobhán O’Connor', call('Siobhán O’Connor')],
  ['call Jean-Luc d’Arc-Müller', call('Jean-Luc d’Arc-Müller')],
  ['call Dr. Adele V. Vance', call('Dr. Adele V. Vance')],
  ['call Will Smith', call('Will Smith')],
  ['call Till Lindemann: hi', call('Till Lindemann', 'hi')],
  ['call Johnny To', call('Johnny To')],
  ['call Can Öz', call('Can Öz')],
  ['call 田中 太郎', call('田中 太郎')],
  ['call 田中　太郎：ビルドが失敗', call('田中 太郎', 'ビルドが失敗')],
  ['call "Adele Vance"', call('Adele Vance')],
  ['call “Mark Now” please', call('Mark Now')],
  ['call "Call: Center is down": hi', call('Call: Center is down', 'hi')],
  ["call 'Adele Vance' and say hi", call('Adele Vance', 'hi')],
  ['call (Adele)', call('Adele')],
  ['call Adele Vance (Contoso)', call('Adele Vance (Contoso)')],
  ["call Robert'); DROP TABLE users;--", call("Robert'); DROP TABLE users")],
  ["call x' eq displayName", call("x' eq displayName")],
  ['call **Adele** 🙏', call('Adele')],
  ['call Adele :)', call('Adele')],
  ['call Adele :smile:', call('Adele')],
  ['call\nAdele', call('Adele')],
  ['"call Adele"', call('Adele')],
  // Voice apps
  ['call help desk', call('help desk')],
  ['call the help desk: the printer burns', call('help desk', 'the printer burns')],
  ['call Sales and Support', call('Sales and Support')],
  // The message
  ['call Adele: The build is RED', call('Adele', 'The build is RED')],
  ['call Adele:the build', call('Adele', 'the build')],
  ['call Adele : the build', call('Adele', 'the build')],
  [
    'call Adele: note: 10:30, https://contoso.example/x',
    call('Adele', 'note: 10:30, https://contoso.example/x'),
  ],
  ['call Adele: "the build is red"', call('Adele', 'the build is red')],
  ['call Adele: say "a" and "b"', call('Adele', 'say "a" and "b"')],
  ["call Adele: don't call anybody, please", call('Adele', "don't call anybody, please")],
  ['call Adele: one\ntwo', call('Adele', 'one\ntwo')],
  ['call Adele and say the build is red: fix it', call('Adele', 'the build is red: fix it')],
  ['call Adele and say: hi', call('Adele', 'hi')],
  ['call Adele and say that the build is red', call('Adele', 'the build is red')],
  ['call Adele and tell her the build is red.', call('Adele', 'the build is red.')],
  ['phone Adele and tell her that the build is red', call('Adele', 'the build is red')],
  ['ring Alex and tell him to come online', call('Alex', 'to come online')],
  ['call Adele and let her know that lunch is ready', call('Adele', 'lunch is ready')],
  ['call Adele to say hi', call('Adele', 'hi')],
  ['call Adele saying “Build red”', call('Adele', 'Build red')],
  ['call Adele with the message build red', call('Adele', 'build red')],
  ['can you call Adele for me and tell them that it works?', call('Adele', 'it works?')],
  // Other ways to say it
  ['please call Adele', call('Adele')],
  ['could you ring adele.vance@contoso.example now?', call('adele.vance@contoso.example')],
  ['can you please phone Adele for me', call('Adele')],
  ['hey ringdown, call Adele!', call('Adele')],
  ['Hi @Ringdown: please call Adele, thanks', call('Adele')],
  ['I need to call Adele', call('Adele')],
  ['I’d like you to call Adele Vance right away please', call('Adele Vance')],
  ['get me Adele on the phone', call('Adele')],
  ['get Adele on the line: build is red', call('Adele', 'build is red')],
  ['give Adele Vance a call', call('Adele Vance')],
  ['put me through to Adele', call('Adele')],
  ['connect me with Adele please', call('Adele')],
  ['place a call to Adele', call('Adele')],
  ['dial Adele', call('Adele')],
  ['ring up Adele', call('Adele')],
  ['call Adele on Teams', call('Adele')],
  ['call Mark Now', call('Mark')],
  ['urgent: call Adele', call('Adele')],
  ['call Adele again', call('Adele')],
  // Oneself
  ['call me', call(self)],
  ['Call me, please!', call(self)],
  ['call me again', call(self)],
  ['call myself', call(self)],
  ['give me a call', call(self)],
  ['call me: hello', call(self, 'hello')],
];

/** Names that could be part of a sentence: they match only people with exactly this name. */
const doubtful = (text: string, message?: string): Command => ({
  kind: 'call',
  person: { by: 'text', text, doubtful: true },
  ...(message === undefined ? {} : { message }),
});
const shortNames: readonly Case[] = [
  ['call An Li: hi', doubtful('An Li', 'hi')],
  ['call an li', doubtful('an li')],
  ['please call An Li now', doubtful('An Li')],
  ['call An: hi', doubtful('An', 'hi')],
  ['call My Nguyen: hi', doubtful('My Nguyen', 'hi')],
  ['call The Anh: hi', doubtful('The Anh', 'hi')],
  ['call To Huu: hi', doubtful('To Huu', 'hi')],
  ['call Nguyen An Binh', doubtful('Nguyen An Binh')],
  ['call So Yeon Kim and say hi', doubtful('So Yeon Kim', 'hi')],
  ['call Or Cohen', doubtful('Or Cohen')],
  ['call You Li', doubtful('You Li')],
  ['call Any Ruiz', doubtful('Any Ruiz')],
  ['call Are Olsen', doubtful('Are Olsen')],
  ['call On Levy: hi', doubtful('On Levy', 'hi')],
  ['call Bell Hooks', doubtful('Bell Hooks')],
  ['call Lee Soon', doubtful('Lee Soon')],
  ['call He Wei', call('He Wei')],
  ['call Do Minh', call('Do Minh')],
  ['call Bo Ek: hi', call('Bo Ek', 'hi')],
  ['call Li', call('Li')],
  ['call Ng: hi', call('Ng', 'hi')],
  ['call O: hi', call('O', 'hi')],
  ['call Yu Xi', call('Yu Xi')],
  ['call Min Ok: hi', call('Min Ok', 'hi')],
  [
    'escalate He Wei, An Li: hi',
    { kind: 'escalate', targets: [named('He Wei'), named('An Li')], message: 'hi' },
  ],
  ['who is An Li', { kind: 'whoIs', person: { by: 'text', text: 'An Li', doubtful: true } }],
];

/** Without a colon between name and message, the answer suggests one. */
const noColon = (say: string, of: 'call' | 'escalate' = 'call'): Command => ({
  kind: 'unknown',
  near: of,
  say,
});

/** None of these may place a call. */
const noCalls: readonly Case[] = [
  // Talk about calls
  ['call Adele?', { kind: 'question', say: 'call Adele' }],
  ['what is a call?', near('call')],
  ['Adele called me', near('call')],
  ['did you call Adele?', near('call')],
  ['why did you call Adele', near('call')],
  ['should I call Adele?', near('call')],
  ['can I call Adele?', near('call')],
  ['who called?', near('call')],
  ['who is calling', near('whoIs')],
  ["I'll call Adele later", near('call')],
  ['I will call Adele', near('call')],
  ['I have to call Adele', near('call')],
  ['we should call Adele', near('call')],
  ["let's call Adele", near('call')],
  ['let’s call it a day', near('call')],
  ['someone call Adele', near('call')],
  ['Bob: call Adele', near('call')],
  ['TODO call Adele', near('call')],
  ['calling all engineers', near('call')],
  ['Adele, call me', near('call')],
  ['if the build breaks, call Adele', near('call')],
  ['tomorrow call Adele', near('call')],
  // Not wanted
  ["don't call Adele", near('call')],
  ['please don’t call Adele', near('call')],
  ['dont call Adele: she sleeps', near('call')],
  ['do not call Adele', near('call')],
  ['never call Adele', near('call')],
  ['no need to call Adele', near('call')],
  ['can you not call Adele', near('call')],
  ['call not Adele but Alex', near('call')],
  ['call Adele? no', near('call')],
  ['call nobody', near('call')],
  // Not now
  ['call Adele later', near('call')],
  ['call Adele tomorrow', near('call')],
  ['call Adele at 10:30', near('call')],
  ['call Adele in 5 minutes', near('call')],
  ['call Adele on Monday: build', near('call')],
  ['call Adele Friday', near('call')],
  ['call Adele when the build breaks', near('call')],
  ['call Adele if it breaks: hi', near('call')],
  [`call ${adele} later`, near('call')],
  ['call me back', near('call')],
  ['call me maybe', near('call')],
  ['call me later', near('call')],
  ['call me when it is done', near('call')],
  ['give Adele a call later', near('call')],
  // Idioms and nouns
  ['call for papers', near('call')],
  ['call for papers: deadline Friday', near('call')],
  ['call it a day', near('call')],
  ['call off the meeting', near('call')],
  ['call the meeting off', near('call')],
  ['call in sick', near('call')],
  ['call to action', near('call')],
  ['call me Ishmael', near('call')],
  ['call me a taxi', near('call')],
  ['call this a success', near('call')],
  ['would you call Adele a friend?', near('call')],
  ['call center is down', near('call')],
  ['call center: three people wait', near('call')],
  ['call quality was poor', near('call')],
  ['call on me', near('call')],
  ['call the function twice', near('call')],
  ['ring the bell', near('call')],
  ['phone number of Adele', near('call')],
  ['phone is ringing', near('call')],
  ['dial in details', near('call')],
  ['ring ring', near('call')],
  ['phone home', near('call')],
  ['get Adele', near(undefined)],
  ['tell Adele that the build is red', near(undefined)],
  // Unclear person or message
  ['call Adele the build is red', noColon('call Adele: the build is red')],
  ['call Adele, the build is red', noColon('call Adele: the build is red')],
  ['call Adele Vance, the build is red', noColon('call Adele Vance: the build is red')],
  ['call An Li, the build is red', noColon('call An Li: the build is red')],
  ['call me, the build is red', noColon('call me: the build is red')],
  [
    'call Adele, Megan says the build and tests fail',
    noColon('call Adele: Megan says the build and tests fail', 'escalate'),
  ],
  ['call Adele. Build red', noColon('call Adele: Build red')],
  ['call Adele\nbuild red', noColon('call Adele: build red')],
  [`call ${adele} build red`, noColon('call Adele Vance: build red')],
  [
    `call ${adele}, tell ${alex} that it is red`,
    noColon('call Adele Vance: tell Alex Wilber that it is red', 'escalate'),
  ],
  ['call Adele – build red', noColon('call Adele: build red')],
  ['call Adele - build red', noColon('call Adele: build red')],
  ['call Adele, later', near('call')],
  ['call Adele about the build', near('call')],
  ["call Adele's manager", near('call')],
  ['call my manager', near('call')],
  ['call the boss', near('call')],
  ['call Adele or Alex', near('call')],
  ["call x' or 1 eq 1", near('call')],
  ['call everyone', near('call')],
  ['call https://contoso.example/x', near('call')],
  ['call her back', near('call')],
  // Several people: the bot asks which of them
  ['call Adele and Alex', several(['Adele', 'Alex'])],
  ['please call Adele, Alex, Megan: hi', several(['Adele', 'Alex', 'Megan'], 'hi')],
  ['call Adele, Alex and Megan: hi', several(['Adele', 'Alex', 'Megan'], 'hi')],
  [`call ${adele} ${alex}`, several([mentioned, { by: 'mention', id: '29:alex', name: 'Alex Wilber' }])],
  ['call Adele and ask her to come', near('escalate')],
  // A part is missing
  ['call', lacks('call', 'person')],
  ['call!', lacks('call', 'person')],
  ['call: Adele', lacks('call', 'person')],
  ['please call', lacks('call', 'person')],
  ['call now', lacks('call', 'person')],
  ['call now please', lacks('call', 'person')],
  ['call back', lacks('call', 'person')],
  ['call her', lacks('call', 'person')],
  ['call someone', lacks('call', 'person')],
  ['call 📞', lacks('call', 'person')],
  ['call and say hi', lacks('call', 'person')],
  ['call Adele:', lacks('call', 'message')],
  ['call Adele: 🔥🔥', lacks('call', 'message')],
  ['call Adele and say', lacks('call', 'message')],
  // Outside Teams
  ['call 112', { kind: 'outsideTeams' }],
  ['call 911 now!', { kind: 'outsideTeams' }],
  ['call 030 123456: hi', { kind: 'outsideTeams' }],
  ['call the police', { kind: 'outsideTeams' }],
  ['call an ambulance!', { kind: 'outsideTeams' }],
  // What a call to a Teams user cannot do
  ['record the call', { kind: 'limit', limit: 'recording' }],
  ['Please start recording!', { kind: 'limit', limit: 'recording' }],
  ['transcribe this call', { kind: 'limit', limit: 'transcription' }],
  ['add Megan Bowen to the call', { kind: 'limit', limit: 'groupCall' }],
  ['forward my calls to Megan', { kind: 'limit', limit: 'forwarding' }],
  ['transfer me to Megan', { kind: 'limit', limit: 'transfer' }],
  ['leave a voicemail', { kind: 'limit', limit: 'voicemail' }],
  ['group call pickup', { kind: 'limit', limit: 'pickup' }],
  ['simultaneous ringing', { kind: 'limit', limit: 'simultaneousRinging' }],
  ['start video', { kind: 'limit', limit: 'video' }],
  ['skype for business', { kind: 'limit', limit: 'skypeForBusiness' }],
  ['we should record the call with Adele', { kind: 'unknown', near: 'call' }],
  // Other commands that mention calls
  ['call history', { kind: 'history' }],
  ['call status', { kind: 'status' }],
  ['call help', { kind: 'help' }],
  ['how do I call someone', { kind: 'help' }],
  ['how can I call Adele?', { kind: 'help' }],
  ['stop calling me', { kind: 'stopCallingMe' }],
  ["don't call me", { kind: 'stopCallingMe' }],
  ['never call me again', { kind: 'stopCallingMe' }],
  ["don't call me tonight", near('stopCallingMe')],
  ['stop calling me names', near('stopCallingMe')],
  ['cancel the call', { kind: 'hangUp' }],
  ['stop calling her', { kind: 'hangUp' }],
  ['you may call me again', { kind: 'allowCalls' }],
  ['stop all calls', { kind: 'pause' }],
  ['call 2', { kind: 'choice', number: 2 }],
];

const others: readonly Case[] = [
  ...['ack', 'ACK!', 'acknowledge', 'acknowledged', 'please ack', 'ack this', 'I acknowledge the alert'].map(
    (text): Case => [text, { kind: 'acknowledge' }],
  ),
  ['can you ack this?', { kind: 'question', say: 'ack this' }],
  ['not acknowledged', near('acknowledge')],
  ['ack, but I cannot take it', near('acknowledge')],
  ...['resolve', 'Resolved.', 'resolve it', 'resolve the escalation'].map((text): Case => [
    text,
    { kind: 'resolve' },
  ]),
  ['is it resolved?', near('resolve')],
  ...[
    'hang up',
    'Hang-up the call'.replace('-', ' '),
    'hangup',
    'please hang up now',
    'cancel',
    'cancel it',
    'end the call',
    'stop',
  ].map((text): Case => [text, { kind: 'hangUp' }]),
  ['cancel the meeting', near('hangUp')],
  ["don't hang up", near('hangUp')],
  ...['status', 'Status?', 'show me the status', "what's the status?"].map((text): Case => [
    text,
    { kind: 'status' },
  ]),
  ['status: all green', near('status')],
  ...['history', 'show my history', 'my last calls', 'recent calls'].map((text): Case => [
    text,
    { kind: 'history' },
  ]),
  ['who is Adele Vance?', { kind: 'whoIs', person: named('Adele Vance') }],
  ["who's smith", { kind: 'whoIs', person: named('smith') }],
  [`whois ${adele}`, { kind: 'whoIs', person: mentioned }],
  ['hey, who is vance, adele', { kind: 'whoIs', person: named('vance, adele') }],
  ['who am I?', { kind: 'whoIs', person: self }],
  ['who is', lacks('whoIs', 'person')],
  ['who is it?', lacks('whoIs', 'person')],
  ['who is responsible for this', near('whoIs')],
  ['on call payments', { kind: 'onCall', policy: 'payments' }],
  ['on-call payments-eu', { kind: 'onCall', policy: 'payments-eu' }],
  ['who is on call for the Payments policy right now?', { kind: 'onCall', policy: 'Payments' }],
  ["who's on duty for out of hours", { kind: 'onCall', policy: 'out of hours' }],
  ['on call', lacks('onCall', 'policy')],
  ['who is on call?', lacks('onCall', 'policy')],
  ['on call engineer is asleep', near('onCall')],
  ['who is on call for payments tomorrow', near('onCall')],
  ['cover payments until 18:00', { kind: 'cover', policy: 'payments', until: '18:00' }],
  [
    'please cover the payments policy till tomorrow 9 am, thanks',
    { kind: 'cover', policy: 'payments', until: 'tomorrow 9 am' },
  ],
  ["I'll cover for payments until Mon 09:00.", { kind: 'cover', policy: 'payments', until: 'Mon 09:00' }],
  [
    'swap payments with Alex on Friday',
    { kind: 'swap', policy: 'payments', person: named('Alex'), when: 'on Friday' },
  ],
  [
    "please swap my shift for payments with Siobhán O'Connor next Friday, thanks",
    { kind: 'swap', policy: 'payments', person: named("Siobhán O'Connor"), when: 'next Friday' },
  ],
  [
    `exchange payments with ${adele} from Friday 18:00 to Saturday 8:00`,
    { kind: 'swap', policy: 'payments', person: mentioned, when: 'from Friday 18:00 to Saturday 8:00' },
  ],
  [
    'swap payments with Alex tomorrow',
    { kind: 'swap', policy: 'payments', person: named('Alex'), when: 'tomorrow' },
  ],
  ['swap', lacks('swap', 'policy')],
  ['swap with Alex on Friday', lacks('swap', 'policy')],
  ['swap payments', lacks('swap', 'person')],
  ['swap payments with Alex', lacks('swap', 'when')],
  ['swap payments with Alex and Megan on Friday', near(undefined)],
  ['swap me with Alex on Friday', near(undefined)],
  ['cover', lacks('cover', 'policy')],
  ['cover until 18:00', lacks('cover', 'policy')],
  ['cover payments', lacks('cover', 'until')],
  ['cover payments until', lacks('cover', 'until')],
  ['cover me until 18:00', near('cover')],
  ['test payments', { kind: 'test', policy: 'payments' }],
  ['please test the "out of hours" policy', { kind: 'test', policy: 'out of hours' }],
  ['test', lacks('test', 'policy')],
  ['test results are in', near('test')],
  ['test this', near('test')],
  ['testing 1 2 3', near('test')],
  [
    'escalate payments: Checkout errors over 5 %',
    { kind: 'escalate', targets: [named('payments')], message: 'Checkout errors over 5 %' },
  ],
  [
    'please escalate this to the payments: it burns: now',
    { kind: 'escalate', targets: [named('payments')], message: 'it burns: now' },
  ],
  [
    'escalate Adele, alex@contoso.example and Megan: it burns',
    {
      kind: 'escalate',
      targets: [named('Adele'), named('alex@contoso.example'), named('Megan')],
      message: 'it burns',
    },
  ],
  [
    `escalate ${adele} and ${alex}, Megan: ask ${alex}`,
    { kind: 'escalate', targets: [mentioned, alsoMentioned, named('Megan')], message: 'ask Alex Wilber' },
  ],
  [
    `escalate "Vance, Adele"; 8:acs:${guid}_${guid}, me： 火事`,
    {
      kind: 'escalate',
      targets: [named('Vance, Adele'), named(`8:acs:${guid}_${guid}`), self],
      message: '火事',
    },
  ],
  [
    'escalate sales and support: hi',
    { kind: 'escalate', targets: [named('sales and support')], message: 'hi' },
  ],
  [
    'escalate payments and say it burns',
    { kind: 'escalate', targets: [named('payments')], message: 'it burns' },
  ],
  ['escalate', lacks('escalate', 'targets')],
  ['escalate: it burns', lacks('escalate', 'targets')],
  [
    'escalate +49 30 123456, Adele: it is down',
    {
      kind: 'escalate',
      targets: [
        { by: 'phone', text: '+49 30 123456' },
        { by: 'text', text: 'Adele' },
      ],
      message: 'it is down',
    },
  ],
  ['escalate payments', lacks('escalate', 'message')],
  ['escalate payments:', lacks('escalate', 'message')],
  ['escalate if needed: hi', near('escalate')],
  ['escalate this: hi', near('escalate')],
  ["don't escalate payments: hi", near('escalate')],
  ['should we escalate payments: hi', near('escalate')],
  ['the escalation was fine', near('escalate')],
  ...['allow calls', 'Allow calls again!', 'start calling me again'].map((text): Case => [
    text,
    { kind: 'allowCalls' },
  ]),
  ...['please stop calling me', 'stop ringing me now', 'opt out'].map((text): Case => [
    text,
    { kind: 'stopCallingMe' },
  ]),
  ...['forget me', 'please forget me', 'delete my data'].map((text): Case => [text, { kind: 'forgetMe' }]),
  ...['my calendar', 'please send me my calendar', 'calendar link', 'a link to my calendar, please'].map(
    (text): Case => [text, { kind: 'myCalendar' }],
  ),
  ...['my calendar off', 'turn off my calendar', 'revoke my calendar links'].map((text): Case => [
    text,
    { kind: 'myCalendarOff' },
  ]),
  ['call my calendar off', { kind: 'unknown', near: 'call' }],
  ['my calendar?', { kind: 'question', say: 'my calendar' }],
  ['forget it', near('forgetMe')],
  ...['language', 'Language?', 'change my language', 'set the language, please'].map((text): Case => [
    text,
    { kind: 'languages' },
  ]),
  ...[
    ['language français', 'français'],
    ['LANGUAGE: 日本語', '日本語'],
    ['please set my language to French', 'French'],
    ['could you switch the language to German?', 'German'],
    ['language Portuguese (Brazil)', 'Portuguese (Brazil)'],
    ['language auto!', 'auto'],
    ['language call Adele', 'call Adele'],
  ].map(([text = '', name = '']): Case => [text, { kind: 'language', name }]),
  ['language German?', { kind: 'question', say: 'language German' }],
  ['language is not the problem here', near(undefined)],
  [`language ${adele}`, near(undefined)],
  ["don't forget me", near('forgetMe')],
  ...['pause', 'pause all calls'].map((text): Case => [text, { kind: 'pause' }]),
  ...['resume', 'resume calls', 'unpause'].map((text): Case => [text, { kind: 'resume' }]),
  ...['help', '/help', '?', 'help me please', 'what can you do?', 'who are you'].map((text): Case => [
    text,
    { kind: 'help' },
  ]),
  ...['hi', 'Hello Ringdown 👋', 'good morning', 'Hallo!', 'Guten Tag', 'ringdown?'].map((text): Case => [
    text,
    { kind: 'greeting' },
  ]),
  ...['thanks', 'Thank you very much!', 'hey, thanks'].map((text): Case => [text, { kind: 'thanks' }]),
  ...['2', ' 2. ', '#2', 'number 2', '２', 'the second one', 'option 2 please'].map((text): Case => [
    text,
    { kind: 'choice', number: 2 },
  ]),
  ['0', near(undefined)],
  ['2 3', near(undefined)],
  ['', { kind: 'empty' }],
  [' \u00A0\u200B\n', { kind: 'empty' }],
  ['\u0000\u0007', { kind: 'empty' }],
  ['🔥🔥🔥', near(undefined)],
  ['…!', near(undefined)],
  ['cal Adele', near('call')],
  ['esclate payments: hi', near('escalate')],
  ['hello Adele', near(undefined)],
  ['rufe Adele an', call('Adele')],
  ['a'.repeat(maximumLength + 1), { kind: 'tooLong' }],
  [`call ${'Adele '.repeat(2_000)}`, { kind: 'tooLong' }],
];

describe('parseCommand', () => {
  const table = (title: string, cases: readonly Case[]): void => {
    describe(title, () => {
      for (const [text, expected] of cases) {
        it(JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text), () => {
          assert.deepEqual(parse(text), expected);
        });
      }
    });
  };
  table('calls', calls);
  table('short names', shortNames);
  table('places no call', noCalls);
  table('understands the other commands', others);

  it('is tested by a table in which at least half of the cases place no call', () => {
    assert.ok(calls.length >= 50 && noCalls.length >= calls.length);
    assert.ok(calls.every(([, { kind }]) => kind === 'call'));
    assert.ok(noCalls.every(([, { kind }]) => kind !== 'call' && kind !== 'escalate'));
  });

  it('ignores case and surrounding spaces', () => {
    for (const [text, expected] of [...calls, ...shortNames, ...noCalls, ...others]) {
      const shouted = JSON.stringify(parse(`  ${text.toUpperCase()} \n`));
      assert.equal(shouted.toUpperCase(), JSON.stringify(expected).toUpperCase());
    }
  });

  it('takes the bot’s names and the voice apps from its options', () => {
    assert.deepEqual(
      parseCommand('hey Red Phone, call Adele', [], { botNames: ['Red Phone'] }),
      call('Adele'),
    );
    assert.deepEqual(
      parseCommand('call the call center now', [], { voiceApps: ['Call Center'] }),
      call('call center'),
    );
    assert.deepEqual(parseCommand('call the call center', []), near('call'));
  });

  it('ignores mentions that it was not given', () => {
    assert.deepEqual(parseCommand(`call ${placeholder(7)}`, mentions), lacks('call', 'person'));
    assert.deepEqual(parseCommand('call \uE000 Adele\uE001', mentions), call('Adele'));
  });

  describe('for any input', () => {
    const syllable = fc.constantFrom('ba', 'kor', 'rí', 'lé', 'ñu', 'zøn', 'ти', '田', "O'", 'van-');
    const word = fc.array(syllable, { minLength: 1, maxLength: 3 }).map((parts) => `${parts.join('')}x`);
    const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '));
    const phrase = fc
      .array(
        fc.oneof(
          word,
          fc.stringMatching(/^[!-~]{1,8}$/),
          fc.constantFrom('and say', 'please', ':', '8:acs:x'),
        ),
      )
      .map((words) => ['Ä', ...words, 'z'].join(' '));
    const trap = fc.constantFrom(
      'call',
      'phone',
      'please',
      'me',
      'Adele',
      'and',
      'say',
      'tell',
      'her',
      'that',
      ':',
      ',',
      '"',
      '“',
      '„',
      "'",
      'escalate',
      'until',
      'cover',
      'who is',
      'on call',
      'the',
      '8:acs:',
      '10:30',
      '://',
      '\n',
      adele,
      '\uE000',
      'now',
    );
    const traps = fc
      .array(fc.oneof(trap, fc.string({ unit: 'binary' })), { maxLength: 30 })
      .map((parts) => parts.join(' '));

    itInBoth('never throws', () => {
      fc.assert(
        fc.property(fc.oneof(traps, fc.string({ unit: 'binary' })), (text) => assert.ok(parse(text).kind)),
        {
          numRuns: runs(500),
        },
      );
    });

    it('returns name and message as written', () => {
      fc.assert(
        fc.property(name, phrase, (who, message) => {
          assert.deepEqual(parse(`call ${who}: ${message}`), call(who, message));
          assert.deepEqual(parse(`Could you call ${who} please and say ${message}`), call(who, message));
          assert.deepEqual(parse(`call ${who}`), call(who));
        }),
      );
    });

    it('never calls if the text starts with a negation, a question or a narrative', () => {
      const beginning = fc.constantFrom(
        "don't",
        'do not',
        'never',
        'no need to',
        'please don’t',
        'did you',
        'should I',
        'why',
        'when',
        'who',
        'he',
        'Adele',
        'I will',
        "I'll",
        'they',
        'yesterday I',
        'stop',
        'what is a',
        'to',
        'not',
      );
      fc.assert(
        fc.property(
          beginning,
          fc.oneof(
            name.map((who) => `call ${who}`),
            traps,
          ),
          (start, rest) => {
            assert.ok(!['call', 'escalate'].includes(parse(`${start} ${rest}`).kind));
          },
        ),
      );
    });

    it('rejects messages that are too long', () => {
      assert.deepEqual(parseCommand('call '.repeat(2_000), mentions), { kind: 'tooLong' });
    });
  });
});
