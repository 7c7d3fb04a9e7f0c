//! A site goes to another account. Of a site of files the folder goes too: what the new account may hold is asked
//! before, and once the rows say where the folder belongs, a job carries it there in one step, and after it the earlier
//! states of its texts. What lies in the trash stays with the account that put it there. Whatever ends it early, it is
//! begun again, and at every moment the folder lies with one of the two accounts.

use freehold_base::{AccountId, Capability, Code, Error, JailPath, Result, SiteId};
use freehold_host::account_dir::{AccountDir, Kind, Links, Room, Usage};
use freehold_platform::customers::accounts::{self, CARRY, Carry, note_carried, place_carried};
use freehold_platform::jobs::{Context, Failure, Handlers, Lane};
use freehold_store::{Actor, Store, Tx, sites};

use crate::files::Files;

/// Names that are tried for the folder in its new home.
const TRIES: usize = 100;

/// Moves a site with its names, content and files to another account.
///
/// # Errors
/// `Denied`, `NotFound` (`site`, `account`), `LimitReached`, `QuotaExceeded` of the new account; `WrongState` where it is
/// there already, where another site shows files of the same folder, and while its files are on their way.
pub fn move_site(store: &Store, files: &Files, actor: &Actor, site: SiteId, to: AccountId) -> Result<()> {
    let way = store.read(actor, move |tx| Way::read(tx, site, to))?;
    let carry = if way.from == to { None } else { way.carry(files, to)? };
    store.write(actor, move |tx| accounts::move_site(tx, site, to, carry.as_ref()))
}

/// What is known before a site goes.
struct Way {
    from: AccountId,
    root: String,
    /// Folders of the old account's other sites.
    beside: Vec<String>,
    /// Folders of the new account's sites.
    there: Vec<String>,
}

impl Way {
    fn read(tx: &mut Tx<'_>, site: SiteId, to: AccountId) -> Result<Self> {
        let from = tx.authorize(site, Capability::SiteRead)?;
        let old = tx.authorize_account(from.account(), Capability::AccountsManage)?;
        let new = tx.authorize_account(to, Capability::AccountsManage)?;
        let root = sites::find(tx, from)?.root;
        let others = sites::of_account(tx, old)?.into_iter().filter(|s| s.id != site);
        let beside = others.map(|s| s.root).collect();
        let there = sites::of_account(tx, new)?.into_iter().map(|s| s.root).collect();
        Ok(Self { from: from.account(), root, beside, there })
    }

    /// Where the folder goes; none for a site without one.
    fn carry(&self, files: &Files, to: AccountId) -> Result<Option<Carry>> {
        if self.root.is_empty() {
            return Ok(None);
        }
        let folder = JailPath::parse(&self.root)?;
        if overlaps(&folder, &self.beside) {
            return Err(Error::refused(Code::WrongState, "another site of the account shows files of the same folder"));
        }
        let (old, new) = (files.dirs().open(self.from)?, files.dirs().open(to)?);
        let inode = match old.metadata(&folder, Links::Refuse) {
            Ok(about) if about.kind == Kind::Folder => about.inode,
            Ok(_) => return Err(Error::refused(Code::WrongState, format!("/{folder} is no folder"))),
            Err(e) if e.as_code() == Code::NotFound => 0,
            Err(e) => return Err(e),
        };
        let place = free_place(&new, &folder, &self.there)?;
        let held = if inode == 0 { Usage::default() } else { old.usage_of(&folder)? };
        let names = held.files.saturating_add(place.depth() as u64);
        check_room(new.room()?, Usage { files: names, ..held })?;
        let place = place.to_string();
        let newest_version = files.newest_version(self.from)?;
        Ok(Some(Carry { from: self.from, to, folder: folder.to_string(), inode, place, newest_version }))
    }
}

/// Whether a folder is one of these, or one of them is in it, or it is in one of them.
fn overlaps(folder: &JailPath, others: &[String]) -> bool {
    let others = others.iter().filter(|root| !root.is_empty()).filter_map(|root| JailPath::parse(root).ok());
    others.into_iter().any(|other| folder.is_within(&other) || other.is_within(folder))
}

/// The same path in the new home, or the next one with a number at its first name that nobody has:
/// `harbour.blog-2/public`.
fn free_place(home: &AccountDir, wanted: &JailPath, taken: &[String]) -> Result<JailPath> {
    for number in 1..=TRIES {
        let place = numbered(wanted, number)?;
        let is_there = match home.metadata(&place, Links::Refuse) {
            Err(e) if e.as_code() == Code::NotFound => false,
            found => found.map(|_| true)?,
        };
        if !is_there && !overlaps(&place, taken) {
            return Ok(place);
        }
    }
    Err(Error::refused(Code::AlreadyExists, wanted.to_string()))
}

fn numbered(path: &JailPath, number: usize) -> Result<JailPath> {
    if number == 1 {
        return Ok(path.clone());
    }
    let text = path.to_string();
    match text.split_once('/') {
        Some((first, rest)) => JailPath::parse(&format!("{first}-{number}/{rest}")),
        None => JailPath::parse(&format!("{text}-{number}")),
    }
}

