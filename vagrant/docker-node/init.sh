#!/bin/sh
# The first process of a node that runs as a container without --privileged: makes what that would have made, then becomes systemd.
mount -o remount,rw /sys 2> /dev/null
mount -o remount,rw /proc/sys 2> /dev/null
# Control groups of a namespace of their own come read-only, and the node's Docker has to write there.
awk '$3 == "cgroup" || $3 == "cgroup2" {print $2}' /proc/mounts | while read -r point; do mount -o remount,rw,bind "$point"; done
# As on a machine of its own: collectors bind / with rslave.
mount --make-rshared /
# Two nodes with one key would be one node to a careful ssh client.
[ -e /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -A
exec /sbin/init
