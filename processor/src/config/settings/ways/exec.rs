//! The key `collector.exec`: which programs are run, and how.

use event::Duration;

use super::name;
use crate::config::reader::{describe, entries};
use crate::config::report::Report;
use crate::config::section::Section;
use crate::config::values;
use crate::config::yaml::{Kind, Node};
use crate::settings::{Exec, ExecFormat};

/// Each is a process every now and then; whoever needs more of them can let one print for several.
const MAX: usize = 64;

/// Nothing is run more often.
const LEAST_EVERY: Duration = Duration::from_secs(1);

/// Enough for a program to start.
const LEAST_TIMEOUT: Duration = Duration::from_micros(10_000);

const FORMATS: [(&str, ExecFormat); 2] = [("influx", ExecFormat::Influx), ("json", ExecFormat::Json)];

/// A list of programs.
pub(super) fn programs(key: &str, node: &Node, report: &mut Report) -> Option<Vec<Exec>> {
    let Kind::List(nodes) = &node.kind else {
        let message = format!("`{key}` takes a list, as in [{{name: raid, command: [/usr/lib/check-raid]}}], not {}", describe(node));
        report.error(&node.place, message);
        return None;
    };
    if nodes.len() > MAX {
        report.error(&node.place, format!("`{key}` takes {MAX} programs at the most, not {}", nodes.len()));
        return None;
    }
    let read: Vec<_> = nodes.iter().map(|node| program(node, report)).collect();
    let programs: Vec<Exec> = read.into_iter().collect::<Option<_>>()?;
    for (index, (program, node)) in programs.iter().zip(nodes).enumerate() {
        if programs.iter().take(index).any(|other| other.name == program.name) {
            report.error(&node.place, format!("a program `{}` is there twice; give one of them another `name`", program.name));
            return None;
        }
    }
    Some(programs)
}

fn program(node: &Node, report: &mut Report) -> Option<Exec> {
    let known = ["name", "command", "every", "timeout", "format", "env"];
    let mut section = Section::open(node, "a program of `exec`", &known, &[], report)?;
    for (key, example) in [("name", "name: raid"), ("command", "command: [/usr/lib/check-raid, --all]")] {
        if section.node(key).is_none() {
            section.report.error(&node.place, format!("a program needs a `{key}`, as in `{example}`"));
            return None;
        }
    }
    let (name, command) = (section.read("name", name), section.read("command", command));
    let mut every = Duration::from_secs(60);
    section.set(&mut every, "every", |key, node, report| values::duration_of(key, LEAST_EVERY, node, report));
    let mut timeout = Duration::from_secs(10).min(every);
    section.set(&mut timeout, "timeout", |key, node, report| values::duration_of(key, LEAST_TIMEOUT, node, report));
    let (mut format, mut environment) = (ExecFormat::Influx, Vec::new());
    section.set(&mut format, "format", |key, node, report| values::choice(key, &FORMATS, node, report));
    section.set(&mut environment, "env", variables);
    if timeout > every {
        section.report.error(&node.place, format!("`timeout` is at most `every`, {every}, not {timeout}"));
        return None;
    }
    Some(Exec { name: name?, command: command?, environment, every, timeout, format })
}

/// The program and its arguments; a path alone where it has none.
fn command(key: &str, node: &Node, report: &mut Report) -> Option<Vec<String>> {
    let words = match &node.kind {
        Kind::List(nodes) => {
            nodes.iter().map(|node| values::text(key, node, report)).collect::<Vec<_>>().into_iter().collect::<Option<_>>()?
        }
        _ => vec![values::filled(key, node, report)?],
    };
    if node.scalar().is_some_and(|text| text.contains(char::is_whitespace)) {
        let words = words.join(" ");
        let list = words.split_whitespace().collect::<Vec<_>>().join(", ");
        report
            .error(&node.place, format!("`{key}` takes a program and its arguments as a list: no shell takes `{words}` apart"))
            .help(format!("write `{key}: [{list}]`, or let a shell do it: `{key}: [sh, -c, \"{words}\"]`"));
        return None;
    }
    if words.first().is_none_or(|program| program.trim().is_empty()) {
        report.error(&node.place, format!("`{key}` begins with the program, as in [/usr/lib/check-raid, --all]"));
        return None;
    }
    if words.iter().any(|word| word.contains('\0')) {
        report.error(&node.place, format!("`{key}` holds a zero byte, which no program can be given"));
        return None;
    }
    Some(words)
}

fn variables(key: &str, node: &Node, report: &mut Report) -> Option<Vec<(String, String)>> {
    let twice = |name: &str, second: &_, _: &_, report: &mut Report| {
        report.error(second, format!("the variable `{name}` is there twice"));
    };
    let read = entries(node, &format!("`{key}`"), twice, report)?;
    let mut variables = Vec::new();
    for (name, place, value) in read.iter() {
        if name.is_empty() || name.contains(['=', '\0']) {
            report.error(place, format!("`{name}` is no name for a variable of the environment: it is empty, or holds `=` or a zero byte"));
            return None;
        }
        let value = values::text(name, value, report)?;
        if value.contains('\0') {
            report.error(place, format!("`{name}` holds a zero byte, which no program can be given"));
            return None;
        }
        variables.push((name.to_owned(), value));
    }
    Some(variables)
}
