//! What every depot must do, a folder and a bucket of a real S3 server alike.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use futures_util::TryStreamExt;
use proptest::prelude::*;
use seshat_protocol::{AccountId, Bytes32, limits};
use seshat_server::objects::{Bytes, Depot, Found, Key, ObjectError, Pages, Put, What};
use seshat_server::{Objects, S3};
use seshat_testkit::S3 as S3Server;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const ADA: AccountId = AccountId([0xAD; 16]);
const BOB: AccountId = AccountId([0xB0; 16]);

fn hash(bytes: &[u8]) -> Bytes32 {
    Bytes32(Sha256::digest(bytes).into())
}

fn body(account: AccountId, bytes: &[u8]) -> Key {
    Key::body(account, hash(bytes))
}

/// A depot with nothing in it, and what it lies on.
struct Stand {
    depot: Depot,
    ground: Ground,
}

enum Ground {
    Folder(TempDir),
    Bucket(&'static S3Server, String),
}

impl Stand {
    fn folder() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let depot = Depot::open(&Objects::Folder(folder.path().join("objects"))).unwrap();
        Self { depot, ground: Ground::Folder(folder) }
    }

    fn bucket(prefix: &str) -> Self {
        let server = s3();
        let bucket = server.bucket();
        let depot = Depot::open(&described(server, &bucket, prefix)).unwrap();
        Self { depot, ground: Ground::Bucket(server, bucket) }
    }

    /// The names of everything that lies there, by other means than the depot's own.
    fn names(&self) -> Vec<String> {
        match &self.ground {
            Ground::Folder(folder) => {
                let files = seshat_testkit::files_below(&folder.path().join("objects"));
                files.keys().map(|name| name.display().to_string()).collect()
            }
            Ground::Bucket(server, bucket) => server.names(bucket),
        }
    }

    async fn all(&self) -> BTreeSet<String> {
        let found = found(self.depot.kept()).await;
        found.iter().map(|found| format!("{:?} {}", found.key, found.len)).collect()
    }
}

/// Everything in a list.
async fn found(pages: Pages) -> Vec<Found> {
    pages.try_concat().await.unwrap()
}

/// One for all tests of this file; it ends with the process.
fn s3() -> &'static S3Server {
    static SERVER: OnceLock<S3Server> = OnceLock::new();
    SERVER.get_or_init(S3Server::start)
}

fn described(server: &S3Server, bucket: &str, prefix: &str) -> Objects {
    Objects::S3(S3 {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
        endpoint: Some(server.endpoint()),
        region: "us-east-1".to_owned(),
        access_key: "test".to_owned(),
        secret_key: "test".to_owned(),
    })
}

async fn what_was_put_is_what_is_read(stand: Stand) {
    let depot = &stand.depot;
    for length in [0, 1, 70_000, limits::RECORD_BYTES] {
        let bytes = Bytes::from(vec![7; length]);
        let key = body(ADA, &bytes);
        assert_eq!(depot.put(key, bytes.clone()).await.unwrap(), Put::Made);
        assert_eq!(depot.get(key).await.unwrap(), bytes, "{length} bytes");
    }
}

async fn a_body_put_twice_is_one(stand: Stand) {
    let bytes = Bytes::from_static(b"sealed");
    let key = body(ADA, &bytes);
    assert_eq!(stand.depot.put(key, bytes.clone()).await.unwrap(), Put::Made);
    assert_eq!(stand.depot.put(key, bytes.clone()).await.unwrap(), Put::Known);
    assert_eq!(stand.names().len(), 1);
}

async fn accounts_do_not_share_an_object(stand: Stand) {
    let bytes = Bytes::from_static(b"sealed");
    stand.depot.put(body(ADA, &bytes), bytes.clone()).await.unwrap();
    let bobs = stand.depot.get(body(BOB, &bytes)).await;
    assert!(matches!(bobs, Err(ObjectError::Missing)), "{bobs:?}");
    assert_eq!(stand.depot.put(body(BOB, &bytes), bytes.clone()).await.unwrap(), Put::Made);
    stand.depot.doom(body(ADA, &bytes)).await.unwrap();
    stand.depot.forget(body(ADA, &bytes)).await.unwrap();
    assert_eq!(stand.depot.get(body(BOB, &bytes)).await.unwrap(), bytes);
}

