//! Streams send events on to another skep, which goes away and comes back, and to whoever speaks Riemann's protocol; nothing goes round for ever.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "a test may stop anywhere, and watches other processes, whose time nobody can move"
)]

mod common;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use common::sender::{Sender, event};
use common::{PATIENCE, Skep, run};
use event::Event;
use testbed::wait_until;

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

/// Settings and rules of one that sends everything of `where_` on to `to`.
fn write(folder: &Path, to: SocketAddr, where_: &str) {
    std::fs::create_dir_all(folder.join("rules")).unwrap();
    std::fs::write(folder.join("skep.yaml"), format!("processor: {{forward: {{central: {{to: \"{to}\"}}}}}}\n")).unwrap();
    let rule = format!("streams:\n  on:\n    where: {where_}\n    steps: [{{forward: central}}]\n");
    std::fs::write(folder.join("rules/on.yaml"), rule).unwrap();
}

fn start(folder: &Path, riemann: &str) -> Skep {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    Skep::start_at(riemann, "process", folder, &["--config", &path("skep.yaml"), "--rules", &path("rules")])
}

fn send(sender: &mut Sender, numbers: std::ops::Range<usize>) {
    for number in numbers {
        sender.send(&[event("edge", &format!("n/{number}"), now(), number as f64, 600.0)]).unwrap();
    }
}

/// What arrived: in the index, or late, which goes past it.
fn arrived(skep: &Skep) -> usize {
    skep.index("service =~ \"n/%\"").len() + skep.number("skep_processor_events_late_total") as usize
}

#[test]
fn what_was_acked_arrives_although_both_are_killed() {
    let (edge, centre) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let address = free_address();
    write(edge.path(), address, "service =~ \"n/%\"");
    let central = Skep::start_at(&address.to_string(), "process", centre.path(), &[]);
    let skep = start(edge.path(), "127.0.0.1:0");
    send(&mut Sender::connect(skep.riemann.unwrap()).unwrap(), 0..50);
    central.wait_for("service =~ \"n/%\" and tagged \"forwarded\"", 50);

    // Dropping a server kills it.
    drop(central);
    send(&mut Sender::connect(skep.riemann.unwrap()).unwrap(), 50..100);
    drop(skep);
    let skep = start(edge.path(), "127.0.0.1:0");
    send(&mut Sender::connect(skep.riemann.unwrap()).unwrap(), 100..150);
    let central = Skep::start_at(&address.to_string(), "process", centre.path(), &[]);
    let mut found = 0;
    let all = wait_until(PATIENCE, || {
        found = arrived(&central);
        found >= 150
    });
    assert!(all, "{found} of 150 arrived; {}", skep.server.output());
    assert_eq!(skep.number("skep_processor_forward_dropped_total{sink=\"central\"}"), 0.0);
}

#[test]
fn a_circle_ends_after_four_hops_and_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let address = free_address();
    write(folder.path(), address, "service = \"n/1\"");
    let skep = start(folder.path(), &address.to_string());
    send(&mut Sender::connect(address).unwrap(), 1..2);
    skep.wait_for_number("skep_processor_forward_too_far_total{sink=\"central\"}", 1.0);
    assert_eq!(skep.number("skep_processor_forward_events_total{sink=\"central\"}"), 4.0);
    skep.wait_for("service = \"n/1\" and tagged \"forwarded-4\"", 1);
}

/// One message of a client, answered as Riemann does.
fn one_message(listener: &TcpListener) -> Vec<Event> {
    let (mut stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut head = [0; 4];
    stream.read_exact(&mut head).unwrap();
    let mut message = vec![0; u32::from_be_bytes(head) as usize];
    stream.read_exact(&mut message).unwrap();
    // `Msg {ok: true}`
    stream.write_all(&[0, 0, 0, 2, 0x10, 1]).unwrap();
    event::msg::events(&message).map(|event| Event::from(&event)).collect()
}

#[test]
fn riemann_gets_the_event_as_it_was_with_a_tag_more() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    write(folder.path(), listener.local_addr().unwrap(), "service = \"n/7\"");
    let skep = start(folder.path(), "127.0.0.1:0");
    let sent = Event {
        state: Some("ok".to_owned()),
        description: Some("seven".to_owned()),
        marks: vec!["prod".to_owned()],
        attributes: vec![("dc".to_owned(), "fra".to_owned())],
        ..event("edge", "n/7", now(), 7.5, 60.0)
    };
    Sender::connect(skep.riemann.unwrap()).unwrap().send(std::slice::from_ref(&sent)).unwrap();
    let marks = vec!["prod".to_owned(), "forwarded".to_owned()];
    assert_eq!(one_message(&listener), [Event { marks, ..sent }]);
    skep.wait_for_number("skep_processor_forward_acked_total{sink=\"central\"}", 1.0);
}

#[test]
fn a_name_that_the_settings_lack_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), free_address(), "metric > 1");
    let rule = folder.path().join("rules/on.yaml");
    std::fs::write(&rule, "streams:\n  on:\n    steps: [{forward: centrl}]\n").unwrap();
    let (code, out, error) = run(&["check", folder.path().join("skep.yaml").to_str().unwrap(), rule.to_str().unwrap()]);
    assert_eq!(code, 2, "{out}{error}");
    let told = format!("{out}{error}");
    assert!(told.contains("`forward: centrl`: the settings have no such place in `processor.forward`"), "{told}");
    assert!(told.contains("on.yaml:3:23") && told.contains("did you mean `central`?"), "{told}");
    let config = folder.path().join("skep.yaml");
    let rules = folder.path().join("rules");
    let data = folder.path().join("data");
    let arguments = [&config, &rules, &data].map(|path| path.to_str().unwrap().to_owned());
    let (code, ..) = run(&["process", "--config", &arguments[0], "--rules", &arguments[1], "--data-dir", &arguments[2]]);
    assert_eq!(code, 2);
}
