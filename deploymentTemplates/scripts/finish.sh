#!/usr/bin/env bash
# Does what Azure Resource Manager cannot do, after template-BotApp and before template-AzureBot: the role of the identity in the
# database, permissions of Microsoft Graph, the Teams app, and what Teams has to allow. May be run again: what is done
# stays as it is. At the end it says what is left for other people. docs/deploy.md
#
# usage: finish.sh <resource group> [--ip <your public address>] [permission of Graph…]
#   --ip         the address that the database is opened for, for as long as its role is made; by default it is asked
#                from https://api.ipify.org
#   permission   by default User.Read.All and Presence.Read.All
#
# Needs bash, curl, the Azure CLI, signed in as an Entra administrator of the database, and `npm ci` in this repository.
# Exit code 0: nothing is left. 3: something is left, and is listed.
set -euo pipefail

usage() {
  sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0" >&2
  exit 2
}
group='' ip='' permissions=()
while (($#)); do
  case $1 in
    --ip) (($# > 1)) || usage; ip=$2; shift ;;
    -*) usage ;;
    *) if [[ -z $group ]]; then group=$1; else permissions+=("$1"); fi ;;
  esac
  shift
done
[[ -n $group ]] || usage

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
node=$root/node_modules/.bin/node
[[ -x $node ]] || { echo "Run npm ci in $root first." >&2; exit 1; }

left=()
todo() { left+=("$1"); }
output() {
  az deployment group show --resource-group "$group" --name ringdown-BotApp \
    --query "properties.outputs.$1.value" --output tsv
}
url=$(output publicUrl) site=$(output siteName) bot=$(output botAppId) principal=$(output identityPrincipalId)
resource=$(output communicationResourceId) server=$(output databaseServerId) host=$(output databaseHost)
role=$(output databaseRole) administrator=$(output databaseAdminName)
restart=no
for value in "$url" "$site" "$bot" "$principal" "$resource" "$server" "$host" "$role" "$administrator"; do
  [[ -n $value ]] || { echo "There is no deployment ringdown-BotApp with all its outputs in $group." >&2; exit 1; }
done

echo "1. The database"
# Reached from the site's network only. For the moment in which the role is made, one address is let in.
let_in() { az resource patch --ids "$server" --api-version 2025-08-01 --output none \
  --properties "{\"network\":{\"publicNetworkAccess\":\"$1\"}}"; }
shut() {
  trap - EXIT
  az resource delete --ids "$server/firewallRules/finish" --api-version 2025-08-01 --output none || true
  let_in Disabled || echo "The database may still be open for $ip: close its public access in the portal." >&2
}
if curl -fsS --max-time 20 --output /dev/null "$url/readyz" 2>/dev/null; then
  echo "Ringdown reaches it already: done before"
else
  [[ -n $ip ]] || ip=$(curl -fsS --max-time 20 https://api.ipify.org)
  [[ $ip =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}$ ]] || { echo "Give your public IPv4 address with --ip." >&2; exit 1; }
  trap shut EXIT
  let_in Enabled
  az resource create --id "$server/firewallRules/finish" --api-version 2025-08-01 --output none \
    --properties "{\"startIpAddress\":\"$ip\",\"endIpAddress\":\"$ip\"}"
  PGPASSWORD=$(az account get-access-token --resource-type oss-rdbms --query accessToken --output tsv) \
    "$node" "$root/scripts/databaseRole.ts" "$host" "$administrator" "$role" "$principal"
  shut
  restart=yes
fi

echo "2. Microsoft Graph"
if granted=$("$here/grant-graph-permissions.sh" "$principal" ${permissions[@]+"${permissions[@]}"}); then
  printf '%s\n' "$granted"
  if grep -q ': granted$' <<<"$granted"; then restart=yes; fi
else
  todo "a Privileged Role Administrator runs: deploymentTemplates/scripts/grant-graph-permissions.sh $principal${permissions[*]:+ ${permissions[*]}}"
fi

echo "3. The Teams app"
graph=$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)
graph=${graph%/}
find_app() {
  az rest --method get --output tsv --query 'value[0].id' \
    --url "$graph/v1.0/appCatalogs/teamsApps?\$filter=externalId eq '$bot'" 2>/dev/null || true
}
known=$(az webapp config appsettings list --resource-group "$group" --name "$site" \
  --query "[?name=='TEAMS_APP_ID'].value | [0]" --output tsv)
app=$(find_app)
if [[ -z $app ]]; then
  (cd "$root" && MicrosoftAppId=$bot PUBLIC_URL=$url npm run --silent package)
  # The CLI's own token has the right to the catalogue in few tenants only.
  token=$(az account get-access-token --resource-type ms-graph --query accessToken --output tsv)
  if curl -fsS --max-time 60 --output /dev/null --request POST "$graph/v1.0/appCatalogs/teamsApps" \
    --header @- --header 'Content-Type: application/zip' --data-binary "@$root/dist/ringdown-teams.zip" \
    <<<"Authorization: Bearer $token" 2>/dev/null; then
    app=$(find_app)
    echo "Uploaded."
  fi
fi
if [[ -z $app ]]; then
  todo "a Teams Administrator uploads dist/ringdown-teams.zip (docs/setup-teams.md#app-upload); then run this again"
elif [[ $app == "$known" ]]; then
  echo "In the catalogue, and Ringdown knows its id: done before"
else
  az webapp config appsettings set --resource-group "$group" --name "$site" --settings "TEAMS_APP_ID=$app" --output none
  echo "In the catalogue; Ringdown knows its id now."
  todo "write teamsAppId=$app into the parameter file, so that the next deployment keeps it"
fi

echo "4. Calls in Teams"
if command -v pwsh >/dev/null && pwsh -NoProfile -File "$here/allow-calling.ps1" -ResourceId "$resource"; then
  :
else
  todo "a Teams Administrator runs: pwsh deploymentTemplates/scripts/allow-calling.ps1 -ResourceId $resource"
fi
echo "Each person who is called needs a Teams Phone licence and voice: docs/setup-teams.md#teams-phone"

if [[ $restart == yes ]]; then
  az webapp restart --resource-group "$group" --name "$site" --output none
  echo "Ringdown is restarted: it gets into the database, and its tokens have the new permissions."
fi

echo
if ((${#left[@]})); then
  printf 'Left to do:\n'
  printf -- '- %s\n' "${left[@]}"
else
  echo "Nothing is left."
fi
echo "To see the result: az webapp ssh --resource-group $group --name $site, and there: cd /home/site/wwwroot && npm run doctor"
((${#left[@]} == 0)) || exit 3
