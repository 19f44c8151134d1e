#!/bin/sh
# config.sh: what Docker makes of the stack's files, compared with config/*.txt. `UPDATE=1 config.sh` writes them anew.
# Needs Docker's client 25 or later, no Docker that runs.
set -eu
cd "$(dirname "$0")"
top=$(cd ../.. && pwd -P)

# Debian 12 has 20.10, so this is passed over even where every server is required.
if ! docker stack config --help 2> /dev/null | grep -q -- --compose-file; then
  echo "skipped: docker stack config needs Docker's client 25 or later"
  exit 0
fi

told=$(mktemp)
trap 'rm -f "$told"' EXIT

# NAME FILE …: nothing of the caller's environment may change what comes out, and paths are those of the repository.
compare() {
  name=$1
  shift
  files=""
  for file in "$@"; do files="$files --compose-file $file"; done
  # shellcheck disable=SC2086 # one word each
  env -i PATH="$PATH" HOME=/nonexistent docker stack config $files > "$told"
  sed -i "s|$top/||" "$told"
  if [ -n "${UPDATE:-}" ]; then
    mkdir -p config
    cp "$told" "config/$name.txt"
  elif ! diff -u "config/$name.txt" "$told"; then
    echo "docker stack config makes something else of $*: look at it, then UPDATE=1 vagrant/stack/config.sh" >&2
    exit 1
  fi
}

compare skep skep.yml
compare skep.ci skep.yml skep.ci.yml
compare skep.outside skep.yml skep.outside.yml
compare registrar skep.yml registrar.yml
compare registrar.alone registrar.yml
echo "docker stack config: five stacks as committed"
