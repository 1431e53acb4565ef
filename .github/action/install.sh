#!/usr/bin/env bash
# Finds govcheck: on PATH, else as a release binary whose SHA-256 is pinned here; else prints the cache key for a build from source.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/runner.sh"

wanted="${VERSION#v}"
if binary=$(command -v govcheck); then
  version=$("$binary" --version | sed 's/^govcheck //')
  if [ -z "$wanted" ] || [ "$version" = "$wanted" ]; then
    output found true
    output binary "$binary"
    exit 0
  fi
fi
own=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$here/../../Cargo.toml" | head -n 1)
if [ -n "$wanted" ] && [ "$own" != "$wanted" ]; then
  fail "the input \`version\` matches neither this action ($own) nor a govcheck on PATH: use the action at the tag of that version"
fi
sources=$("$BASH" "$here/sources.sh")

case "$RUNNER_OS-$RUNNER_ARCH" in
  Linux-X64) target=x86_64-unknown-linux-musl ;;
  Linux-ARM64) target=aarch64-unknown-linux-musl ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  Windows-X64) target=x86_64-pc-windows-msvc ;;
  *) target=none ;;
esac
executable=govcheck
if [ "$RUNNER_OS" = Windows ]; then executable=govcheck.exe; fi

# The hash that checksums.txt lists for a name; empty if it lists none.
listed() {
  local hash name
  while read -r hash name; do
    if [ "$name" = "$1" ]; then
      echo "$hash"
      return
    fi
  done < "$here/../release/checksums.txt"
}

sha256() {
  if command -v sha256sum > /dev/null; then sha256sum < "$1"; else shasum -a 256 < "$1"; fi | cut -d ' ' -f 1
}

name="govcheck-$own-$target"
expected=$(listed "$name.tar.gz")
# Use a release binary only if it was built from exactly these sources, whatever its version.
if [ "$(listed "govcheck-$own-sources")" != "$sources" ]; then expected=""; fi
if [ -n "$expected" ] && [ -n "$REPOSITORY" ] && command -v curl > /dev/null; then
  folder=$(mktemp -d "$RUNNER_TEMP/govcheck-release-XXXXXXXX")
  archive="$folder/$name.tar.gz"
  url="$GITHUB_SERVER_URL/$REPOSITORY/releases/download/v$own/$name.tar.gz"
  if curl --proto '=https' --tlsv1.2 --fail --silent --show-error --location --retry 2 --max-time 300 \
    --output "$archive" "$url" 2> "$folder/stderr"; then
    found=$(sha256 "$archive")
    if [ "$found" != "$expected" ]; then
      rm -f "$archive"
      fail "$url has the SHA-256 $found, not $expected: it is not the release that this action pins, and was not unpacked. Report this to the maintainers"
    fi
    tar -xzf "$archive" -C "$folder" "$name/$executable"
    output found true
    output binary "$folder/$name/$executable"
    exit 0
  fi
  say "$folder/stderr"
  annotate notice "could not download the release from $url: building govcheck from the source of the action instead"
fi
output found false
output folder "$RUNNER_TEMP/govcheck-bin"
output binary "$RUNNER_TEMP/govcheck-bin/$executable"
output key "govcheck-$RUNNER_OS-$RUNNER_ARCH-$sources"
