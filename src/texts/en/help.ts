import type { Help } from '../language.ts';

export const help: Help = {
  intro: 'I call people in Teams for you. Say, for example:',
  groups: [
    {
      title: 'Call',
      commands: [
        { of: 'call', say: 'call Adele Vance', does: 'calls Adele and connects you' },
        {
          of: 'call',
          say: 'call Adele Vance: the build is red',
          does: 'calls Adele and speaks the message',
        },
        { of: 'call', say: 'call Adele Vance and say the build is red', does: 'the same' },
        {
          of: 'call',
          say: 'call adele@contoso.example',
          does: 'a mail address or an @mention works as well',
        },
        { of: 'call', say: 'call help desk', does: 'calls an auto attendant or a call queue' },
        { of: 'call', say: 'call me', does: 'a test call to your own phone' },
      ],
    },
    {
      title: 'Alert',
      commands: [
        {
          of: 'escalate',
          say: 'escalate payments: checkout errors',
          does: 'calls the people of a policy until somebody acknowledges',
        },
        {
          of: 'escalate',
          say: 'escalate Adele Vance, Alex Wilber: checkout errors',
          does: 'the same with people of your choice',
        },
        {
          of: 'test',
          say: 'test payments',
          does: 'calls the first people of a policy, and says that it is a test',
        },
        { of: 'acknowledge', say: 'ack', does: 'you have it: nobody else is called' },
        { of: 'resolve', say: 'resolve', does: 'it is over' },
        { of: 'onCall', say: 'on call payments', does: 'who would be called' },
        { of: 'cover', say: 'cover payments until 18:00', does: 'you take the duty over' },
      ],
    },
    {
      title: 'While it runs',
      commands: [
        { of: 'status', say: 'status', does: 'what runs now' },
        { of: 'history', say: 'history', does: 'the last calls and alerts' },
        { of: 'hangUp', say: 'hang up', does: 'ends what you started' },
      ],
    },
    {
      title: 'Good to know',
      commands: [
        { of: 'whoIs', say: 'who is Adele', does: 'shows whom a name means, without calling' },
        {
          of: 'stopCallingMe',
          say: 'stop calling me',
          does: 'no more calls to you that people ask for in chats',
        },
        { of: 'allowCalls', say: 'allow calls', does: 'lets people call you again' },
        { of: 'forgetMe', say: 'forget me', does: 'deletes what is kept about you, after asking' },
        { of: 'pause', say: 'pause', does: 'for operators: no new call is placed' },
        { of: 'resume', say: 'resume', does: 'for operators: what has waited goes on' },
        { of: 'help', say: 'help', does: 'shows this' },
      ],
    },
  ],

};
