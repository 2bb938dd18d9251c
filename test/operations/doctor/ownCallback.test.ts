import assert from 'node:assert/strict';
import { systemClock } from '../../../src/clock.ts';
import { checkOwnCallback } from '../../../src/operations/doctor/ownCallback.ts';

const resourceId = 'abcdef99-8888-7777-6666-555555555555';
const acs = {
  endpoint: 'https://contoso.communication.azure.com',
  key: undefined,
  tokenScope: 'https://communication.azure.com//.default',
  resourceId,
  callbackOpenIdUrl: 'https://acscallautomation.communication.azure.com/openid',
  callbackIssuer: 'https://acscallautomation.communication.azure.com',
  sourceIdentity: undefined,
  callerDisplayName: 'Ringdown',
  phoneNumber: undefined,
  cognitiveServicesEndpoint: undefined,
};

describe('the callback that the doctor sends itself', () => {
  for (const [title, configured, actual, name] of [
    ['is accepted', resourceId, resourceId, null],
    ['is accepted if the setting is in capitals', resourceId.toUpperCase(), resourceId, null],
    ['is accepted if the service uses capitals', resourceId, resourceId.toUpperCase(), null],
    ['is refused for another resource', resourceId, resourceId.replace('9', '0'), 'callbackRefused'],
  ] as const) {
    it(title, async () => {
      const finding = await checkOwnCallback(
        { acs: { ...acs, resourceId: configured } },
        actual,
        systemClock,
      );
      assert.equal(finding.name, name);
      assert.equal(finding.area, 'callbacks');
      if (name) assert.match(finding.what, /gets 401/);
    });
  }
});
