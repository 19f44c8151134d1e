//! How mistakes in `processor.web` read.

use processor::config::{Report, SecretFiles, Secrets, read_settings};

#[track_caller]
fn check(yaml: &str, expected: &str) {
    let secrets = SecretFiles { read_file: &|_| Err("permission denied".to_owned()), environment: &|_| None, wanted: Secrets::Needed };
    let mut report = Report::default();
    assert!(read_settings("skep.yaml", yaml, &secrets, &mut report).is_none());
    let told = report.text(false);
    let lines = told.lines().filter(|line| line.starts_with("error") || line.starts_with("  = help"));
    assert_eq!(lines.collect::<Vec<_>>().join("\n"), expected.trim(), "\n{told}");
}

#[test]
fn whom_to_let_in_is_said_whole() {
    check(
        r#"
processor:
  web:
    readonly: true
    grafana: grafana.example
    auth:
      basic: {user: "o:ps", password: geheim, password_file: /x}
      bearer: {}
      trusted_header: {name: "X User", from: [10.0.0.0/40, 0.0.0.0/0]}
"#,
        r#"
error: unknown key `readonly` in `web`; did you mean `read_only`?
error: `grafana.example` is not the address of a Grafana
  = help: write `grafana: https://grafana.example`
error: `o:ps` holds a `:`, which ends a name when it is sent
error: a password does not stand in the settings
  = help: write `password_file: PATH`
error: could not read `/x`: permission denied
error: `bearer` has no `token_file`
  = help: write `token_file: /run/secrets/web_token`
error: `X User` is no name of a header
  = help: write `name: X-Forwarded-User`
error: `10.0.0.0/40` is no network; write it like 10.1.0.0/16, or a single address
error: `0.0.0.0/0` is the whole world: anybody could say to be let in; name the networks of your proxies
"#,
    );
    check(
        "processor: {web: {auth: {}}}\n",
        r#"
error: `auth` lets nobody in
  = help: write `basic: {user: ops, password_file: /run/secrets/web_password}`, `bearer:` or `trusted_header:`
"#,
    );
}
