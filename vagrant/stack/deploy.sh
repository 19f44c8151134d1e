#!/bin/sh
# deploy.sh [STACK]: puts the stack on the swarm whose manager docker talks to. Run again it changes what has changed, and else nothing.
# Further files are laid over skep.yml by SKEP_STACK_FILES="skep.ci.yml …". Needs docker, sha256sum, sed and head.
set -eu
stack=${1:-skep}
cd "$(dirname "$0")"

sum() { sha256sum "$1" | head -c 12; }
SKEP_SETTINGS_SUM=$(sum skep.yaml)
SKEP_RULES_SUM=$(sum rules.yaml)
# Grafana's boards, and what it is told of them.
SKEP_DASHBOARDS=${SKEP_DASHBOARDS:-../../dashboards}
SKEP_BOARDS_SUM=$(cat "$SKEP_DASHBOARDS"/json/*.json "$SKEP_DASHBOARDS"/provisioning/*/*.yaml | sha256sum | head -c 12)
# Grafana's shortest step is the collectors' interval.
SKEP_INTERVAL=$(sed -n '/^collector:/,/^[^ ]/s/^ *interval: *\([^ #]*\).*/\1/p' skep.yaml | head -n 1)
SKEP_INTERVAL=${SKEP_INTERVAL:-5s}
export SKEP_SETTINGS_SUM SKEP_RULES_SUM SKEP_DASHBOARDS SKEP_BOARDS_SUM SKEP_INTERVAL

# A password that nobody has to know until it is wanted. One that is there is left as it is.
for name in skep_token influx_token influx_password grafana_password; do
  if ! docker secret inspect "$name" > /dev/null 2>&1; then
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n' | docker secret create "$name" - > /dev/null
    echo "made the secret $name"
  fi
done

# The data stays on one node; where none is named it is this one.
if [ -z "$(docker node ls --quiet --filter node.label=skep.data=true)" ]; then
  docker node update --label-add skep.data=true "$(docker info --format '{{.Swarm.NodeID}}')" > /dev/null
  echo "this node keeps the data (its label skep.data)"
fi

files="--compose-file skep.yml"
for file in ${SKEP_STACK_FILES:-}; do files="$files --compose-file $file"; done
# shellcheck disable=SC2086 # one word each
docker stack deploy $files --resolve-image "${SKEP_RESOLVE_IMAGE:-always}" "$stack"
