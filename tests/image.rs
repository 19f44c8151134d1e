//! The image, made by its own scripts and run by a real dockerd: of the program under test, and with `SKEP_RELEASE` as `make image`
//! makes it, small and static.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop anywhere, and watches other processes, whose time nobody can move"
)]

mod common;
#[path = "notify/servers.rs"]
#[expect(dead_code, reason = "only the post box is asked here")]
mod servers;

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Output};

use common::command::run;
use common::{PATIENCE, image, project};
use serde_json::{Value, json};
use servers::PostBox;
use tempfile::TempDir;
use testbed::{Dockerd, wait_until};

/// Who the image's processes are.
const USER: u32 = 65532;

struct Image {
    docker: Dockerd,
    folder: TempDir,
    name: String,
}

impl Image {
    fn make() -> Option<Self> {
        let docker = Dockerd::start()?;
        let folder = tempfile::tempdir().unwrap();
        let name = docker.name("image");
        let script = |name: &str| {
            let mut command = Command::new("sh");
            command.arg(project("vagrant/image").join(name)).env_remove("DOCKER_CONTEXT");
            command.env("DOCKER_HOST", format!("unix://{}", docker.socket().display()));
            command
        };
        if is_release() {
            println!("{}", run(script("build.sh").arg(&name)));
        } else {
            let tree = image::tree_of_skep(folder.path());
            let pack = || run(script("pack.sh").arg(&tree).arg(&name));
            let first = pack();
            // At another time, and from files of another time.
            run(Command::new("touch").arg(tree.join("skep")));
            assert_eq!(pack(), first, "the same files are the same image");
        }
        docker.enter();
        Some(Self { docker, folder, name })
    }

    /// Runs skep in a container to its end: exit code, and all it said.
    fn skep(&self, options: &[&str], arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.docker.command(&[&["run", "--rm"], options, &[&self.name], arguments].concat()).output().unwrap();
        (output.status.code(), told(&output))
    }

    /// A part of what docker says of something.
    fn inspect(&self, what: &str, part: &str) -> Value {
        serde_json::from_str(&self.docker.docker(&["inspect", "--format", &format!("{{{{json .{part}}}}}"), what])).unwrap()
    }

    /// The files of the image, as `MODE OWNER/GROUP NAME`, without what docker lays over it and without libraries.
    fn files(&self) -> Vec<String> {
        let (container, tar) = (self.docker.name("files"), self.folder.path().join("files.tar"));
        self.docker.docker(&["create", "--name", &container, &self.name]);
        self.docker.docker(&["export", "--output", tar.to_str().unwrap(), &container]);
        let listed = run(Command::new("tar").args(["--numeric-owner", "-tvf"]).arg(tar));
        let mut files: Vec<String> = listed.lines().filter_map(ours).collect();
        files.sort_by(|a, b| a.rsplit(' ').cmp(b.rsplit(' ')));
        files
    }
}

/// Whether a release is to be built for it, which takes minutes.
fn is_release() -> bool {
    std::env::var_os("SKEP_RELEASE").is_some()
}

