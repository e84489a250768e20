#!/bin/sh
# Profile pages a second, on this machine's loopback: `wrk` for eight seconds against a small simulated
# programme, signed in as a leader, at one school's page. Usage: bench/web.sh BUILD
set -eu
laerke=$1/laerke
command -v wrk >/dev/null || { echo "web: wrk is absent (tools/deps.sh bench)"; exit 1; }
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || :; rm -rf "$folder"' EXIT INT TERM

"$laerke" demo "$folder/p" --pupils 2000 --schools 8 >"$folder/log" 2>&1
"$laerke" -C "$folder/p" --json serve --listen 127.0.0.1:0 --quiet >"$folder/out" 2>>"$folder/log" &
server=$!
for _ in $(seq 100); do
    grep -q '^}' "$folder/out" && break
    sleep 0.1
done
url=$(sed -n 's/.*"url": "\([^"]*\)".*/\1/p' "$folder/out")

# A login as a browser makes it: the form's token, then the session's cookie, then the own school.
jar=$folder/cookies
token=$(curl -sf -c "$jar" "$url/login" | sed -n 's/.*name="csrf" value="\([0-9a-f]*\)".*/\1/p' | head -1)
curl -sf -b "$jar" -c "$jar" --data-urlencode "csrf=$token" -d "login=leder&password=laerke-demo&next=/" "$url/login"
cookie=laerke_session=$(awk '$6 == "laerke_session" { print $7 }' "$jar")
page=$(curl -sf -H "Cookie: $cookie" "$url/" | sed -n 's/.*href="\(\/unit\/[0-9]*\)".*/\1/p' | head -1)
bytes=$(curl -sf -H "Cookie: $cookie" "$url$page" | wc -c)

wrk -t2 -c32 -d8s --latency -H "Cookie: $cookie" "$url$page" >"$folder/wrk"
errors=$(sed -n 's/^ *Non-2xx or 3xx responses: //p' "$folder/wrk")
rate=$(awk '/^Requests\/sec/ { print $2 }' "$folder/wrk")
p99=$(awk '$1 == "99%" { print $2 }' "$folder/wrk")
p50=$(awk '$1 == "50%" { print $2 }' "$folder/wrk")
echo "web: $rate profile pages a second ($bytes bytes each), median $p50, p99 $p99, ${errors:-0} failed"
