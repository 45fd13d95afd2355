//! The keychain from a shell: `keychain state|put NAME VALUE|get NAME|remove NAME`. Prints the answer; a failure is
//! its sentence on standard error. The tests run it, since a keychain belongs to a process's environment.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use seshat_platform::{Keychain, KeychainError};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match answer(&words) {
        Ok(answer) => {
            let _said = writeln!(std::io::stdout(), "{answer}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            let _said = writeln!(std::io::stderr(), "{failure:?}: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn answer(words: &[&str]) -> Result<String, KeychainError> {
    let keychain = Keychain::system();
    match words {
        ["put", name, value] => keychain.put(name, value.as_bytes()).map(|()| "stored".to_owned()),
        ["get", name] => {
            let value = keychain.get(name)?;
            Ok(value.map_or("nothing".to_owned(), |value| String::from_utf8_lossy(&value).into()))
        }
        ["get", name, seconds] => {
            let wait = Duration::from_secs(seconds.parse().unwrap_or(1));
            let value = keychain.waiting(wait).get(name)?;
            Ok(value.map_or("nothing".to_owned(), |value| String::from_utf8_lossy(&value).into()))
        }
        ["remove", name] => keychain.remove(name).map(|()| "removed".to_owned()),
        _ => Ok(format!("{:?}", keychain.state())),
    }
}
