<#
.SYNOPSIS
Allows a Communication Services resource to call the users of a Teams tenant. Azure Resource Manager cannot do this.

.DESCRIPTION
Needs PowerShell 7 with the module MicrosoftTeams (Install-Module MicrosoftTeams), and a Teams Administrator.
What each step does, and how to verify it: docs/setup-teams.md. -WhatIf shows what would be done.

.PARAMETER ResourceId
Immutable id of the Communication Services resource: the output communicationResourceId of template-BotApp.

.PARAMETER EnableVoiceFor
User principal names of the people to be called. Each needs a Teams Phone licence first.

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

# The cmdlet replaces the list, so include the resources that are already allowed.
$before = Get-CsTeamsAcsFederationConfiguration
$allowed = @($before.AllowedAcsResources | Where-Object { $_ })
if ($before.EnableAcsUsers -and $allowed -contains $ResourceId.ToString()) {
  Write-Output "Federation: $ResourceId is already allowed."
} elseif ($PSCmdlet.ShouldProcess('the tenant', "Allow the Communication Services resource $ResourceId")) {
  $all = @($allowed + $ResourceId.ToString() | Select-Object -Unique)
  Set-CsTeamsAcsFederationConfiguration -EnableAcsUsers $true -AllowedAcsResources $all
  Write-Output "Federation: now allowed: $($all -join ', ')."
}

if ((Get-CsExternalAccessPolicy -Identity Global).EnableAcsFederationAccess) {
  Write-Output 'External access: the global policy already allows it.'
} elseif ($PSCmdlet.ShouldProcess('the global external access policy', 'Turn on EnableAcsFederationAccess')) {
  Set-CsExternalAccessPolicy -Identity Global -EnableAcsFederationAccess $true
  Write-Output 'External access: turned on in the global policy. Users with their own policy keep it.'
}

# `pwsh -File` passes a list as one string.
foreach ($upn in $EnableVoiceFor -split ',') {
  if ((Get-CsOnlineUser -Identity $upn).EnterpriseVoiceEnabled) {
    Write-Output "Voice: $upn is already enabled."
  } elseif ($PSCmdlet.ShouldProcess($upn, 'Enable voice')) {
    Set-CsPhoneNumberAssignment -Identity $upn -EnterpriseVoiceEnabled $true
    Write-Output "Voice: $upn is enabled."
  }
}

Write-Output 'It may take from minutes to a few hours until calls work.'
