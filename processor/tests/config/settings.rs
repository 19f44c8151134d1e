//! What `skep.yaml` sets.

use event::{Duration, Pattern};
use processor::config::{Report, SecretFiles, Secrets, read_settings};
use processor::settings::{
    Auth, Backlog, Basic, Collectd, Exec, ExecFormat, Influx, Lists, ProcessMatch, Security, Settings, TrustedHeader, Web,
};
use processor::sink::influx::{Secret, Tls, Version};
use processor::store::Tier;

fn read(yaml: &str, environment: &dyn Fn(&str) -> Option<String>) -> (Option<Settings>, String) {
    let read_file = |path: &str| if path == "/run/secrets/x" { Ok("s3cret\n".to_owned()) } else { Err("there is no such file".to_owned()) };
    let secrets = SecretFiles { read_file: &read_file, environment, wanted: Secrets::Needed };
    let mut report = Report::default();
    let settings = read_settings("skep.yaml", yaml, &secrets, &mut report);
    (settings, report.text(false))
}

#[track_caller]
fn check(yaml: &str, change: impl FnOnce(&mut Settings)) {
    let (found, told) = read(yaml, &|_| None);
    let mut expected = Settings::default();
    change(&mut expected);
    assert_eq!(found, Some(expected), "{told}");
}

#[test]
fn nothing_is_the_defaults() {
    check("", |_| {});
    check("collector:\nprocessor: {}\nswarm:\n", |_| {});
}

#[test]
fn the_swarm_and_the_collector() {
    check("swarm: {name: lab}\ncollector: {interval: 5s, host: n1, docker: off, to: [a:5555, 'b:5555']}", |settings| {
        settings.swarm = "lab".to_owned();
        settings.collector.interval = Duration::from_secs(5);
        settings.collector.host = Some("n1".to_owned());
        settings.collector.docker = None;
        settings.collector.to = vec!["a:5555".to_owned(), "b:5555".to_owned()];
    });
    check("collector: {samplers: {per_core: false, pressure: false}, docker: /run/docker.sock, to: a:1}", |settings| {
        settings.collector.samplers.per_core = false;
        settings.collector.samplers.pressure = false;
        settings.collector.docker = Some("/run/docker.sock".into());
        settings.collector.to = vec!["a:1".to_owned()];
    });
}

#[test]
fn what_the_collector_tells_and_keeps() {
    let lists = |allow: &[&str], deny: &[&str]| {
        let patterns = |texts: &[&str]| texts.iter().map(|text| Pattern::new(*text)).collect();
        Lists { allow: patterns(allow), deny: patterns(deny) }
    };
    check(
        "collector: {metrics: {allow: [mem, 'cpu/*'], deny: mem/used}, containers: {deny: ['team=test*']}, labels: [team]}",
        |settings| {
            settings.collector.metrics = lists(&["mem", "cpu/*"], &["mem/used"]);
            settings.collector.containers = lists(&[], &["team=test*"]);
            settings.collector.labels = vec!["team".to_owned()];
        },
    );
    check("collector: {data_dir: /d, backlog: {max: 1GiB, age: 1h, rate: 1MiB}}", |settings| {
        settings.collector.data_dir = Some("/d".into());
        settings.collector.backlog = Some(Backlog { max: 1 << 30, age: Duration::from_secs(3600), rate: 1 << 20 });
    });
    check("collector: {budget: 2%}", |settings| settings.collector.budget = Some(0.02));
    check("collector: {budget: off}", |_| {});
    for wrong in ["2", "0%", "101%", "much", "[]"] {
        let (found, told) = read(&format!("collector: {{budget: {wrong}}}"), &|_| None);
        assert!(found.is_none() && told.contains("`budget` takes a part of one core"), "{wrong}: {told}");
    }
    check("collector: {backlog: off}", |settings| settings.collector.backlog = None);
}

