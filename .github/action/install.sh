#!/usr/bin/env bash
# Finds govcheck: on PATH, else as the binary of a release whose SHA-256 is pinned here; else says under which key a build is cached.
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
  fail "the version asked for is not that of the action, $own, nor that of a govcheck on PATH: use the action at the tag of that version"
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

# The hash that the list of a release has for a name; nothing if it does not list it.
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
# A binary that was built from other sources than these is not this action's, whatever its version says.
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
      fail "$url has the SHA-256 $found, not $expected: it is not the release that this action was tested with, and was not unpacked. Tell its maintainers"
    fi
    tar -xzf "$archive" -C "$folder" "$name/$executable"
    output found true
    output binary "$folder/$name/$executable"
    exit 0
  fi
  say "$folder/stderr"
  annotate notice "the release could not be downloaded from $url: govcheck is built from the source of the action instead"
fi
output found false
output folder "$RUNNER_TEMP/govcheck-bin"
output binary "$RUNNER_TEMP/govcheck-bin/$executable"
output key "govcheck-$RUNNER_OS-$RUNNER_ARCH-$sources"
