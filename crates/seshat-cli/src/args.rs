//! The command line as scripts know it. Names and meanings in here do not change between releases.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::export_commands::Export;
use crate::importing_commands::Import;

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
    /// Import a document (DOCX, ODT, RTF, EPUB, HTML, Markdown, text), a Scrivener or yWriter project, or a folder of chapters
    Import(Box<Import>),
    /// Take a whole import back, as long as nothing was written in the novel since
    UndoImport {
        /// Its title, or the beginning of its id
        novel: String,
    },
    /// Bring an import back that was taken back
    RedoImport {
        /// Its title, or the beginning of its id
        novel: String,
    },
    /// Export a novel as a book, a manuscript, pages, text or an outline; or say whose copy a file is
    Export(Export),
    /// List the presets for exporting a novel
    Presets { novel: String },
    /// List who got which copy of a novel
    Copies { novel: String },
    /// Show and change scenes
    #[command(subcommand)]
    Scene(Scene),
    /// Find a text in a novel or in the whole library, whatever its case and accents
    Find {
        #[command(flatten)]
        query: Query,
        /// Show what would stand there
        #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
        with: Option<String>,
    },
    /// Replace a text in a novel or in the whole library; each scene keeps the version before it
    Replace {
        #[command(flatten)]
        query: Query,
        /// What shall stand there; with --regex $1 is the first group
        #[arg(allow_hyphen_values = true)]
        with: String,
        /// Only these places, by the ids that find prints with --json
        #[arg(long = "hit", value_name = "ID")]
        hits: Vec<String>,
        /// Change nothing and show what would change
        #[arg(long, conflicts_with = "hits")]
        dry_run: bool,
    },
    /// List the versions of a scene, or those of a whole novel that have a name
    History {
        novel: String,
        /// Its place, such as 3/2, or the beginning of its id
        scene: Option<String>,
    },
    /// Name, show, compare and bring back versions
    #[command(subcommand)]
    Version(Version),
    /// List what sync merged with what was written here
    Merges {
        novel: String,
        /// Put the list away
        #[arg(long)]
        dismiss: bool,
    },
    /// Say how many words there are, what was typed on which day and how that stands beside the goals
    Progress { novel: String },
    /// Set what to reach with a novel; what is not named stays as it is
    Goals {
        novel: String,
        /// Words a day; 0 for none
        #[arg(long, value_name = "WORDS")]
        daily: Option<u64>,
        /// Words of the whole novel; 0 for none
        #[arg(long, value_name = "WORDS")]
        words: Option<u64>,
        /// Until when, such as 2027-03-31; none for no day
        #[arg(long, value_name = "DAY")]
        by: Option<String>,
    },
    /// Comments in the margin
    #[command(subcommand)]
    Comment(Comment),
    /// Put things into the trash and take them out of it
    #[command(subcommand)]
    Trash(Trash),
    /// Connect this vault to a server
    #[command(subcommand)]
    Account(Account),
    /// Sync through a folder instead of a server: a stick, a share, or what Syncthing, Dropbox and the like carry
    #[command(subcommand)]
    Folder(Folder),
    /// Sync once
    Sync {
        /// What to do when another laptop deleted most of a novel, which is asked about and not done at once
        #[arg(long, value_enum, value_name = "WHAT")]
        deletions: Option<Deletions>,
    },
    /// Say what waits for the server and what it refuses, and when this laptop talks to it
    Syncing {
        /// From now on
        #[arg(long, value_enum, value_name = "WHEN")]
        mode: Option<Mode>,
        /// Offer what the server refused once more, with the next sync
        #[arg(long)]
        offer_again: bool,
    },
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
        /// Fetch the vault from this folder, when the laptop is lost too
        #[arg(long, value_name = "DIR", conflicts_with = "server")]
        folder: Option<PathBuf>,
    },
    /// Open every record, follow every chain and reference, and say what was found
    Check,
    /// Save a copy of everything
    #[command(args_conflicts_with_subcommands = true)]
    Backup {
        /// A sealed copy in one new file, as well protected as the vault
        #[arg(long, value_name = "FILE", conflicts_with = "plain")]
        out: Option<PathBuf>,
        /// A new folder that can be read without Seshat and without a password
        #[arg(long, value_name = "DIR")]
        plain: Option<PathBuf>,
        #[command(subcommand)]
        what: Option<Backup>,
    },
    /// Bring a backup back: a vault where there is none, else what is missing in this one
    Restore {
        /// What backup --out wrote, or a file of the vault's folder of backups
        file: PathBuf,
        /// With the Emergency Kit instead of the password
        #[arg(long, value_name = "FILE")]
        kit: Option<PathBuf>,
    },
    /// Put the changes of each scene into one record, to save room
    Compact {
        /// Those too that are small
        #[arg(long)]
        all: bool,
    },
}

