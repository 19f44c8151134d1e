#!/bin/sh
# build.sh [TAG]: the image from a static binary of this machine's Rust, without a registry. Needs docker, and root for the owners of folders.
set -eu
tag=${1:-skep:dev}
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
target=$(uname -m)-unknown-linux-gnu
cd "$top"
# A folder of its own: other flags would build everything else anew.
RUSTFLAGS="-C target-feature=+crt-static" cargo build --release --locked -p skep --target "$target" --target-dir "$top/target/static"
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
sh "$here/tree.sh" "$top/target/static/$target/release/skep" "$context/tree"
# Everything behind the build of the Dockerfile, from the tree in place of it. A tar keeps the owners that COPY would not.
tar -C "$context/tree" -cf "$context/tree.tar" .
{ echo "FROM scratch"; echo "ADD tree.tar /"; sed '1,/^COPY --from=build/d' "$top/Dockerfile"; } > "$context/Dockerfile"
rm -r "$context/tree"
DOCKER_BUILDKIT=0 docker build --quiet --tag "$tag" "$context"
docker image ls "$tag"
