//! `freehold file …`

use std::io::Read as _;

use freehold_base::{Code, Error, JailPath, OrInternal as _, Result};
use freehold_host::account_dir::{Kind, ListOptions};
use freehold_host::files as machine;
use freehold_hosting::files::{Clash, Desk, Existing, FolderSize, Format, Target};
use freehold_store::Actor;
use serde_json::{Value, json};

use super::commands::{Done, File};
use super::hands::{Hands, table};

/// Rows of a list at most.
const MOST: usize = 10_000;
/// Bytes that are stored at once.
const STEP: usize = 256 << 10;

/// `freehold file …`
///
/// # Errors
/// What the service gives.
pub fn file(hands: &Hands, command: &File) -> Result<Done> {
    match command {
        File::List { site, path } => list(&desk(hands, site)?, &JailPath::parse(path)?),
        File::Get { site, path, to } => {
            let opened = desk(hands, site)?.open(&JailPath::parse(path)?)?;
            let bytes = machine::copy_out(opened.file, to).or_internal("writing the file")?;
            Ok(Done::said(format!("{bytes} bytes are written."), json!({ "path": path, "bytes": bytes })))
        }
        File::Put { site, from, path, exists } => put(&desk(hands, site)?, from, path, exists),
        File::Move { site, path, to, exists } => {
            let (from, to) = (JailPath::parse(path)?, JailPath::parse(to)?);
            now_at(&desk(hands, site)?.move_to(&from, &to, Clash::by_name(exists)?)?)
        }
        File::Copy { site, path, to, exists } => {
            let (from, to) = (JailPath::parse(path)?, JailPath::parse(to)?);
            now_at(&desk(hands, site)?.copy_to(&from, &to, Clash::by_name(exists)?)?)
        }
        File::Folder { site, path } => {
            let path = JailPath::parse(path)?;
            desk(hands, site)?.new_folder(&path)?;
            now_at(&path)
        }
        File::Mode { site, path, mode } => {
            let octal = u16::from_str_radix(mode, 8)
                .map_err(|_| Error::invalid("mode", Code::Malformed, "three digits from 0 to 7, such as 644"))?;
            desk(hands, site)?.set_mode(&JailPath::parse(path)?, octal)?;
            Ok(Done::said(format!("/{path} has the permissions {mode}."), json!({ "path": path, "mode": mode })))
        }
        File::Versions { site, path, restore: None } => versions(&desk(hands, site)?, &JailPath::parse(path)?),
        File::Versions { site, path, restore: Some(id) } => {
            let path = JailPath::parse(path)?;
            desk(hands, site)?.restore_version(&path, *id)?.done()?;
            now_at(&path)
        }
        File::Check { site, repair } => check(&desk(hands, site)?, *repair),
        File::Largest { site } => largest(&desk(hands, site)?),
        File::Purge { site, id: Some(id), .. } => {
            desk(hands, site)?.delete_for_good(&[*id])?;
            Ok(Done::said("It is gone for good.", json!({ "id": id })))
        }
        File::Purge { site, id: None, .. } => {
            let count = desk(hands, site)?.empty_trash()?;
            Ok(Done::said(format!("{count} things are gone for good."), json!({ "gone": count })))
        }
        File::Trash { site, paths } => {
            let ids = desk(hands, site)?.trash(&all(paths)?)?;
            Ok(Done::said(format!("{} lie in the trash.", ids.len()), json!({ "ids": ids })))
        }
        File::Restore { site, id: None, .. } => trashed(&desk(hands, site)?),
        File::Restore { site, id: Some(id), exists } => {
            now_at(&desk(hands, site)?.restore(*id, Clash::by_name(exists)?)?)
        }
        File::Pack { site, archive, paths } => {
            let archive = JailPath::parse(archive)?;
            let format = Format::wanted(&archive)?;
            let job = desk(hands, site)?.pack_later(&all(paths)?, &archive, format, Clash::Refuse)?;
            Ok(Done::data(job.to_string(), json!({ "job": job })))
        }
        File::Unpack { site, archive, into, replace } => {
            let existing = if *replace { Existing::Replace } else { Existing::Refuse };
            let folder = into.as_deref().map(JailPath::parse).transpose()?;
            let target = folder.map(|folder| Target::Into(folder, existing));
            let job = desk(hands, site)?.unpack_later(&JailPath::parse(archive)?, target.as_ref())?;
            Ok(Done::data(job.to_string(), json!({ "job": job })))
        }
    }
}

fn desk(hands: &Hands, site: &str) -> Result<Desk> {
    hands.files.of_site(&Actor::system(), hands.site(site)?)
}

