#!/bin/sh
# build.sh [TAG]: the image of a node for `vagrant up --provider=docker`, from Debian's packages, without a registry.
# Some three minutes and 500 MB. As root, with docker, mmdebstrap and vagrant (for its public key).
set -eu
tag=${1:-skep-lab-node:1}
here=$(cd "$(dirname "$0")" && pwd)
key=${VAGRANT_PUBLIC_KEY:-$(find /usr/share/rubygems-integration /opt/vagrant -name vagrant.pub 2> /dev/null | head -n 1)}
for program in docker mmdebstrap; do
  command -v "$program" > /dev/null || { echo "build.sh: $program is missing: apt-get install docker.io mmdebstrap" >&2; exit 1; }
done
[ -r "$key" ] || { echo "build.sh: no public key of Vagrant: apt-get install vagrant, or name the key by VAGRANT_PUBLIC_KEY" >&2; exit 1; }

context=$(mktemp -d)
trap 'rm -rf --one-file-system "$context"' EXIT
# What the playbook would install: nodes without a way to the internet do as well.
packages=systemd-sysv,dbus,udev,openssh-server,sudo,iproute2,iptables,procps,kmod,ca-certificates,docker.io,apparmor
packages=$packages,python3,python3-apt,python3-docker,python3-jsondiff,python3-yaml,busybox-static
sources=/etc/apt/sources.list.d/debian.sources
[ -e "$sources" ] || sources=/etc/apt/sources.list
# Vagrant logs in by the key that everybody knows; the port is open on the host's loopback address alone.
mmdebstrap --quiet --variant=minbase --include="$packages" \
  --customize-hook='chroot "$1" useradd --create-home --shell /bin/bash vagrant' \
  --customize-hook='echo "vagrant ALL=(ALL) NOPASSWD: ALL" > "$1/etc/sudoers.d/vagrant"' \
  --customize-hook='mkdir -p "$1/home/vagrant/.ssh" "$1/etc/systemd/system/docker.service.d" "$1/etc/systemd/system/containerd.service.d"' \
  --customize-hook="upload $key /home/vagrant/.ssh/authorized_keys" \
  --customize-hook="upload $here/init.sh /init.sh" \
  --customize-hook="upload $here/nolimit.conf /etc/systemd/system/docker.service.d/nolimit.conf" \
  --customize-hook="upload $here/nolimit.conf /etc/systemd/system/containerd.service.d/nolimit.conf" \
  --customize-hook='chroot "$1" chown -R vagrant:vagrant /home/vagrant/.ssh' \
  --customize-hook='chmod 700 "$1/home/vagrant/.ssh"; chmod 600 "$1/home/vagrant/.ssh/authorized_keys"; chmod 755 "$1/init.sh"; chmod 440 "$1/etc/sudoers.d/vagrant"' \
  --customize-hook='chroot "$1" systemctl --quiet mask systemd-udevd.service systemd-udev-trigger.service getty@tty1.service apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer' \
  --customize-hook='rm -f "$1"/etc/ssh/ssh_host_*; : > "$1/etc/machine-id"' \
  bookworm "$context/node.tar" "$sources"
cp "$here/Dockerfile" "$context/Dockerfile"
DOCKER_BUILDKIT=0 docker build --quiet --tag "$tag" "$context"
docker image ls "$tag"
