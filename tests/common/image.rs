//! Images for the nodes of a swarm, made of programs of this machine: `FROM scratch`, and without a registry.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::command::run;
use super::project;

/// The name of skep's image.
pub(crate) const SKEP: &str = "skep:test";

/// As in the Dockerfile.
pub(crate) const SETTINGS: &[&str] =
    &["ENTRYPOINT [\"/skep\"]", "USER 65532:65532", "ENV SKEP_URL=http://127.0.0.1:5556 XDG_STATE_HOME=/var/lib"];

/// The name of the image of Debian's InfluxDB, as `tests/common/influxdb.yml` has it.
pub(crate) const INFLUXDB: &str = "skep/influxdb:1.6.7";

/// What that image starts.
pub(crate) const INFLUXDB_SETTINGS: &[&str] = &["ENTRYPOINT [\"/influxd\"]"];

/// The tree of skep's image: the program under test, and the libraries that it, unlike a release's, needs.
pub(crate) fn tree_of_skep(folder: &Path) -> PathBuf {
    let (program, tree) = (Path::new(env!("CARGO_BIN_EXE_skep")), folder.join("skep-tree"));
    run(Command::new("sh").arg(project("vagrant/image/tree.sh")).arg(program).arg(&tree));
    add_libraries(program, &tree);
    tree
}

/// The same as an archive.
pub(crate) fn of_skep(folder: &Path) -> PathBuf {
    archive(&tree_of_skep(folder))
}

/// The archive of an image that holds a program of this machine as `/NAME`.
pub(crate) fn of_program(program: &Path, folder: &Path) -> PathBuf {
    let name = program.file_name().unwrap();
    let tree = folder.join(name).with_extension("tree");
    fs::create_dir_all(&tree).unwrap();
    fs::copy(program, tree.join(name)).unwrap();
    add_libraries(program, &tree);
    archive(&tree)
}

/// The archive of an image of Debian's InfluxDB, an `influxd` with no client beside it. It answers `influx ping`, by which the stack asks
/// how InfluxDB does: a second file laid over the stack's cannot ask otherwise, for Docker adds its list of words to that of the first.
pub(crate) fn of_influxd(influxd: &Path, busybox: &Path, folder: &Path) -> PathBuf {
    let tree = folder.join("influxd-tree");
    let bin = tree.join("bin");
    fs::create_dir_all(&bin).unwrap();
    fs::copy(influxd, tree.join("influxd")).unwrap();
    fs::copy(busybox, bin.join("busybox")).unwrap();
    let ping = "#!/bin/busybox sh\nprintf 'GET /ping HTTP/1.0\\r\\n\\r\\n' | busybox nc 127.0.0.1 8086 | busybox grep -q ' 204 '\n";
    fs::write(bin.join("influx"), ping).unwrap();
    fs::set_permissions(bin.join("influx"), fs::Permissions::from_mode(0o755)).unwrap();
    add_libraries(influxd, &tree);
    archive(&tree)
}

fn add_libraries(program: &Path, tree: &Path) {
    let libraries = run(Command::new("ldd").arg(program));
    for library in libraries.split_whitespace().filter(|word| word.starts_with('/')) {
        let copy = tree.join(library.trim_start_matches('/'));
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(library, copy).unwrap();
    }
}

fn archive(tree: &Path) -> PathBuf {
    let tar = tree.with_extension("tar");
    run(Command::new("tar").arg("-C").arg(tree).arg("-cf").arg(&tar).arg("."));
    tar
}
