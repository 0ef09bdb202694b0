#!/usr/bin/env bash
# Deploys the middleware and its simulated receiver to two virtual machines of Google Cloud (docs/deploy/gcp-quick-start.md). A run looks at what
# is there and makes what is missing, so it may be repeated, also after a failure at any step.
# No machine of CI has a cloud: there a double of gcloud takes its calls, and the real gcloud judges their flags.
set -euo pipefail
export LC_ALL=C

readonly IAP_RANGE=35.235.240.0/20 # The addresses of Google's proxy for tunnels (Identity-Aware Proxy).
readonly SSH_ATTEMPTS=30

usage() {
  cat <<'TEXT'
deploy.sh [--project ID] [--zone ZONE] [--package FILE] [--allow NETWORKS] [--dry-run]
deploy.sh --destroy [--delete-data] [--project ID] [--zone ZONE] [--dry-run]

  --project ID       The project; the one of gcloud's configuration by default.
  --zone ZONE        The zone of both machines; asia-southeast1-a (Singapore) by default (docs/deploy/gcp-zones.md).
  --package FILE     The tarball of package.sh; made of this clone by default.
  --allow NETWORKS   The networks that reach the middleware on port 8080, such as 203.0.113.0/24,198.51.100.7/32; "none" for tunnels alone. It stays
                     as it is by default, at first "none".
  --dry-run          Prints the calls that would change something, and makes none of them.
  --destroy          Deletes everything but the data disk, its snapshots and their schedule. It asks first.
  --delete-data      With --destroy: deletes the data disk and the schedule too. Snapshots stay.
  --help             Prints this.
TEXT
}

fail() {
  echo "deploy.sh: $1" >&2
  exit "${2:-1}"
}

refuse() { fail "$1" 2; }

is_network() {
  [[ $1 =~ ^([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})/([0-9]|[12][0-9]|3[0-2])$ ]] || return 1
  ((10#${BASH_REMATCH[1]} < 256 && 10#${BASH_REMATCH[2]} < 256 && 10#${BASH_REMATCH[3]} < 256 && 10#${BASH_REMATCH[4]} < 256))
}

project='' zone='' package='' allow='' dry_run='' destroy='' delete_data=''

# Sets a variable to the value of an option, which is given once.
take() {
  local -n variable=$1
  [ -z "$variable" ] || refuse "$2 is given twice."
  case $3 in '' | --*) refuse "$2 needs a value, such as $2 $4." ;; esac
  variable=$3
}

while [ $# -gt 0 ]; do
  option=$1
  shift
  case $option in
    --project=* | --zone=* | --package=* | --allow=*)
      set -- "${option#*=}" "$@"
      option=${option%%=*}
      ;;
  esac
  case $option in
    --project) take project --project "${1:-}" my-project-1 ;;
    --zone) take zone --zone "${1:-}" asia-southeast1-a ;;
    --package) take package --package "${1:-}" aspire-integration.tar.gz ;;
    --allow) take allow --allow "${1:-}" 203.0.113.0/24 ;;
    --dry-run) dry_run=yes && continue ;;
    --destroy) destroy=yes && continue ;;
    --delete-data) delete_data=yes && continue ;;
    --help | -h) usage && exit ;;
    *) refuse "\"$option\" is not an option; expected --project, --zone, --package, --allow, --dry-run, --destroy, --delete-data or --help." ;;
  esac
  shift
done

command -v gcloud > /dev/null || fail "gcloud is not installed (https://cloud.google.com/sdk/docs/install)."
[ -z "$delete_data" ] || [ -n "$destroy" ] || refuse "--delete-data goes with --destroy."
[ -z "$destroy" ] || [ -z "$package$allow" ] || refuse "--package and --allow do not go with --destroy."
[ -n "$project" ] || project=$(gcloud config get-value project 2> /dev/null) || project=''
[ -n "$project" ] || refuse "no project; give --project ID, or set one with \"gcloud config set project ID\"."
[[ $project =~ ^[a-z][-a-z0-9]{4,28}[a-z0-9]$ ]] ||
  refuse "--project: \"$project\" is not an id of a project; expected 6 to 30 of a-z, 0-9 and -, such as my-project-1."
zone=${zone:-asia-southeast1-a}
[[ $zone =~ ^[a-z]+-[a-z]+[0-9]+-[a-z]$ ]] || refuse "--zone: \"$zone\" is not a zone; expected one such as asia-southeast1-a."
if [ -n "$package" ]; then
  [ -f "$package" ] || refuse "--package: \"$package\" is not a file; expected the tarball of package.sh."
  tar --list --gzip --file="$package" aspire-integration/VERSION > /dev/null 2>&1 ||
    refuse "--package: \"$package\" has no aspire-integration/VERSION; expected the tarball of package.sh."
