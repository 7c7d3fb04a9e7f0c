//! What belongs to nothing: files without rows, rows without files, parts that nobody goes on with. Also for
//! `tests/it/crash`, which kills whole nodes.

use std::collections::BTreeSet;
use std::path::Path;

use freehold_base::{AccountId, Capability, Page, PageSize};
use freehold_store::accounts::{self, Account, AccountFilter};
use freehold_store::{Actor, Store, audit, files as rows, sites, testing};

/// All accounts, those in the graveyard too.
pub fn accounts(store: &Store) -> Vec<Account> {
    let all = store.read(&Actor::system(), |tx| {
        let customers = tx.authorize_customers(Capability::AccountsRead)?;
        let page = Page { size: PageSize::new(200), after: None };
        let mut all = Vec::new();
        for status in ["active", "suspended", "terminated"] {
            let filter = AccountFilter { status: Some(status.into()), ..AccountFilter::default() };
            let (lines, _) = accounts::list(tx, &customers, &filter, &page)?;
            all.extend(lines.into_iter().map(|line| line.account));
        }
        Ok(all)
    });
    all.unwrap()
}

/// What is wrong with an installation whose files lie below `folder`, in words.
pub fn found(store: &Store, folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let faults = testing::faults(store).unwrap();
    if !faults.is_empty() {
        found.push(format!("the database: {faults}"));
    }
    let all: Vec<AccountId> = accounts(store).into_iter().map(|account| account.id).collect();
    for name in names(folder) {
        if !all.iter().any(|id| id.to_string() == name) {
            found.push(format!("the folder accounts/{name} belongs to no account"));
        }
    }
    for id in all {
        of_account(store, id, &folder.join(id.to_string()), &mut found);
    }
    found
}

fn of_account(store: &Store, id: AccountId, folder: &Path, found: &mut Vec<String>) {
    let known = store.read(&Actor::system(), |tx| {
        let server = tx.authorize_server(Capability::ServerRead)?;
        for chain in ["server".to_owned(), format!("account:{id}")] {
            assert_eq!(audit::verify(tx, server, &chain)?, None, "{chain}");
        }
        let scope = tx.authorize_account(id, Capability::ServerManage)?;
        let roots: Vec<String> = sites::of_account(tx, scope)?.into_iter().map(|site| site.root).collect();
        let scope = tx.authorize_account_files(id, Capability::FilesRead)?;
        let trash: BTreeSet<String> =
            rows::trashed(tx, scope, None, 0, 1000)?.iter().map(|t| t.id.to_string()).collect();
        let uploads: BTreeSet<String> = rows::uploads(tx, scope, i64::MAX)?.iter().map(|u| u.id.to_string()).collect();
        let mut hashes = BTreeSet::new();
        for path in rows::versioned_paths(tx, scope, "")? {
            hashes.extend(rows::versions(tx, scope, &path)?.into_iter().map(|version| version.hash));
        }
        Ok((trash, uploads, hashes, roots))
    });
    let (trash, uploads, hashes, roots) = known.unwrap();
    let shelf = folder.join("versions");
    let states = names(&shelf).into_iter().flat_map(|first| {
        let rest = names(&shelf.join(&first));
        rest.into_iter().map(move |rest| format!("{first}{rest}")).collect::<Vec<_>>()
    });
    let pairs = [
        ("in the trash", trash, names(&folder.join("trash"))),
        ("uploads", uploads, names(&folder.join("run/uploads"))),
        ("states of texts", hashes, states.collect()),
        ("being written", BTreeSet::new(), names(&folder.join("run/new"))),
        ("work of jobs", BTreeSet::new(), names(&folder.join("run/jobs"))),
    ];
    for (what, known, there) in pairs {
        if known != there {
            found.push(format!("account {id}, {what}: rows {known:?}, on the disk {there:?}"));
        }
    }
    for root in roots.iter().filter(|root| !root.is_empty()) {
        if !folder.join("home").join(root).join("index.html").is_file() {
            found.push(format!("account {id}: a site without its first page in {root}"));
        }
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return BTreeSet::new() };
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}