fn check_room(room: Room, comes: Usage) -> Result<()> {
    let over = |used: u64, comes: u64, most: Option<u64>| most.is_some_and(|most| used.saturating_add(comes) > most);
    if over(room.used_bytes, comes.bytes, room.most_bytes) || over(room.used_files, comes.files, room.most_files) {
        let megabytes = comes.bytes.div_ceil(1_000_000);
        let detail =
            format!("the site\u{2019}s files are {} with {megabytes} MB, more than the account has left", comes.files);
        return Err(Error::refused(Code::QuotaExceeded, detail));
    }
    Ok(())
}

/// Adds the handler of [`CARRY`].
pub fn register(handlers: &mut Handlers, files: &Files) {
    let files = files.clone();
    handlers.add_to(Lane::Long, CARRY, move |job| carry(job, &files));
}

/// Carries the folder. May stop anywhere and be done again.
fn carry(job: &Context<'_>, files: &Files) -> std::result::Result<String, Failure> {
    let (mut carry, site): (Carry, SiteId) = (job.payload()?, job.site());
    if let Some(place) = standing(job.store, site, carry.to)? {
        carry.place = place;
    }
    let (old, new) = (files.dirs().open(carry.from)?, files.dirs().open(carry.to)?);
    let folder = JailPath::parse(&carry.folder)?;
    let mut tries = 0;
    while lies_there(&old, &folder, carry.inode)? {
        let place = JailPath::parse(&carry.place)?;
        if let Some(above) = place.parent() {
            new.make_folders(&above)?;
        }
        match old.give_to(&folder, &new, &place) {
            Err(e) if e.as_code() == Code::AlreadyExists && tries < TRIES => {
                tries += 1;
                carry.place = free_place(&new, &place, &[])?.to_string();
                let (next, place) = (carry.clone(), carry.place.clone());
                job.store.write(&Actor::system(), move |tx| place_carried(tx, site, &next, &place))?;
            }
            done => done?,
        }
    }
    leave_no_empty_folder(&old, &folder);
    for account in [carry.from, carry.to] {
        if !files.recount(account)? {
            return Err(Failure::Later(Error::code(Code::Busy))); // it is written to all the time
        }
    }
    files.give_versions((carry.from, &folder), (carry.to, &JailPath::parse(&carry.place)?), carry.newest_version)?;
    job.store.write(&Actor::system(), move |tx| {
        note_carried(tx, site, &carry);
        Ok(())
    })?;
    Ok("{}".to_owned())
}

/// The folder that the site has by now; none where it is gone, or with somebody else.
fn standing(store: &Store, site: SiteId, to: AccountId) -> Result<Option<String>> {
    let found = store.read(&Actor::system(), move |tx| {
        let scope = tx.authorize(site, Capability::SiteRead)?;
        sites::find(tx, scope)
    });
    match found {
        Ok(row) => Ok(Some(row.root).filter(|root| row.account_id == to && !root.is_empty())),
        Err(e) if e.as_code() == Code::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Whether the folder that was meant is still at its old place: another one of that name is the old account's own.
fn lies_there(old: &AccountDir, folder: &JailPath, inode: u64) -> Result<bool> {
    match old.metadata(folder, Links::Refuse) {
        Ok(about) => Ok(about.inode == inode),
        Err(e) if e.as_code() == Code::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

/// The folder above goes where nothing is left in it.
fn leave_no_empty_folder(old: &AccountDir, folder: &JailPath) {
    if let Some(above) = folder.parent().filter(|above| !above.is_root())
        && let Err(e) = old.remove_empty_folder(&above)
    {
        tracing::debug!("the folder above a site that moved stays: {e}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_overlap_where_one_shows_files_of_the_other() {
        let folder = JailPath::parse("harbour.blog/public").unwrap();
        let with = |other: &str| overlaps(&folder, &[other.to_owned()]);
        for other in ["harbour.blog/public", "harbour.blog", "harbour.blog/public/shop"] {
            assert!(with(other), "{other}");
        }
        for other in ["", "harbour.blog/publicity", "loft.example/public", "harbour.blog-2/public"] {
            assert!(!with(other), "{other}");
        }
    }

    #[test]
    fn a_number_stands_at_the_first_name() {
        let numbered = |path: &str, n| numbered(&JailPath::parse(path).unwrap(), n).unwrap().to_string();
        assert_eq!(numbered("harbour.blog/public", 1), "harbour.blog/public");
        assert_eq!(numbered("harbour.blog/public", 3), "harbour.blog-3/public");
        assert_eq!(numbered("web", 2), "web-2");
    }

    #[test]
    fn what_does_not_fit_is_refused_before_anything_moves() {
        let room = |most_bytes, most_files| Room { used_bytes: 60, used_files: 5, most_bytes, most_files };
        let comes = Usage { bytes: 40, files: 5 };
        assert!(check_room(room(Some(100), Some(10)), comes).is_ok());
        assert!(check_room(room(None, None), comes).is_ok());
        for tight in [room(Some(99), None), room(None, Some(9))] {
            assert_eq!(check_room(tight, comes).unwrap_err().as_code(), Code::QuotaExceeded);
        }
    }
}
