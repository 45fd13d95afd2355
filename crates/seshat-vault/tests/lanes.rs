//! The lanes of Argon2id run side by side.

/// The kernel's own count of what each thread ran, and no clock: a build without `parallel` runs every lane on
/// the thread that asked.
#[cfg(target_os = "linux")]
#[test]
fn the_lanes_of_a_derivation_run_on_more_than_one_thread() {
    use seshat_vault::{KdfParams, kdf};
    use std::sync::Mutex;

    let threads = Mutex::new(Vec::new());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
    pool.broadcast(|_| {
        let task = std::fs::read_link("/proc/thread-self").unwrap();
        threads.lock().unwrap().push(std::path::Path::new("/proc").join(task).join("schedstat"));
    });
    let ran = || -> Vec<u64> {
        let first = |text: String| text.split(' ').next().unwrap().parse().unwrap();
        let threads = threads.lock().unwrap();
        threads.iter().map(|path| first(std::fs::read_to_string(path).unwrap())).collect()
    };
    let before = ran();
    pool.install(|| kdf::probe(KdfParams::FLOOR)).unwrap();
    let spent: Vec<u64> = ran().iter().zip(&before).map(|(after, before)| after - before).collect();
    let all: u64 = spent.iter().sum();
    let busy = spent.iter().filter(|&&one| one > all / 50).count();
    assert!(busy >= 2, "nanoseconds by thread: {spent:?}");
}
