//! Themes as people bring them: what is taken, what is left out, and what is refused with which reason (row TH01,
//! rules D1 and E3). Archives that are hostile as such stand in the tests of files (`hostile.rs`).

use std::fs::File;
use std::io::{Seek as _, Write as _};

use crate::themes::Package;

const TOML: &str = "[theme]\nname = \"Green Meadow\"\nversion = \"1.2\"\napi = 1\n";

/// A tar of entries: name, kind, mode is that of files; gzip around it.
fn tar_gz(entries: &[(&str, u8, &[u8])]) -> File {
    let mut tar = Vec::new();
    for (name, kind, bytes) in entries {
        let mut head = [0_u8; 512];
        head[..name.len()].copy_from_slice(name.as_bytes());
        head[100..107].copy_from_slice(b"0000644");
        head[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
        head[136..147].copy_from_slice(b"00000000000");
        head[148..156].copy_from_slice(b"        ");
        head[156] = *kind;
        head[257..263].copy_from_slice(b"ustar\0");
        if *kind == b'2' {
            head[157..168].copy_from_slice(b"/etc/passwd");
        }
        let sum: u32 = head.iter().map(|b| u32::from(*b)).sum();
        head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        tar.extend_from_slice(&head);
        tar.extend_from_slice(bytes);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&tar).unwrap();
    file(&packer.finish().unwrap())
}

fn zip(files: &[(&str, &[u8])]) -> File {
    let all = files.iter().map(|(name, bytes)| ((*name).to_owned(), *bytes));
    file(&freehold_host::archive::zip_of(all, Vec::new()).unwrap())
}

fn small(toml: &str) -> File {
    zip(&[("theme.toml", toml.as_bytes()), ("templates/index.html", b"x")])
}

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file
}

fn names(package: &Package) -> Vec<&str> {
    package.files.all().keys().map(String::as_str).collect()
}

#[test]
fn th01_a_theme_comes_as_a_zip_and_as_a_git_host_packs_it() {
    let zip = zip(&[("theme.toml", TOML.as_bytes()), ("templates/index.html", b"x"), ("static/a.css", b"y")]);
    let package = Package::of_archive(&zip, "").unwrap();
    assert_eq!((package.files.name(), names(&package).len()), ("green-meadow", 3));
    assert_eq!(Package::of_archive(&zip, "lawn").unwrap().files.name(), "lawn");

    let long = TOML.replace("Green Meadow", &"Green Meadow ".repeat(20));
    let long = Package::of_archive(&small(&long), "").unwrap();
    assert!(long.files.name().starts_with("green-meadow-green") && long.files.name().len() <= 64);

    let git = tar_gz(&[
        ("meadow-main/", b'5', b""),
        ("meadow-main/.gitignore", b'0', b"x"),
        ("meadow-main/.github/workflows/ci.yml", b'0', b"x"),
        ("meadow-main/README.md", b'0', b"x"),
        ("meadow-main/LICENSE", b'0', b"x"),
        ("meadow-main/package.json", b'0', b"{}"),
        ("meadow-main/docs/templates/x.html", b'0', b"x"),
        ("meadow-main/theme.toml", b'0', TOML.as_bytes()),
        ("meadow-main/templates/index.html", b'0', b"x"),
        ("meadow-main/static/page.html", b'0', b"x"),
        ("meadow-main/static/fonts/OFL.txt", b'0', b"x"),
    ]);
    let package = Package::of_archive(&git, "").unwrap();
    let kept = ["LICENSE", "README.md", "static/fonts/OFL.txt", "templates/index.html", "theme.toml"];
    assert_eq!(names(&package), kept);
    assert_eq!(package.left_out.len(), 5, "{:?}", package.left_out);
}

#[test]
fn th01_a_folder_is_taken_and_a_link_in_it_is_not() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("meadow/templates")).unwrap();
    std::fs::write(folder.path().join("meadow/theme.toml"), TOML).unwrap();
    std::fs::write(folder.path().join("meadow/templates/index.html"), "x").unwrap();
    let package = Package::of_folder(&folder.path().join("meadow"), "").unwrap();
    assert_eq!(names(&package), ["templates/index.html", "theme.toml"]);
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("meadow/templates/x.html")).unwrap();
    let refused = Package::of_folder(&folder.path().join("meadow"), "").unwrap_err().sentence();
    assert!(refused.contains("Links"), "{refused}");
    let gone = Package::of_folder(&folder.path().join("gone"), "").unwrap_err();
    assert_eq!(gone.as_code(), freehold_base::Code::ThemeRefused);
}

