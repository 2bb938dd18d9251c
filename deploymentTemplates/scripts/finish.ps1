<#
.SYNOPSIS
Runs finish.sh from PowerShell. It passes its parameters on, and finish.sh does every step.

.DESCRIPTION
Needs PowerShell 7, bash (part of git and of Azure Cloud Shell), and everything that finish.sh needs.
The exit codes are those of finish.sh, which explains them in its first lines.

.PARAMETER ResourceGroup
The resource group of the deployment.

.PARAMETER Ip
The address that may reach the database while its role is created. Default: from https://api.ipify.org

.PARAMETER EnableVoiceFor
User principal names of the people to be called. Each needs a Teams Phone licence first.

.PARAMETER Permission
Permissions of Microsoft Graph. Default: User.Read.All and Presence.Read.All.

.EXAMPLE
./finish.ps1 -ResourceGroup ringdown -EnableVoiceFor adele@contoso.example
#>
[CmdletBinding()]
param(
  [Parameter(Mandatory)]
  [string] $ResourceGroup,

  [string] $Ip = '',

  [string[]] $EnableVoiceFor = @(),

  [string[]] $Permission = @()
)

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest

$options = @()
if ($Ip) { $options += '--ip', $Ip }
foreach ($upn in $EnableVoiceFor) { $options += '--voice', $upn }

$script = (Join-Path $PSScriptRoot 'finish.sh') -replace '\\', '/'
& bash $script $ResourceGroup @options @Permission
exit $LASTEXITCODE
