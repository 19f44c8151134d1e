#!/bin/sh
# build.sh [TAG]: busybox as an image, from this machine's Debian package, without a registry. Needs docker and busybox-static.
set -eu
tag=${1:-skep-lab-demo:1}
busybox=$(command -v busybox) || { echo "build.sh: busybox is missing: apt-get install busybox-static" >&2; exit 1; }
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
mkdir -p "$context/bin" "$context/tmp"
cp "$busybox" "$context/bin/busybox"
ln -s busybox "$context/bin/sh"
tar -C "$context" -cf - . | docker import - "$tag" > /dev/null
