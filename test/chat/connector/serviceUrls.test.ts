import assert from 'node:assert/strict';
import { clouds } from '../../../src/config/clouds.ts';
import type { CloudName } from '../../../src/config/clouds.ts';
import { isAllowedServiceUrl } from '../../../src/chat/connector/serviceUrls.ts';

describe('Allowed service URLs', () => {
  const allowed: [CloudName, string][] = [
    ['public', 'https://smba.trafficmanager.net/emea/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee/'],
    ['public', 'https://SMBA.trafficmanager.net'],
    ['public', 'https://smba.trafficmanager.net:443/amer/'],
    ['public', 'https://smba.infra.gcc.teams.microsoft.com/gcc/'],
    ['public', 'https://webchat.botframework.com/'],
    ['public', 'https://europe.directline.botframework.com/'],
    ['gcch', 'https://smba.infra.gov.teams.microsoft.us/gcch/'],
    ['gcch', 'https://webchat.botframework.azure.us/'],
    ['dod', 'https://smba.infra.dod.teams.microsoft.us/dod/'],
  ];
  for (const [cloud, url] of allowed) {
    it(`in ${cloud}: ${url}`, () => {
      assert.equal(isAllowedServiceUrl(url, { cloud: clouds[cloud], anonymous: false }), true);
    });
  }

  const refused = [
    'http://smba.trafficmanager.net/emea/',
    'https://smba.trafficmanager.net:8443/',
    'https://evil.trafficmanager.net/',
    'https://evil-smba.trafficmanager.net/',
    'https://smba.trafficmanager.net.evil.example/',
    'https://evilsmba.trafficmanager.net/',
    'https://smba.trafficmanager.net./',
    'https://a.smba.trafficmanager.net/',
    'https://botframework.com/',
    'https://evilbotframework.com/',
    'https://evil.example/.botframework.com',
    'https://evil.example?.botframework.com',
    'https://evil.example#.botframework.com',
    'https://evil.example%2f.botframework.com/',
    'https://evil.example%23.botframework.com/',
    'https://evil.example\\.botframework.com/',
    'https://evil.example\\@smba.trafficmanager.net/',
    'https://smba.trafficmanager.net\\@evil.example/',
    'https://smba.trafficmanager.net@evil.example/',
    'https://evil@smba.trafficmanager.net/',
    'https://smba.trafficmanager.net/?x=',
    'https://smba.trafficmanager.net/#x',
    ' https://smba.trafficmanager.net/',
    'https://smba.trafficmanager.net/\n',
    'https:smba.trafficmanager.net/',
    'https://smba.trafficmanager.net\t.evil.example/',
    'https://webchat.botframework.azure.us/',
    'https://smba.infra.gov.teams.microsoft.us/',
    'https://127.0.0.1/',
    'http://localhost:56150/_connector',
    'https://169.254.169.254/metadata',
    'ftp://smba.trafficmanager.net/',
    'javascript:alert(1)',
    'urn:botframework:websocket:directlinease',
    'smba.trafficmanager.net',
    '',
  ];
  for (const url of refused) {
    it(`not ${JSON.stringify(url)}`, () => {
      assert.equal(isAllowedServiceUrl(url, { cloud: clouds.public, anonymous: false }), false);
    });
  }

  describe('without tokens', () => {
    for (const [url, expected] of [
      ['http://localhost:56150/_connector', true],
      ['http://127.0.0.1:56150/_connector', true],
      ['http://[::1]:56150/', true],
      ['https://localhost/', true],
      ['http://localhost.evil.example/', false],
      ['http://127.0.0.1.evil.example/', false],
      ['http://0.0.0.0/', false],
      ['http://192.168.0.1/', false],
      ['http://localhost@evil.example/', false],
      ['https://smba.trafficmanager.net/', false],
    ] as const) {
      it(`${expected ? '' : 'not '}${url}`, () => {
        assert.equal(isAllowedServiceUrl(url, { cloud: clouds.public, anonymous: true }), expected);
      });
    }
  });
});