fn ours(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (mode, owner, name) = (words[0], words[1], words[5]);
    let docker = [".dockerenv", "dev/", "etc/", "proc/", "sys/"];
    let is_library = |name: &str| !is_release() && (name.starts_with("lib") || name.starts_with("usr/"));
    let is_other = docker.iter().any(|other| name.starts_with(other)) || is_library(name);
    (!is_other).then(|| format!("{mode} {owner} {name}"))
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

#[test]
fn the_image_holds_one_program_which_runs_as_nobody_in_particular_and_is_found_healthy() {
    let Some(image) = Image::make() else { return };
    let settings = image.inspect(&image.name, "Config");
    let part = |name: &str| settings[name].clone();
    assert_eq!(part("User"), format!("{USER}:{USER}"));
    assert_eq!(part("Entrypoint"), json!(["/skep"]));
    assert_eq!(part("ExposedPorts"), json!({"5555/tcp": {}, "5555/udp": {}, "5556/tcp": {}}));
    assert_eq!(part("Volumes"), json!({"/var/lib/skep": {}}));
    let labels = part("Labels");
    assert_eq!(labels["org.opencontainers.image.title"], "skep");
    assert_eq!(labels["org.opencontainers.image.licenses"], "MIT OR Apache-2.0");
    assert_eq!(
        image.files(),
        [
            "-rwxr-xr-x 0/0 skep",
            "drwxrwxrwt 0/0 tmp/",
            "drwxr-xr-x 0/0 var/",
            "drwxr-xr-x 0/0 var/lib/",
            "drwx------ 0/0 var/lib/skep-collector/",
            "drwx------ 65532/65532 var/lib/skep/",
        ]
    );
    assert_eq!(image.skep(&[], &["--version"]), (Some(0), common::run(&["--version"]).1));

    let container = image.docker.name("health");
    // As the documentation has it: without a word on where its data goes.
    image.docker.docker(&["run", "-d", "--name", &container, "-v", "/:/host:ro", &image.name, "run", "--host-root", "/host"]);
    let health = || image.inspect(&container, "State")["Health"]["Status"].as_str().unwrap().to_owned();
    let logs = || told(&image.docker.command(&["logs", &container]).output().unwrap());
    assert!(wait_until(PATIENCE, || health() == "healthy"), "{}: {}", health(), logs());
    let pid = image.inspect(&container, "State.Pid");
    assert_eq!(owner(Path::new(&format!("/proc/{pid}"))), (USER, USER));
    let mounts = image.inspect(&container, "Mounts");
    let volume = mounts.as_array().unwrap().iter().find(|mount| mount["Destination"] == "/var/lib/skep").unwrap();
    assert_eq!(owner(&Path::new(volume["Source"].as_str().unwrap()).join("journal")), (USER, USER));
    image.docker.docker(&["stop", &container]);
    assert_eq!(image.inspect(&container, "State.ExitCode"), 0, "{}", logs());
}

fn owner(path: &Path) -> (u32, u32) {
    let meta = fs::metadata(path).unwrap();
    (meta.uid(), meta.gid())
}

const RULES: &str = "silences:
  - {where: 'host = \"n1\"', every: 'Sat,Sun 02:00-04:00 ZONE', why: backup, author: ops}
notify:
  trusting: {webhook: {url: 'URL', ca_file: /rules/ca.pem}}
  usual: {webhook: {url: 'URL'}}
";

#[test]
fn time_zones_and_the_authorities_of_the_web_are_in_the_program() {
    let Some(image) = Image::make() else { return };
    let Some(post_box) = PostBox::start_https(&image.folder.path().join("box")) else { return };
    let rules = image.folder.path().join("rules");
    fs::create_dir(&rules).unwrap();
    fs::copy(project("processor/tests/tls/ca.pem"), rules.join("ca.pem")).unwrap();
    run(Command::new("chmod").args(["-R", "a+rX"]).arg(image.folder.path()));
    let mount = format!("{}:/rules:ro", rules.display());
    let skep = |zone: &str, arguments: &[&str]| {
        fs::write(rules.join("rules.yaml"), RULES.replace("ZONE", zone).replace("URL", &post_box.https_url("/hook"))).unwrap();
        image.skep(&["--network", "host", "-v", &mount], arguments)
    };
    let checked = skep("Europe/Berlin", &["check", "/rules"]);
    assert_eq!(checked.0, Some(0), "{}", checked.1);
    let (code, told) = skep("Europe/Nowhere", &["check", "/rules"]);
    assert!(code == Some(2) && told.contains("Europe/Nowhere"), "{code:?} {told}");

    let test = |notifier: &str| skep("Europe/Berlin", &["notify-test", notifier, "--rules", "/rules"]);
    assert_eq!(test("trusting"), (Some(0), "webhook: taken by the other side\n".to_owned()));
    // The authorities of the web are there, and this one is none of them.
    let (code, told) = test("usual");
    assert!(code == Some(1) && told.contains("UnknownIssuer"), "{code:?} {told}");
    assert_eq!(post_box.posts().len(), 1);
}
