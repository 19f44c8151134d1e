#!/bin/sh
# pictures.sh: draws docs/images/dashboards from a run of the boards' test. Needs what that test needs, Node with `npm ci` in dashboards/, and Chromium.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd .. && SKEP_BOARDS="$work" cargo test --test dashboards every_query -- --nocapture)
node check/preview.js "$work/answers.json" json "$work/pages"
mkdir -p ../docs/images/dashboards
for page in "$work"/pages/*.html; do
  height=$(node -e 'const b = JSON.parse(require("fs").readFileSync(process.argv[1])); console.log(80 + 36 * Math.max(...b.panels.map((p) => p.gridPos.y + p.gridPos.h)))' "json/$(basename "$page" .html).json")
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/profile" --window-size="1400,$height" \
    --screenshot="../docs/images/dashboards/$(basename "$page" .html).png" "file://$page" 2> /dev/null
done
