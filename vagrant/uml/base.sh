#!/usr/bin/env bash
# Makes the disk that every User Mode Linux node starts from: Debian 12 with systemd, ssh and Docker, on control groups v2.
# Once, some three minutes; it needs root, and Debian's user-mode-linux, mmdebstrap and e2fsprogs.
# usage: base.sh FOLDER   leaves FOLDER/base.ext4 and FOLDER/key, a key that only these nodes know
set -euo pipefail
folder=$1
mkdir -p "$folder"
folder=$(realpath "$folder")
[ -e "$folder/base.ext4" ] && exit 0

for program in linux.uml mmdebstrap mke2fs ssh-keygen; do
  command -v "$program" >/dev/null || { echo "base.sh: $program is missing: apt-get install user-mode-linux mmdebstrap e2fsprogs openssh-client" >&2; exit 1; }
done

[ -e "$folder/key" ] || ssh-keygen -q -t ed25519 -N '' -C skep-lab -f "$folder/key"
tree=$(mktemp -d "$folder/tree.XXXXXX")
trap 'rm -rf --one-file-system "$tree"' EXIT

packages=systemd-sysv,udev,dbus,openssh-server,iproute2,iptables,procps,kmod,ca-certificates,docker.io,busybox-static,python3-minimal
echo "base.sh: installing Debian 12 with Docker into a folder" >&2
sources=/etc/apt/sources.list.d/debian.sources
[ -e "$sources" ] || sources=/etc/apt/sources.list
mmdebstrap --quiet --variant=minbase --include="$packages" bookworm "$tree" "$sources"

# Modules of the kernel that runs the nodes: overlay networks and file systems.
modules=$(find /usr/lib/uml/modules -mindepth 1 -maxdepth 1 | tail -n 1)
mkdir -p "$tree/lib/modules"
cp -a "$modules" "$tree/lib/modules/"
printf 'overlay\nbr_netfilter\nveth\nvxlan\nip_vs\nip_vs_rr\nxt_ipvs\n' >"$tree/etc/modules-load.d/lab.conf"

install -d -m 700 "$tree/root/.ssh"
install -m 600 "$folder/key.pub" "$tree/root/.ssh/authorized_keys"
: >"$tree/etc/fstab"
: >"$tree/etc/machine-id"

# That kernel's nf_tables lacks the ip family.
chroot "$tree" update-alternatives --set iptables /usr/sbin/iptables-legacy >/dev/null
chroot "$tree" update-alternatives --set ip6tables /usr/sbin/ip6tables-legacy >/dev/null

cat >"$tree/usr/local/sbin/labnet" <<'LABNET'
#!/bin/sh
# Name and address of the node, from the kernel's command line.
for word in $(cat /proc/cmdline); do
  case $word in
    lab.ip=*) address=${word#*=} ;;
    lab.host=*) name=${word#*=} ;;
    lab.if=*) device=${word#*=} ;;
  esac
done
if [ -n "$name" ]; then
  hostname "$name"
  echo "$name" >/etc/hostname
  echo "127.0.1.1 $name" >>/etc/hosts
fi
ip link set lo up
if [ -n "$address" ]; then
  ip address add "$address" dev "$device"
  ip link set "$device" up
  ip route add default via "${address%.*}.254"
fi
LABNET
chmod +x "$tree/usr/local/sbin/labnet"
cat >"$tree/etc/systemd/system/labnet.service" <<'UNIT'
[Unit]
Description=name and address of the node
DefaultDependencies=no
After=systemd-udevd.service local-fs.target
Before=network-pre.target ssh.service docker.service
Wants=network-pre.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/labnet
[Install]
WantedBy=sysinit.target
UNIT
chroot "$tree" systemctl --quiet enable labnet.service ssh.service docker.service 2>/dev/null
chroot "$tree" systemctl --quiet mask systemd-networkd getty@tty1 serial-getty@ttyS0 apt-daily.timer e2scrub_reap.service fstrim.timer 2>/dev/null || true

echo "base.sh: writing the disk" >&2
mke2fs -q -t ext4 -d "$tree" "$folder/base.ext4.new" 3G
mv "$folder/base.ext4.new" "$folder/base.ext4"
