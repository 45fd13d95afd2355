//! `seshat-server migrate`

use std::io::Write;

use seshat_server::Config;
use seshat_server::opening::{Who, open};

/// Brings the database up to this version.
pub(crate) async fn migrate(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let opened = open(config, Who::Server).await?;
    opened.close().await;
    writeln!(out, "The database is ready for seshat-server {}.", env!("CARGO_PKG_VERSION"))?;
    Ok(())
}
