#!/usr/bin/env bash
# Brings the one library of the pages, uPlot, from the npm registry into vendor/ and checks that it is what it was.
# Only for a new version: the files are committed, and building skep needs no Node.
set -eu
cd "$(dirname "$0")/vendor"
version=1.6.32
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent "uplot@$version" >/dev/null && tar xzf "uplot-$version.tgz")
cp "$work/package/dist/uPlot.iife.min.js" uplot.js
cp "$work/package/dist/uPlot.min.css" uplot.css
cp "$work/package/LICENSE" LICENSE-uplot
sha256sum --check SHA256SUMS
