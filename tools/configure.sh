#!/bin/sh
# Configures a build folder, again where files came or went. Usage: tools/configure.sh BUILD [-Doption=value]…
# Meson looks for tests, templates and catalogues when it configures, and cannot see new ones by itself.
# Options stay as they were where none is given, so that `make` does not undo what `make check` set.
set -eu
cd "$(dirname "$0")/.."
build=$1
shift

files=$(find src sql po instruments tests fuzz bench -type f 2>/dev/null | grep -v node_modules | LC_ALL=C sort | cksum)
options=$*
[ -n "$options" ] || options=$(cat "$build/options" 2>/dev/null || true)
if [ -f "$build/build.ninja" ] && [ "$(cat "$build/files" 2>/dev/null)" = "$files" ] &&
    [ "$(cat "$build/options" 2>/dev/null)" = "$options" ]; then
    exit 0
fi

mkdir -p "$build"
again=
[ ! -f "$build/build.ninja" ] || again=--reconfigure
# Meson writes what build.ninja depends on after it; the second command lets ninja see that it is new.
# shellcheck disable=SC2086 — options are words
{ meson setup $again "$build" $options && ninja -C "$build" build.ninja; } >"$build/configure.log" 2>&1 ||
    { cat "$build/configure.log" >&2; exit 1; }
printf '%s\n' "$files" >"$build/files"
printf '%s\n' "$options" >"$build/options"
