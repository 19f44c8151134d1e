//! The commands about rules: `record`, `replay`, `check`, `explain`, `test`.

use std::path::PathBuf;

use clap::Args;

use super::{Common, Target};

/// `skep record`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  skep record --out monday.skeprec                                 all events, until Ctrl-C
  skep record --out cpu.skeprec --query 'service =~ \"cpu/%\"'      some of them

A recording begins with nothing: alerts that are open already open again in its replay when their next event comes.
There is one recording at a time; a second one ends the first.")]
pub(crate) struct RecordOptions {
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    /// Only these events, in Riemann's query language
    #[arg(long, value_name = "Q")]
    pub(crate) query: Option<String>,

    #[command(flatten)]
    pub(crate) target: Target,
}

/// `skep replay`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  skep replay monday.skeprec                      what the stock rules make of it
  skep replay monday.skeprec --rules new/ --json  what other rules make of it, one JSON object a line
  skep replay monday.skeprec --rules old/ --against new/    only what the two make differently
  skep replay --from 2026-12-01T08:00:00Z --to 2026-12-01T09:00:00Z new/     over what the store of a running skep holds
  skep replay --from 2026-12-01T08:00:00Z --influx 'http://db:8086?db=swarm' new/    over an InfluxDB 1

With the rules that ran while recording, the output is what happened; with others, each timer runs at its very moment.
Nothing is sent anywhere and nothing is kept.")]
pub(crate) struct ReplayOptions {
    /// What `skep record` wrote; with --from folders of rule files, as with --rules
    #[arg(value_name = "FILE", required_unless_present = "from")]
    pub(crate) files: Vec<PathBuf>,

    /// Replay what was kept from this moment on, RFC 3339, in place of a recording
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,

    /// Up to before this moment [default: now]
    #[arg(long, value_name = "TIME", requires = "from")]
    pub(crate) to: Option<String>,

    /// An InfluxDB 1 that holds it, `http://[USER:PASSWORD@]HOST:PORT[/PREFIX]?db=NAME[&rp=NAME]`, in place of the store of the running skep
    #[arg(long, value_name = "URL", requires = "from")]
    pub(crate) influx: Option<String>,

    #[command(flatten)]
    pub(crate) target: Target,

    /// Folder of rule files, over the stock rules; may be given several times
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Vec<PathBuf>,

    /// Folder of other rule files, over the stock rules, to compare with: prints the transitions that only one of both makes
    #[arg(long, value_name = "DIR", conflicts_with = "events")]
    pub(crate) against: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) common: Common,

    /// One JSON object a line, with its `kind`
    #[arg(long)]
    pub(crate) json: bool,

    /// Every event and expiry too, not only transitions and messages
    #[arg(long)]
    pub(crate) events: bool,
}

/// `skep check`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  skep check my-rules/ skep.yaml
  skep check my-rules/ --live http://127.0.0.1:5556     what matches nothing there, and how many instances each rule has
  skep check --schema > rules.schema.json               for editors with a YAML language server

Exit code: 0 when all is well, 1 for warnings with --strict, 2 for errors, or when nobody answers.")]
pub(crate) struct CheckOptions {
    /// Files and folders; a file named skep.yaml holds settings, every other .yaml rules
    #[arg(required_unless_present = "schema", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// Print the JSON Schema of rule files instead
    #[arg(long, exclusive = true)]
    pub(crate) schema: bool,

    /// A running skep: also tell which rules match nothing in its index
    #[arg(long, value_name = "URL")]
    pub(crate) live: Option<String>,

    /// Warnings fail too
    #[arg(long)]
    pub(crate) strict: bool,

    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// `skep explain`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  skep explain cpu-high                                        what it does, from the rule files
  skep explain cpu-high --url http://127.0.0.1:5556            and how each of its instances is
  skep explain cpu-high host=n1 --url http://127.0.0.1:5556    why this one is open, or what is missing")]
pub(crate) struct ExplainOptions {
    /// The alert's name
    #[arg(value_name = "ALERT")]
    pub(crate) alert: String,

    /// Only instances with these values of the alert's `by`
    #[arg(value_name = "FIELD=VALUE", requires = "url")]
    pub(crate) fields: Vec<String>,

    /// A running skep, whose rules and instances are told
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,

    /// Folder of rule files, over the stock rules; may be given several times
    #[arg(long, value_name = "DIR", conflicts_with = "url")]
    pub(crate) rules: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) common: Common,

    /// What the running skep answers, as one JSON object
    #[arg(long, requires = "url")]
    pub(crate) json: bool,
}

/// `skep test`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
A test stands in a rule file. Time is simulated, the engine is the one that runs in production:
  tests:
    - name: a short peak opens nothing, a long one is critical
      alert: load-high
      events:
        - {host: n1, service: system/load1, metric: 1 20x3 1x6 20x20, every: 10s}
      expect:                       # all that the alert does, in order
        - {at: 220s, host: n1, state: critical, value: 20}

Examples:
  skep test                         the rules of the settings, and the stock rules
  skep test my-rules/               all tests of a folder, over the stock rules
  skep test my-rules/ --filter peak --junit report.xml
  skep test my-rules/ --mutate      what could be changed in the rules without any test noticing

Exit code: 0 when all pass, 1 when one fails or there is none, 2 for mistakes in the files.")]
pub(crate) struct TestOptions {
    /// Rule files and folders, read together [default: the rule folders of the settings, and the stock rules]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// Only tests whose name contains this
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,

    /// Write the results as JUnit's XML too
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,

    /// Change each threshold, duration, fold and key of the rules, one at a time, and tell which changes no test notices
    #[arg(long)]
    pub(crate) mutate: bool,

    /// Without the stock rules, which in production lie under those of the files
    #[arg(long)]
    pub(crate) no_stock: bool,

    #[command(flatten)]
    pub(crate) common: Common,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// `[{file, line, column, level, message, help}]`
    Json,
}
