//! Prints what sealing and key derivation cost, each beside a named baseline of the same run.
//!
//! `make bench`, or: `cargo run --release -p seshat-vault --example primitives`

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a program for a person at a terminal; whatever fails ends it"
)]

use std::time::{Duration, Instant};

use aes_gcm::aead::KeyInit;
use aes_gcm::{AeadInOut, Aes256Gcm};
use seshat_protocol::{AccountId, DocumentId, NovelId};
use seshat_vault::{
    AccountCodeUse, Entropy, EntropyError, KdfParams, Kind, NewVault, OpenVault, Password, Place,
    kdf, vault,
};

const PLACE: Place =
    Place { kind: Kind::LocalSummary, novel: NovelId([1; 16]), document: DocumentId([2; 16]) };

/// As records and caches are compressed.
const ZSTD_LEVEL: i32 = 3;
/// How often each measurement is repeated.
const ROUNDS: usize = 9;

/// Bytes that no compression makes shorter.
struct Noise(u64);

impl Entropy for Noise {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
        for byte in out {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            *byte = self.0.to_le_bytes()[3];
        }
        Ok(())
    }
}

fn main() {
    let password = Password::new("lantern gravel oboe tuesday".into());
    let new = NewVault {
        account: AccountId([7; 16]),
        password: &password,
        kdf: KdfParams::FLOOR,
        account_code: AccountCodeUse::None,
    };
    let mut vault = vault::create(&new, &mut Noise(1)).unwrap().vault;
    // Local caches of a novel are sealed as its records are.
    vault.make_novel_key(PLACE.novel, &mut Noise(2)).unwrap();
    for size in [1 << 10, 16 << 10, 1 << 20] {
        throughput(&vault, size);
    }
    lanes();
}

/// What one of `times` takes in the fastest of some rounds: other work on the machine only ever adds.
fn each(times: usize, mut work: impl FnMut()) -> Duration {
    let mut round = || {
        let start = Instant::now();
        for _ in 0..times {
            work();
        }
        start.elapsed() / u32::try_from(times).unwrap()
    };
    (0..ROUNDS).map(|_| round()).min().unwrap()
}

/// Sealing and opening a local cache of incompressible bytes against the cipher alone on the same bytes. Sealing
/// is zstd's try, which gains nothing here, then padding, envelope and copies; the try alone has a row, too.
/// Opening has no zstd in it: it is the envelope, padding and copies.
fn throughput(vault: &OpenVault, size: usize) {
    let mut text = vec![0; size];
    Noise(3).fill(&mut text).unwrap();
    let times = (4 << 20) / size.max(16 << 10);
    let cipher = Aes256Gcm::new_from_slice(&[7; 32]).unwrap();
    let mut buffer = text.clone();
    let nonce = [1; 12];
    let raw = each(times, || {
        cipher.encrypt_inout_detached(&nonce.into(), b"", buffer.as_mut_slice().into()).unwrap();
    });
    let mut noise = Noise(4);
    let seal = each(times, || drop(vault.seal_local(&PLACE, &text, &mut noise).unwrap()));
    let sealed = vault.seal_local(&PLACE, &text, &mut noise).unwrap();
    let open = each(times, || drop(vault.open_local(&PLACE, &sealed).unwrap()));
    let compress = each(times, || drop(zstd::bulk::compress(&text, ZSTD_LEVEL).unwrap()));
    assert!(zstd::bulk::compress(&text, ZSTD_LEVEL).unwrap().len() > size, "not incompressible");
    let row = |what: &str, time: Duration| {
        let rate = f64::from(u32::try_from(size).unwrap()) / time.as_secs_f64() / 1e6;
        let ratio = time.as_secs_f64() / raw.as_secs_f64();
        println!(
            "{what:<26} {:>5} KiB {rate:>8.0} MB/s = {ratio:.2} x raw AES-256-GCM",
            size / 1024
        );
    };
    row("baseline: GCM", raw);
    row("seal_local", seal);
    row("  of it zstd's try", compress);
    row("  of it pad and envelope", seal.saturating_sub(compress));
    row("open_local: no zstd in it", open);
}

/// The same derivation with a thread for each lane and with one thread for all.
fn lanes() {
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        each(1, || pool.install(|| kdf::probe(KdfParams::DEFAULT)).unwrap())
    };
    let (serial, parallel) = (run(1), run(4));
    println!("baseline: Argon2id of 4 lanes on 1 thread {:>8.1} ms", serial.as_secs_f64() * 1e3);
    let ratio = parallel.as_secs_f64() / serial.as_secs_f64();
    println!(
        "Argon2id of 4 lanes on 4 threads {:>8.1} ms = {ratio:.2} x serial",
        parallel.as_secs_f64() * 1e3
    );
}
