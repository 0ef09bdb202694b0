#!/usr/bin/env bash
# Installs the package beside it on a machine with Debian 12, as root: install.sh middleware [SETTING=VALUE...], or install.sh receiver. It may be
# repeated, also after a failure. Data, keys and settings that are there stay as they are.
set -euo pipefail
export LC_ALL=C

fail() {
  echo "install.sh: $1" >&2
  exit "${2:-1}"
}

role=${1:-}
case $role in
  middleware) program=Middleware.Api ;;
  receiver) program=ExternalAlerts.Api ;;
  *) fail "\"$role\" is no role; expected middleware or receiver." 2 ;;
esac
shift
package=$(dirname "$0")
version=$(cat "$package/VERSION")
release=/opt/aspire-integration/releases/$version

# The events are on a disk of their own. Only a blank one is formatted.
mount_data() {
  local signatures
  [ -e /dev/disk/by-id/google-data ] || fail "the data disk is not attached: there is no /dev/disk/by-id/google-data."
  signatures=$(wipefs --noheadings /dev/disk/by-id/google-data) || fail "the data disk cannot be read."
  if [ -z "$signatures" ]; then
    mkfs.ext4 -m 0 -L aspire-data /dev/disk/by-id/google-data
  fi
  mkdir --parents /var/lib/aspire-integration
  if ! grep --quiet ' /var/lib/aspire-integration ' /etc/fstab; then
    echo '/dev/disk/by-id/google-data /var/lib/aspire-integration ext4 defaults,nodev,nosuid,noexec,nofail,x-systemd.device-timeout=60s 0 2' >> /etc/fstab
    systemctl daemon-reload
  fi
  if ! mountpoint --quiet /var/lib/aspire-integration; then
    mount /var/lib/aspire-integration
  fi
}

add_user() {
  if ! id aspire-integration > /dev/null 2>&1; then
    useradd --system --user-group --home-dir /nonexistent --shell /usr/sbin/nologin aspire-integration
  fi
}

# The old version stays beside the new one, for a way back.
place_programs() {
  mkdir --parents /opt/aspire-integration/releases
  if [ ! -d "$release" ]; then
    rm -rf "$release.part"
    cp --recursive --no-preserve=ownership "$package" "$release.part"
    chmod --recursive go=rX "$release.part"
    mv "$release.part" "$release"
  fi
  ln --symbolic --force --no-dereference "releases/$version" /opt/aspire-integration/current.part
  mv --no-target-directory /opt/aspire-integration/current.part /opt/aspire-integration/current
}

# Keys are made once. They never stand in an environment, a list of processes or a log.
write_settings() {
  install --directory --mode=0700 /etc/aspire-integration
  if [ ! -s /etc/aspire-integration/settings.env ]; then
    printf '%s\n' "$@" > /etc/aspire-integration/settings.env
  fi
  if [ "$role" = middleware ] && [ ! -s /etc/aspire-integration/admin.key ]; then
    (umask 077 && /opt/aspire-integration/current/Middleware.Api/Middleware.Api keys new | sed -n 's/^key *//p' > /etc/aspire-integration/admin.key)
  fi
  if [ "$role" = receiver ] && [ ! -s /etc/aspire-integration/alerts.key ]; then
    (umask 077 && head -c 32 /dev/urandom | base64 > /etc/aspire-integration/alerts.key)
  fi
}

# The start returns when the service is ready (Type=notify). A restart is SIGTERM, the end of what is under way, and a start.
start_service() {
  cp "/opt/aspire-integration/current/aspire-$role.service" "/etc/systemd/system/aspire-$role.service"
  systemctl daemon-reload
  systemctl enable "aspire-$role.service"
  systemctl restart "aspire-$role.service"
}

if [ "$role" = middleware ]; then
  mount_data
fi
add_user
place_programs
write_settings "$@"
start_service
# Written last: a run that ends before this is repeated whole.
echo "$version" > /opt/aspire-integration/installed
echo "$program $version runs."
