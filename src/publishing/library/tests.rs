//! The library against a real store and disk.

use std::io::Read as _;
use std::path::Path;

use freehold_base::{Capability, Clock, Code, Cursor, HostName, Page, PageSize, SiteId, Timestamp};
use freehold_host::files::Reserve;
use freehold_platform::sites;
use freehold_store::{Actor, Store, StoreOptions};

use super::*;
use crate::content::{self, Body, Changes, Intent, Target, prepare};
use crate::media::variants::Format;
use crate::media::{Kind, samples};

/// Tests run on full disks too.
const RESERVE: Reserve = Reserve { percent: 0 };

struct Desk {
    store: Store,
    library: Library,
    sites: [SiteId; 2],
    folder: tempfile::TempDir,
}

impl Desk {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions { data: folder.path().to_owned(), database_url: String::new(), readers: 2 };
        let store = Store::open(&options, Clock::fixed(Timestamp(1_795_161_600_000))).unwrap();
        let library =
            Library::open(&folder.path().join("media"), &folder.path().join("cache/images"), 1 << 20, RESERVE).unwrap();
        let sites = ["one.example.org", "two.example.org"].map(|host| {
            store
                .write(&Actor::system(), move |tx| {
                    let server = tx.authorize_server(Capability::ServerManage)?;
                    let account = freehold_store::testing::account(tx, server, host)?;
                    let host = HostName::parse(host)?;
                    let new = sites::NewSite { account, title: "Site".into(), host, settings: Default::default() };
                    sites::create(tx, &new)
                })
                .unwrap()
        });
        Self { store, library, sites, folder }
    }
    fn add(&self, site: SiteId, name: &str, bytes: &[u8], details: &Details) -> freehold_base::Result<Media> {
        let id = keep_file(&self.store, &self.library, &Actor::system(), site, bytes, name, details)?;
        self.store.read(&Actor::system(), |tx| find(tx, site, id))
    }
    fn blobs(&self) -> usize {
        fn files(path: &Path) -> usize {
            let entries = std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path());
            entries.map(|p| if p.is_dir() { files(&p) } else { 1 }).sum()
        }
        files(&self.folder.path().join("media"))
    }
    fn write<T: Send + 'static>(
        &self,
        f: impl Fn(&mut freehold_store::Tx<'_>) -> freehold_base::Result<T> + Send + 'static,
    ) -> freehold_base::Result<T> {
        self.store.write(&Actor::system(), f)
    }
}

// row: ME06. What the disk holds is clean, upright and named by its content.
#[test]
fn a_photo_is_stored_clean_and_once_for_a_site() {
    let desk = Desk::open();
    let photo = samples::jpeg_with_exif(40, 20, 6);
    let first = desk.add(desk.sites[0], "Sommer am See.JPEG", &photo, &Details::default()).unwrap();
    assert_eq!((first.width, first.height, first.content_type.as_str()), (20, 40, "image/jpeg"));
    assert_eq!(first.filename, "sommer-am-see.jpg");
    let mut stored = Vec::new();
    desk.library.original(&first.hash).unwrap().unwrap().read_to_end(&mut stored).unwrap();
    assert_eq!(stored.len(), usize::try_from(first.bytes).unwrap());
    for trace in [&b"Exif"[..], b"52.5200", b"SecretCam"] {
        assert!(!stored.windows(trace.len()).any(|w| w == trace));
    }
    let again = desk.add(desk.sites[0], "other-name.jpg", &photo, &Details::default()).unwrap();
    assert_eq!(again.id, first.id, "the same bytes are the same file");
    let other = desk.add(desk.sites[1], "mine.jpg", &photo, &Details::default()).unwrap();
    assert_eq!((other.hash == first.hash, other.id == first.id, desk.blobs()), (true, false, 1));
    let totals = desk.store.read(&Actor::system(), |tx| totals(tx, desk.sites[0])).unwrap();
    assert_eq!(totals, (1, first.bytes));
}

