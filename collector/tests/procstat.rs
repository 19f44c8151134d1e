//! A real child: what it burns, holds and writes is what its choice tells.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use collector::{ProcessMatch, Root, Switches, Turns, host};
use event::{Duration, Event, Name, Timestamp, msg};

/// Writes 20 MB to the disk, burns processor time, holds 20 MB, says so and waits.
const SCRIPT: &str = "dd if=/dev/zero of=\"$1\" bs=1M count=20 conv=fsync 2>/dev/null
i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done
x=$(head -c 20000000 /dev/zero | tr '\\0' a); echo ready; read y";

fn child(file: &std::path::Path) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", SCRIPT, "skep-test-of-procstat"]).arg(file);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

fn value(turns: &mut Turns, secs: i64, field: &str) -> Option<f64> {
    let due = Timestamp::from_secs(1_795_540_000 + secs);
    turns.take(due, Timestamp::from_secs(secs));
    turns.end(due);
    let events: Vec<Event> = turns.samples().messages().flat_map(msg::events).map(|view| Event::from(&view)).collect();
    let service = Name::of("procstat", "child", field).to_string();
    let event = events.iter().find(|event| event.service.as_deref() == Some(&service))?;
    assert_eq!(event.attributes, [("process_name".to_owned(), "child".to_owned())]);
    let metric = catalogue::find("procstat", field).unwrap();
    assert_eq!(metric.is_float, matches!(event.metric, Some(event::Metric::Float(_))), "{field}");
    event.metric.map(event::Metric::as_f64)
}

#[test]
fn what_a_child_does_is_told() {
    let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    let chosen = [ProcessMatch::by_command("skep-test-of-procstat", "child").unwrap()];
    let switches = Switches { processes: false, ..Switches::default() };
    let samplers = host::samplers(&Root::new(None), switches, &chosen);
    let mut turns = Turns::new("node1", Duration::from_secs(1), samplers);
    let mut at = 0;
    let mut told = |field: &str| {
        at += 10;
        value(&mut turns, at, field)
    };
    assert_eq!(told("pid_count"), Some(0.0));
    let mut child = child(&folder.path().join("written"));
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    assert_eq!(told("pid_count"), Some(1.0));
    let burnt = told("cpu_time_user").unwrap();
    assert!(burnt > 0.05, "{burnt} s");
    let held = told("memory_rss").unwrap();
    assert!((20e6..200e6).contains(&held), "{held} bytes held");
    assert!(told("num_fds").is_some_and(|n| (3.0..20.0).contains(&n)));
    assert_eq!(told("num_threads"), Some(1.0));
    assert!(told("minor_faults").is_some_and(|n| n > 1000.0));
    let written = told("write_bytes").unwrap();
    assert!((20e6..30e6).contains(&written), "{written} bytes written");
    assert!(told("write_count").is_some_and(|n| n >= 20.0));
    drop(child.stdin.take());
    child.wait().unwrap();
    assert_eq!((told("pid_count"), told("memory_rss")), (Some(0.0), Some(0.0)));
    assert!(told("cpu_time_user").is_some_and(|after| after >= burnt));
    assert!(told("write_bytes").is_some_and(|after| after >= written));
}
