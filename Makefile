# What people and CI run. `make run` shows this machine; `make test` passes the tests on a machine that has Rust.

.PHONY: run test test-cgroup2 bench lint fmt docs soak servers image deploy dashboards pictures grafana-smoke

# Debian packages whose programs the tests drive; each test says what it misses.
SERVERS = influxdb victoria-metrics docker.io collectd-core libyajl2 riemann-c-client busybox-static chromium iproute2 iptables tini util-linux e2fsprogs prometheus prometheus-node-exporter python3-venv python3-aiosmtpd prometheus-alertmanager nodejs npm
PROGRAMS = influxd victoria-metrics dockerd collectd riemann-client busybox chromium ip iptables tini unshare mkfs.ext4 promtool prometheus-node-exporter python3 aiosmtpd prometheus-alertmanager node npm
SKIPPED = $(abspath target)/skipped

run:
	cargo run --release

# Missing servers are installed where that may be done: as root, with apt. Elsewhere their tests are skipped and counted.
servers:
	@missing=""; for p in $(PROGRAMS); do PATH="$$PATH:/usr/sbin" command -v $$p >/dev/null || missing="$$missing $$p"; done; \
	python3 -c 'import venv, ensurepip' 2>/dev/null || missing="$$missing python3-venv"; \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing the servers of the tests (missing:$$missing)"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(SERVERS) >/dev/null; \
	fi

test: servers
	@mkdir -p target && rm -f $(SKIPPED)
	SKEP_SKIPPED=$(SKIPPED) cargo test --workspace --no-fail-fast
	@if [ -s $(SKIPPED) ]; then sort $(SKIPPED) | uniq -c; echo "$$(wc -l < $(SKIPPED)) tests skipped"; else echo "0 tests skipped"; fi

# The collector on control groups v2, on a node that User Mode Linux boots: as root, with user-mode-linux and mmdebstrap.
test-cgroup2:
	SKEP_UML=$(abspath target/uml) cargo test --release --test cgroup2 -- --nocapture

# The image skep:dev, from a static binary of this machine's Rust.
image:
	sh vagrant/image/build.sh $(or $(TAG),skep:dev)

# The stack, onto the swarm whose manager docker talks to; again, after a change.
deploy:
	sh vagrant/stack/deploy.sh $(or $(STACK),skep)

# Grafana's boards: types, schema, lint, and every query on what a real swarm wrote. `make dashboards UPDATE=1` writes dashboards/json anew.
dashboards: servers
	$(if $(UPDATE),UPDATE=$(UPDATE)) cargo test --test dashboards -- --nocapture

# The pictures of the boards in docs/images/dashboards, from a run of their test.
pictures:
	sh dashboards/check/pictures.sh

# The boards in a real Grafana over a real InfluxDB 2: where Docker can pull their images.
grafana-smoke: image
	sh dashboards/check/smoke.sh

bench:
	cargo bench

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

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
	cargo build --release && cargo run --release -p skep-load -- soak
