//! What memory does a skep with journal and store take at 4,000 values a second?
//!
//! A hundred devices of forty metrics send a message a second each; blocks are sealed after five minutes, so it runs for longer.

use std::path::Path;
use std::time::Duration;

use crate::mix::Mix;
use crate::peer::Peer;
use crate::turns::Turns;

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Seconds.
    #[arg(long, default_value_t = 660)]
    seconds: u64,
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
pub(crate) fn run(skep: &Path, options: &Options) -> anyhow::Result<()> {
    let peer = Peer::with(skep, "alerts: {}\n", "processor:\n  journal: {max: 1GiB}\n")?;
    let mut turns = Turns::connect(peer.riemann)?;
    let mut mix = Mix::new();
    let (mut most, before) = (0, peer.usage()?);
    println!("| second | RssAnon MiB |\n|---|---|");
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    for second in 1..=options.seconds {
        turns.wait(Duration::from_secs(1));
        turns.send(&mut mix, Turns::now())?;
        let usage = peer.usage()?;
        most = most.max(usage.rss_anon);
        if second % 60 == 0 {
            println!("| {second} | {:.1} |", mib(usage.rss_anon));
        }
    }
    let cpu = peer.usage()?.cpu.saturating_sub(before.cpu);
    println!("most: {:.1} MiB; {:.2} % of a core", mib(most), cpu.as_secs_f64() * 100.0 / options.seconds as f64);
    Ok(())
}