fi
if [ -n "$allow" ] && [ "$allow" != none ]; then
  [[ $allow =~ ^[^,]+(,[^,]+)*$ ]] || refuse "--allow: \"$allow\" has an empty entry; expected networks such as 203.0.113.0/24,198.51.100.7/32."
  IFS=, read -r -a networks <<< "$allow"
  for network in "${networks[@]}"; do
    is_network "$network" || refuse "--allow: \"$network\" is not a network; expected networks such as 203.0.113.0/24,198.51.100.7/32, or none."
  done
fi

PROJECT=$project
ZONE=$zone
REGION=${ZONE%-*}
MIDDLEWARE_ACCOUNT=aspire-middleware@$PROJECT.iam.gserviceaccount.com
RECEIVER_ACCOUNT=aspire-receiver@$PROJECT.iam.gserviceaccount.com
ALERTS_URL=http://aspire-receiver.$ZONE.c.$PROJECT.internal:8081/external/alerts
export CLOUDSDK_CORE_PROJECT=$PROJECT CLOUDSDK_CORE_DISABLE_PROMPTS=1

is_empty='' # "yes" in a dry run on a project without the APIs: nothing can be there.

# Makes a call that changes something.
change() {
  local text
  text=$(printf '%q ' "$@")
  if [ -n "$dry_run" ]; then
    echo "would run: ${text% }"
    return
  fi
  echo "+ ${text% }"
  "$@" || fail "stopped at: ${text% } (the next run goes on there)."
}

# Prints the answer to a question, which changes nothing.
ask() {
  [ -z "$is_empty" ] || return 0
  gcloud "$@" --verbosity=error || fail "no answer to: gcloud $* (nothing was changed by it; run deploy.sh again)."
}

# True when a list has nothing. A list that cannot be read ends the run: it does not stand for a missing thing.
missing() {
  local found
  found=$(ask "$@" --format="value(name)") || exit
  [ -z "$found" ]
}

present() { ! missing "$@"; }

check_project() {
  local account other
  account=$(ask auth list --filter=status:ACTIVE --format="value(account)") || exit
  [ -n "$account" ] || fail "gcloud has no account; run \"gcloud auth login\"."
  present projects list --filter="projectId=$PROJECT" || fail "\"$PROJECT\" is not a project that $account can see."
  enable_apis
  [ -n "$is_empty" ] || present compute zones list --filter="name=$ZONE" ||
    fail "\"$ZONE\" is not a zone of Google Cloud; \"gcloud compute zones list\" has all."
  other=$(ask compute disks list --filter="name=aspire-data" --format="value(zone.basename())") || exit
  [ -z "$other" ] || [ "$other" = "$ZONE" ] ||
    fail "the data disk is in $other: give --zone $other, or move the disk first (docs/deploy/gcp-zones.md)."
}

enable_apis() {
  local enabled
  enabled=$(ask services list --enabled --format="value(config.name)") || exit
  for api in compute.googleapis.com iam.googleapis.com iap.googleapis.com oslogin.googleapis.com; do
    grep --quiet --line-regexp --fixed-strings "$api" <<< "$enabled" && continue
    [ -z "$destroy" ] || fail "\"$PROJECT\" has no deployment: its APIs are off."
    change gcloud services enable compute.googleapis.com iam.googleapis.com iap.googleapis.com oslogin.googleapis.com
    is_empty=$dry_run
    return
  done
}

make_accounts() {
  if missing iam service-accounts list --filter="email=$MIDDLEWARE_ACCOUNT"; then
    change gcloud iam service-accounts create aspire-middleware --display-name="AspireIntegration middleware, without a role"
  fi
  if missing iam service-accounts list --filter="email=$RECEIVER_ACCOUNT"; then
    change gcloud iam service-accounts create aspire-receiver --display-name="AspireIntegration receiver, without a role"
  fi
}

make_network() {
  if missing compute networks list --filter="name=aspire"; then
    change gcloud compute networks create aspire --subnet-mode=custom
  fi
  if missing compute networks subnets list --filter="name=aspire" --regions="$REGION"; then
    change gcloud compute networks subnets create aspire --network=aspire --region="$REGION" --range=10.70.0.0/24
  fi
  if missing compute addresses list --filter="name=aspire-middleware" --regions="$REGION"; then
    change gcloud compute addresses create aspire-middleware --region="$REGION"
  fi
}

