# What people and CI run. `make run` shows this machine; `make test` passes the tests on a machine that has Rust.

.PHONY: run test test-cgroup2 swarm-test bench lint fmt docs soak servers image image-test deploy dashboards pictures pictures-live grafana-smoke \
	lab lab-uml lab-image lab-status lab-break lab-heal lab-down lab-lint

# The programs that the tests drive, each with the Debian packages that bring it; each test says what it misses.
SERVERS = influxd:influxdb victoria-metrics:victoria-metrics dockerd:docker.io collectd:collectd-core,libyajl2 \
	riemann-client:riemann-c-client busybox:busybox-static chromium:chromium ip:iproute2 iptables:iptables tini:tini unshare:util-linux \
	mkfs.ext4:e2fsprogs promtool:prometheus prometheus-node-exporter:prometheus-node-exporter python3:python3 \
	aiosmtpd:python3-aiosmtpd prometheus-alertmanager:prometheus-alertmanager node:nodejs npm:npm tmux:tmux
SKIPPED = $(abspath target)/skipped

run:
	cargo run --release

# Missing servers are installed where that may be done: as root, with apt. Elsewhere their tests are skipped and counted.
# Only what is missing is asked for: a Node from elsewhere and Debian's npm exclude each other.
servers:
	@missing=""; for s in $(SERVERS); do PATH="$$PATH:/usr/sbin" command -v $${s%%:*} >/dev/null || missing="$$missing $$(echo $${s#*:} | tr , ' ')"; done; \
	python3 -c 'import venv, ensurepip' 2>/dev/null || missing="$$missing python3-venv"; \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing the servers of the tests:$$missing"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi

test: servers
	@mkdir -p target && rm -f $(SKIPPED)
	SKEP_SKIPPED=$(SKIPPED) cargo test --workspace --no-fail-fast
	@if [ -s $(SKIPPED) ]; then sort $(SKIPPED) | uniq -c; echo "$$(wc -l < $(SKIPPED)) tests skipped"; else echo "0 tests skipped"; fi

# The collector on control groups v2, on a node that User Mode Linux boots: as root, with user-mode-linux and mmdebstrap.
test-cgroup2:
	SKEP_UML=$(abspath target/uml) cargo test --release --test cgroup2 -- --nocapture

# Three managers and two workers as dockerds on this machine, both stacks, and all that may break; and docs/operating.md, whose commands are
# run there or below a folder: as root, some minutes.
swarm-test: servers
	cargo test --workspace --test operating --test swarm_lab -- --nocapture

# The image skep:dev, from a static binary of this machine's Rust.
image:
	sh vagrant/image/build.sh $(or $(TAG),skep:dev)

# The same image, built, measured and tried in a dockerd of the test's own; `make test` tries it with the program under test.
image-test: servers
	SKEP_RELEASE=1 cargo test --workspace --test image -- --nocapture

# The stack, onto the swarm whose manager docker talks to; again, after a change.
deploy:
	sh vagrant/stack/deploy.sh $(or $(STACK),skep)

# The lab: machines by Vagrant, a swarm and the stack on them by Ansible. vagrant/README.md tells of its variables.
lab: image lab-image
	sh vagrant/lab.sh files
	sh vagrant/lab.sh up

# The image of a node for the provider docker, where it is not there yet.
lab-image:
	sh vagrant/lab.sh image

lab-status lab-heal lab-down:
	sh vagrant/lab.sh $(@:lab-%=%)

# `make lab-break WHAT=drain NODE=worker2`; without WHAT, what there is.
lab-break:
	sh vagrant/lab.sh break $(WHAT) $(NODE)

# The stack on three machines of User Mode Linux, with virtual addresses, routing mesh and encryption as they are: as root, some minutes, with
# user-mode-linux, mmdebstrap and influxdb.
lab-uml:
	SKEP_UML=$(abspath target/uml) cargo test --workspace --test uml_lab -- --nocapture

# The lab's files: yamllint, ansible-lint, vagrant validate for three providers; what is missing is said, and installed where that may be done.
# dpkg-query knows of a package that another one recommends before it is there: its status is asked.
lab-lint:
	@missing=""; for p in yamllint ansible ansible-lint vagrant vagrant-libvirt; do \
		dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q ' installed$$' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing the tools of the lab:$$missing"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
	sh vagrant/lint.sh

# Grafana's boards: types, schema, lint, and every query on what a real swarm wrote. `make dashboards UPDATE=1` writes dashboards/json anew.
dashboards: servers
	$(if $(UPDATE),UPDATE=$(UPDATE)) cargo test --test dashboards -- --nocapture

# The pictures of the boards in docs/images/dashboards, from a run of their test.
pictures:
	sh dashboards/check/pictures.sh

# The pictures of the live pages in docs/images/live: a stack of three services on a swarm of this machine, quiet, then in trouble. As root, some ten minutes.
pictures-live: servers
	SKEP_PICTURES=docs/images/live cargo test --workspace --test pages every_page_of_a_real_swarm -- --nocapture

# The boards in a real Grafana over a real InfluxDB 2: where Docker can pull their images.
grafana-smoke: image
	sh dashboards/check/smoke.sh

bench:
	cargo bench

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --workspace --test cgroup2 --test swarm_lab --test uml_lab -- -D warnings

fmt:
	cargo fmt --all

docs:
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Long runs, by hand; their figures stand in docs/performance.md.
soak:
	SKEP_KILLS=200 cargo test --release --test kill -- --nocapture
	SKEP_CHAOS=1 cargo test --release --test chaos -- --nocapture
	SKEP_NOTIFY_KILLS=50 cargo test --release --test notify kills -- --nocapture
	SKEP_CHURN_SECONDS=1800 SKEP_CHURN_RATE=5 SKEP_CHURN_ALIVE=100 cargo test --release -p skep-collector --test docker churn -- --nocapture
	SKEP_SLOW=1 cargo test --release --test bad_input -- --nocapture
	SKEP_FUZZ_CASES=5000000 cargo test --release -p skep-event --test corpus
	SKEP_PAGE_SECONDS=600 cargo test --release --test pages pages_come_in_few_bytes -- --nocapture
	cargo build --release && cargo run --release -p skep-load -- soak
