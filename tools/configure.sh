#!/bin/sh
# Configures a build folder, again where files came or went. Usage: tools/configure.sh BUILD [-Doption=value]…
# Meson looks for tests, templates and catalogues when it configures, and cannot see new ones by itself.
set -eu
cd "$(dirname "$0")/.."
build=$1
shift

stamp="$* $(find src sql po instruments tests fuzz bench -type f 2>/dev/null | grep -v node_modules | LC_ALL=C sort | cksum)"
if [ -f "$build/build.ninja" ]; then
    [ "$(cat "$build/configured" 2>/dev/null)" != "$stamp" ] || exit 0
    meson setup --reconfigure "$build" "$@" >"$build/configure.log" 2>&1 || { cat "$build/configure.log" >&2; exit 1; }
else
    mkdir -p "$build"
    meson setup "$build" "$@" >"$build/configure.log" 2>&1 || { cat "$build/configure.log" >&2; exit 1; }
fi
printf '%s\n' "$stamp" >"$build/configured"
