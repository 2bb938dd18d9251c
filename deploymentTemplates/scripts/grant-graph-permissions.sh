#!/usr/bin/env bash
# Grants Ringdown's identity application permissions of Microsoft Graph, with admin consent. Azure Resource Manager cannot
# do this. Needs the Azure CLI, signed in as a Privileged Role Administrator (or Global Administrator) of the tenant whose
# users are to be called. What each permission is for: docs/setup-teams.md#app-consent
#
# usage: grant-graph-permissions.sh <principal id> [permission…]
#   principal id   the output identityPrincipalId of template-BotApp, or the object id of an enterprise application
#   permission     by default User.Read.All and Presence.Read.All
#
# Exit code 0: granted. 3: you may not grant them. 1: another error. 2: wrong usage.
set -euo pipefail
# The Azure CLI's exit codes differ from ours.
trap 'exit 1' ERR

if (($# == 0)) || [[ ! $1 =~ ^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$ ]]; then
  sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0" >&2
  exit 2
fi
principal=$1
shift
permissions=("$@")
((${#permissions[@]})) || permissions=(User.Read.All Presence.Read.All)

known=(User.Read.All User.ReadBasic.All Presence.Read.All GroupMember.Read.All Schedule.Read.All
  TeamsAppInstallation.ReadWriteSelfForUser.All TeamsAppInstallation.ReadWriteForUser.All)
for permission in "${permissions[@]}"; do
  if [[ " ${known[*]} " != *" $permission "* ]]; then
    echo "Ringdown does not use $permission. It uses: ${known[*]}" >&2
    exit 2
  fi
done

# GCC High and DoD have their own addresses, which the CLI knows from `az cloud set`.
graph=$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)
graph=${graph%/}
graph_app=00000003-0000-0000-c000-000000000000
graph_principal=$(az ad sp show --id "$graph_app" --query id --output tsv)
granted=$(az rest --method get --url "$graph/v1.0/servicePrincipals/$principal/appRoleAssignments" \
  --query 'value[].appRoleId' --output tsv)

given=no refused=no
for permission in "${permissions[@]}"; do
  role=$(az ad sp show --id "$graph_app" \
    --query "appRoles[?value=='$permission' && contains(allowedMemberTypes, 'Application')].id | [0]" --output tsv)
  if [[ -z $role ]]; then
    echo "Microsoft Graph in this cloud has no application permission $permission" >&2
    exit 1
  fi
  if grep -qiF "$role" <<<"$granted"; then
    echo "$permission: already granted"
    continue
  fi
  if az rest --method post --url "$graph/v1.0/servicePrincipals/$principal/appRoleAssignments" \
    --headers Content-Type=application/json --output none \
    --body "{\"principalId\":\"$principal\",\"resourceId\":\"$graph_principal\",\"appRoleId\":\"$role\"}"; then
    echo "$permission: granted"
    given=yes
  else
    echo "$permission: refused"
    refused=yes
  fi
done
[[ $given == no ]] || echo 'Existing tokens lack the new permissions: restart Ringdown, or wait up to a day.'
[[ $refused == no ]] || exit 3