make_firewall() {
  local ranges ALLOWED=$IAP_RANGE
  if missing compute firewall-rules list --filter="name=aspire-ssh"; then
    change gcloud compute firewall-rules create aspire-ssh --network=aspire --allow=tcp:22 \
      --source-ranges=35.235.240.0/20 --target-service-accounts="$MIDDLEWARE_ACCOUNT,$RECEIVER_ACCOUNT"
  fi
  if missing compute firewall-rules list --filter="name=aspire-alerts"; then
    change gcloud compute firewall-rules create aspire-alerts --network=aspire --allow=tcp:8081 \
      --source-service-accounts="$MIDDLEWARE_ACCOUNT" --target-service-accounts="$RECEIVER_ACCOUNT"
  fi
  [ "${allow:-none}" = none ] || ALLOWED=$IAP_RANGE,$allow
  if missing compute firewall-rules list --filter="name=aspire-events"; then
    change gcloud compute firewall-rules create aspire-events --network=aspire --allow=tcp:8080 \
      --source-ranges="$ALLOWED" --target-service-accounts="$MIDDLEWARE_ACCOUNT"
  elif [ -n "$allow" ]; then
    ranges=$(ask compute firewall-rules list --filter="name=aspire-events" --format="value(sourceRanges.list())") || exit
    if [ "$(sorted "$ranges")" != "$(sorted "$ALLOWED")" ]; then
      change gcloud compute firewall-rules update aspire-events --source-ranges="$ALLOWED"
    fi
  fi
}

sorted() { tr ';,' '\n' <<< "$1" | sort --unique; }

make_disk() {
  local policies
  if missing compute resource-policies list --filter="name=aspire-daily" --regions="$REGION"; then
    change gcloud compute resource-policies create snapshot-schedule aspire-daily --region="$REGION" --daily-schedule --start-time=18:00 \
      --max-retention-days=14 --on-source-disk-delete=keep-auto-snapshots --storage-location="$REGION"
  fi
  if missing compute disks list --filter="name=aspire-data" --zones="$ZONE"; then
    change gcloud compute disks create aspire-data --zone="$ZONE" --type=pd-balanced --size=50GB --resource-policies=aspire-daily
    return
  fi
  policies=$(ask compute disks list --filter="name=aspire-data" --zones="$ZONE" --format="value(resourcePolicies)") || exit
  if [[ $policies != *aspire-daily* ]]; then
    change gcloud compute disks add-resource-policies aspire-data --zone="$ZONE" --resource-policies=aspire-daily
  fi
}

make_machines() {
  if missing compute instances list --filter="name=aspire-receiver" --zones="$ZONE"; then
    change gcloud compute instances create aspire-receiver --zone="$ZONE" --machine-type=e2-micro --subnet=aspire --no-address \
      --image-family=debian-12 --image-project=debian-cloud --boot-disk-size=10GB --metadata=enable-oslogin=TRUE \
      --shielded-secure-boot --shielded-vtpm --shielded-integrity-monitoring --service-account="$RECEIVER_ACCOUNT" --no-scopes
  elif present compute instances list --filter="name=aspire-receiver AND status=TERMINATED" --zones="$ZONE"; then
    change gcloud compute instances start aspire-receiver --zone="$ZONE"
  fi
  if missing compute instances list --filter="name=aspire-middleware" --zones="$ZONE"; then
    change gcloud compute instances create aspire-middleware --zone="$ZONE" --machine-type=e2-standard-2 --subnet=aspire --address=aspire-middleware \
      --image-family=debian-12 --image-project=debian-cloud --boot-disk-size=10GB --metadata=enable-oslogin=TRUE \
      --disk=name=aspire-data,device-name=data,auto-delete=no \
      --shielded-secure-boot --shielded-vtpm --shielded-integrity-monitoring --service-account="$MIDDLEWARE_ACCOUNT" --no-scopes
  elif present compute instances list --filter="name=aspire-middleware AND status=TERMINATED" --zones="$ZONE"; then
    change gcloud compute instances start aspire-middleware --zone="$ZONE"
  fi
}

# Waits until a machine that has just started takes commands.
wait_for() {
  local attempt
  for ((attempt = 1; attempt <= SSH_ATTEMPTS; attempt++)); do
    gcloud compute ssh "$1" --zone="$ZONE" --tunnel-through-iap --command=true > /dev/null 2>&1 && return
    sleep "${DEPLOY_PAUSE:-10}"
  done
  gcloud compute ssh "$1" --zone="$ZONE" --tunnel-through-iap --command=true ||
    fail "$1 takes no ssh through the tunnel; see the needed roles in docs/deploy/gcp-manual.md (the next run goes on there)."
}

