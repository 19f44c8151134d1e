#!/bin/sh
# lint.sh: the lab's files looked at by yamllint, ansible-lint (production profile, offline), ansible-playbook and vagrant; the stack's by Docker.
# What is missing is said and passed over, or with SKEP_REQUIRE=all a failure.
set -eu
cd "$(dirname "$0")"

have() { # PROGRAM PACKAGE
  command -v "$1" > /dev/null && return 0
  echo "skipped: install $2"
  [ "${SKEP_REQUIRE:-}" != all ] || exit 1
  return 1
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if have yamllint yamllint; then
  yamllint --strict .
  echo "yamllint: clean"
fi
if have ansible-playbook ansible; then
  for playbook in ansible/*.yml; do
    ansible-playbook --syntax-check --inventory localhost, "$playbook" > /dev/null 2> "$scratch/told" || { cat "$scratch/told" >&2; exit 1; }
  done
  echo "ansible-playbook: syntax is right"
fi
if have ansible-lint ansible-lint; then
  (cd ansible && ansible-lint --offline --profile production --strict -q)
  echo "ansible-lint: production profile"
fi
if have vagrant vagrant; then
  export VAGRANT_HOME="$scratch/vagrant" # nothing of the person who runs this is read or written
  # validate asks the provider's program for its version and for nothing else.
  # shellcheck disable=SC2016 # for the stand-in
  printf '#!/bin/sh\ncase "$*" in *--version*|*-v*) echo 7.0.20r163906 ;; esac\n' > "$scratch/VBoxManage"
  # And one for docker: validate asks whether a Docker runs, which is not what is looked at here.
  printf '#!/bin/sh\nexit 0\n' > "$scratch/docker"
  chmod +x "$scratch/VBoxManage" "$scratch/docker"
  providers="docker virtualbox"
  if vagrant plugin list 2> /dev/null | grep -q libvirt; then providers="$providers libvirt"; else have vagrant-libvirt vagrant-libvirt || true; fi
  for provider in $providers; do
    for size in "1 0 0" "3 2 0" "5 4 2"; do
      # shellcheck disable=SC2086 # three words
      set -- $size
      PATH="$scratch:$PATH" VAGRANT_DEFAULT_PROVIDER=$provider VAGRANT_DOTFILE_PATH="$scratch/dot" LAB_MANAGERS=$1 LAB_WORKERS=$2 LAB_OUTSIDE=$3 \
        vagrant validate > "$scratch/told" 2>&1 || { echo "vagrant validate, $provider, $size:" >&2; cat "$scratch/told" >&2; exit 1; }
    done
    echo "vagrant validate: $provider, three sizes"
  done
fi
if have docker docker.io; then
  sh stack/config.sh
fi
