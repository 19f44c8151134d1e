#!/bin/sh
# build.sh [TAG]: the image from a static program of this machine's Rust, without a registry. Needs docker, and root for the owners of files.
set -eu
tag=${1:-skep:dev}
# Every node of a swarm fetches it, and so does whoever tries it.
limit=20000000
here=$(cd "$(dirname "$0")" && pwd)
program=$(sh "$here/program.sh")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sh "$here/tree.sh" "$program" "$folder/tree"
sh "$here/pack.sh" "$folder/tree" "$tag"
size=$(docker image inspect --format '{{.Size}}' "$tag")
echo "$tag: $size bytes of at most $limit"
[ "$size" -le "$limit" ] || { echo "build.sh: $tag is too big; \`cargo tree -p skep -e normal\` shows what it is made of" >&2; exit 1; }
