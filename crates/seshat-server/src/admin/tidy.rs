//! `seshat-server gc` and `seshat-server migrate`

use std::io::Write;

use seshat_server::gc::gc as collect;
use seshat_server::opening::{Opened, Who, open};
use seshat_server::{Config, purge};

/// Removes what nobody needs any more.
pub(crate) async fn gc(
    config: &Config,
    opened: &Opened,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let (store, now) = (opened.store(), (config.clock)());
    let purged = purge(store.as_ref(), now, config.keep_replaced).await?;
    let collected = collect(store.as_ref(), opened.depot(), now).await?;
    writeln!(
        out,
        "Removed: {} records of {} bytes that were replaced long ago, {} images that nothing shows, {} \
         large bodies of {} bytes that nothing needs.",
        purged.records, purged.bytes, collected.blobs, collected.objects, collected.bytes
    )?;
    Ok(())
}

/// Brings the database up to this version.
pub(crate) async fn migrate(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let opened = open(config, Who::Server).await?;
    opened.close().await;
    writeln!(out, "The database is ready for seshat-server {}.", env!("CARGO_PKG_VERSION"))?;
    Ok(())
}
