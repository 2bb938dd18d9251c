import type { Help } from '../language.ts';

export const help: Help = {
  intro: 'Ich rufe für Sie in Teams an. Die Befehle sind englisch, zum Beispiel:',
  groups: [
    {
      title: 'Anrufen',
      commands: [
        { of: 'call', say: 'call Adele Vance', does: 'ruft Adele an und verbindet Sie' },
        {
          of: 'call',
          say: 'call Adele Vance: der Build ist rot',
          does: 'ruft Adele an und liest die Nachricht vor',
        },
        { of: 'call', say: 'call Adele Vance and say der Build ist rot', does: 'ebenso' },
        {
          of: 'call',
          say: 'call adele@contoso.example',
          does: 'eine Mailadresse oder @Erwähnung geht auch',
        },
        {
          of: 'call',
          say: 'call help desk',
          does: 'ruft eine automatische Telefonzentrale oder Warteschleife an',
        },
        { of: 'call', say: 'call me', does: 'ein Testanruf auf Ihrem eigenen Telefon' },
      ],
    },
    {
      title: 'Alarmieren',
      commands: [
        {
          of: 'escalate',
          say: 'escalate payments: Kasse ausgefallen',
          does: 'ruft die Personen eines Alarmplans an, bis jemand übernimmt',
        },
        {
          of: 'escalate',
          say: 'escalate Adele Vance, Alex Wilber: Kasse ausgefallen',
          does: 'ebenso, mit Personen Ihrer Wahl',
        },
        {
          of: 'test',
          say: 'test payments',
          does: 'ruft die Ersten eines Alarmplans an, für alle als Test erkennbar',
        },
        {
          of: 'acknowledge',
          say: 'ack',
          does: 'Sie übernehmen: Sonst wird niemand mehr angerufen',
        },
        { of: 'resolve', say: 'resolve', does: 'es ist behoben' },
        { of: 'onCall', say: 'on call payments', does: 'wer angerufen würde' },
        { of: 'cover', say: 'cover payments until 18:00', does: 'Sie übernehmen die Bereitschaft' },
      ],
    },
    {
      title: 'Was läuft',
      commands: [
        { of: 'status', say: 'status', does: 'was gerade läuft' },
        { of: 'history', say: 'history', does: 'die letzten Anrufe und Alarme' },
        { of: 'hangUp', say: 'hang up', does: 'beendet, was Sie begonnen haben' },
      ],
    },
    {
      title: 'Gut zu wissen',
      commands: [
        { of: 'whoIs', say: 'who is Adele', does: 'zeigt, wen ein Name meint, ohne anzurufen' },
        {
          of: 'stopCallingMe',
          say: 'stop calling me',
          does: 'keine Anrufe mehr bei Ihnen, um die in Chats gebeten wird',
        },
        { of: 'allowCalls', say: 'allow calls', does: 'andere können Sie wieder anrufen lassen' },
        { of: 'language', say: 'language English', does: 'in welcher Sprache ich mit Ihnen spreche' },
        {
          of: 'forgetMe',
          say: 'forget me',
          does: 'löscht nach Rückfrage, was über Sie gespeichert ist',
        },
        { of: 'pause', say: 'pause', does: 'für den Betrieb: hält alle neuen Anrufe an' },
        { of: 'resume', say: 'resume', does: 'für den Betrieb: was gewartet hat, geht weiter' },
        { of: 'help', say: 'help', does: 'zeigt diese Übersicht' },
      ],
    },
  ],
};
