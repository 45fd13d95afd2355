//! `seshat-server account …`

use std::io::Write;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::bail;
use clap::Subcommand;
use seshat_server::Config;
use seshat_server::meta::{AccountInfo, MetaStore, Named};
use seshat_server::opening::Opened;
use sha2::{Digest, Sha256};

/// Accounts read at a time.
const PAGE: usize = 500;
const MIB: u64 = 1024 * 1024;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// See the module. WHO is an email address or an account's id.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// All accounts, what they take up, and when they were last here.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Make an invitation: a code that is good for one account.
    Invite {
        /// How many days it is good.
        #[arg(long, value_name = "DAYS", default_value_t = 7)]
        #[arg(value_parser = clap::value_parser!(u16).range(1..))]
        days: u16,
    },
    /// Say how many MiB an account may take up: a number, `unlimited`, or `default` for what the server's setting says.
    Quota {
        /// Whose.
        who: String,
        /// How much.
        #[arg(value_name = "MIB")]
        quota: Quota,
    },
    /// Lock an account out. What is stored stays; its laptops go on without the network.
    Lock {
        /// Whose.
        who: String,
    },
    /// Let it in again.
    Unlock {
        /// Whose.
        who: String,
    },
    /// Delete an account and all that the server keeps of it, for ever. Its laptops keep what they have.
    Delete {
        /// Whose.
        who: String,
        /// Do it; without this it is only said what would go.
        #[arg(long)]
        yes: bool,
    },
}

/// What an account may take up.
#[derive(Clone, Copy)]
pub(crate) enum Quota {
    Default,
    Bytes(u64),
}

impl std::str::FromStr for Quota {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "default" => Ok(Self::Default),
            // More than a database counts to.
            "unlimited" => Ok(Self::Bytes(i64::MAX.unsigned_abs())),
            mib => mib
                .parse::<u32>()
                .map(|mib| Self::Bytes(u64::from(mib) * MIB))
                .map_err(|_| "a number of MiB, `unlimited` or `default`"),
        }
    }
}

/// Does what was asked.
pub(crate) async fn run(
    config: &Config,
    opened: &Opened,
    command: Command,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let store = opened.store();
    let store = store.as_ref();
    match command {
        Command::List { json } => list(store, json, out).await,
        Command::Invite { days } => invite(config, store, days, out).await,
        Command::Quota { who, quota } => {
            let account = find(store, &who).await?;
            let bytes = match quota {
                Quota::Default => None,
                Quota::Bytes(bytes) => Some(bytes),
            };
            gone(store.set_quota(account.account, bytes).await?)?;
            Ok(writeln!(out, "{} may take up {}.", account.email, bound(bytes))?)
        }
        Command::Lock { who } => lock(store, &who, true, out).await,
        Command::Unlock { who } => lock(store, &who, false, out).await,
        Command::Delete { who, yes } => delete(store, &who, yes, out).await,
    }
}

async fn list(store: &dyn MetaStore, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let mut after = i64::MIN;
    if !json {
        writeln!(
            out,
            "{:<32}  {:>9}  {:>10}  {:>10}  {:<11}  {:<11}  email",
            "id", "records", "MiB", "quota", "since", "last here"
        )?;
    }
    loop {
        let page = store.accounts(after, PAGE).await?;
        for account in &page {
            let line = if json { object(account) } else { row(account) };
            writeln!(out, "{line}")?;
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = last.number,
            _ => return Ok(()),
        }
    }
}

fn object(account: &AccountInfo) -> String {
    serde_json::json!({
        "id": account.account,
        "email": account.email,
        "created_at": account.created_at,
        "seen_at": account.seen_at,
        "records": account.records,
        "bytes": account.bytes,
        "quota": account.quota,
        "locked": account.locked,
    })
    .to_string()
}

fn row(account: &AccountInfo) -> String {
    let quota = match account.quota {
        None => "default".to_owned(),
        Some(bytes) if bytes >= i64::MAX.unsigned_abs() => "unlimited".to_owned(),
        Some(bytes) => (bytes / MIB).to_string(),
    };
    let locked = if account.locked { "  (locked)" } else { "" };
    format!(
        "{:<32}  {:>9}  {:>10}  {quota:>10}  {:<11}  {:<11}  {}{locked}",
        account.account,
        account.records,
        account.bytes.div_ceil(MIB),
        day(account.created_at),
        account.seen_at.map_or_else(|| "never".to_owned(), day),
        account.email,
    )
}

/// `22 Nov 2026`.
fn day(millis: u64) -> String {
    // Beyond the year 9999 there is no such text.
    let since = Duration::from_millis(millis).min(Duration::from_secs(253_402_300_799));
    let date = httpdate::fmt_http_date(UNIX_EPOCH + since);
    date.get(5..16).unwrap_or_default().to_owned()
}

async fn invite(
    config: &Config,
    store: &dyn MetaStore,
    days: u16,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let code = make_code()?;
    let ends_at = (config.clock)().saturating_add(u64::from(days) * DAY_MS);
    store.invite(Sha256::digest(&code).into(), ends_at).await?;
    writeln!(out, "{code}")?;
    writeln!(out, "It is good for one account, until {}.", day(ends_at))?;
    if config.registration == seshat_protocol::Registration::Closed {
        writeln!(out, "This server takes no accounts at present: registration is closed.")?;
    }
    Ok(())
}

/// 100 random bits in twenty letters and digits that are not taken for one another.
fn make_code() -> anyhow::Result<String> {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut random = [0; 20];
    getrandom::fill(&mut random)?;
    let digits: Vec<_> =
        random.iter().map(|byte| char::from(DIGITS[usize::from(byte % 32)])).collect();
    let groups: Vec<String> = digits.chunks(5).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

async fn lock(
    store: &dyn MetaStore,
    who: &str,
    locked: bool,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let account = find(store, who).await?;
    gone(store.set_locked(account.account, locked).await?)?;
    let done = if locked { "is locked out; what is stored stays" } else { "is let in" };
    Ok(writeln!(out, "{} {done}.", account.email)?)
}

async fn delete(
    store: &dyn MetaStore,
    who: &str,
    yes: bool,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let account = find(store, who).await?;
    let (email, mib) = (&account.email, account.bytes.div_ceil(MIB));
    let what = format!("{email}, {} records, {mib} MiB", account.records);
    if !yes {
        bail!("nothing was deleted. This would go for ever: {what}. Say --yes to do it");
    }
    gone(store.delete_account(account.account).await?)?;
    writeln!(out, "Deleted: {what}. Large bodies of it go with the next gc.")?;
    Ok(())
}

async fn find(store: &dyn MetaStore, who: &str) -> anyhow::Result<AccountInfo> {
    if let Ok(id) = who.trim().parse()
        && let Some(account) = store.account(Named::Id(id)).await?
    {
        return Ok(account);
    }
    let found = store.account(Named::Email(who.trim().to_lowercase())).await?;
    found.ok_or_else(|| anyhow::anyhow!("there is no account {who} here; nothing was changed"))
}

fn gone(found: bool) -> anyhow::Result<()> {
    if found { Ok(()) } else { bail!("the account was deleted meanwhile; nothing was changed") }
}

fn bound(bytes: Option<u64>) -> String {
    match bytes {
        None => "what the server's setting says".to_owned(),
        Some(bytes) if bytes >= i64::MAX.unsigned_abs() => "whatever it needs".to_owned(),
        Some(bytes) => format!("{} MiB", bytes / MIB),
    }
}
