#!/usr/bin/env bash
# Starts, asks and ends User Mode Linux nodes. They see one another in a network namespace of their own, and nothing else sees them.
# usage: node.sh FOLDER up NAME N [MEMORY]   address 10.78.0.N (N from 1 to 250), 768M by default; waits until Docker answers there
#        node.sh FOLDER run N COMMAND…       as root on the node
#        node.sh FOLDER put N FILE PATH      copies a file to it
#        node.sh FOLDER hub                  prints the name of their network namespace, where 10.78.0.254 is
#        node.sh FOLDER down                 ends all nodes of the folder
# FOLDER is one that base.sh has filled. Several nodes may be started side by side.
set -euo pipefail
folder=$(realpath "$1")
command=$2
shift 2
hub=skep-uml-$(printf %s "$folder" | cksum | cut -c1-6)

ssh_options=(-i "$folder/key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR
  -o ConnectTimeout=30 -o ServerAliveInterval=10 -o ServerAliveCountMax=12)

in_hub() { ip netns exec "$hub" "$@"; }
on_node() { local n=$1; shift; in_hub ssh "${ssh_options[@]}" "root@10.78.0.$n" "$@" </dev/null; }

make_hub() {
  ip netns list | grep -q "^$hub\b" && return
  ip netns add "$hub"
  ip -n "$hub" link set lo up
  ip -n "$hub" link add br0 type bridge
  ip -n "$hub" address add 10.78.0.254/24 dev br0
  ip -n "$hub" link set br0 up
}

# See wide_registers.c; without a C compiler, or where it is not needed, nothing is loaded.
library=$folder/wide_registers.so
make_preload() {
  grep -qm1 amx_tile /proc/cpuinfo || return 0
  [ -e "$library" ] || cc -shared -fPIC -O1 -o "$library" "$(dirname "$(realpath "$0")")/wide_registers.c" -ldl || true
}

up() {
  local name=$1 n=$2 memory=${3:-768M}
  # What all nodes share is made by the first of them; the lock is not for the machine to inherit.
  (flock 9; make_hub; make_preload) 9>"$folder/lock"
  ip -n "$hub" tuntap add "t$n" mode tap
  ip -n "$hub" link set "t$n" master br0 up
  mkdir -p "$folder/run"
  rm -f "$folder/run/$name.cow"
  LD_PRELOAD=$([ ! -e "$library" ] || printf %s "$library") in_hub setsid linux.uml "umid=$name" "mem=$memory" "ubd0=$folder/run/$name.cow,$folder/base.ext4" root=/dev/ubda rw \
    "vec0:transport=tap,ifname=t$n,depth=128,gro=1" "lab.host=$name" "lab.ip=10.78.0.$n/24" lab.if=vec0 \
    "uml_dir=$folder/run/" con=null con0=fd:0,fd:1 systemd.unified_cgroup_hierarchy=1 >"$folder/run/$name.log" 2>&1 </dev/null &
  local end=$((SECONDS + 180))
  while [ $SECONDS -lt $end ]; do
    on_node "$n" docker version >/dev/null 2>&1 && return
    [ -n "$(processes)" ] || break
    sleep 1
  done
  echo "node.sh: $name does not answer; its console is $folder/run/$name.log" >&2
  exit 1
}

# User Mode Linux is a process for each of its guests' processes: all carry the folder in their command line.
processes() { pgrep -f "ubd0=$folder/run/[^,]*\.cow,$folder/base.ext4" || true; }

down() {
  local pid
  for pid in $(processes); do kill -KILL "$pid" 2>/dev/null || true; done
  rm -rf "$folder/run"
  ip netns delete "$hub" 2>/dev/null || true
}

case $command in
  up) up "$@" ;;
  run) on_node "$@" ;;
  put) in_hub scp -q "${ssh_options[@]}" "$2" "root@10.78.0.$1:$3" ;;
  hub) echo "$hub" ;;
  down) down ;;
  *) sed -n '2,8s/^# //p' "$0" >&2; exit 2 ;;
esac