#[test]
fn collectd_is_listened_to_when_it_is_asked_for() {
    check("collector: {collectd: '127.0.0.1:25827'}", |settings| {
        settings.collector.ways.collectd = Some(Collectd { listen: "127.0.0.1:25827".parse().unwrap(), ..Collectd::default() });
    });
    check("collector: {collectd: {security: sign, users: /etc/users, types: [/a, /b], max_series: 5}}", |settings| {
        settings.collector.ways.collectd = Some(Collectd {
            listen: "127.0.0.1:25826".parse().unwrap(),
            security: Security::Sign,
            users: Some("/etc/users".into()),
            types: vec!["/a".into(), "/b".into()],
            max_series: 5,
        });
    });
    let wrong = [
        ("{security: encrypt}", "`security` asks for signatures or encryption, but nobody has a password"),
        ("{security: signed}", "`security` takes none, sign or encrypt, not `signed`"),
        ("{port: 25826}", "unknown key `port` in `collectd`"),
        ("here", "`here` is not an address to listen on"),
    ];
    for (text, expected) in wrong {
        let (found, told) = read(&format!("collector: {{collectd: {text}}}"), &|_| None);
        assert!(found.is_none() && told.contains(expected), "{text}: {told}");
    }
}

#[test]
fn processes_are_chosen_by_name_or_by_an_expression() {
    check("collector: {processes: [{name: nginx}, {match: 'java .*app[.]jar', as: app}]}", |settings| {
        let choice = |name: &str, command: Option<&str>| ProcessMatch { name: name.to_owned(), command: command.map(str::to_owned) };
        settings.collector.processes = vec![choice("nginx", None), choice("app", Some("java .*app[.]jar"))];
    });
    let wrong = [
        ("nginx", "`processes` takes a list"),
        ("[{name: a, match: b}]", "a choice of processes is a `name`, or a `match` and the name to show it `as`"),
        ("[{match: b}]", "the name to show it `as`"),
        ("[{name: b, as: c}]", "a choice of processes"),
        ("[{match: '(', as: c}]", "`match` is no regular expression that skep can use"),
        ("[{name: b}, {match: c, as: b}]", "`b` is there twice"),
    ];
    for (text, expected) in wrong {
        let (found, told) = read(&format!("collector: {{processes: {text}}}"), &|_| None);
        assert!(found.is_none() && told.contains(expected), "{text}: {told}");
    }
}

#[test]
fn a_pattern_that_matches_no_metric_is_told_and_a_label_may_not_take_a_name_of_ours() {
    let (found, told) = read("collector: {metrics: {deny: [mem/usd]}}", &|_| None);
    assert!(found.is_some() && told.contains("no metric of skep's is `mem/usd`") && told.contains("did you mean `mem/used`?"), "{told}");
    for label in ["host", "container_name", "device"] {
        let (found, told) = read(&format!("collector: {{labels: [team, {label}]}}"), &|_| None);
        assert!(found.is_none() && told.contains(&format!("the label `{label}` cannot become an attribute")), "{told}");
    }
}

#[test]
fn the_processor() {
    check(
        "processor:\n  http: 0.0.0.0:80\n  riemann: 127.0.0.1:0\n  journal: off\n  store: {retention: 6h, max: 1GiB}\n  ingest: {memory: 512MiB}\n  token_file: /run/secrets/x\n  rules: mine\n",
        |settings| {
            let processor = &mut settings.processor;
            processor.http = "0.0.0.0:80".parse().unwrap();
            processor.riemann = "127.0.0.1:0".parse().unwrap();
            processor.journal = None;
            let store = processor.store.as_mut().unwrap();
            (store.retention, store.max) = (Duration::from_secs(6 * 3600), 1 << 30);
            processor.ingest_memory = 512 << 20;
            processor.token = Some(Secret("s3cret".to_owned()));
            processor.rules = vec!["mine".into()];
        },
    );
    check("processor: {store: {tiers: [20s for 2d]}}", |settings| {
        let (step, keep) = (Duration::from_secs(20), Duration::from_secs(2 * 86_400));
        settings.processor.store.as_mut().unwrap().tiers = Some(vec![Tier { step, keep }]);
    });
    check("processor: {store: off, journal: {max: 256 MiB}, max_series: 10_000, start_grace: 1m}", |settings| {
        settings.processor.store = None;
        settings.processor.journal.as_mut().unwrap().max = 256 << 20;
        settings.processor.max_series = 10_000;
        settings.processor.start_grace = Duration::from_secs(60);
    });
}

