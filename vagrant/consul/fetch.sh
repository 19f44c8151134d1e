#!/bin/sh
# fetch.sh FOLDER: brings Debian 11's Consul 1.8.7, the last that Debian had, and leaves the program as FOLDER/consul.
# An apt state of its own: what is installed here stays as it is.
set -eu
folder=$1
[ ! -x "$folder/consul" ] || exit 0
mkdir -p "$folder"
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -p "$state/lists/partial" "$state/archives/partial"
key=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$key] ${LAB_DEBIAN:-http://deb.debian.org/debian} bullseye main" > "$state/sources.list"
: > "$state/status"
apt() {
  apt-get -qq -o "Dir::Etc::SourceList=$state/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State=$state" \
    -o "Dir::State::Lists=$state/lists" -o "Dir::State::status=$state/status" -o "Dir::Cache=$state" -o APT::Sandbox::User=root "$@"
}
apt update
(cd "$state" && apt download consul)
dpkg -x "$state"/consul_*.deb "$state/tree"
install -m 755 "$state/tree/usr/bin/consul" "$folder/consul"
