<#
.SYNOPSIS
finish.sh for those who work in PowerShell: it hands its parameters over, and finish.sh does every step.

.DESCRIPTION
Needs PowerShell 7, bash (it comes with git; Azure Cloud Shell has it), and what finish.sh needs.
The exit code is that of finish.sh; its first lines say what each means.

.PARAMETER ResourceGroup
The group of the deployment.

.PARAMETER Ip
The address that the database is opened for, for as long as its role is made. Default: asked from https://api.ipify.org

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
