#!/bin/sh
# program.sh: builds the program of the image, static, in the profile of a release; says where it lies.
set -eu
cd "$(dirname "$0")/../.."
target=$(uname -m)-unknown-linux-gnu
# A folder of its own: other flags would build everything else anew.
# Its relocations are packed: the image has 19.6 MB instead of 20.3. glibc has read them so since 2.36.
RUSTFLAGS="-C target-feature=+crt-static -C link-arg=-Wl,-z,pack-relative-relocs" \
  cargo build --release --locked -p skep --target "$target" --target-dir target/static >&2
program="$PWD/target/static/$target/release/skep"
"$program" --version >&2 || { echo "program.sh: $program does not start: it is to be built where glibc is 2.36 or newer (Debian 12, Ubuntu 22.10)" >&2; exit 1; }
echo "$program"
