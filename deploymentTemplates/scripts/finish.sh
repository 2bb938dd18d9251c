#!/usr/bin/env bash
# Does what Azure Resource Manager cannot do. Run it after template-BotApp, and again after template-AzureBot. It creates
# the database role, grants permissions of Microsoft Graph, uploads the Teams app, allows calls in Teams, and removes Web
# Chat. Safe to run again. At the end it lists what is left to do, and what it could not check.
# docs/deploy.md
#
# usage: finish.sh <resource group> [--ip <your public address>] [--voice <user principal name>]… [permission of Graph…]
#   --ip         the address that may reach the database while its role is created; by default https://api.ipify.org
#                tells it
#   --voice      enables voice for this person, who needs a Teams Phone licence; may be given more than once
#   permission   by default User.Read.All and Presence.Read.All
#
# Needs bash, curl, the Azure CLI (signed in as an Entra administrator of the database), and `npm ci` in this repository.
# Exit code 0: everything is done. 3: something is left to do. 4: nothing is known to be left, but something could not be
# checked. 1: it failed. 2: wrong usage. 130: Ctrl-C.
set -eEuo pipefail

usage() {
  sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0" >&2
  exit 2
}
group='' ip='' voices=() permissions=()
while (($#)); do
  case $1 in
    --ip) (($# > 1)) || usage; ip=$2; shift ;;
    --voice) (($# > 1)) || usage; voices+=("$2"); shift ;;
    -*) usage ;;
    *) if [[ -z $group ]]; then group=$1; else permissions+=("$1"); fi ;;
  esac
  shift
done
[[ -n $group ]] || usage

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
node=$root/node_modules/.bin/node
for tool in az curl npm; do
  command -v "$tool" >/dev/null || { echo "$tool is not installed." >&2; exit 1; }
done
[[ -x $node ]] || { echo "Run npm ci in $root first." >&2; exit 1; }

left=() unseen=() is_open=no
todo() { left+=("$1"); }
cannot_see() { unseen+=("$1"); }
report() {
  echo
  if ((${#left[@]})); then
    printf 'Left to do:\n'
    printf -- '- %s\n' "${left[@]}"
  fi
  if ((${#unseen[@]})); then
    printf 'Cannot be checked from here:\n'
    printf -- '- %s\n' "${unseen[@]}"
  fi
}
# Only the site's network can reach the database. While the role is created, one more address is allowed.
let_in() { az resource patch --ids "$server" --api-version 2025-08-01 --output none \
  --properties "{\"network\":{\"publicNetworkAccess\":\"$1\"}}"; }
shut() {
  [[ $is_open == yes ]] || return 0
  # A second Ctrl-C must not leave it open.
  trap '' INT TERM HUP
  is_open=no
  az resource delete --ids "$server/firewallRules/finish" --api-version 2025-08-01 --output none || true
  if let_in Disabled; then
    echo "The database is closed again."
  else
    echo "The database may still be open: close its public access in the portal." >&2
    todo "close the public access of the database in the portal: it may still be open"
  fi
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}
trap shut EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
# The Azure CLI's exit codes differ from ours: its 3 means that a resource does not exist.
# https://pypi.org/project/azure-cli-resource/2.1.0
NOT_THERE=3
stopped() {
  shut
  report
  echo "Stopped because of the error above. Fix it, and run this again." >&2
  exit 1
}
trap '((BASH_SUBSHELL)) || stopped' ERR
# Quotes a command for both bash and PowerShell.
line() {
  local word quoted=()
  for word; do
    [[ $word =~ ^[[:alnum:]_./:@=+-]+$ ]] || word="\"$word\""
    quoted+=("$word")
  done
  echo "${quoted[*]}"
}
output() {
  az deployment group show --resource-group "$group" --name ringdown-BotApp \
    --query "properties.outputs.$1.value" --output tsv
}
url=$(output publicUrl)
site=$(output siteName)
bot=$(output botAppId)
principal=$(output identityPrincipalId)
resource=$(output communicationResourceId)
server=$(output databaseServerId)
host=$(output databaseHost)
role=$(output databaseRole)
administrator=$(output databaseAdminName)
restart=no
for value in "$url" "$site" "$bot" "$principal" "$resource" "$server" "$host" "$role" "$administrator"; do
  [[ -n $value ]] || { echo "$group has no deployment ringdown-BotApp with all its outputs." >&2; exit 1; }
done

echo "1. The database"
if curl -fsS --max-time 20 --output /dev/null "$url/readyz" 2>/dev/null; then
  echo "Ringdown reaches it: already done"
  access=$(az resource show --ids "$server" --api-version 2025-08-01 \
    --query properties.network.publicNetworkAccess --output tsv) || access=unknown
  case $access in
    Disabled) ;;
    Enabled)
      echo "Public access is on: an earlier run was killed before it could turn it off."
      is_open=yes
      shut
      ;;
    *) cannot_see "whether an earlier run left the database open. Its public access must be off in the portal" ;;
  esac
else
  echo "$url/readyz does not report that Ringdown is ready: its database role is missing, it is not running, or this machine"
  echo "cannot reach it. Checking the role in the database."
  [[ -n $ip ]] || ip=$(curl -fsS --max-time 20 https://api.ipify.org) || true
  [[ $ip =~ ^[0-9]{1,3}(\.[0-9]{1,3}){3}$ ]] || { echo "Give your public IPv4 address with --ip." >&2; exit 1; }
  token=$(az account get-access-token --resource-type oss-rdbms --query accessToken --output tsv)
  is_open=yes
  echo "Opening the database for $ip until this is done."
  let_in Enabled
  az resource create --id "$server/firewallRules/finish" --api-version 2025-08-01 --output none \
    --properties "{\"startIpAddress\":\"$ip\",\"endIpAddress\":\"$ip\"}"
  status=0
  made=$(PGPASSWORD=$token "$node" "$root/scripts/databaseRole.ts" "$host" "$administrator" "$role" "$principal") ||
    status=$?
  [[ -z $made ]] || printf '%s\n' "$made"
  shut
  ((status == 0)) || stopped
  if grep -q ': done$' <<<"$made"; then restart=yes; fi
fi

echo "2. Microsoft Graph"
grant=(deploymentTemplates/scripts/grant-graph-permissions.sh "$principal" ${permissions[@]+"${permissions[@]}"})
status=0
granted=$("$root/${grant[0]}" "${grant[@]:1}") || status=$?
[[ -z $granted ]] || printf '%s\n' "$granted"
if grep -q ': granted$' <<<"$granted"; then restart=yes; fi
if [[ $restart == yes ]]; then
  # Restart now: if this run fails later, the next one finds nothing new and would not restart Ringdown.
  if az webapp restart --resource-group "$group" --name "$site" --output none; then
    echo "Restarted Ringdown, so that it can sign in to the database and gets tokens with the new permissions."
  else
    todo "somebody who may change the site runs: $(line az webapp restart --resource-group "$group" --name "$site")"
  fi
fi
case $status in
  0) ;;
  2) exit 2 ;;
  3) todo "a Privileged Role Administrator runs: ${grant[*]}" ;;
  *) cannot_see "permissions of Graph, because of the fault above. A Privileged Role Administrator runs: ${grant[*]}" ;;
esac

echo "3. The Teams app"
graph=$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)
graph=${graph%/}
find_app() {
  az rest --method get --output tsv --query 'value[0].id' \
    --url "$graph/v1.0/appCatalogs/teamsApps?\$filter=externalId eq '$bot'" 2>/dev/null
}
setting() {
  az webapp config appsettings list --resource-group "$group" --name "$site" \
    --query "[?name=='$1'].value | [0]" --output tsv
}
known=$(setting TEAMS_APP_ID)
console=$(setting CONSOLE_CLIENT_ID)
reads=yes
app=$(find_app) || reads=no
if [[ -z $app && ($reads == yes || -z $known) ]]; then
  (cd "$root" && MicrosoftAppId=$bot PUBLIC_URL=$url CONSOLE_CLIENT_ID=$console npm run --silent package)
  # In few tenants the CLI's token may write to the catalogue.
  token=$(az account get-access-token --resource-type ms-graph --query accessToken --output tsv)
  if published=$(curl -fsS --max-time 60 --request POST "$graph/v1.0/appCatalogs/teamsApps" \
    --header @- --header 'Content-Type: application/zip' --data-binary "@$root/dist/ringdown-teams.zip" \
    <<<"Authorization: Bearer $token" 2>/dev/null); then
    echo "Uploaded."
    # The catalogue may not list it yet.
    app=$("$node" --print 'JSON.parse(process.argv[1]).id' "$published")
  fi
fi
if [[ -n $app && $app == "$known" ]]; then
  echo "In the catalogue, and Ringdown knows its id: already done"
elif [[ -n $app ]]; then
  tell=(az webapp config appsettings set --resource-group "$group" --name "$site" --settings "TEAMS_APP_ID=$app" --output none)
  if "${tell[@]}"; then
    echo "In the catalogue. Ringdown now knows its id."
  else
    todo "somebody who may change the site runs: $(line "${tell[@]}")"
  fi
  todo "write teamsAppId=$app into the parameter file, so that the next deployment keeps it"
elif [[ $reads == yes ]]; then
  todo "a Teams Administrator uploads dist/ringdown-teams.zip (docs/setup-teams.md#app-upload); then run this again"
elif [[ -n $known ]]; then
  echo "Ringdown has an id for it, $known: already done. This account may not read the catalogue."
else
  todo "a Teams Administrator uploads dist/ringdown-teams.zip, and sets TEAMS_APP_ID, because this account may not read the catalogue (docs/setup-teams.md#app-upload)"
fi

echo "4. Calls in Teams"
allow=(pwsh deploymentTemplates/scripts/allow-calling.ps1 -ResourceId "$resource")
((${#voices[@]} == 0)) || allow+=(-EnableVoiceFor "$(IFS=,; echo "${voices[*]}")")
if ! command -v pwsh >/dev/null; then
  cannot_see "what Teams allows, because PowerShell is not installed. A Teams Administrator runs: $(line "${allow[@]}")"
elif ! (cd "$root" && "${allow[@]:0:1}" -NoProfile -File "${allow[@]:1}"); then
  cannot_see "what Teams allows, because the PowerShell script failed. A Teams Administrator runs: $(line "${allow[@]}")"
fi
echo "Everybody who is to be called needs a Teams Phone licence and voice: docs/setup-teams.md#teams-phone"

echo "5. Web Chat"
# Azure creates this channel with each bot, and a template cannot remove it.
channel=${server%%/providers/*}/providers/Microsoft.BotService/botServices/$site/channels/WebChatChannel
remove=(az resource delete --ids "$channel" --api-version 2022-09-15)
status=0
az resource show --ids "$channel" --api-version 2022-09-15 --output none 2>/dev/null || status=$?
if ((status == NOT_THERE)); then
  echo "The channel does not exist. Run this again after each deployment of template-AzureBot."
elif ((status)); then
  cannot_see "whether there is a Web Chat channel, because Azure did not answer. Run this again"
elif ! wanted=$(az deployment group show --resource-group "$group" --name ringdown-AzureBot \
  --query properties.parameters.webChat.value --output tsv 2>/dev/null); then
  cannot_see "whether Web Chat is wanted, because the deployment ringdown-AzureBot cannot be read. To remove it: ${remove[*]}"
elif [[ $wanted == [Tt]rue ]]; then
  echo "It is wanted (parameter webChat): nothing to do"
elif "${remove[@]}" --output none; then
  echo "The channel is removed."
else
  todo "somebody who may change the bot runs: ${remove[*]}"
fi

report
((${#left[@]} + ${#unseen[@]})) || echo "Nothing is left."
echo "To see the result: $(line az webapp ssh --resource-group "$group" --name "$site"), and there: cd /home/site/wwwroot && npm run doctor"
((${#left[@]} == 0)) || exit 3
((${#unseen[@]} == 0)) || exit 4