async fn what_is_not_the_body_that_was_asked_for_is_not_given(stand: Stand) {
    // A depot whose disk, or whose S3 server, gives something else: written under the name by hand.
    let key = body(ADA, b"sealed");
    stand.depot.put(key, Bytes::from_static(b"sealeD")).await.unwrap();
    let got = stand.depot.get(key).await;
    assert!(matches!(got, Err(ObjectError::Damaged)), "{got:?}");
    // Whoever offers it again puts it right.
    assert_eq!(stand.depot.put(key, Bytes::from_static(b"sealed")).await.unwrap(), Put::Made);
    assert_eq!(stand.depot.get(key).await.unwrap(), &b"sealed"[..]);
}

async fn a_part_takes_the_place_of_what_was_there(stand: Stand) {
    let key = Key::part(ADA, Bytes32([3; 32]), 2);
    for bytes in [&b"half"[..], b"whole"] {
        assert_eq!(stand.depot.put(key, Bytes::from_static(bytes)).await.unwrap(), Put::Made);
        assert_eq!(stand.depot.get(key).await.unwrap(), bytes);
    }
    assert_eq!(stand.names().len(), 1);
}

async fn a_range_is_exact_or_an_error(stand: Stand) {
    let key = Key::part(ADA, Bytes32([3; 32]), 0);
    stand.depot.put(key, Bytes::from_static(b"0123456789")).await.unwrap();
    assert_eq!(stand.depot.range(key, 0..10).await.unwrap(), &b"0123456789"[..]);
    assert_eq!(stand.depot.range(key, 3..5).await.unwrap(), &b"34"[..]);
    for (from, to) in [(3, 11), (10, 12), (5, 5), (0, u64::MAX)] {
        assert!(stand.depot.range(key, from..to).await.is_err(), "{from}..{to}");
    }
    let other = Key::part(ADA, Bytes32([3; 32]), 1);
    assert!(matches!(stand.depot.range(other, 0..1).await, Err(ObjectError::Missing)));
}

async fn the_list_names_everything_and_nothing_else(stand: Stand) {
    let bytes = Bytes::from_static(b"sealed");
    let keys = [
        body(ADA, &bytes),
        body(BOB, &bytes),
        Key::part(ADA, Bytes32([3; 32]), 0),
        Key::part(ADA, Bytes32([3; 32]), 1),
    ];
    assert!(stand.all().await.is_empty());
    for key in keys {
        stand.depot.put(key, bytes.clone()).await.unwrap();
    }
    let doomed = body(ADA, b"other");
    stand.depot.put(doomed, Bytes::from_static(b"other")).await.unwrap();
    stand.depot.doom(doomed).await.unwrap();
    let expected = keys.iter().map(|key| format!("{key:?} {}", bytes.len())).collect();
    assert_eq!(stand.all().await, expected);
}

async fn what_is_doomed_is_out_of_sight_and_can_be_brought_back(stand: Stand) {
    let (depot, bytes) = (&stand.depot, Bytes::from_static(b"sealed"));
    let key = body(ADA, &bytes);
    depot.put(key, bytes.clone()).await.unwrap();
    depot.doom(key).await.unwrap();
    assert!(matches!(depot.get(key).await, Err(ObjectError::Missing)));
    depot.recall(key).await.unwrap();
    assert_eq!(depot.get(key).await.unwrap(), bytes);
    depot.doom(key).await.unwrap();
    let doomed = found(depot.doomed()).await;
    assert_eq!(doomed.iter().map(|found| found.key).collect::<Vec<_>>(), [key]);
    depot.forget(key).await.unwrap();
    depot.forget(key).await.unwrap();
    assert!(matches!(depot.recall(key).await, Err(ObjectError::Missing)));
    assert!(stand.names().is_empty(), "{:?}", stand.names());
}

async fn an_empty_depot_can_be_reached(stand: Stand) {
    stand.depot.reachable().await.unwrap();
}

async fn two_that_put_the_same_at_once_both_succeed(stand: Stand) {
    let bytes = Bytes::from(vec![9; 300_000]);
    let key = body(ADA, &bytes);
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (depot, bytes) = (stand.depot.clone(), bytes.clone());
            tokio::spawn(async move { depot.put(key, bytes).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(stand.depot.get(key).await.unwrap(), bytes);
    assert_eq!(stand.names().len(), 1, "something half-written was left: {:?}", stand.names());
}

macro_rules! conformance {
    ($($name:ident),* $(,)?) => {
        mod in_a_folder {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(super::Stand::folder()).await; })*
        }
        mod in_a_bucket {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(super::Stand::bucket("")).await; })*
        }
        mod below_a_prefix {
            $(#[tokio::test(flavor = "multi_thread")] async fn $name() { super::$name(super::Stand::bucket("sync/seshat")).await; })*
        }
    };
}

