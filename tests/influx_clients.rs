//! InfluxData's own clients write to skep and read back, unchanged: `influxdb` (1.x) and `influxdb-client` (2.x) from PyPI.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use std::process::Command;

use common::{Skep, python};

const PACKAGES: [&str; 2] = ["influxdb==5.3.2", "influxdb-client==1.50.0"];

/// Arguments: host, port, token.
const PROGRAM: &str = r#"
import sys, time
from influxdb import InfluxDBClient
import influxdb_client
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException
host, port, token = sys.argv[1], int(sys.argv[2]), sys.argv[3]
now = int(time.time())

one = InfluxDBClient(host=host, port=port, username='any', password=token, database='mine', gzip=True)
one.create_database('mine')
point = lambda at, value: {'measurement': 'room temp', 'tags': {'host': 'n1', 'room': 'a,b c'}, 'time': at, 'fields': {'degrees': value, 'ok': True, 'n': 3, 'note': 'say "hi"'}}
assert one.write_points([point(now - 2, 20.5), point(now - 1, 21.5)], time_precision='s')
assert one.ping() == '1.8.10-skep'

url = 'http://%s:%d' % (host, port)
two = influxdb_client.InfluxDBClient(url=url, token=token, org='o', enable_gzip=True)
write = two.write_api(write_options=SYNCHRONOUS)
write.write(bucket='b', record=influxdb_client.Point('room temp').tag('host', 'n1').tag('room', 'a,b c').field('degrees', 22.5).time(now * 10**9))
try:
    write.write(bucket='b', record='nonsense')
    raise SystemExit('nonsense was taken')
except ApiException as error:
    assert error.status == 400 and 'line 1: expected the key of a field' in error.body, error.body
two.close()

found = []
for _ in range(100):
    found = [row['degrees'] for row in one.query('SELECT degrees FROM "room temp" WHERE room = \'a,b c\'', epoch='s').get_points()]
    if len(found) == 3:
        break
    time.sleep(0.1)
print('found', found)
"#;

#[test]
fn influxdbs_python_clients_write_and_read() {
    let Some(python) = python::with("influx", &PACKAGES, "influxdb, influxdb_client") else { return };
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    let program = folder.path().join("clients.py");
    std::fs::write(&program, PROGRAM).unwrap();
    let (host, port) = (skep.http.ip().to_string(), skep.http.port().to_string());
    let output = Command::new(python).arg("-W").arg("ignore").arg(&program).args([&host, &port, "any"]).output().unwrap();
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}{errors}");
    assert_eq!(said.trim(), "found [20.5, 21.5, 22.5]");
    skep.stop();
}
