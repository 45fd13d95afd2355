//! Stores on a PostgreSQL that all tests of a file share; each has a database of its own.

use std::sync::OnceLock;

use seshat_server::postgres::{Address, PostgresStore};
use seshat_testkit::Postgres;

/// It ends with this process.
pub fn shared() -> &'static Postgres {
    static SHARED: OnceLock<Postgres> = OnceLock::new();
    SHARED.get_or_init(Postgres::start)
}

/// A node on this database.
pub async fn node(url: &str) -> PostgresStore {
    PostgresStore::open(at(url), 0).await.unwrap()
}

/// A few connections to it.
pub fn at(url: &str) -> Address<'_> {
    Address { url, password: None, connections: 8 }
}

/// A store on a new database.
pub async fn store() -> PostgresStore {
    let url = tokio::task::spawn_blocking(|| shared().database()).await.unwrap();
    node(&url).await
}

/// A store on a new database that does everything as if one thing were done after the other, and refuses what it
/// cannot do so.
pub async fn serializable_store() -> PostgresStore {
    let url = tokio::task::spawn_blocking(|| {
        let url = shared().database();
        let name = url.rsplit('/').next().unwrap();
        let isolation = "SET default_transaction_isolation = 'serializable'";
        shared().sql(&url, &format!("ALTER DATABASE {name} {isolation}"));
        url
    });
    node(&url.await.unwrap()).await
}
