#!/bin/sh
# Makes the simulated programme unless one of that size is there, and serves it.
# Usage: tools/demo.sh LAERKE PUPILS SCHOOLS PORT
set -eu
cd "$(dirname "$0")/.."
laerke=$1 pupils=$2 schools=$3 port=$4

size="pupils $pupils schools ${schools:-242} $("$laerke" --version)"
if [ "$(cat demo/size 2>/dev/null)" != "$size" ]; then
    # The size is written last: a making that was interrupted begins again.
    if [ -d demo ] && [ ! -f demo/programme.ini ] && [ -n "$(ls -A demo)" ]; then
        echo "demo/ is there and is no programme of Lærke: move it away first." >&2
        exit 1
    fi
    rm -rf demo
    if [ -n "$schools" ]; then
        "$laerke" demo demo --pupils "$pupils" --schools "$schools"
    else
        "$laerke" demo demo --pupils "$pupils"
    fi
    printf '%s\n' "$size" >demo/size
fi
exec "$laerke" -C demo serve --listen "127.0.0.1:$port" --demo
