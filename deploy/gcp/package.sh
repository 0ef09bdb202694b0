#!/usr/bin/env bash
# Makes the tarball that deploy.sh installs: both programs as native code, their units and install.sh. Prints its path; the rest goes to standard
# error. PACKAGE_FROM names a folder with programs that are published already, PACKAGE_TO the one of the tarball (artifacts/gcp).
set -euo pipefail
export LC_ALL=C
[ -z "${PACKAGE_FROM:-}" ] || PACKAGE_FROM=$(realpath "$PACKAGE_FROM")
[ -z "${PACKAGE_TO:-}" ] || PACKAGE_TO=$(realpath -m "$PACKAGE_TO")
cd "$(dirname "$0")/../.."

fail() {
  echo "package.sh: $1" >&2
  exit 1
}

# The C library of Debian 12, which the machines have.
readonly NEWEST_GLIBC=2.36

output=${PACKAGE_TO:-artifacts/gcp}
folder=$output/aspire-integration
rm -rf "$folder"
mkdir -p "$folder"

if [ -n "${PACKAGE_FROM:-}" ]; then
  cp -r "$PACKAGE_FROM/Middleware.Api" "$PACKAGE_FROM/ExternalAlerts.Api" "$folder"
else
  [ "$(uname -sm)" = "Linux x86_64" ] || fail "native code for the machines is made on Linux x86_64; this is $(uname -sm)."
  {
    dotnet publish Middleware.Api -c Release --runtime linux-x64 -o "$folder/Middleware.Api"
    dotnet publish ExternalAlerts.Api -c Release --runtime linux-x64 -o "$folder/ExternalAlerts.Api"
  } >&2
fi
find "$folder" \( -name '*.dbg' -o -name '*.pdb' -o -name '*.xml' \) -delete

for program in Middleware.Api ExternalAlerts.Api; do
  [ -x "$folder/$program/$program" ] || fail "there is no program $program/$program."
done
needed=$(grep --text --only-matching --no-filename --extended-regexp 'GLIBC_2\.[0-9]+' "$folder"/*/* | sort --unique --version-sort | tail -n 1) || needed=''
[ "$(printf '%s\n' "${needed#GLIBC_}" $NEWEST_GLIBC | sort --version-sort | tail -n 1)" = $NEWEST_GLIBC ] ||
  fail "the programs need version ${needed#GLIBC_} of the C library, and the machines have $NEWEST_GLIBC: make the package on Debian 12."

cp deploy/gcp/install.sh deploy/gcp/systemd/*.service "$folder"
# The version is that of the content: the same content is not installed twice.
(cd "$folder" && find . -type f -print0 | sort --zero-terminated | xargs -0 sha256sum | sha256sum | cut -c1-16) > "$output/VERSION"
mv "$output/VERSION" "$folder/VERSION"
tar --create --gzip --file="$output/aspire-integration.tar.gz" --directory="$output" --owner=0 --group=0 --sort=name aspire-integration
realpath "$output/aspire-integration.tar.gz"
