<#
.SYNOPSIS
Lets a Communication Services resource call the users of a Teams tenant. Azure Resource Manager cannot do this.

.DESCRIPTION
Needs PowerShell 7 with the module MicrosoftTeams (Install-Module MicrosoftTeams), and a Teams Administrator.
What each step does, and how to see that it took: docs/setup-teams.md. -WhatIf shows what would be done.

.PARAMETER ResourceId
Immutable id of the Communication Services resource: the output communicationResourceId of template-BotApp.

.PARAMETER EnableVoiceFor
User principal names of those who are to be called. Each needs a Teams Phone licence first.

.EXAMPLE
./allow-calling.ps1 -ResourceId 11111111-2222-3333-4444-555555555555 -EnableVoiceFor adele@contoso.example
#>
[CmdletBinding(SupportsShouldProcess)]
param(
  [Parameter(Mandatory)]
  [guid] $ResourceId,

  [string[]] $EnableVoiceFor = @()
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest

Connect-MicrosoftTeams | Out-Null

# The cmdlet replaces the list: resources that are allowed already must be named again.
$before = Get-CsTeamsAcsFederationConfiguration
$allowed = @($before.AllowedAcsResources | Where-Object { $_ })
if ($before.EnableAcsUsers -and $allowed -contains $ResourceId.ToString()) {
  Write-Output "Federation: $ResourceId is allowed already."
} elseif ($PSCmdlet.ShouldProcess('the tenant', "Allow the Communication Services resource $ResourceId")) {
  $all = @($allowed + $ResourceId.ToString() | Select-Object -Unique)
  Set-CsTeamsAcsFederationConfiguration -EnableAcsUsers $true -AllowedAcsResources $all
  Write-Output "Federation: allowed are $($all -join ', ')."
}

if ((Get-CsExternalAccessPolicy -Identity Global).EnableAcsFederationAccess) {
  Write-Output 'External access: the global policy allows it already.'
} elseif ($PSCmdlet.ShouldProcess('the global external access policy', 'Turn on EnableAcsFederationAccess')) {
  Set-CsExternalAccessPolicy -Identity Global -EnableAcsFederationAccess $true
  Write-Output 'External access: turned on in the global policy. Users with a policy of their own keep theirs.'
}

# `pwsh -File` hands over a list as one text.
foreach ($upn in $EnableVoiceFor -split ',') {
  if ((Get-CsOnlineUser -Identity $upn).EnterpriseVoiceEnabled) {
    Write-Output "Voice: $upn is enabled already."
  } elseif ($PSCmdlet.ShouldProcess($upn, 'Enable voice')) {
    Set-CsPhoneNumberAssignment -Identity $upn -EnterpriseVoiceEnabled $true
    Write-Output "Voice: $upn is enabled."
  }
}

Write-Output 'It takes from minutes to some hours until calls go through.'
