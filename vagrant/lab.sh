#!/bin/sh
# lab.sh COMMAND: what `make lab…` runs. The provider is LAB_PROVIDER: docker (default), virtualbox or libvirt.
#   files          what the nodes are given, made or made anew: target/lab
#   image          the docker provider's node image, if it is not there
#   up             machines and all that runs on them; again, after a change
#   status         nodes, services, what waits, open alerts
#   break WHAT [NODE]   kill, drain, oom, crash, disk or cut; without WHAT, what there is
#   heal           the end of all that
#   play FILE …    a playbook of ansible/ by name, as in: lab.sh play backup.yml
#   down           the machines and their data go
set -eu
here=$(cd "$(dirname "$0")" && pwd)
files=$here/../target/lab
# Named from the root on: it is remembered, and the next command may come from another folder.
if [ -n "${LAB_VARS:-}" ]; then LAB_VARS=$(realpath "$LAB_VARS"); fi
cd "$here"

# What `up` was told holds for all commands after it, `up` too, until `down`: with other settings some machines would be left.
# The environment wins; what is set there, but empty, counts as not told.
remembered=.vagrant/lab.env
names="LAB_PROVIDER LAB_MANAGERS LAB_WORKERS LAB_OUTSIDE LAB_MEMORY LAB_CPUS LAB_SUBNET LAB_BOX LAB_NODE_IMAGE LAB_LIBVIRT_DRIVER
LAB_CONSUL LAB_DEBIAN LAB_REDUCED LAB_VARS"
recall() {
  # Lines NAME=VALUE are read, not run: a value may hold anything but the end of a line.
  while IFS= read -r line; do
    for name in $names; do
      if [ "${line%%=*}" = "$name" ]; then eval "export $name=\"\${$name-\${line#*=}}\""; fi
    done
  done < "$remembered"
}
if [ -e "$remembered" ]; then recall; fi
# The Vagrantfile would take an empty setting for a setting.
for name in $names; do eval "[ -n \"\${$name:-}\" ] || unset $name"; done
remember() {
  mkdir -p .vagrant
  for name in $names; do eval "[ -z \"\${$name:-}\" ] || printf '%s=%s\n' $name \"\$$name\""; done > "$remembered"
}
provider=${LAB_PROVIDER:-docker}
export VAGRANT_DEFAULT_PROVIDER="$provider"

make_files() {
  mkdir -p "$files"
  id=$(docker image inspect --format '{{.Id}}' "${SKEP_IMAGE:-skep:dev}" 2> /dev/null | cut -c8-19)
  [ -n "$id" ] || { echo "lab.sh: there is no image ${SKEP_IMAGE:-skep:dev}: make image" >&2; exit 1; }
  # A name of its own for each image, so that another one rolls through.
  name=skep:lab-$id
  if [ "$(cat "$files/skep.tag" 2> /dev/null)" != "$name" ] || [ ! -e "$files/skep.tar" ]; then
    docker tag "$id" "$name"
    docker save --output "$files/skep.tar" "$name"
    container=$(docker create "$name")
    docker cp "$container:/skep" "$files/skep"
    docker rm "$container" > /dev/null
    printf %s "$name" > "$files/skep.tag"
  fi
  if [ -n "${LAB_REDUCED:-}" ] && [ ! -e "$files/demo.tar" ]; then
    sh apps/build.sh skep-lab-demo:1
    docker save --output "$files/demo.tar" skep-lab-demo:1
  fi
  if [ -n "${LAB_CONSUL:-}" ]; then sh consul/fetch.sh "$files"; fi
}

# Ansible's variables are those of LAB_VARS, a file of yours; else what LAB_CONSUL and LAB_REDUCED say.
variables() {
  if [ -z "${LAB_VARS:-}" ]; then
    LAB_VARS=$files/vars.yml
    mkdir -p "$files"
    {
      echo "lab_consul_binary: \"$([ -z "${LAB_CONSUL:-}" ] || realpath "$files/consul")\""
      if [ -n "${LAB_REDUCED:-}" ]; then
        echo "lab_reduced: true"
        echo "lab_more_images: [{archive: \"$(realpath "$files/demo.tar")\", image: \"skep-lab-demo:1\"}]"
      fi
    } > "$LAB_VARS"
  fi
  export LAB_VARS
}

play() {
  file=$1
  shift
  variables
  ansible-playbook --inventory .vagrant/provisioners/ansible/inventory --extra-vars "@$LAB_VARS" "$@" "ansible/$file"
}

manager() { vagrant ssh manager1 --command "sudo $*" 2> /dev/null; }

what_to_look_at() {
  case $1 in
    kill) echo "the node goes down within some 30 s: alert node-down by its name; its tasks start elsewhere; Consul's serfHealth is critical" ;;
    drain) echo "page Swarm: availability drain; the node's tasks move; its collector ends too, so that node-down opens by its name" ;;
    oom) echo "alert container-oom of break_oom, docker_event/…/oom; the page Containers shows its memory at the limit" ;;
    crash) echo "break_crash has failed tasks: docker_swarm tasks_failed grows, alerts on restarts open" ;;
    disk) echo "disk/used_percent of the node, alert disk-full; when the journal has no room: journal-off" ;;
    cut) echo "as after kill, for two minutes; then the collector's samples of that time come late, from its backlog" ;;
    *) return 1 ;;
  esac
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  files) make_files ;;
  image)
    if [ "$provider" = docker ] && ! docker image inspect "${LAB_NODE_IMAGE:-skep-lab-node:1}" > /dev/null 2>&1; then
      sh docker-node/build.sh "${LAB_NODE_IMAGE:-skep-lab-node:1}"
    fi
    ;;
  up)
    # Before anything is made: an `up` that fails leaves machines, too.
    remember
    variables
    # The machines first, side by side; then the playbook once, which a second `up` would leave out.
    vagrant up --provider="$provider" --no-provision
    vagrant provision
    ;;
  status)
    vagrant status | sed -n '/^[a-z]*[0-9]/p'
    manager docker node ls
    manager docker service ls
    play verify.yml
    ;;
  break)
    if ! what_to_look_at "${1:-}" > /dev/null; then
      for each in kill drain oom crash disk cut; do printf '%-6s %s\n' "$each" "$(what_to_look_at "$each")"; done
      exit 2
    fi
    what=$1 node=${2:-worker1}
    if [ "$what" = kill ]; then
      vagrant halt --force "$node"
    else
      case $what in
        oom | crash) play break.yml --extra-vars "what=$what" ;;
        *) play break.yml --extra-vars "what=$what node=$node" ;;
      esac
    fi
    echo "look at: $(what_to_look_at "$what")"
    ;;
  heal)
    vagrant up --provider="$provider" --no-provision
    play break.yml --extra-vars what=heal
    ;;
  play) play "$@" ;;
  down)
    vagrant destroy --force
    # Vagrant looks for the machines that the settings name; with fewer of them than before it passes some over.
    left=$(find .vagrant/machines -name id 2> /dev/null | cut -d/ -f3 | sort | paste -s -d ' ')
    [ -z "$left" ] || { echo "lab.sh: still there: $left; LAB_MANAGERS, LAB_WORKERS and LAB_OUTSIDE must be as many as there were" >&2; exit 1; }
    rm -f "$remembered"
    ;;
  *) sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
