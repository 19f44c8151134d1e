//! The options of `skep top`.

use clap::Args;

use super::Changing;

/// `skep top`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Keys: 1-4 or Tab choose the list, j k or arrows the line, s sorts by the next column, r reverses, / filters,
Enter opens (a node's containers, a service's tasks, a container, why an alert is open), Esc goes back, ? tells all, q quits.

Examples:
  skep top                                    this machine's skep
  skep top --url http://processor:5556        another's
  skep top --once                             all lists as text, for a mail or `watch`; also where stdout is no terminal

Exit code: 0 when it was ended or all was printed, 2 when nobody answered, or not to the end.")]
pub(crate) struct TopOptions {
    #[command(flatten)]
    pub(crate) reading: Changing,

    /// Print all lists once, and end
    #[arg(long)]
    pub(crate) once: bool,
}
