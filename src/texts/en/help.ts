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
          does: 'an email address or an @mention works too',
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
          does: 'calls the people in a policy until somebody acknowledges',
        },
        {
          of: 'escalate',
          say: 'escalate Adele Vance, Alex Wilber: checkout errors',
          does: 'the same with people of your choice',
        },
        {
          of: 'test',
          say: 'test payments',
          does: 'calls the first people in a policy, and says that it is a test',
        },
        { of: 'acknowledge', say: 'ack', does: 'acknowledges an alert, so that nobody else is called' },
        { of: 'resolve', say: 'resolve', does: 'marks an alert as resolved' },
        { of: 'onCall', say: 'on call payments', does: 'shows who would be called' },
        { of: 'cover', say: 'cover payments until 18:00', does: 'puts you on call until then' },
      ],
    },
    {
      title: 'While it runs',
      commands: [
        { of: 'status', say: 'status', does: 'shows what is running' },
        { of: 'history', say: 'history', does: 'shows the last calls and alerts' },
        { of: 'hangUp', say: 'hang up', does: 'ends what you started' },
      ],
    },
    {
      title: 'Good to know',
      commands: [
        { of: 'whoIs', say: 'who is Adele', does: 'shows who a name refers to, without calling' },
        {
          of: 'stopCallingMe',
          say: 'stop calling me',
          does: 'stops calls to you that people ask for in chats',
        },
        { of: 'allowCalls', say: 'allow calls', does: 'lets people call you again' },
        { of: 'language', say: 'language Deutsch', does: 'sets the language I use with you' },
        { of: 'forgetMe', say: 'forget me', does: 'deletes what I know about you, after asking' },
        { of: 'pause', say: 'pause', does: 'for operators: stops all new calls' },
        { of: 'resume', say: 'resume', does: 'for operators: allows calls again' },
        { of: 'help', say: 'help', does: 'shows this list' },
      ],
    },
  ],
};