/// What to look for, and where.
#[derive(Args)]
pub(crate) struct Query {
    /// The text, or with --regex the regular expression
    #[arg(allow_hyphen_values = true)]
    pub(crate) text: String,
    /// In this novel only
    #[arg(long, value_name = "NOVEL")]
    pub(crate) novel: Option<String>,
    /// Capitals count
    #[arg(long)]
    pub(crate) case: bool,
    /// Accents count
    #[arg(long)]
    pub(crate) accents: bool,
    /// Only whole words
    #[arg(long)]
    pub(crate) word: bool,
    /// The text is a regular expression
    #[arg(long)]
    pub(crate) regex: bool,
}

/// Without --scene each is about the whole novel.
#[derive(Subcommand)]
pub(crate) enum Version {
    /// Give the present version a name
    Name {
        novel: String,
        name: String,
        #[arg(long)]
        scene: Option<String>,
    },
    /// Print a version
    Show {
        novel: String,
        /// As history lists it: its number, its name or the version itself
        version: String,
        #[arg(long)]
        scene: Option<String>,
    },
    /// Print what changed in a scene, word by word
    Diff {
        novel: String,
        from: String,
        /// The present, if it is left out
        to: Option<String>,
        #[arg(long)]
        scene: String,
    },
    /// Bring a version back; the present is in the history first
    Restore {
        novel: String,
        version: String,
        #[arg(long)]
        scene: Option<String>,
    },
    /// Give a version another name
    Rename {
        novel: String,
        version: String,
        name: String,
        #[arg(long)]
        scene: Option<String>,
    },
    /// Take a name out of the list; the text stays in the history
    Forget {
        novel: String,
        version: String,
        #[arg(long)]
        scene: Option<String>,
    },
}

#[derive(Subcommand)]
pub(crate) enum Comment {
    /// List a scene's comments
    List { novel: String, scene: String },
    /// Put a comment beside a stretch of the flat text, in Unicode scalar values
    Add { novel: String, scene: String, from: usize, to: usize, text: String },
    /// Change what a comment says
    Edit { novel: String, scene: String, comment: String, text: String },
    /// Settle a comment
    Resolve {
        novel: String,
        scene: String,
        comment: String,
        /// Open it again
        #[arg(long)]
        again: bool,
    },
    /// Remove a comment
    Remove { novel: String, scene: String, comment: String },
}

#[derive(Subcommand)]
pub(crate) enum Trash {
    /// List what is in a novel's trash
    List { novel: String },
    /// Put a chapter, scene or note into the trash
    Put {
        novel: String,
        /// Its place, such as 3 or 3/2, or the beginning of its id
        node: String,
    },
    /// Take something out of the trash
    Restore {
        novel: String,
        /// Its title, or the beginning of its id
        node: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum Backup {
    /// Make a backup in the vault's folder and open it to see that it is whole
    Now,
    /// List the backups, and what there is to say about them
    List,
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
    /// Split a scene: what stands behind a place of the flat text, in Unicode scalar values, becomes the next one
    Split { novel: String, scene: String, at: usize },
    /// Put the next scene of the chapter at the end of this one
    Merge { novel: String, scene: String },
    /// Make a copy of a scene, or of a chapter with all of its scenes, behind it
    Duplicate {
        novel: String,
        /// Its place, such as 3 or 3/2, or the beginning of its id
        scene: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum Account {
    /// Make an account for this vault
    Create {
        #[command(flatten)]
        server: Server,
        /// The code that whoever runs the server gave you, where new accounts are made by invitation
        #[arg(long, value_name = "CODE")]
        invitation: Option<String>,
    },
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
    /// Sign out: this laptop keeps everything, and what was not sent waits until the account is connected again
    Leave,
}

#[derive(Subcommand)]
pub(crate) enum Folder {
    /// Let this vault sync through a folder from now on
    Create {
        /// The folder; it has to be there
        path: PathBuf,
    },
    /// A new laptop: fetch the vault from a folder; else go on in a folder that was moved
    Connect {
        path: PathBuf,
        /// The Emergency Kit, where an account code is in use
        #[arg(long, value_name = "FILE")]
        kit: Option<PathBuf>,
    },
    /// Say what is in the folder and what waits for it
    Status,
    /// Let go of the folder; everything stays on this laptop and in the folder
    Leave,
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
pub(crate) enum Deletions {
    /// It was not meant: put everything back, here and on all laptops
    Keep,
    /// It was meant: do it here too
    Delete,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Mode {
    /// By itself, while the window is open
    Automatic,
    /// Only when asked
    WhenAsked,
    /// Not at all
    Offline,
}
