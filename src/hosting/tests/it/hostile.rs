//! Archives that want something else (security rule E3): each is refused as a whole, and nothing of it is left.

use std::io::Write as _;

use freehold_base::Clock;
use freehold_hosting::files::{Format, Target};
use sevenz_rust2::encoder_options::Lzma2Options;
use sevenz_rust2::{ArchiveEntry, ArchiveWriter};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::support::*;

/// An entry of a tar by hand: name, kind, bytes, and what else its head says.
fn tar_entry(name: &[u8], kind: u8, body: &[u8], size: Option<&[u8]>) -> Vec<u8> {
    let mut head = vec![0_u8; 512];
    head[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
    head[100..108].copy_from_slice(b"0000644\0");
    head[124..136].copy_from_slice(size.unwrap_or(format!("{:011o}\0", body.len()).as_bytes()));
    head[136..148].copy_from_slice(b"00000000000\0");
    head[156] = kind;
    head[157..163].copy_from_slice(b"target");
    head[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = head.iter().map(|b| u32::from(*b)).sum::<u32>() + 8 * 32;
    head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    head.extend_from_slice(body);
    head.resize(head.len().next_multiple_of(512), 0);
    head
}

fn tar(entries: &[Vec<u8>]) -> Vec<u8> {
    [entries.concat(), vec![0; 1024]].concat()
}

/// A zip whose entries have these names, whatever they are: written under harmless ones of the same length.
fn zip(names: &[&str]) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let mut swaps = Vec::new();
    for (number, name) in names.iter().enumerate() {
        let harmless = format!("{number:02}{}", "q".repeat(name.len().saturating_sub(2)));
        writer.start_file(&harmless[..], stored()).unwrap();
        writer.write_all(b"x").unwrap();
        swaps.push((harmless, *name));
    }
    let mut bytes = writer.finish().unwrap().into_inner();
    for (harmless, name) in swaps {
        replace(&mut bytes, harmless.as_bytes(), name.as_bytes());
    }
    bytes
}

fn stored() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Stored)
}

fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    assert_eq!(from.len(), to.len());
    let places: Vec<usize> =
        bytes.windows(from.len()).enumerate().filter(|(_, w)| *w == from).map(|(at, _)| at).collect();
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
}

fn with_mode(mode: u32) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file("link", stored().unix_permissions(0o777)).unwrap();
    writer.write_all(b"/etc/passwd").unwrap();
    let mut bytes = writer.finish().unwrap().into_inner();
    let (from, to) = ((0o100_777_u32 << 16).to_le_bytes(), (mode << 16).to_le_bytes());
    replace(&mut bytes, &from, &to);
    bytes
}

