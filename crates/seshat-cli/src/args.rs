//! The command line as scripts know it. Names and meanings in here do not change between releases.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Write offline and encrypted; sync what nobody else can read.
#[derive(Parser)]
#[command(name = "seshat", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    /// The folder of the vault (default: the platform's data folder)
    #[arg(long, env = "SESHAT_HOME", value_name = "DIR", global = true)]
    pub(crate) home: Option<PathBuf>,
    /// Read the password from the first line of this file instead of asking
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) password_file: Option<PathBuf>,
    /// Read a novel's own passphrase from the first line of this file instead of asking
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Print one JSON value
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make the vault and write its Emergency Kit
    Init(Init),
    /// Say whether the vault is locked, what is in it and what waits
    Status,
    /// Make, list and outline novels
    #[command(subcommand)]
    Novel(Novel),
    /// Import a folder of chapters, or one .md or .txt file
    Import {
        path: PathBuf,
        /// Instead of the title found in the text or the folder's name
        #[arg(long)]
        title: Option<String>,
        /// A language tag such as en-GB
        #[arg(long, value_name = "TAG")]
        language: Option<String>,
    },
    /// Export a novel as Markdown (a folder) or as text (one file)
    Export {
        /// Its title, or the beginning of its id
        novel: String,
        #[arg(long, value_enum)]
        to: Format,
        #[arg(long, value_name = "PATH")]
        out: PathBuf,
    },
    /// Show and change scenes
    #[command(subcommand)]
    Scene(Scene),
    /// Find a text in a novel, whatever its case and accents
    Search { novel: String, text: String },
    /// Connect this vault to a server
    #[command(subcommand)]
    Account(Account),
    /// Sync once
    Sync,
    /// Look at the vault's protection and change it
    #[command(subcommand)]
    Vault(Vault),
    /// Change the password
    #[command(subcommand)]
    Password(Password),
    /// Write the Emergency Kit again
    Kit {
        /// Where to write it; an existing file is never overwritten
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// As a page for the printer (HTML) instead of text
        #[arg(long)]
        page: bool,
        /// Make new recovery words; the old kit stops working
        #[arg(long)]
        new: bool,
    },
    /// List, name, shut out and let in laptops
    #[command(subcommand)]
    Device(Device),
    /// Look at the alarms of this laptop
    #[command(subcommand)]
    Alarm(Alarm),
    /// Set a new password with the Emergency Kit
    Recover {
        /// The Emergency Kit
        #[arg(long, value_name = "FILE")]
        kit: PathBuf,
        #[arg(long, value_name = "FILE")]
        new_password_file: Option<PathBuf>,
        /// With --email: fetch the vault from this server, when the laptop is lost too
        #[arg(long, value_name = "URL", requires = "email")]
        server: Option<String>,
        #[arg(long, value_name = "E", requires = "server")]
        email: Option<String>,
    },
    /// Open every record and say what was found
    Check,
}

#[derive(Args)]
pub(crate) struct Init {
    /// Where to write the Emergency Kit; an existing file is never overwritten
    #[arg(long, value_name = "FILE")]
    pub(crate) kit: PathBuf,
    #[arg(long, value_name = "FILE")]
    pub(crate) new_password_file: Option<PathBuf>,
    /// Ask for a second secret on new laptops; it stands in the Emergency Kit
    #[arg(long)]
    pub(crate) account_code: bool,
}

#[derive(Subcommand)]
pub(crate) enum Novel {
    /// Make an empty novel
    New {
        title: String,
        #[arg(long, value_name = "TAG", default_value = "en")]
        language: String,
    },
    /// List the novels
    List,
    /// Show parts, chapters and scenes
    Outline { novel: String },
    /// Close a novel with a passphrase of its own (asked for, or from --passphrase-file)
    Lock {
        novel: String,
        /// Let the Emergency Kit open it too, should the passphrase be forgotten
        #[arg(long)]
        kit_opens: bool,
    },
    /// Take the passphrase away for good
    Unlock {
        /// The beginning of its id, or its title
        novel: String,
        /// With the Emergency Kit instead of the passphrase
        #[arg(long, value_name = "FILE")]
        kit: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
pub(crate) enum Scene {
    /// Print a scene as Markdown; with --json also its flat text
    Show { novel: String, scene: String },
    /// Append paragraphs from a Markdown file
    Append {
        novel: String,
        scene: String,
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
    /// Replace the text by a Markdown file's
    Replace {
        novel: String,
        scene: String,
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
    /// Apply exact operations, one JSON array a line, positions in Unicode scalar values of the flat text:
    /// ["ins",POS,"TEXT"] ["del",POS,LEN] ["mark",FROM,TO,"emphasis",true] ["block",POS,"heading"]
    #[command(verbatim_doc_comment)]
    Edit {
        novel: String,
        scene: String,
        #[arg(long, value_name = "FILE")]
        ops: PathBuf,
    },
}

#[derive(Subcommand)]
pub(crate) enum Account {
    /// Make an account for this vault
    Create(Server),
    /// A new laptop: fetch the vault of an account
    Join {
        #[command(flatten)]
        server: Server,
        /// The Emergency Kit, where an account code is in use
        #[arg(long, value_name = "FILE", conflicts_with = "approve")]
        kit: Option<PathBuf>,
        /// Without a password: another laptop of the account approves this one
        #[arg(long)]
        approve: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum Vault {
    /// Print parameters, slots, devices, generation and epochs; never a secret
    Info,
    /// Measure this machine and make each guess of the password as costly as is comfortable
    Calibrate,
    /// The password leaked: a new password, new keys for everything, a new Emergency Kit
    Rotate {
        /// Where to write the new Emergency Kit; the old one stops working
        #[arg(long, value_name = "FILE")]
        kit: PathBuf,
        #[arg(long, value_name = "FILE")]
        new_password_file: Option<PathBuf>,
    },
    /// Let this laptop open the vault without the password for some days (through the system's keychain)
    Remember {
        #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=90))]
        days: u32,
    },
    /// Ask for the password again from now on
    Forget,
    /// Take over the keys that another laptop made, where this one could not follow by itself: asks for the new password
    Adopt {
        #[arg(long, value_name = "FILE")]
        new_password_file: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
pub(crate) enum Device {
    /// List the account's laptops
    List,
    /// Give a laptop another name
    Rename {
        /// Its name, or the beginning of its id
        device: String,
        name: String,
    },
    /// Shut a laptop out: it is refused by the server, and what it writes from now on is not taken
    Revoke {
        /// Its name, or the beginning of its id
        device: String,
    },
    /// Let a new laptop in that asks with account join --approve
    Approve {
        /// What to call it
        #[arg(long, default_value = "New laptop")]
        name: String,
        /// How many seconds to wait for it
        #[arg(long, value_name = "SECONDS", default_value_t = 120)]
        wait: u64,
    },
}

#[derive(Subcommand)]
pub(crate) enum Alarm {
    /// List them
    List,
    /// Put one away after reading it
    Dismiss { alarm: u64 },
}

#[derive(Args)]
pub(crate) struct Server {
    /// Such as https://seshat.example.org
    #[arg(long, value_name = "URL")]
    pub(crate) server: String,
    #[arg(long, value_name = "E")]
    pub(crate) email: String,
}

#[derive(Subcommand)]
pub(crate) enum Password {
    /// Change the password; nothing else is encrypted anew
    Change {
        #[arg(long, value_name = "FILE")]
        new_password_file: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// A folder with one Markdown file per chapter
    Md,
    /// One text file
    Txt,
}
