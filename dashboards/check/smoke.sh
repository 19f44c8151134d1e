#!/bin/sh
# smoke.sh: Grafana, InfluxDB 2 and skep by docker compose; every board is listed, every panel asked, the alerting files looked for,
# a picture of each board saved in target/grafana-smoke. Needs Docker with compose and a way to the images, Node, Chromium.
set -eu
cd "$(dirname "$0")"
compose="docker compose --file smoke.yml"
port=${GRAFANA_PORT:-3001}
out=../../target/grafana-smoke
trap '$compose down --volumes > /dev/null 2>&1' EXIT
$compose up --detach
node smoke.js "http://127.0.0.1:$port"
mkdir -p "$out"
for board in ../json/*.json; do
  uid=$(basename "$board" .json)
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$out/profile" --window-size=1400,2000 \
    --virtual-time-budget=20000 --screenshot="$out/$uid.png" "http://127.0.0.1:$port/d/$uid?kiosk&from=now-5m&to=now" 2> /dev/null
done
echo "pictures are in target/grafana-smoke"
