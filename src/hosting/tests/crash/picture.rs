//! Everything that people see of an installation, as lines that can be compared.

use std::collections::BTreeSet;
use std::path::Path;

use freehold_base::{Capability, Result};
use freehold_platform::jobs::{self, JobFilter};
use freehold_store::{AccountScope, Tx, access_logins, accounts, files as rows, sites};

use crate::orphans;
use crate::town::Town;

/// Jobs that come back by themselves.
const RECURRING: [&str; 2] = ["files.tidy", "accounts.purge"];

#[derive(Debug, PartialEq, Eq)]
pub struct Picture(BTreeSet<String>);

impl Picture {
    pub fn of(town: &Town) -> Self {
        let mut lines = BTreeSet::new();
        for account in orphans::accounts(&town.store) {
            let id = account.id;
            lines.insert(format!("account {id} {} {}", account.name, account.status));
            tree(&town.account_folder(id).join("home"), &format!("of {id}: "), &mut lines);
            town.reads(|tx| {
                let scope = tx.authorize_account(id, Capability::ServerManage)?;
                of_account(tx, scope, &mut lines)
            });
        }
        // Ended ones go by themselves; a follower of a move is only there where the node fell.
        let open = town.reads(|tx| jobs::search(tx, None, &JobFilter::default(), 0, 200));
        for job in open.iter().filter(|job| !RECURRING.contains(&job.kind.as_str()) && job.state != "done") {
            lines.insert(format!("job {} {} {}: {}", job.id, job.kind, job.state, job.message));
        }
        Self(lines)
    }

    /// What of this picture is neither as before nor on the way from there to after. A folder that was made for
    /// something that did not come may stay; so may lines that `between` knows.
    pub fn wrong(&self, before: &Self, after: &Self, between: fn(&str) -> bool) -> Vec<String> {
        let may_be = |line: &String| {
            before.0.contains(line) || between(line) || (line.contains(": folder ") && after.0.contains(line))
        };
        let lost = before.0.difference(&self.0).filter(|line| !between(line)).map(|line| format!("- {line}"));
        let new = self.0.iter().filter(|line| !may_be(line)).map(|line| format!("+ {line}"));
        lost.chain(new).collect()
    }
}

fn of_account(tx: &mut Tx<'_>, scope: AccountScope, lines: &mut BTreeSet<String>) -> Result<()> {
    let id = scope.id();
    for site in sites::of_account(tx, scope)? {
        lines.insert(format!("of {id}: site {} {} {}", site.name, site.kind, site.root));
    }
    for host in accounts::hosts(tx, scope)? {
        lines.insert(format!("of {id}: host {host}"));
    }
    for login in access_logins::list(tx, scope)? {
        lines.insert(format!("of {id}: login {} {}", login.name, login.home));
    }
    let files = tx.authorize_account_files(id, Capability::FilesRead)?;
    for one in rows::trashed(tx, files, None, 0, 1000)? {
        lines.insert(format!("of {id}: trash {} {} {} {}", one.path, one.kind, one.bytes, one.files));
    }
    for path in rows::versioned_paths(tx, files, "")? {
        let hashes: Vec<String> =
            rows::versions(tx, files, &path)?.iter().map(|v| v.hash.chars().take(6).collect()).collect();
        lines.insert(format!("of {id}: versions {path} {}", hashes.join(" ")));
    }
    for one in rows::uploads(tx, files, i64::MAX)? {
        lines.insert(format!("of {id}: upload {} {} {}", one.path, one.bytes, one.clash));
    }
    Ok(())
}

/// Every name below a folder, with the bytes of files.
pub fn tree(folder: &Path, prefix: &str, lines: &mut BTreeSet<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            let words = prefix.replacen(": ", ": folder ", 1);
            lines.insert(format!("{words}{name}"));
            tree(&path, &format!("{prefix}{name}/"), lines);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            let sum = bytes.iter().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
            let words = prefix.replacen(": ", ": file ", 1);
            lines.insert(format!("{words}{name} {} {sum:x}", bytes.len()));
        }
    }
}
