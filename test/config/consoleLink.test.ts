import assert from 'node:assert/strict';
import { clouds } from '../../src/config/clouds.ts';
import { consoleLink, type ConsolePage } from '../../src/config/consoleLink.ts';

const publicUrl = 'https://ringdown.contoso.example';
const teamsAppId = '80000000-0000-4000-8000-000000000008';
const call: ConsolePage = { kind: 'call', id: 'call_1' };
const escalation: ConsolePage = { kind: 'escalation', id: 'esc_1' };
const web = 'https://ringdown.contoso.example/console';
const inTeams = (page: string) => `l/entity/${teamsAppId}/${page}`;
const callTab = `${inTeams('history')}?webUrl=https%3A%2F%2Fringdown.contoso.example%2Fconsole%2Fcalls%2Fcall_1&context=%7B%22subEntityId%22%3A%22%2Fcalls%2Fcall_1%22%7D`;
const escalationTab = `${inTeams('now')}?webUrl=https%3A%2F%2Fringdown.contoso.example%2Fconsole%2Fescalations%2Fesc_1&context=%7B%22subEntityId%22%3A%22%2Fescalations%2Fesc_1%22%7D`;

describe('A link to the console', () => {
  for (const [what, page, channel, cloud, appId, link] of [
    ['a call in Teams', call, 'msteams', 'public', teamsAppId, `https://teams.microsoft.com/${callTab}`],
    [
      'an escalation in Teams',
      escalation,
      'msteams',
      'public',
      teamsAppId,
      `https://teams.microsoft.com/${escalationTab}`,
    ],
    ['a call in GCC', call, 'msteams', 'gcc', teamsAppId, `https://teams.microsoft.com/${callTab}`],
    ['a call in GCC High', call, 'msteams', 'gcch', teamsAppId, `https://gov.teams.microsoft.us/${callTab}`],
    ['a call in DoD', call, 'msteams', 'dod', teamsAppId, `https://dod.teams.microsoft.us/${callTab}`],
    [
      'a call in Teams, if the id of the app is unknown',
      call,
      'msteams',
      'public',
      undefined,
      `${web}/calls/call_1`,
    ],
    ['a call on another channel', call, 'webchat', 'public', teamsAppId, `${web}/calls/call_1`],
    [
      'an escalation on another channel',
      escalation,
      'slack',
      'public',
      undefined,
      `${web}/escalations/esc_1`,
    ],
    [
      'an id with odd characters',
      { kind: 'call', id: "a/b' c" },
      'webchat',
      'public',
      undefined,
      `${web}/calls/a%2Fb'%20c`,
    ],
  ] as const) {
    it(`shows ${what}`, () => {
      const { teamsUrl } = clouds[cloud];
      assert.equal(consoleLink(page, channel, { publicUrl, teamsUrl, teamsAppId: appId }), link);
    });
  }
});