#[test]
fn d01_hostile_packages_are_refused_with_the_reason() {
    let toml = ("theme.toml", b'0', TOML.as_bytes());
    let too_new = TOML.replace("api = 1", "api = 2");
    let bomb = vec![0_u8; 40 << 20];
    let big_template = vec![b'x'; 300 << 10];
    let many: Vec<String> = (0..2_100).map(|n| format!("templates/{n}.html")).collect();
    let mut crowd: Vec<(&str, u8, &[u8])> = many.iter().map(|name| (name.as_str(), b'0', &b"x"[..])).collect();
    crowd.push(toml);
    let cases: Vec<(&str, File, &str)> = vec![
        ("nothing", file(b""), "it is empty"),
        ("a zip of nothing", zip(&[]), "no theme.toml"),
        ("a text", file(b"[theme]"), "neither a zip nor a tar.gz"),
        ("half a zip", file(b"PK\x03\x04rest"), "no whole zip file"),
        ("half a gzip", file(&[0x1f, 0x8b, 8, 0, 0]), "damaged"),
        ("no theme.toml", tar_gz(&[("templates/index.html", b'0', b"x")]), "no theme.toml"),
        ("theme.toml too deep", tar_gz(&[("a/b/theme.toml", b'0', TOML.as_bytes())]), "no theme.toml"),
        ("two themes", tar_gz(&[("a/theme.toml", b'0', b"x"), ("b/theme.toml", b'0', b"x")]), "no theme.toml"),
        ("a link", tar_gz(&[toml, ("templates/x.html", b'2', b"")]), "link or a device"),
        ("a hard link", tar_gz(&[toml, ("templates/x.html", b'1', b"")]), "link or a device"),
        ("a device", tar_gz(&[toml, ("static/x.css", b'3', b"")]), "link or a device"),
        ("an absolute name", tar_gz(&[toml, ("/etc/x.html", b'0', b"x")]), "top of the machine"),
        ("a drive", tar_gz(&[toml, ("C:x.html", b'0', b"x")]), "top of the machine"),
        ("a way up", tar_gz(&[toml, ("templates/../../x.html", b'0', b"x")]), "leads elsewhere"),
        ("a backslash", tar_gz(&[toml, ("templates\\x.html", b'0', b"x")]), "backslash"),
        ("a way up in a zip", zip(&[("theme.toml", TOML.as_bytes()), ("../x.html", b"x")]), "leads elsewhere"),
        ("a program", tar_gz(&[toml, ("static/shell.php", b'0', b"x")]), "is a program"),
        (
            "a theme for WordPress",
            zip(&[("style.css", b"/* Theme Name: X */"), ("functions.php", b"<?php")]),
            "themes for WordPress cannot",
        ),
        (
            "a file that is a folder too",
            tar_gz(&[toml, ("static/a.css", b'0', b"x"), ("static/a.css/b.css", b'0', b"x")]),
            "as a file and as a folder",
        ),
        ("a program in capitals", tar_gz(&[toml, ("static/Shell.PHTML", b'0', b"x")]), "is a program"),
        ("settings of a server", tar_gz(&[toml, ("static/.htaccess", b'0', b"x")]), "is a program"),
        ("a module", tar_gz(&[toml, ("static/x.wasm", b'0', b"x")]), "is a program"),
        ("for a later release", tar_gz(&[("theme.toml", b'0', too_new.as_bytes())]), "another version"),
        ("a theme.toml that is none", tar_gz(&[("theme.toml", b'0', b"[theme\n")]), "theme.toml:1"),
        (
            "an unknown key",
            tar_gz(&[("theme.toml", b'0', b"[theme]\nname=\"x\"\nversion=\"1\"\napi=1\nrun=\"x\"\n")]),
            "run",
        ),
        (
            "a name of signs",
            tar_gz(&[("theme.toml", b'0', TOML.replace("Green Meadow", "!!!").as_bytes())]),
            "needs a name",
        ),
        ("the same name twice", tar_gz(&[toml, ("static/a.css", b'0', b"x"), ("static/a.css", b'0', b"y")]), "twice"),
        ("a large template", tar_gz(&[toml, ("templates/index.html", b'0', &big_template)]), "larger than 256 KiB"),
        ("a bomb", tar_gz(&[toml, ("notes/x.bin", b'0', &bomb)]), "200 times"),
        ("too many files", tar_gz(&crowd), "2,000 files"),
    ];
    for (what, file, why) in cases {
        let refused = Package::of_archive(&file, "").unwrap_err();
        assert_eq!(refused.status(), 422, "{what}: {refused}");
        assert!(refused.sentence().contains(why), "{what}: {}", refused.sentence());
    }
}