#[test]
fn the_pages_and_who_is_let_in() {
    let web = |settings: &mut Settings| std::mem::take(&mut settings.processor.web);
    check("processor: {web: off}", |settings| settings.processor.web.off = true);
    check("processor: {web: {off: true, read_only: true, grafana: 'https://g.example/sub/'}}", |settings| {
        settings.processor.web = Web { off: true, read_only: true, grafana: Some("https://g.example/sub".to_owned()), ..web(settings) };
    });
    check(
        "processor: {web: {auth: {basic: {user: ops, password_file: /run/secrets/x}, bearer: {token_file: /run/secrets/x}, trusted_header: {name: X-User, from: [10.0.0.0/8, '::1']}}}}",
        |settings| {
            let secret = || Secret("s3cret".to_owned());
            settings.processor.web.auth = Some(Auth {
                basic: Some(Basic { user: "ops".to_owned(), password: secret() }),
                bearer: Some(secret()),
                trusted_header: Some(TrustedHeader {
                    name: "x-user".to_owned(),
                    from: vec!["10.0.0.0/8".parse().unwrap(), "::1".parse().unwrap()],
                }),
            });
        },
    );
}

#[test]
fn influx() {
    check(
        "processor: {influx: {url: 'http://db:8086', version: 2, org: o, bucket: b, token_file: /run/secrets/x, tag_fields: [dc], spool: {max: 64MiB, age: 6h}, ca_file: /c, cert_file: /d, key_file: /k}}",
        |settings| {
            let mut influx = Influx::new("http://db:8086");
            influx.version = Version::Two;
            influx.org = Some("o".to_owned());
            influx.bucket = Some("b".to_owned());
            influx.token = Some(Secret("s3cret".to_owned()));
            influx.tag_fields = vec!["dc".to_owned()];
            influx.spool_max = 64 << 20;
            influx.tls = Tls { ca: Some("/c".into()), and_usual: false, identity: Some(("/d".into(), "/k".into())) };
            influx.spool_age = Duration::from_secs(6 * 3600);
            settings.processor.influx = Some(influx);
        },
    );
}

#[test]
fn the_environment_wins_over_files() {
    let yaml = "processor: {influx: {url: 'http://db:8086', username: u, password_file: /run/secrets/x}}";
    let (settings, _) = read(yaml, &|name| (name == "SKEP_INFLUX_PASSWORD").then(|| "other".to_owned()));
    let influx = settings.unwrap().processor.influx.unwrap();
    assert_eq!(influx.password, Some(Secret("other".to_owned())));
    assert_eq!(influx.in_folder("/data").user.as_deref(), Some("u"));
}

#[test]
fn programs_that_are_run() {
    let exec = |name: &str, command: &[&str]| Exec {
        name: name.to_owned(),
        command: command.iter().map(|&word| word.to_owned()).collect(),
        environment: Vec::new(),
        every: Duration::from_secs(60),
        timeout: Duration::from_secs(10),
        format: ExecFormat::Influx,
    };
    check("collector: {exec: [{name: raid, command: [/usr/lib/check, -n, 3, '']}, {name: b, command: /bin/b, every: 5s}]}", |settings| {
        let raid = exec("raid", &["/usr/lib/check", "-n", "3", ""]);
        let five = Duration::from_secs(5);
        settings.collector.ways.exec = vec![raid, Exec { every: five, timeout: five, ..exec("b", &["/bin/b"]) }];
    });
    check("collector: {exec: [{name: a, command: [sh, -c, 'echo $A'], timeout: 1m, format: json, env: {A: 1, B: ''}}]}", |settings| {
        let environment = [("A", "1"), ("B", "")].map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let timeout = Duration::from_secs(60);
        settings.collector.ways.exec = vec![Exec { environment, timeout, format: ExecFormat::Json, ..exec("a", &["sh", "-c", "echo $A"]) }];
    });
}

#[test]
fn seconds_kept_for_too_short_a_time_for_coarser_steps_are_warned_of() {
    let told = |yaml: &str| {
        let (found, told) = read(yaml, &|_| None);
        assert!(found.is_some(), "{told}");
        told
    };
    assert_eq!(
        told("processor: {store: {retention: 30m}}\n"),
        "warning: no steps coarser than a second are kept: for steps of 10s the values of 1s must be kept for 1h or longer
 --> skep.yaml:1:32
  |
1 | processor: {store: {retention: 30m}}
  |                                ^^^
  |
  = help: keep the seconds longer, or write `tiers: []` if that is meant

"
    );
    for right in ["{retention: 30m, tiers: []}", "{retention: 1h}", "{retention: 30d}", "{max: 1GiB}"] {
        assert_eq!(told(&format!("processor: {{store: {right}}}\n")), "", "{right}");
    }
}
