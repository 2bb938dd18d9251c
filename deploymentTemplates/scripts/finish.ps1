<#
.SYNOPSIS
The same as finish.sh, for those who work in PowerShell: it calls finish.sh, which calls the Azure CLI.

.DESCRIPTION
Needs PowerShell 7, bash (it comes with git; Azure Cloud Shell has it), and what finish.sh needs.
allow-calling.ps1 runs here in any case, with the people that are to be called.

.PARAMETER ResourceGroup
The group of the deployment.

.PARAMETER EnableVoiceFor
User principal names of those who are to be called. Each needs a Teams Phone licence first.

.PARAMETER Permission
Permissions of Microsoft Graph. Default: User.Read.All and Presence.Read.All.

.EXAMPLE
./finish.ps1 -ResourceGroup ringdown -EnableVoiceFor adele@contoso.example
#>
[CmdletBinding()]
param(
  [Parameter(Mandatory)]
  [string] $ResourceGroup,

  [string[]] $EnableVoiceFor = @(),

  [string[]] $Permission = @()
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest

$script = (Join-Path $PSScriptRoot 'finish.sh') -replace '\\', '/'
& bash $script $ResourceGroup @Permission
# 3: done, and something is left for people.
if ($LASTEXITCODE -notin 0, 3) {
  throw "finish.sh ended with $LASTEXITCODE; what is wrong stands above."
}

if ($EnableVoiceFor.Count -gt 0) {
  $resourceId = az deployment group show --resource-group $ResourceGroup --name ringdown-BotApp `
    --query properties.outputs.communicationResourceId.value --output tsv
  & (Join-Path $PSScriptRoot 'allow-calling.ps1') -ResourceId $resourceId -EnableVoiceFor $EnableVoiceFor
}
