//! What commands about people, their tokens and logins understand.

use clap::Subcommand;
use serde::{Deserialize, Serialize};

/// `freehold user …`; a person is named by e-mail or number.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum User {
    /// All people.
    List,
    /// One person with their roles.
    Show {
        /// Who.
        person: String,
    },
    /// Add somebody with a password.
    #[command(alias = "add")]
    Create {
        /// Their e-mail.
        email: String,
        /// Their name; made from the e-mail without it.
        #[arg(long, default_value = "")]
        name: String,
        /// A site where they get a role.
        #[arg(long, requires = "role")]
        site: Option<String>,
        /// The role: subscriber, contributor, author, editor, administrator.
        #[arg(long, requires = "site")]
        role: Option<String>,
        /// Read the password from standard input; without it one is made and printed.
        #[arg(long)]
        password_stdin: bool,
        /// The password, as it was read.
        #[arg(skip)]
        password: String,
    },
    /// Bring somebody in by address; the one-time link by which they choose a password is printed.
    Invite {
        /// Their e-mail.
        email: String,
        /// A role of the place, as `role` takes it.
        #[arg(long)]
        role: String,
        /// The site.
        #[arg(long, conflicts_with_all = ["account", "reseller"])]
        site: Option<String>,
        /// The account.
        #[arg(long, conflicts_with = "reseller")]
        account: Option<i64>,
        /// The reseller.
        #[arg(long)]
        reseller: Option<i64>,
    },
    /// Print a one-time link by which somebody chooses a new password.
    Password {
        /// Who.
        person: String,
    },
    /// Set or take somebody's role.
    Role {
        /// Who.
        person: String,
        /// On a site: subscriber, contributor, author, editor, administrator. On an account: billing, dns, files, reader,
        /// owner. On a reseller: reseller. On the installation: auditor, hosting_admin. Or none.
        role: String,
        /// The site.
        #[arg(long, conflicts_with_all = ["account", "reseller"])]
        site: Option<String>,
        /// The account.
        #[arg(long, conflicts_with = "reseller")]
        account: Option<i64>,
        /// The reseller.
        #[arg(long)]
        reseller: Option<i64>,
    },
    /// Passkeys of somebody.
    Passkeys {
        /// Who.
        person: String,
        /// Take the one with this number away; their sessions end.
        #[arg(long, value_name = "NUMBER")]
        remove: Option<i64>,
    },
    /// Take somebody's app, passkeys and recovery codes away, where they lost them; their sessions end.
    FactorOff {
        /// Who.
        person: String,
    },
    /// Sessions of somebody.
    Sessions {
        /// Who.
        person: String,
        /// End them all.
        #[arg(long)]
        end: bool,
    },
    /// Keep somebody out: sessions and tokens end now.
    Disable {
        /// Who.
        person: String,
    },
    /// Let a disabled person in again.
    Enable {
        /// Who.
        person: String,
    },
    /// Delete somebody.
    Delete {
        /// Who.
        person: String,
        /// Who gets their entries and files.
        #[arg(long)]
        reassign_to: Option<String>,
    },
}

/// `freehold token …`
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Token {
    /// Make a token for somebody; it is printed once.
    #[command(alias = "add")]
    Create {
        /// Whose: e-mail or number.
        #[arg(long)]
        user: String,
        /// What it allows: capabilities such as entries.write_own, or read, content, all. May be given several times.
        #[arg(long = "scope", required = true, value_delimiter = ',')]
        scopes: Vec<String>,
        /// The only site it may touch.
        #[arg(long)]
        site: Option<String>,
        /// Days until it ends; never without it.
        #[arg(long, value_name = "DAYS")]
        expires: Option<u32>,
        /// Where it may be used from, such as 192.0.2.0/24; anywhere without it. May be given several times.
        #[arg(long = "from", value_name = "NETWORK", value_delimiter = ',')]
        #[serde(default)]
        addresses: Vec<String>,
        /// What it is for.
        #[arg(long, default_value = "made on the command line")]
        name: String,
    },
    /// Tokens of somebody.
    List {
        /// Whose: e-mail or number.
        #[arg(long)]
        user: String,
    },
    /// End a token.
    Revoke {
        /// Its number.
        id: i64,
        /// Whose: e-mail or number.
        #[arg(long)]
        user: String,
    },
}

/// `freehold login …`; a login is named by its name.
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Login {
    /// Logins to the files of a site's account, with their SSH keys.
    List {
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
    },
    /// Make a login to the files of a site's account.
    #[command(alias = "add")]
    Create {
        /// What is typed as the user name, such as mara@harbour.blog.
        name: String,
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
        /// The folder below the account's home that it cannot leave; without it the home.
        #[arg(long, default_value = "")]
        folder: String,
        /// It changes nothing.
        #[arg(long)]
        read_only: bool,
        /// What it opens: sftp, webdav, ftp.
        #[arg(long, default_value = "sftp,webdav")]
        services: String,
        /// Only SSH keys open it.
        #[arg(long, conflicts_with = "password_stdin")]
        no_password: bool,
        /// Read the password from standard input; without it one is made and printed.
        #[arg(long)]
        password_stdin: bool,
        /// The password, as it was read.
        #[arg(skip)]
        password: String,
    },
    /// Change what a login opens; what is not named stays.
    Change {
        /// Its name.
        name: String,
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
        /// The folder that it cannot leave.
        #[arg(long)]
        folder: Option<String>,
        /// Whether it changes nothing.
        #[arg(long)]
        read_only: Option<bool>,
        /// What it opens.
        #[arg(long)]
        services: Option<String>,
    },
    /// Set another password; open sessions end.
    Password {
        /// Its name.
        name: String,
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
        /// Take the password away: only SSH keys open it.
        #[arg(long, conflicts_with = "password_stdin")]
        none: bool,
        /// Read it from standard input; without it one is made and printed.
        #[arg(long)]
        password_stdin: bool,
        /// The password, as it was read.
        #[arg(skip)]
        password: String,
    },
    /// Add an SSH key to a login.
    AddKey {
        /// Its name.
        name: String,
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
        /// The public key as OpenSSH writes it: "ssh-ed25519 AAAA… mara@laptop".
        #[arg(long)]
        key: String,
    },
    /// Take an SSH key from a login; its open sessions end.
    RemoveKey {
        /// Its name.
        name: String,
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
        /// Number of the key.
        id: i64,
    },
    /// Take a login away; its open sessions end.
    #[command(alias = "delete")]
    Revoke {
        /// Its name.
        name: String,
        /// Host name or number of a site of the account.
        #[arg(long)]
        site: String,
    },
}

/// `freehold security …`
#[derive(Debug, Clone, Subcommand, Serialize, Deserialize)]
pub enum Security {
    /// What is open that need not be, each with what mends it; exit code 1 where something has to be mended now.
    Report,
    /// End sessions that are older than 8 hours.
    EndOldSessions,
    /// Networks that are kept out of sign-in.
    Networks,
    /// Keep a network out of every sign-in.
    Block {
        /// Such as 192.0.2.0/24.
        network: String,
    },
    /// Let a network in again.
    LetIn {
        /// Such as 192.0.2.0/24.
        network: String,
    },
    /// Who must have a second factor; with --of it is set.
    SecondFactor {
        /// hosting_admins, resellers, owners, everybody, or none. May be given several times.
        #[arg(long, value_delimiter = ',')]
        of: Option<Vec<String>>,
    },
}
