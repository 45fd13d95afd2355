//! `seshat-server`: starts the server, says where it listens, stops it on SIGTERM or SIGINT.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use seshat_server::{Config, parse_origin, serve};

/// Seconds.
const DAY: u64 = 24 * 60 * 60;

/// The self-hosted sync server of Seshat. It carries sealed bytes and can open none of them.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The folder that holds everything; made when it is not there.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// The address at which authors reach this server, when a proxy stands in front; may be repeated.
    /// [default: http://ADDRESS and http://localhost:PORT]
    #[arg(long = "origin", value_name = "URL", value_parser = parse_origin)]
    origins: Vec<String>,
    /// The most MiB that the database may take up; what needs more is refused.
    #[arg(long, value_name = "MIB")]
    max_database_mib: Option<u64>,
    /// How many days a record is kept after a snapshot has replaced it.
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    keep_replaced_days: u32,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    std::panic::set_hook(Box::new(report_panic));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(arguments))
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let mut config = Config::new(arguments.data, arguments.listen);
    config.origins = arguments.origins;
    config.room = arguments.max_database_mib.map(|mib| mib.saturating_mul(1024 * 1024));
    config.keep_replaced = Duration::from_secs(u64::from(arguments.keep_replaced_days) * DAY);
    config.log = Box::new(std::io::stderr());
    let signal = asked_to_stop().context("cannot listen for signals")?;
    let server = serve(config).await?;
    writeln!(std::io::stdout(), "listening on {}", server.url())
        .context("cannot write to stdout")?;
    signal.await;
    server.shutdown().await;
    Ok(())
}

/// Listens from now on, so that a signal that comes while the server starts is not lost.
#[cfg(unix)]
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a signal to wait for the server runs until it is ended from outside.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// A panic's text may quote what it was working on: only the place is said.
fn report_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line()));
    let line = serde_json::json!({ "event": "panic", "place": place });
    let _unwritable = writeln!(std::io::stderr(), "{line}");
}
