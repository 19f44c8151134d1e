//! The options of `skep silence`, `skep disable`, `skep enable` and `skep ack`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Target;

/// Where a running skep answers, and what proves that one may change something there.
#[derive(Args, Clone, Debug)]
pub(crate) struct Changing {
    #[command(flatten)]
    pub(crate) target: Target,

    /// File with the token of that skep, where it listens beyond its machine [default: the environment's SKEP_TOKEN]
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
}

/// `skep silence`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Examples:
  skep silence add 'host = \"n1\"' --for 2h --why 'disk swap'
  skep silence add 'alert = \"disk-full\" and path = \"/backup\"' --until 2026-12-01T08:00:00Z
  skep silence add 'state = \"warning\"' --every 'Sat,Sun 02:00-04:00 Europe/Berlin'
  skep silence list
  skep silence end 3

Alerts change and show as always; only their messages are held back. What is still open at the end is told then.
Exit code: 0 when it is done, 2 when it was refused or nobody answered.")]
pub(crate) struct SilenceOptions {
    #[command(subcommand)]
    pub(crate) action: SilenceAction,
}

/// What to do with silences.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum SilenceAction {
    /// Make one; prints its id
    Add {
        /// Which alerts, as a query over their events: 'alert = "cpu-high" and host = "n1"'
        #[arg(value_name = "QUERY")]
        where_: String,

        /// How long from now on: 30m, 2h, 1d
        #[arg(long = "for", value_name = "DURATION", conflicts_with = "until")]
        for_: Option<String>,

        /// Until when: 2026-12-01T08:00:00Z
        #[arg(long, value_name = "TIME")]
        until: Option<String>,

        /// Only in these hours each week: 'Sat,Sun 02:00-04:00 Europe/Berlin', 'daily 22:00-06:00'; UTC without a zone
        #[arg(long, value_name = "HOURS")]
        every: Option<String>,

        /// The reason
        #[arg(long, value_name = "TEXT", default_value = "")]
        why: String,

        /// Who wants it
        #[arg(long, value_name = "NAME", env = "USER", default_value = "")]
        author: String,

        #[command(flatten)]
        changing: Changing,
    },
    /// Show those that are on or wait for their hours
    List {
        #[command(flatten)]
        target: Target,

        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// End one now
    End {
        /// As `skep silence list` shows it
        id: String,

        #[command(flatten)]
        changing: Changing,
    },
}

/// `skep disable`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Example:
  skep disable disk-full --why 'the limits are being changed'

Its alerts change and show as always; their messages are held back until `skep enable`. Over a restart too.
Exit code: 0 when it is done, 2 when it was refused or nobody answered.")]
pub(crate) struct DisableOptions {
    /// The alert's name
    pub(crate) alert: String,

    /// The reason
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) why: String,

    /// Who wants it
    #[arg(long, value_name = "NAME", env = "USER", default_value = "")]
    pub(crate) author: String,

    #[command(flatten)]
    pub(crate) changing: Changing,
}

/// `skep enable`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
What is still open is told then. `skep silence list` shows which alerts are disabled.
Exit code: 0 when it is done, 2 when it was refused or nobody answered.")]
pub(crate) struct EnableOptions {
    /// The alert's name
    pub(crate) alert: String,

    #[command(flatten)]
    pub(crate) changing: Changing,
}

/// `skep ack`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Example:
  skep ack disk-full host=n1 path=/ --note 'growing the volume'

Exit code: 0 when it is done, 2 when it was refused or nobody answered.")]
pub(crate) struct AckOptions {
    /// The alert's name
    pub(crate) alert: String,

    /// Fields of its `by`; every open instance that has these values, all without any
    #[arg(value_name = "FIELD=VALUE")]
    pub(crate) fields: Vec<String>,

    /// What is being done
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) note: String,

    /// Who looks after it
    #[arg(long, value_name = "NAME", env = "USER", default_value = "")]
    pub(crate) author: String,

    #[command(flatten)]
    pub(crate) changing: Changing,
}
