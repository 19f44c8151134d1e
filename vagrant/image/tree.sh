#!/bin/sh
# tree.sh BINARY FOLDER: lays out what the image holds, the program without its symbols. As root, for the owners of its folders.
set -eu
umask 022
binary=$1 tree=$2
mkdir -p "$tree/var/lib/skep" "$tree/var/lib/skep-collector" "$tree/tmp"
install -s -m 755 "$binary" "$tree/skep"
# A new volume takes its owner from here: the processor's is that of the image's user, the collector's root's, who has given up the right to
# write into folders of others.
chown 65532:65532 "$tree/var/lib/skep"
chmod 700 "$tree/var/lib/skep" "$tree/var/lib/skep-collector"
chmod 1777 "$tree/tmp"
