//! Riemann's further ways in and out: WebSockets, server-sent events, events by HTTP, TLS, Graphite's and OpenTSDB's lines.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on says where")]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::PathBuf;
use std::sync::Arc;

use common::{PATIENCE, event, index, plan, send, settings, start, start_with, wait_for};
use event::Event;
use event::msg::{Encoder, Msg};
use futures_util::{SinkExt as _, StreamExt as _};
use processor::run::Handle;
use processor::settings::{Graphite, Inlets, RiemannTls};
use serde_json::Value;
use testbed::{http, wait_until};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

type Socket = WebSocketStream<tokio::net::TcpStream>;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(PATIENCE, future).await.expect("an answer in time") })
}

async fn open(address: SocketAddr, path: &str) -> Socket {
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    client_async(format!("ws://{address}{path}"), stream).await.unwrap().0
}

/// The next event, or nothing once the socket is closed.
async fn next(socket: &mut Socket) -> Option<Value> {
    loop {
        match socket.next().await? {
            Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
            Ok(Message::Close(_)) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

#[test]
fn riemann_dashs_requests_see_what_is_there_and_what_comes() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    send(processor.riemann, &[event("a", "x", 1), event("b", "y", 2)]);
    block_on(async {
        let mut socket = open(processor.http, "/index?subscribe=true&query=service%20%3D%20%22x%22").await;
        let first = next(&mut socket).await.unwrap();
        assert_eq!((&first["host"], &first["metric"], &first["state"]), (&"a".into(), &1.into(), &Value::Null));
        send(processor.riemann, &[event("b", "y", 3), event("c", "x", 4)]);
        assert_eq!(next(&mut socket).await.unwrap()["host"], "c");
        // An event that says so itself is told once.
        send(processor.riemann, &[Event { state: Some("expired".into()), ..event("c", "x", 5) }, event("a", "x", 6)]);
        assert_eq!(next(&mut socket).await.unwrap()["state"], "expired");
        assert_eq!(next(&mut socket).await.unwrap()["metric"], 6);

        let mut once = open(processor.http, "/index?query=true").await;
        let mut hosts = Vec::new();
        while let Some(event) = next(&mut once).await {
            hosts.push(event["host"].as_str().unwrap().to_owned());
        }
        hosts.retain(|host| host != "node" && host != "swarm");
        hosts.sort();
        assert_eq!(hosts, ["a", "b"]);
        assert_eq!(next(&mut open(processor.http, "/index?query=service%20%3D").await).await, None);

        let mut published = open(processor.http, "/pubsub/index?query=service%20%3D%20%22x%22").await;
        send(processor.riemann, &[event("a", "x", 7)]);
        assert_eq!(next(&mut published).await.unwrap()["metric"], 7);
    });
    processor.stop();
}

#[test]
fn the_reaper_is_heard_with_host_and_service() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    block_on(async {
        let mut socket = open(processor.http, "/index?subscribe=true&query=service%20%3D%20%22short%22").await;
        send(processor.riemann, &[Event { ttl: Some(0.2), ..event("a", "short", 1) }]);
        assert_eq!(next(&mut socket).await.unwrap()["metric"], 1);
        let gone = next(&mut socket).await.unwrap();
        assert_eq!((&gone["host"], &gone["state"], &gone["metric"]), (&"a".into(), &"expired".into(), &Value::Null));
    });
    processor.stop();
}

/// While one sender counts up, each subscriber sees a number and then every following one.
#[test]
fn no_event_is_lost_between_the_snapshot_and_the_updates() {
    const LAST: i64 = 3000;
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let riemann = processor.riemann;
    send(riemann, &[event("a", "count", 0)]);
    let sender = std::thread::spawn(move || (1..=LAST).for_each(|number| send(riemann, &[event("a", "count", number)])));
    let http = processor.http;
    let follow = || async move {
        let mut socket = open(http, "/index?subscribe=true&query=service%20%3D%20%22count%22").await;
        let mut last = next(&mut socket).await.unwrap()["metric"].as_i64().unwrap();
        while last < LAST {
            let number = next(&mut socket).await.unwrap()["metric"].as_i64().unwrap();
            assert_eq!(number, last + 1, "an event was lost or came twice");
            last = number;
        }
    };
    block_on(async {
        for _ in 0..8 {
            tokio::join!(follow(), follow());
        }
    });
    sender.join().unwrap();
    processor.stop();
}

#[test]
fn a_page_of_another_host_may_not_listen() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let head = "GET /index?subscribe=true HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://evil.example\r\n\r\n";
    let mut stream = TcpStream::connect(processor.http).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 403"), "{line}");
    processor.stop();
}