#[test]
fn what_is_refused_leaves_nothing_behind() {
    let desk = Desk::open();
    let site = desk.sites[0];
    let code = |name: &str, bytes: &[u8]| desk.add(site, name, bytes, &Details::default()).unwrap_err().as_code();
    assert_eq!(code("x.jpg", b"<?php echo 1;"), Code::UnsupportedMedia);
    assert_eq!(code("x.jpg", b"\x7fELF\x02\x01\x01"), Code::UnsupportedMedia);
    assert_eq!(code("x.jpg", b""), Code::UnsupportedMedia);
    assert_eq!(code("x.jpg", &samples::jpeg_with_exif(40, 20, 1)[..300]), Code::MediaBroken);
    assert_eq!(code("x.txt", &vec![b'a'; (1 << 20) + 1]), Code::TooLarge);
    let long = Details { title: "x".repeat(201), ..Default::default() };
    assert!(desk.add(site, "x.txt", b"hello", &long).is_err());
    assert_eq!(desk.blobs(), 0);
}

// row: ME07. A file that entries show is not deleted by accident, and its bytes go with its last row.
#[test]
fn a_file_says_where_it_stands_and_goes_with_its_last_row() {
    let desk = Desk::open();
    let site = desk.sites[0];
    let file = desk.add(site, "notes.txt", b"some notes", &Details::default()).unwrap();
    desk.add(desk.sites[1], "notes.txt", b"some notes", &Details::default()).unwrap();
    let id = file.id;
    let body = format!(
        r#"{{"type":"doc","attrs":{{"version":1}},"content":[{{"type":"file","attrs":{{"media_id":{id},"src":"{}","name":"Notes"}}}}]}}"#,
        address(&file)
    );
    let changes = Changes { title: Some("With a file".into()), body: Some(Body::Json(body)), ..Default::default() };
    let prepared = prepare(changes, false).unwrap();
    desk.write(|tx| {
        // Entries need an author.
        let new = freehold_store::users::NewUser {
            email: "mara@example.org",
            name: "Mara",
            slug: "mara",
            password_hash: "",
            password_scheme: "",
            status: "active",
        };
        freehold_store::users::insert(tx, &new)
    })
    .unwrap();
    let entry =
        desk.write(move |tx| content::save(tx, site, &Target::New("post".into()), &prepared, Intent::Publish)).unwrap();
    let used = desk.store.read(&Actor::system(), |tx| uses(tx, site, id)).unwrap();
    assert_eq!(
        used.entries.iter().map(|u| (u.entry, u.title.as_str())).collect::<Vec<_>>(),
        [(entry.id, "With a file")]
    );
    let refused = desk.write(move |tx| delete(tx, site, id, false)).unwrap_err();
    assert_eq!(refused.as_code(), Code::WrongState);
    desk.write(move |tx| delete(tx, site, id, true)).unwrap();
    assert!(!desk.library.sweep(&desk.store, &file.hash).unwrap(), "the other site has it still");
    let (two, hash) = (desk.sites[1], file.hash.clone());
    let other = desk.store.read(&Actor::system(), |tx| find_public(tx, two, &hash)).unwrap().unwrap();
    desk.write(move |tx| delete(tx, two, other.id, false)).unwrap();
    // An upload of the same bytes that is under way keeps them.
    let arriving = desk.library.receive(&b"some notes"[..], "again.txt").unwrap();
    assert!(!desk.library.sweep(&desk.store, &hash).unwrap());
    drop(arriving);
    assert!(desk.library.sweep(&desk.store, &hash).unwrap());
    assert_eq!(desk.blobs(), 0);
}

// row: ME03
#[test]
fn copies_are_made_once_and_kept() {
    let desk = Desk::open();
    let png = samples::png_with_profile(&samples::photo(700, 350), Vec::new());
    let file = desk.add(desk.sites[0], "640.png", &png, &Details::default()).unwrap();
    assert_eq!(file.filename, "file-640.png", "an original is never named as a copy");
    let copy = Copy { width: 320, format: Format::Webp };
    assert!(desk.library.copy(&file.hash, copy).unwrap().is_none());
    desk.library.make_copy(&file.hash, Kind::Png, copy).unwrap();
    let mut bytes = Vec::new();
    desk.library.copy(&file.hash, copy).unwrap().unwrap().read_to_end(&mut bytes).unwrap();
    assert!(bytes.starts_with(b"RIFF") && bytes.len() < png.len());
    // What moves stays as it is.
    let film = desk.add(desk.sites[0], "film.webp", &samples::animated_webp(), &Details::default()).unwrap();
    desk.library.make_copy(&film.hash, Kind::Webp, copy).unwrap();
    let mut moving = Vec::new();
    desk.library.copy(&film.hash, copy).unwrap().unwrap().read_to_end(&mut moving).unwrap();
    assert_eq!(moving.len(), usize::try_from(film.bytes).unwrap());
    for (name, known) in [
        ("320.webp", true),
        ("2560.avif", true),
        ("321.webp", false),
        ("0320.webp", false),
        ("320.gif", false),
        ("320", false),
        ("+320.webp", false),
    ] {
        assert_eq!(Copy::parse(name).is_some(), known, "{name}");
    }
}

