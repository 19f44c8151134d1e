#!/bin/sh
# pack.sh TREE TAG: the image of a folder that tree.sh has laid out, without a registry. Needs docker, and root for the owners of files.
set -eu
tree=$1 tag=$2
top=$(cd "$(dirname "$0")/../.." && pwd)
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
# A tar keeps the owners that COPY would not. Without times, so that the same files are the same image, which nobody need fetch again.
tar -C "$tree" --sort=name --mtime=@0 -cf "$context/tree.tar" .
# Everything behind the build of the Dockerfile, from the tree in place of it.
{ echo "FROM scratch"; echo "ADD tree.tar /"; sed '1,/^COPY --from=build/d' "$top/Dockerfile"; } > "$context/Dockerfile"
DOCKER_BUILDKIT=0 docker build --quiet --tag "$tag" "$context"