#[test]
fn server_sent_events_follow_the_index_on_both_ports() {
    let folder = tempfile::tempdir().unwrap();
    let inlets = Inlets { riemann_sse: Some("127.0.0.1:0".parse().unwrap()), ..Inlets::default() };
    let processor = start_with(common_settings(folder.path(), inlets), plan(), Arc::new(|| Ok(plan().into())));
    send(processor.riemann, &[event("a", "x", 1)]);
    let sse = further(&processor, "riemann_sse");
    for (address, path) in [(processor.http, "/index?subscribe=true&query="), (sse, "/index?query=")] {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(format!("GET {path}service%20%3D%20%22x%22 HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).unwrap();
        let mut lines =
            BufReader::new(stream).lines().map(Result::unwrap).filter_map(|line| line.strip_prefix("data: ").map(str::to_owned));
        let mut metric = || serde_json::from_str::<Value>(&lines.next().unwrap()).unwrap()["metric"].clone();
        assert_eq!(metric(), 1);
        send(processor.riemann, &[event("a", "x", 2), event("a", "x", 1)]);
        assert_eq!((metric(), metric()), (2.into(), 1.into()));
    }
    assert_eq!(http::get(sse, "/").unwrap().status, 404);
    assert_eq!(http::get(sse, "/index?query=x%20%3D").unwrap().status, 500);
    let once = http::get(processor.http, "/index?query=service%20%3D%20%22x%22").unwrap();
    assert!(once.body.contains("\"metric\":1"), "{}", once.body);
    processor.stop();
}

#[test]
fn events_come_by_put_post_and_websocket() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let lines =
        b"{\"host\":\"a\",\"service\":\"x\",\"metric\":1.5,\"ttl\":3600}\n{\"time\":5}\n\n{\"service\":\"y\",\"dc\":\"fra\",\"ttl\":3600}";
    for method in ["PUT", "POST"] {
        let answer = http::request(processor.http, method, "/events", &[], lines).unwrap();
        let answers: Vec<_> = answer.body.lines().collect();
        assert_eq!((answer.status, answers.len(), answers[0], answers[2]), (200, 3, "{}", "{}"), "{}", answer.body);
        assert!(answers[1].contains("`time` is 5"), "{}", answer.body);
    }
    assert_eq!(index(processor.http, "service = \"x\"")[0]["metric"], 1.5);
    assert_eq!(index(processor.http, "dc = \"fra\"").len(), 1);
    assert_eq!(http::get(processor.http, "/events").unwrap().status, 405);
    let elsewhere = http::request(processor.http, "POST", "/events", &[("Origin", "http://evil.example")], lines).unwrap();
    assert_eq!(elsewhere.status, 403);
    block_on(async {
        let mut socket = open(processor.http, "/events").await;
        for (frame, answer) in [("{\"service\":\"ws\",\"metric\":2,\"ttl\":3600}", "{}"), ("nonsense", "{\"error\":")] {
            socket.send(Message::text(frame)).await.unwrap();
            let Some(Ok(Message::Text(text))) = socket.next().await else { panic!("no answer") };
            assert!(text.starts_with(answer), "{text}");
        }
    });
    assert_eq!(index(processor.http, "service = \"ws\"")[0]["metric"], 2);
    processor.stop();
}

#[test]
fn lines_of_graphite_and_opentsdb_become_events() {
    let folder = tempfile::tempdir().unwrap();
    let any = "127.0.0.1:0".parse().unwrap();
    let inlets = Inlets { graphite: Some(Graphite { listen: any, tags: true }), opentsdb: Some(any), ..Inlets::default() };
    let processor = start_with(common_settings(folder.path(), inlets), plan(), Arc::new(|| Ok(plan().into())));
    let now = processor.own.now().secs();
    let graphite = further(&processor, "graphite");
    let mut stream = TcpStream::connect(graphite).unwrap();
    stream.write_all(format!("cpu;host=a;dc=fra 1.5 {now}\nbroken\nlast 2 {now}").as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let found = wait_for(processor.http, "service = \"last\" or (service = \"cpu\" and dc = \"fra\" and host = \"a\")", 2);
    assert_eq!(found.len(), 2);
    UdpSocket::bind("127.0.0.1:0").unwrap().send_to(format!("udp 3 {now}\n").as_bytes(), graphite).unwrap();
    wait_for(processor.http, "service = \"udp\"", 1);

    let mut stream = TcpStream::connect(further(&processor, "opentsdb")).unwrap();
    stream.write_all(format!("version\nput load {now} 4 host=b dc=fra\n").as_bytes()).unwrap();
    let mut version = String::new();
    BufReader::new(&stream).read_line(&mut version).unwrap();
    assert!(version.starts_with("net.opentsdb"), "{version}");
    let found = wait_for(processor.http, "service = \"load dc=fra\"", 1);
    assert_eq!((&found[0]["host"], &found[0]["description"]), (&"b".into(), &"load".into()));
    stream.write_all(b"nonsense\n").unwrap();
    assert_eq!(stream.read(&mut [0; 8]).unwrap(), 0, "a bad line ends the connection");
    let refused = || processor.own.samples().into_iter().find(|sample| sample.name == "lines_refused").unwrap().value;
    assert!(wait_until(PATIENCE, || refused().as_f64() == 2.0));
    processor.stop();
}

fn tls(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

#[test]
fn tls_lets_in_whom_the_authority_knows() {
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
    use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

    let folder = tempfile::tempdir().unwrap();
    let files = transport::tls::Files { cert: tls("server.pem"), key: tls("server.key"), ca: Some(tls("ca.pem")) };
    let inlets = Inlets { riemann_tls: Some(RiemannTls { listen: "127.0.0.1:0".parse().unwrap(), files }), ..Inlets::default() };
    let processor = start_with(common_settings(folder.path(), inlets), plan(), Arc::new(|| Ok(plan().into())));
    let address = further(&processor, "riemann_tls");
    let config = |known: bool| {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(tls("ca.pem")).unwrap()).unwrap();
        let builder = ClientConfig::builder_with_provider(crypto::ring::default_provider().into());
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
        if !known {
            return builder.with_no_client_auth();
        }
        let chain = vec![CertificateDer::from_pem_file(tls("client.pem")).unwrap()];
        builder.with_client_auth_cert(chain, PrivateKeyDer::from_pem_file(tls("client.key")).unwrap()).unwrap()
    };
    let ask = |known: bool| {
        block_on(async move {
            use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
            let stream = tokio::net::TcpStream::connect(address).await?;
            let connector = tokio_rustls::TlsConnector::from(Arc::new(config(known)));
            let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await?;
            let mut encoder = Encoder::new();
            event("tls", "x", 1).with_view(|view| encoder.event(view));
            let mut framed = Vec::new();
            transport::frames::put(&mut framed, encoder.bytes());
            stream.write_all(&framed).await?;
            let mut reply = [0; 6];
            stream.read_exact(&mut reply).await?;
            std::io::Result::Ok(reply)
        })
    };
    let reply = ask(true).unwrap();
    assert_eq!(Msg::decode(&reply[4..]).unwrap().ok, Some(true));
    assert_eq!(index(processor.http, "host = \"tls\"").len(), 1);
    ask(false).unwrap_err();
    assert!(wait_until(PATIENCE, || processor.ingest.counters().tls_refused.get() == 1));
    processor.stop();
}

fn common_settings(folder: &std::path::Path, inlets: Inlets) -> processor::run::Settings {
    processor::run::Settings { inlets, ..settings(folder) }
}

fn further(processor: &Handle, name: &str) -> SocketAddr {
    processor.further.iter().find(|(key, _)| *key == name).unwrap().1
}
