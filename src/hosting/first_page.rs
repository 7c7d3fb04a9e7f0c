//! The folder of a new site of files, with a page that says what to do next: the site is served at once.

use freehold_base::text::escape_html;
use freehold_base::{Code, JailPath, Result, SiteId};
use freehold_host::account_dir::{AccountDirs, Links, Replace};
use freehold_platform::jobs::Handlers;
use freehold_platform::sites;
use freehold_store::{Actor, Store};

/// Adds the handler that lays it.
pub fn register(handlers: &mut Handlers, dirs: &AccountDirs) {
    let dirs = dirs.clone();
    handlers.add(sites::BEGIN, move |job| {
        lay(job.store, &dirs, job.site())?;
        Ok("{}".to_owned())
    });
}

/// Makes the folder of a site where it is missing, and a first page where it has none. May run twice.
///
/// # Errors
/// `QuotaExceeded`, `DiskFull`, `Internal`.
pub fn lay(store: &Store, dirs: &AccountDirs, site: SiteId) -> Result<()> {
    let (row, title) = store.read(&Actor::system(), move |tx| {
        let scope = tx.scope_of(site)?;
        let title = sites::settings::read(tx, scope)?.general.title;
        Ok((freehold_store::sites::find(tx, scope)?, title))
    })?;
    let folder = JailPath::parse(&row.root)?;
    let home = dirs.open(row.account_id)?;
    home.make_folders(&folder)?;
    let page = folder.join("index.html")?;
    match home.metadata(&page, Links::Refuse) {
        Ok(_) => return Ok(()),
        Err(e) if e.as_code() == Code::NotFound => {}
        Err(e) => return Err(e),
    }
    let mut file = home.create(&page, Replace::No, 0o644)?;
    file.write(first_page(&title, &row.root).as_bytes())?;
    match file.finish() {
        Err(e) if e.as_code() == Code::AlreadyExists => Ok(()), // somebody was faster
        done => done.map(|_| ()),
    }
}

/// The page, in the plain hand that a text editor would give it: its owner will replace it.
fn first_page(title: &str, folder: &str) -> String {
    let escaped = |text: &str| {
        let mut out = String::new();
        escape_html(text, &mut out);
        out
    };
    let (title, folder) = (escaped(title), escaped(folder));
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1.125rem/1.6 Georgia, serif; margin: 0; min-height: 100vh; display: grid; place-content: center;
  padding: 2rem; background: light-dark(#fbfaf6, #171a18); color: light-dark(#1c211e, #eceee9) }}
main {{ max-width: 34rem }}
h1 {{ font-size: 2.25rem; line-height: 1.15; margin: 0 0 1rem }}
code {{ font-size: .9em }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>This site is here, and it works.</p>
<p>Put your files into the folder <code>{folder}</code>; this page is the file <code>index.html</code> there.</p>
</main>
</body>
</html>
"#
    )
}