fn all(paths: &[String]) -> Result<Vec<JailPath>> {
    paths.iter().map(|path| JailPath::parse(path)).collect()
}

fn now_at(path: &JailPath) -> Result<Done> {
    Ok(Done::said(format!("It lies at /{path}."), json!({ "path": path.to_string() })))
}

fn list(desk: &Desk, path: &JailPath) -> Result<Done> {
    let page = desk.list(path, &ListOptions { take: MOST, ..ListOptions::default() })?;
    let word = |kind| match kind {
        Kind::Folder => "folder",
        Kind::File => "file",
        Kind::Link => "link",
        Kind::Other => "other",
    };
    let (mut rows, mut items) = (Vec::new(), Vec::<Value>::new());
    for entry in &page.entries {
        let about = &entry.metadata;
        let (kind, mode, at) = (word(about.kind), format!("{:03o}", about.mode), about.modified.rfc3339());
        rows.push(vec![entry.name.clone(), kind.to_owned(), about.bytes.to_string(), mode.clone(), at.clone()]);
        items.push(json!({ "name": entry.name, "kind": kind, "bytes": about.bytes, "mode": mode, "modified_at": at }));
    }
    let json = json!({ "items": items, "total": page.total });
    Ok(Done::data(table(&["name", "kind", "bytes", "mode", "written"], &rows), json))
}

fn trashed(desk: &Desk) -> Result<Done> {
    let all = desk.trashed(0, 1000)?;
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|one| vec![one.id.to_string(), one.path.clone(), one.kind.clone(), one.deleted_at.rfc3339()])
        .collect();
    let items: Vec<Value> =
        all.iter().map(|one| json!({ "id": one.id, "path": one.path, "kind": one.kind, "bytes": one.bytes })).collect();
    Ok(Done::data(table(&["id", "path", "kind", "deleted"], &rows), Value::from(items)))
}

fn versions(desk: &Desk, path: &JailPath) -> Result<Done> {
    let all = desk.versions(path)?;
    let rows: Vec<Vec<String>> =
        all.iter().map(|v| vec![v.id.to_string(), v.made_at.rfc3339(), v.bytes.to_string()]).collect();
    let items: Vec<Value> =
        all.iter().map(|v| json!({ "id": v.id, "bytes": v.bytes, "made_at": v.made_at.rfc3339() })).collect();
    Ok(Done::data(table(&["id", "saved", "bytes"], &rows), Value::from(items)))
}

fn check(desk: &Desk, repair: bool) -> Result<Done> {
    let found = desk.check_permissions(&JailPath::root())?;
    if repair {
        let paths: Vec<JailPath> = found.into_iter().map(|finding| finding.path).collect();
        let count = desk.repair_permissions(&paths)?;
        return Ok(Done::said(format!("{count} are repaired."), json!({ "repaired": count })));
    }
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|f| vec![f.path.to_string(), format!("{:03o}", f.mode), f.fault.sentence().to_owned()])
        .collect();
    let items: Vec<Value> =
        found.iter().map(|f| json!({ "path": f.path.to_string(), "mode": format!("{:03o}", f.mode) })).collect();
    let done = Done::data(table(&["path", "mode", "why"], &rows), Value::from(items));
    Ok(Done { good: found.is_empty(), ..done })
}

/// A command begins without what an earlier one saw: it looks anew.
fn largest(desk: &Desk) -> Result<Done> {
    let largest = desk.largest(true)?;
    let folders = &largest.folders;
    let row = |f: &FolderSize| vec![f.path.to_string(), f.bytes.to_string(), f.files.to_string()];
    let item = |f: &FolderSize| json!({ "path": f.path.to_string(), "bytes": f.bytes, "files": f.files, "is_whole": f.is_whole });
    let rows: Vec<Vec<String>> = folders.iter().map(row).collect();
    Ok(Done::data(table(&["path", "bytes", "files"], &rows), folders.iter().map(item).collect()))
}

fn put(desk: &Desk, from: &std::path::Path, path: &str, exists: &str) -> Result<Done> {
    let mut source = machine::open(from).or_internal("opening the file")?;
    let mut put = desk.put(&JailPath::parse(path)?, Clash::by_name(exists)?, None)?;
    let mut buffer = vec![0; STEP];
    loop {
        let count = source.read(&mut buffer).or_internal("reading the file")?;
        if count == 0 {
            break;
        }
        put.write(buffer.get(..count).unwrap_or_default())?;
    }
    let (path, about) = put.finish()?;
    let json = json!({ "path": path.to_string(), "bytes": about.bytes });
    Ok::<_, Error>(Done::said(format!("It lies at /{path}."), json))
}
