import assert from 'node:assert/strict';
import { clouds } from '../../src/config/clouds.ts';
import { callLink, chatLink, tabLink } from '../../src/config/teamsLinks.ts';

const teamsUrl = clouds.public.teamsUrl;

describe('Links into Teams', () => {
  for (const [user, message, link] of [
    ['adele@contoso.example', null, '/l/chat/0/0?users=adele%40contoso.example'],
    ["o'neil+x@contoso.example", null, '/l/chat/0/0?users=o%27neil%2Bx%40contoso.example'],
    [
      'ä@contoso.example',
      "it's (red) & up",
      '/l/chat/0/0?users=%C3%A4%40contoso.example&message=it%27s%20%28red%29%20%26%20up',
    ],
  ] as const) {
    it(`open the chat with ${user}${message === null ? '' : ', with a message'}`, () => {
      assert.equal(chatLink(teamsUrl, user, message), `https://teams.microsoft.com${link}`);
    });
  }

  it('call a person', () => {
    assert.equal(
      callLink(teamsUrl, 'adele@contoso.example'),
      'https://teams.microsoft.com/l/call/0/0?users=adele%40contoso.example',
    );
  });

  it('open a tab, which reads the page from its context', () => {
    const link = new URL(
      tabLink(teamsUrl, {
        teamsAppId: '80000000-0000-4000-8000-000000000008',
        entityId: 'now',
        subPageId: "/escalations/it's %&+",
        webUrl: 'https://ringdown.contoso.example/console?a=1&b=2',
      }),
    );
    assert.equal(link.pathname, '/l/entity/80000000-0000-4000-8000-000000000008/now');
    assert.equal(link.searchParams.get('webUrl'), 'https://ringdown.contoso.example/console?a=1&b=2');
    assert.equal(link.searchParams.get('context'), JSON.stringify({ subEntityId: "/escalations/it's %&+" }));
    assert.doesNotMatch(link.href, /['()"+ ]/);
  });
});