# Installs the package on a machine as "middleware" or "receiver", unless the same one runs there. Without an answer to that it is installed again.
install_on() {
  local machine=$1 role=$2 unit=$3 installed command
  shift 3
  if [ -n "$dry_run" ]; then
    # Even a question by ssh would write keys.
    echo "would install $role on $machine, unless the same version runs there"
    return
  fi
  wait_for "$machine"
  installed=$(gcloud compute ssh "$machine" --zone="$ZONE" --tunnel-through-iap \
    --command="systemctl is-active --quiet $unit && cd /opt/aspire-integration && [ releases/\$(cat installed) = \$(readlink current) ] && cat installed || true") || installed=''
  [ "$installed" != "$version" ] || return 0
  command="rm -rf aspire-integration && tar --extract --gzip --file=aspire-integration.tar.gz && sudo aspire-integration/install.sh $role $*"
  change gcloud compute scp "$package" "$machine:aspire-integration.tar.gz" --zone="$ZONE" --tunnel-through-iap
  change gcloud compute ssh "$machine" --zone="$ZONE" --tunnel-through-iap --command="$command"
}

install_package() {
  if [ -z "$package" ] && [ -z "$dry_run" ]; then
    package=$("$(dirname "$0")/package.sh") || fail "no package was made; give one with --package FILE."
  fi
  [ -z "$package" ] || version=$(tar --extract --gzip --to-stdout --file="$package" aspire-integration/VERSION)
  install_on aspire-receiver receiver aspire-receiver.service
  install_on aspire-middleware middleware aspire-middleware.service "EXTERNAL_ENDPOINT_URL=$ALERTS_URL"
}

confirm() {
  local answer=''
  echo "This deletes both machines, their network, firewall rules, service accounts and the address in $PROJECT ($ZONE)."
  if [ -n "$delete_data" ]; then
    echo "It deletes the data disk with all events too. Its snapshots stay."
  else
    echo "The data disk aspire-data, its snapshots and their schedule stay."
  fi
  [ -z "$dry_run" ] || return 0
  echo -n "Type the project's id to go on: "
  read -r answer || true
  [ "$answer" = "$PROJECT" ] || fail "\"$answer\" is not the project's id: nothing was deleted."
}

delete_machines() {
  if present compute instances list --filter="name=aspire-middleware" --zones="$ZONE"; then
    change gcloud compute instances delete aspire-middleware --zone="$ZONE"
  fi
  if present compute instances list --filter="name=aspire-receiver" --zones="$ZONE"; then
    change gcloud compute instances delete aspire-receiver --zone="$ZONE"
  fi
}

delete_network() {
  if present compute firewall-rules list --filter="name=aspire-events"; then
    change gcloud compute firewall-rules delete aspire-events
  fi
  if present compute firewall-rules list --filter="name=aspire-alerts"; then
    change gcloud compute firewall-rules delete aspire-alerts
  fi
  if present compute firewall-rules list --filter="name=aspire-ssh"; then
    change gcloud compute firewall-rules delete aspire-ssh
  fi
  if present compute addresses list --filter="name=aspire-middleware" --regions="$REGION"; then
    change gcloud compute addresses delete aspire-middleware --region="$REGION"
  fi
  if present compute networks subnets list --filter="name=aspire" --regions="$REGION"; then
    change gcloud compute networks subnets delete aspire --region="$REGION"
  fi
  if present compute networks list --filter="name=aspire"; then
    change gcloud compute networks delete aspire
  fi
}

delete_accounts() {
  if present iam service-accounts list --filter="email=$MIDDLEWARE_ACCOUNT"; then
    change gcloud iam service-accounts delete "$MIDDLEWARE_ACCOUNT"
  fi
  if present iam service-accounts list --filter="email=$RECEIVER_ACCOUNT"; then
    change gcloud iam service-accounts delete "$RECEIVER_ACCOUNT"
  fi
}

delete_disk() {
  if present compute disks list --filter="name=aspire-data" --zones="$ZONE"; then
    change gcloud compute disks delete aspire-data --zone="$ZONE"
  fi
  if present compute resource-policies list --filter="name=aspire-daily" --regions="$REGION"; then
    change gcloud compute resource-policies delete aspire-daily --region="$REGION"
  fi
}

version=''
if [ -n "$destroy" ]; then
  check_project
  confirm
  delete_machines
  delete_network
  delete_accounts
  if [ -n "$delete_data" ]; then
    delete_disk
  fi
  echo "Done."
  exit
fi

check_project
make_accounts
make_network
make_firewall
make_disk
make_machines
install_package
[ -z "$dry_run" ] || exit 0

cat <<TEXT
Done. The middleware is in $ZONE, behind the address $(ask compute addresses list --filter="name=aspire-middleware" --regions="$REGION" --format="value(address)"), which "--allow NETWORKS" opens.
Its admin key:  gcloud compute ssh aspire-middleware --zone=$ZONE --tunnel-through-iap --project=$PROJECT --command="sudo cat /etc/aspire-integration/admin.key"
A tunnel to it: gcloud compute start-iap-tunnel aspire-middleware 8080 --local-host-port=localhost:8080 --zone=$ZONE --project=$PROJECT
TEXT
