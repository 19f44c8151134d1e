//! `wire.json`: bytes on real sockets of a real `skep process`, its replies, whether it closes, and what its index holds then.
//!
//! Each case has a process of its own. As Riemann's had, its rules hold a stream that fails for the service `boom` and one that fails for `toplevel`.

use std::io::{ErrorKind, Write as _};
use std::net::UdpSocket;
use std::path::Path;
use std::time::Duration;

use event::msg::Encoder;
use serde_json::{Value, json};
use transport::frames;
use transport::request::Connection;

use crate::common::Skep;
use crate::events::encode;
use crate::hex;
use crate::replies;

/// Between two chunks of a connection, as when Riemann was asked.
const BETWEEN: Duration = Duration::from_millis(50);

/// How long a reply, or a change of the index, may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a connection in the midst of a message must stay open to count as such.
const STILL: Duration = Duration::from_millis(300);

/// What a case may hold. A new kind of step must not be passed over in silence.
const KEYS: [&str; 11] =
    ["id", "name", "note", "send_hex", "replies", "reply_hex", "connection", "then_query", "then_reply", "udp_hex", "udp_reply"];

const RULES: &str = "streams:
  boom:
    where: service = \"boom\"
    steps: [{set: {metric: \"{{service}}\"}}, {tap: never}]
  toplevel:
    where: service = \"toplevel\"
    steps: [{set: {metric: \"{{service}}\"}}, {tap: never}]
";

/// Runs a case and compares it with what is expected of it.
pub(crate) fn run(case: &Value, expected: &Value) -> Result<(), String> {
    if let Some(key) = case.as_object().unwrap().keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(format!("`{key}` is no key of a wire case that this runner knows: {}", KEYS.join(", ")));
    }
    let folder = tempfile::tempdir().unwrap();
    let skep = start(folder.path());
    let timeless = match (&case["send_hex"], &case["udp_hex"]) {
        (Value::Array(chunks), Value::Null) => over_tcp(&skep, chunks, expected)?,
        (Value::Null, Value::String(datagram)) => over_udp(&skep, datagram, case, expected)?,
        _ => return Err("a case has either send_hex, a list of chunks, or udp_hex, a datagram".to_owned()),
    };
    let compared = then(&skep, case, expected, &timeless);
    skep.stop();
    compared
}

fn start(folder: &Path) -> Skep {
    std::fs::write(folder.join("rules.yaml"), RULES).unwrap();
    let rules = folder.join("rules.yaml").display().to_string();
    Skep::start("process", folder, &["--rules", &rules])
}

/// Services of events that came without a time and get the server's.
type Timeless = Vec<String>;

fn over_tcp(skep: &Skep, chunks: &[Value], expected: &Value) -> Result<Timeless, String> {
    let mut connection = Connection::open(skep.riemann.unwrap(), PATIENCE).unwrap();
    let mut sent = Vec::new();
    for (n, chunk) in chunks.iter().enumerate() {
        if n > 0 {
            std::thread::sleep(BETWEEN);
        }
        let chunk = hex::decode(chunk.as_str().ok_or("a chunk of send_hex is no text")?)?;
        // A server that has closed already is told of by what can be read.
        let _ = connection.stream().write_all(&chunk);
        sent.extend(chunk);
    }
    let requests: Vec<&[u8]> = frames::messages(&sent).collect();
    let timeless: Timeless = requests.iter().flat_map(|request| replies::timeless(request)).collect();
    let mut replies = Vec::new();
    for (n, wanted) in expected["replies"].as_array().ok_or("a case with send_hex has replies")?.iter().enumerate() {
        let reply = connection.receive().map_err(|error| format!("reply {n} of {wanted} did not come: {error}"))?;
        let wanted = replies::of_failing_stream(requests.get(n).copied(), wanted);
        replies::check(&wanted, &expected["reply_hex"][n], &reply, &timeless).map_err(|why| format!("reply {n}: {why}"))?;
        replies.push(reply);
    }
    let state = state(&mut connection, &sent)?;
    let wanted = expected["connection"].as_str().ok_or("a case with send_hex says how the connection ends")?;
    match wanted {
        "open" | "timeout" | "closed" if (wanted == "closed") == (state == "closed") => Ok(timeless),
        "open" | "timeout" | "closed" => Err(format!("the connection is {state}, not {wanted}")),
        other => Err(format!("`{other}` is no end of a connection: open, closed, timeout")),
    }
}

/// An empty message tells an open connection from a closed one without waiting, unless another has begun.
fn state(connection: &mut Connection, sent: &[u8]) -> Result<&'static str, String> {
    let whole: usize = frames::messages(sent).map(|message| frames::HEAD + message.len()).sum();
    let answer = if whole == sent.len() {
        connection.ask(&[])
    } else {
        connection.stream().set_read_timeout(Some(STILL)).unwrap();
        connection.receive()
    };
    match answer {
        Ok(reply) if whole == sent.len() && reply == [0x10, 1] => Ok("open"),
        Ok(reply) => Err(format!("one reply more than expected came: {}", hex::encode(&reply))),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok("open"),
        Err(_) => Ok("closed"),
    }
}

/// A socket's datagrams are read in order: once the one sent behind it is in the index, the case's has had its effect.
fn over_udp(skep: &Skep, datagram: &str, case: &Value, expected: &Value) -> Result<Timeless, String> {
    let datagram = match datagram.strip_prefix('(').and_then(|rest| rest.strip_suffix(" bytes)")) {
        None => hex::decode(datagram)?,
        Some(n) => long_datagram(n.parse().map_err(|_| format!("`{datagram}` is no number of bytes"))?, case),
    };
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(skep.riemann.unwrap()).unwrap();
    socket.send(&datagram).map_err(|error| format!("could not send: {error}"))?;
    socket.send(&encode(&crate::events::event(&json!({"service": "behind", "ttl": 600})))).unwrap();
    skep.wait_for("service = \"behind\"", 1);
    socket.set_nonblocking(true).unwrap();
    let mut reply = vec![0; 1 << 16];
    match (socket.recv(&mut reply), &expected["udp_reply"]) {
        (Err(error), Value::Null) if error.kind() == ErrorKind::WouldBlock => Ok(replies::timeless(&datagram)),
        (Ok(n), Value::Null) => Err(format!("a datagram was answered: {}", hex::encode(&reply[..n]))),
        (answer, wanted) => Err(format!("the reply to a datagram is {answer:?}, not {wanted}: nothing ever replies to one")),
    }
}

/// One event of the service that is asked for later, with so long a text that the message has this length.
fn long_datagram(n_bytes: usize, case: &Value) -> Vec<u8> {
    let service = case["then_query"].as_str().and_then(|query| query.split('"').nth(1)).unwrap_or("long");
    let of = |n_text: usize| {
        let event = json!({"service": service, "host": "h", "ttl": 3600, "time": 2_000_000_000, "description": "x".repeat(n_text)});
        encode(&crate::events::event(&event))
    };
    let around = of(n_bytes).len() - n_bytes;
    let found = (n_bytes.saturating_sub(around + 4)..n_bytes).map(of).find(|message| message.len() == n_bytes);
    found.unwrap_or_else(|| panic!("no message has {n_bytes} bytes"))
}

/// Asks until the index is as expected: by difference 9 an event may leave it a moment later.
fn then(skep: &Skep, case: &Value, expected: &Value, timeless: &Timeless) -> Result<(), String> {
    let Some(query) = case["then_query"].as_str() else { return Ok(()) };
    let mut encoder = Encoder::new();
    encoder.query(query);
    let mut last = Ok(());
    testbed::wait_until(PATIENCE, || {
        let mut connection = Connection::open(skep.riemann.unwrap(), PATIENCE).unwrap();
        let reply = connection.ask(encoder.bytes()).unwrap();
        last = replies::check(&expected["then_reply"], &Value::Null, &reply, timeless);
        last.is_ok()
    });
    last.map_err(|why| format!("asked {query}: {why}"))
}

/// Difference 8: the message is acked, the event indexed, and what a step could not do is counted.
pub(crate) fn run_failing_streams() {
    let folder = tempfile::tempdir().unwrap();
    let skep = start(folder.path());
    for (n, service) in ["boom", "toplevel"].into_iter().enumerate() {
        let mut connection = Connection::open(skep.riemann.unwrap(), PATIENCE).unwrap();
        let reply = connection.ask(&encode(&crate::events::event(&json!({"service": service, "ttl": 600})))).unwrap();
        assert_eq!(reply, [0x10, 1], "{service}");
        assert_eq!(skep.index(&format!("service = \"{service}\"")).len(), 1);
        skep.wait_for_number("skep_processor_events_unfit_total", n as f64 + 1.0);
    }
    skep.stop();
}