conformance!(
    what_was_put_is_what_is_read,
    a_body_put_twice_is_one,
    accounts_do_not_share_an_object,
    what_is_not_the_body_that_was_asked_for_is_not_given,
    a_part_takes_the_place_of_what_was_there,
    a_range_is_exact_or_an_error,
    the_list_names_everything_and_nothing_else,
    what_is_doomed_is_out_of_sight_and_can_be_brought_back,
    an_empty_depot_can_be_reached,
    two_that_put_the_same_at_once_both_succeed,
);

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_with_prefixes_of_their_own_share_a_bucket_and_do_not_meet() {
    let server = s3();
    let bucket = server.bucket();
    let [one, two] = ["one", "two"].map(|at| Depot::open(&described(server, &bucket, at)).unwrap());
    let bytes = Bytes::from_static(b"sealed");
    one.put(body(ADA, &bytes), bytes.clone()).await.unwrap();
    assert!(matches!(two.get(body(ADA, &bytes)).await, Err(ObjectError::Missing)));
    assert!(server.names(&bucket).iter().all(|name| name.starts_with("one/")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_reached_says_so() {
    let server = s3();
    let depot = Depot::open(&described(server, "no-such-bucket", "")).unwrap();
    let bytes = Bytes::from_static(b"sealed");
    let put = depot.put(body(ADA, &bytes), bytes).await;
    assert!(put.is_err(), "a bucket that is not there took something");

    let stand = Stand::folder();
    let Ground::Folder(folder) = &stand.ground else { unreachable!() };
    fs::remove_dir_all(folder.path().join("objects")).unwrap();
    assert!(stand.depot.reachable().await.is_err(), "a folder that is not there was reached");
}

#[tokio::test]
async fn half_written_files_go_in_time_and_nothing_else_does() {
    let stand = Stand::folder();
    let bytes = Bytes::from_static(b"sealed");
    let key = body(ADA, &bytes);
    stand.depot.put(key, bytes.clone()).await.unwrap();
    let Ground::Folder(folder) = &stand.ground else { unreachable!() };
    let root = folder.path().join("objects");
    let whole = root.join(&stand.names()[0]);
    let half = |suffix: &str| {
        let mut name = whole.clone().into_os_string();
        name.push(suffix);
        std::path::PathBuf::from(name)
    };
    fs::write(half("#1"), b"sea").unwrap();
    fs::write(half("#12"), b"").unwrap();
    fs::write(half("#notes"), b"somebody else's").unwrap();
    let hour = 60 * 60 * 1000;
    assert_eq!(stand.depot.tidy(written(&half("#1")) - hour).await.unwrap(), 0, "too early");
    assert_eq!(stand.all().await.len(), 1, "what is half-written was listed");
    assert_eq!(stand.depot.tidy(written(&half("#1")) + hour).await.unwrap(), 2);
    assert!(half("#notes").exists() && !half("#1").exists() && !half("#12").exists());
    assert_eq!(stand.depot.get(key).await.unwrap(), bytes);
}

fn written(path: &Path) -> u64 {
    let at = fs::metadata(path).unwrap().modified().unwrap();
    at.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
}

#[cfg(unix)]
#[tokio::test]
async fn the_folder_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let stand = Stand::folder();
    let Ground::Folder(folder) = &stand.ground else { unreachable!() };
    let mode = fs::metadata(folder.path().join("objects")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is put, doomed, recalled and forgotten in whatever order: an object is there exactly when it should be.
    #[test]
    fn a_depot_is_a_map(steps in prop::collection::vec((0_u8..4, 0_u8..3), 0..40)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let stand = Stand::folder();
            let (mut kept, mut doomed) = (BTreeSet::new(), BTreeSet::new());
            for (step, which) in steps {
                let bytes = Bytes::from(vec![which; 100]);
                let key = body(ADA, &bytes);
                assert!(matches!(key.what, What::Body(_)));
                match step {
                    0 => {
                        stand.depot.put(key, bytes).await.unwrap();
                        kept.insert(which);
                    }
                    1 => {
                        let was = kept.remove(&which);
                        assert_eq!(stand.depot.doom(key).await.is_ok(), was);
                        if was { doomed.insert(which); }
                    }
                    2 => {
                        let was = doomed.remove(&which);
                        assert_eq!(stand.depot.recall(key).await.is_ok(), was);
                        if was { kept.insert(which); }
                    }
                    _ => {
                        stand.depot.forget(key).await.unwrap();
                        doomed.remove(&which);
                    }
                }
                for which in 0..3 {
                    let bytes = vec![which; 100];
                    let there = stand.depot.get(body(ADA, &bytes)).await.is_ok();
                    assert_eq!(there, kept.contains(&which));
                }
            }
        });
    }
}
