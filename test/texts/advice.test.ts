import assert from 'node:assert/strict';
import type { Cause } from '../../src/calls/call.ts';
import { adviceFor } from '../../src/texts/advice.ts';
import { textsFor } from '../../src/texts/texts.ts';

const commandsFor = (cause: Cause, known: Parameters<typeof adviceFor>[1]): string[] | undefined =>
  adviceFor(cause, known, textsFor('en'))?.commands;

describe('the advice for administrators', () => {
  it('gives lines ready to paste, with known values filled in', () => {
    const known = {
      acsResourceId: '7e1a0c9b-0000-4000-8000-0123456789ab',
      userPrincipalName: 'adele.vance@contoso.example',
    };
    assert.deepEqual(commandsFor('federationNotAllowed', known), [
      "Set-CsTeamsAcsFederationConfiguration -EnableAcsUsers $True -AllowedAcsResources @('7e1a0c9b-0000-4000-8000-0123456789ab')",
      'Set-CsExternalAccessPolicy -Identity Global -EnableAcsFederationAccess $true',
    ]);
    assert.deepEqual(commandsFor('enterpriseVoiceOrSource', known), [
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
      const known = { acsResourceId: evil, userPrincipalName: evil };
      assert.match(commandsFor('federationNotAllowed', known)?.join() ?? '', /@\('<ACS_RESOURCE_ID>'\)/);
      assert.deepEqual(commandsFor('enterpriseVoiceOrSource', known), [
        'Set-CsPhoneNumberAssignment -Identity <upn> -EnterpriseVoiceEnabled $true',
      ]);
    }
  });

  it('is not given if there is nothing to fix', () => {
    assert.equal(adviceFor('declined', {}, textsFor('en')), null);
  });
});
