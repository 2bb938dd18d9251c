import assert from 'node:assert/strict';
import type { Incoming } from '../../../src/chat/turn/activity.ts';
import { readWish, type Wish } from '../../../src/chat/turn/wish.ts';

const activity: Incoming = {
  type: 'message',
  id: '17',
  channelId: 'msteams',
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  from: { id: '29:alex', name: 'Alex Wilber', aadObjectId: null },
  botId: '28:bot',
  conversation: { id: 'a:1', kind: 'personal' },
  tenantId: null,
  text: '',
  isEdit: false,
  entities: [],
  attachments: undefined,
  value: undefined,
  locale: undefined,
  timeZone: null,
  replyToId: null,
  invokeName: null,
  membersAdded: [],
  membersRemoved: [],
  action: null,
};
const group = { id: '19:ops@thread.v2', kind: 'group' } as const;
const mention = { type: 'mention', text: '<at>Ringdown</at>', mentioned: { id: '28:bot', name: 'Ringdown' } };
const pressed = { verb: 'hangUp', id: 'card_1', message: null, person: null };
const nothing: Wish = { kind: 'nothing' };
const ack: Wish = { kind: 'command', command: { kind: 'acknowledge' } };
const press = (isInvoke: boolean, what = pressed): Wish => ({ kind: 'press', press: what, isInvoke });

const table: [what: string, fields: Partial<Incoming>, wish: Wish][] = [
  ['a command', { text: 'ack' }, ack],
  [
    'a command in a group that names the bot',
    { text: '<at>Ringdown</at> ack', entities: [mention], conversation: group },
    ack,
  ],
  ['nothing in a group that does not name the bot', { text: 'ack', conversation: group }, nothing],
  [
    'a greeting if there is only the bot’s name',
    { text: '<at>Ringdown</at>', entities: [mention] },
    { kind: 'command', command: { kind: 'greeting' } },
  ],
  ['what an edit says', { type: 'messageUpdate', text: 'ack', isEdit: true }, ack],
  ['nothing if a message is restored', { type: 'messageUpdate', text: 'ack' }, nothing],
  ['a press that comes as a message', { value: { verb: 'hangUp', c: 'card_1' } }, press(false)],
  [
    'a press that comes as an invoke',
    {
      type: 'invoke',
      invokeName: 'adaptiveCard/action',
      value: { action: { verb: 'hangUp', data: { c: 'card_1' } } },
    },
    press(true),
  ],
  [
    'a press that cannot be read',
    { type: 'invoke', invokeName: 'adaptiveCard/action', value: 'x' },
    press(true, { ...pressed, verb: '', id: '' }),
  ],
  [
    'the message extension',
    { type: 'invoke', invokeName: 'composeExtension/fetchTask' },
    { kind: 'author', name: 'composeExtension/fetchTask' },
  ],
  ['nothing of an unknown invoke', { type: 'invoke', invokeName: 'task/fetch' }, nothing],
  [
    'the welcome if the bot was added',
    { type: 'conversationUpdate', membersAdded: ['29:x', '28:bot'] },
    { kind: 'welcome' },
  ],
  [
    'the farewell if the bot was removed',
    { type: 'conversationUpdate', membersRemoved: ['28:bot'] },
    { kind: 'farewell' },
  ],
  ['nothing if somebody else came', { type: 'conversationUpdate', membersAdded: ['29:x'] }, nothing],
  ['the welcome of an installation', { type: 'installationUpdate', action: 'add' }, { kind: 'welcome' }],
  ['nothing of an upgrade', { type: 'installationUpdate', action: 'add-upgrade' }, nothing],
  ['the farewell of an installation', { type: 'installationUpdate', action: 'remove' }, { kind: 'farewell' }],
  ['nothing of typing', { type: 'typing' }, nothing],
];

describe('The request that is read from an activity', () => {
  for (const [what, fields, wish] of table) {
    it(`is ${what}`, () => assert.deepEqual(readWish({ ...activity, ...fields }, {}), wish));
  }
});