#[test]
fn old_addresses_lead_to_the_file_and_to_its_copies() {
    let desk = Desk::open();
    let site = desk.sites[0];
    let old = |path: &str| Details { path: Some(path.into()), alt: "A cat".into(), ..Default::default() };
    let png = samples::png_with_profile(&samples::photo(700, 350), Vec::new());
    let file = desk.add(site, "cat.png", &png, &old("/wp-content/uploads/2024/05/cat.png")).unwrap();
    desk.add(site, "cat-2.png", &png, &old("/wp-content/uploads/2024/06/cat-2.png")).unwrap();
    let leads = |path: &str| desk.store.read(&Actor::system(), |tx| find_public_path(tx, site, path)).unwrap();
    assert_eq!(file.alt, "A cat");
    assert_eq!(leads("/wp-content/uploads/2024/05/cat.png"), Some(address(&file)));
    assert_eq!(leads("/wp-content/uploads/2024/06/cat-2.png"), Some(address(&file)));
    assert_eq!(leads("/wp-content/uploads/2024/05/cat-300x150.png"), Some(format!("/media/{}/320.webp", file.hash)));
    assert_eq!(leads("/wp-content/uploads/2024/05/cat-900x150.png"), Some(address(&file)));
    assert_eq!(leads("/wp-content/uploads/2024/05/dog.png"), None);
}

#[test]
fn lists_are_filtered_and_page_by_key() {
    let desk = Desk::open();
    let site = desk.sites[0];
    for n in 0..5 {
        let details = Details { created_at: Some(Timestamp(1000 + n / 2)), ..Default::default() };
        desk.add(site, &format!("File {n}.txt"), format!("text {n}").as_bytes(), &details).unwrap();
    }
    let png = samples::png_with_profile(&samples::photo(20, 20), Vec::new());
    let picture = desk.add(site, "Cat.png", &png, &Details::default()).unwrap();
    let names = |filter: &Filter, size, after| {
        let page = Page { size: PageSize::new(size), after };
        let found = desk.store.read(&Actor::system(), |tx| list(tx, site, filter, &page)).unwrap();
        let last = found.last().map(|m| Cursor { key: m.created_at.ms().to_string(), id: m.id.get() });
        (found.into_iter().map(|m| m.filename).collect::<Vec<_>>(), last)
    };
    let (first, last) = names(&Filter::default(), 3, None);
    let (second, _) = names(&Filter::default(), 10, last);
    assert_eq!(first, ["cat.png", "file-4.txt", "file-3.txt"]);
    assert_eq!(second, ["file-2.txt", "file-1.txt", "file-0.txt"]);
    let of = |filter: Filter| names(&filter, 50, None).0;
    assert_eq!(of(Filter { family: Some("image".into()), ..Default::default() }), ["cat.png"]);
    assert_eq!(of(Filter { no_images: true, ..Default::default() }).len(), 5);
    assert_eq!(of(Filter { text: Some("FILE-3".into()), ..Default::default() }), ["file-3.txt"]);
    assert_eq!(of(Filter { needs_alt: true, ..Default::default() }), ["cat.png"]);
    let id = picture.id;
    let words = Description { alt: "A cat".into(), ..Default::default() };
    desk.write(move |tx| describe(tx, site, id, &words)).unwrap();
    assert!(of(Filter { needs_alt: true, ..Default::default() }).is_empty());
    assert_eq!(of(Filter { text: Some("a cat".into()), ..Default::default() }), ["cat.png"]);
    assert_eq!(of(Filter { unused: true, ..Default::default() }).len(), 6);
}