fn many(entries: usize) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for number in 0..entries {
        writer.start_file(format!("{number}"), stored()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn bomb(mib: usize) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file("zeros", SimpleFileOptions::default().compression_level(Some(9))).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..mib {
        writer.write_all(&zeros).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn pax(record: &str) -> Vec<u8> {
    tar_entry(b"x", b'x', record.as_bytes(), None)
}

/// A 7z of entries with these bytes; `change` may make each strange.
fn sevenz(names: &[&str], bytes: &[u8], change: fn(&mut ArchiveEntry)) -> Vec<u8> {
    let mut writer = ArchiveWriter::new(std::io::Cursor::new(Vec::new())).unwrap();
    for name in names {
        let mut entry = ArchiveEntry::new_file(name);
        change(&mut entry);
        writer.push_archive_entry(entry, Some(bytes)).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The attributes of an entry with this mode, as 7-Zip writes them on Unix.
fn attributes(entry: &mut ArchiveEntry, mode: u32) {
    entry.has_windows_attributes = true;
    entry.windows_attributes = mode << 16 | 0x8000;
}

/// Needs more memory than anybody gets: a dictionary of 1 GiB less a byte, which few bytes never fill.
fn sevenz_greedy() -> Vec<u8> {
    let mut writer = ArchiveWriter::new(std::io::Cursor::new(Vec::new())).unwrap();
    let mut options = Lzma2Options::from_level(1);
    options.set_dictionary_size(1 << 20);
    writer.set_content_methods(vec![options.into()]);
    writer.set_encrypt_header(false);
    writer.push_archive_entry(ArchiveEntry::new_file("a"), Some(&[b'x'; 1000][..])).unwrap();
    let mut bytes = writer.finish().unwrap().into_inner();
    // The head at its end: LZMA2 (0x21) with one byte of properties, the size of the dictionary.
    let at = bytes.windows(3).rposition(|w| w == [0x21, 0x21, 0x01]).unwrap() + 3;
    bytes[at] = 38;
    let start = 32 + usize::try_from(u64::from_le_bytes(bytes[12..20].try_into().unwrap())).unwrap();
    let sum = crc(&bytes[start..]);
    bytes[28..32].copy_from_slice(&sum.to_le_bytes());
    let sum = crc(&bytes[12..32]);
    bytes[8..12].copy_from_slice(&sum.to_le_bytes());
    bytes
}

fn crc(bytes: &[u8]) -> u32 {
    let mut sum = flate2::Crc::new();
    sum.update(bytes);
    sum.sum()
}

// rule: E3
#[test]
fn e03_hostile_archives_are_refused_whole() {
    let file = |name: &[u8]| tar_entry(name, b'0', b"x", None);
    let good = file(b"good.txt");
    let locked = {
        let mut bytes = zip(&["locked"]);
        // The bit that says "locked by a password", in both heads.
        for at in 0..bytes.len() - 8 {
            if &bytes[at..at + 4] == b"PK\x03\x04" {
                bytes[at + 6] |= 1;
            } else if &bytes[at..at + 4] == b"PK\x01\x02" {
                bytes[at + 8] |= 1;
            }
        }
        bytes
    };
    let whole = zip(&["aaaaaa", "bbbbbb"]);
    let long_name = vec![b'n'; 70_000];
    let cases: Vec<(&str, Format, Vec<u8>)> = vec![
        ("out by dots", Format::Zip, zip(&["good.txt", "../../etc/cron.d/x"])),
        ("dots in the middle", Format::Zip, zip(&["a/../../b"])),
        ("absolute", Format::Zip, zip(&["/etc/passwd"])),
        ("backslashes", Format::Zip, zip(&["..\\..\\x"])),
        ("a drive", Format::Zip, zip(&["C:/x"])),
        ("a zero", Format::Zip, zip(&["a\0.php"])),
        ("control characters", Format::Zip, zip(&["a\nb"])),
        ("an empty step", Format::Zip, zip(&["a//b"])),
        ("twice the same", Format::Zip, zip(&["same", "same"])),
        ("a file as a folder", Format::Zip, zip(&["aaaaaa", "aaaaaa/b"])),
        ("a link", Format::Zip, with_mode(0o120_777)),
        ("a device", Format::Zip, with_mode(0o060_777)),
        ("locked", Format::Zip, locked),
        ("too many entries", Format::Zip, many(100_001)),
        ("a bomb", Format::Zip, bomb(64)),
        ("cut off", Format::Zip, whole[..whole.len() - 30].to_vec()),
        ("no zip at all", Format::Zip, b"#!/bin/sh\nrm -rf /\n".to_vec()),
        ("empty", Format::Zip, Vec::new()),
        ("a long name", Format::Zip, zip(&[&"n".repeat(300)])),
        ("tar: out by dots", Format::Tar, tar(&[good.clone(), file(b"../x")])),
        ("tar: absolute", Format::Tar, tar(&[file(b"/etc/passwd")])),
        ("tar: a soft link", Format::Tar, tar(&[tar_entry(b"l", b'2', b"", None), file(b"l/x")])),
        ("tar: a hard link", Format::Tar, tar(&[tar_entry(b"l", b'1', b"", None)])),
        ("tar: a device", Format::Tar, tar(&[tar_entry(b"d", b'4', b"", None)])),
        ("tar: a pipe", Format::Tar, tar(&[tar_entry(b"p", b'6', b"", None)])),
        ("tar: holes", Format::Tar, tar(&[pax("22 GNU.sparse.major=1\n"), good.clone()])),
        ("tar: a path in a record", Format::Tar, tar(&[pax("13 path=../x\n"), good.clone()])),
        ("tar: a lying record", Format::Tar, tar(&[pax("99999999999999999999 path=x\n"), good.clone()])),
        (
            "tar: a name of 70,000",
            Format::Tar,
            tar(&[tar_entry(b"././@LongLink", b'L', &long_name, None), good.clone()]),
        ),
        ("tar: not UTF-8", Format::Tar, tar(&[file(b"caf\xE9")])),
        (
            "tar: a size beyond all",
            Format::Tar,
            tar(&[tar_entry(b"a", b'0', b"", Some(b"\x80\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"))]),
        ),
        ("tar: cut off", Format::Tar, file(b"a")[..600].to_vec()),
        ("tar.gz: a bomb", Format::TarGz, gz(&tar(&[tar_entry(b"zeros", b'0', &vec![0; 48 << 20], None)]))),
        ("tar.gz: a bomb of heads", Format::TarGz, gz(&tar(&vec![tar_entry(b"d/", b'5', b"", None); 40_000]))),
        ("tar.gz: no gzip", Format::TarGz, b"plain".to_vec()),
        ("tar.zst: no zstd", Format::TarZst, b"plain".to_vec()),
        (
            "tar.zst: a bomb",
            Format::TarZst,
            zstd::bulk::compress(&tar(&[tar_entry(b"z", b'0', &vec![0; 48 << 20], None)]), 3).unwrap(),
        ),
        ("7z: out by dots", Format::SevenZ, sevenz(&["good.txt", "../x"], b"x", |_| ())),
        ("7z: absolute", Format::SevenZ, sevenz(&["/etc/passwd"], b"x", |_| ())),
        ("7z: backslashes", Format::SevenZ, sevenz(&["..\\x"], b"x", |_| ())),
        ("7z: twice the same", Format::SevenZ, sevenz(&["same", "same"], b"x", |_| ())),
        ("7z: a link", Format::SevenZ, sevenz(&["l"], b"/etc/passwd", |e| attributes(e, 0o120_777))),
        ("7z: a device", Format::SevenZ, sevenz(&["d"], b"x", |e| attributes(e, 0o060_777))),
        ("7z: a bomb", Format::SevenZ, sevenz(&["zeros"], &vec![0; 20 << 20], |_| ())),
        ("7z: greedy", Format::SevenZ, sevenz_greedy()),
        ("7z: cut off", Format::SevenZ, sevenz(&["a"], b"x", |_| ())[..60].to_vec()),
        ("7z: none at all", Format::SevenZ, b"plain".to_vec()),
    ];
    assert!(cases.len() >= 25);
    let town = town();
    town.puts("kept.txt", b"kept");
    let outside = std::fs::read_dir(town.folder.path()).unwrap().count();
    for (name, format, bytes) in cases {
        let archive = at(&format!("hostile.{}", format.name()));
        town.puts(&archive.to_string(), &bytes);
        let before = town.check_count();
        let into = Target::NewFolder(at("out"));
        let job = town.works_off(town.desk().unpack_later(&archive, Some(&into)).unwrap());
        assert_eq!(job.state, "failed", "{name}: {job:?}");
        assert!(job.message.contains("is not unpacked"), "{name}: {}", job.message);
        assert!(!town.disk("out").exists(), "{name} left something");
        assert_eq!(town.check_count(), before, "{name}");
        town.check_swept();
        town.desk().trash(&[archive]).unwrap();
        town.desk().empty_trash().unwrap();
    }
    assert_eq!(town.names(""), ["kept.txt"]);
    assert_eq!(std::fs::read_dir(town.folder.path()).unwrap().count(), outside);
}

// rule: E3
#[test]
fn e03_a_bomb_is_stopped_early() {
    let town = town();
    town.puts("bomb.zip", &bomb(if full() { 512 } else { 64 }));
    let job = town.desk().unpack_later(&at("bomb.zip"), None).unwrap();
    let began = Clock::instant();
    let ended = town.works_off(job);
    if full() {
        println!("a bomb of 512 MiB was stopped after {:?}", began.elapsed());
    }
    assert_eq!(ended.state, "failed");
    assert!(ended.message.contains("200 times"), "{}", ended.message);
    assert_eq!(town.names(""), ["bomb.zip"]);
    town.check_count();
    town.check_swept();
}
