#!/bin/sh
# Makes the simulated programme unless one of that size is there, and serves it.
# Usage: tools/demo.sh LAERKE PUPILS SCHOOLS PORT
set -eu
cd "$(dirname "$0")/.."
laerke=$1 pupils=$2 schools=$3 port=$4

size="pupils $pupils schools ${schools:-242} $("$laerke" --version)"
if [ "$(cat demo/size 2>/dev/null)" != "$size" ]; then
    # Made beside and moved: an interrupted making leaves nothing that looks whole.
    rm -rf demo.part
    if [ -n "$schools" ]; then
        "$laerke" demo demo.part --pupils "$pupils" --schools "$schools"
    else
        "$laerke" demo demo.part --pupils "$pupils"
    fi
    printf '%s\n' "$size" >demo.part/size
    rm -rf demo
    mv demo.part demo
fi
exec "$laerke" -C demo serve --listen "127.0.0.1:$port" --demo
