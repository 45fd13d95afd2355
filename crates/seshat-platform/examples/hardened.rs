//! A program that others look into: `hardened yes` hardens itself first, `hardened no` does not. Says what it did and
//! what it can still do with itself, waits until it is told to go on, and then aborts.

use std::io::Write;

fn main() -> std::io::Result<()> {
    let did = match std::env::args().nth(1).as_deref() {
        Some("yes") => format!("{:?}", seshat_platform::harden()),
        _ => "no".to_owned(),
    };
    let itself = std::env::current_exe().is_ok();
    let child = std::process::Command::new("true").status().is_ok_and(|status| status.success());
    writeln!(std::io::stdout(), "{did} itself={itself} child={child}")?;
    std::io::stdin().read_line(&mut String::new())?;
    std::process::abort()
}
