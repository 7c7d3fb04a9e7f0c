//! Archives: made, downloaded, unpacked; stopped in the middle, met by the quota, killed after each step.

use freehold_hosting::files::{Clash, Existing, Format, Report, Target};

use crate::support::*;

fn fill(town: &Town) {
    town.puts("site/index.html", b"<h1>hello</h1>");
    town.puts("site/css/a.css", &b"body { margin: 0 }\n".repeat(2000));
    town.puts("site/\u{e9}t\u{e9} 2026.txt", b"summer");
    town.puts(&format!("site/{}/deep.txt", "n".repeat(200)), b"deep");
    town.desk().new_folder(&at("site/empty")).unwrap();
    town.desk().set_mode(&at("site/index.html"), 0o755).unwrap();
    std::os::unix::fs::symlink("index.html", town.disk("site/link")).unwrap();
    town.files.recount(town.account).unwrap();
}

fn report(job: &freehold_platform::jobs::Job) -> Report {
    assert_eq!(job.state, "done", "{}", job.message);
    serde_json::from_str(&job.result).unwrap()
}

// row: H079
#[test]
fn h079_what_is_packed_comes_out_again_in_every_format() {
    for town in towns() {
        fill(&town);
        for format in Format::MADE {
            let target = at(&format!("site.{}", format.name()));
            let packing = town.desk().pack_later(&[at("site")], &target, format, Clash::Refuse).unwrap();
            assert_eq!(report(&town.works_off(packing)).path, target.to_string());
            let into = Target::NewFolder(at(&format!("out {}", format.name())));
            let out = town.works_off(town.desk().unpack_later(&target, Some(&into)).unwrap());
            let folder = report(&out).path;
            assert_eq!(town.reads(&format!("{folder}/site/css/a.css")).len(), 38_000);
            assert_eq!(town.reads(&format!("{folder}/site/\u{e9}t\u{e9} 2026.txt")), "summer");
            assert_eq!(town.reads(&format!("{folder}/site/{}/deep.txt", "n".repeat(200))), "deep");
            assert!(town.disk(&format!("{folder}/site/empty")).is_dir());
            assert!(!town.disk(&format!("{folder}/site/link")).exists(), "links stay out");
            let index = at(&format!("{folder}/site/index.html"));
            let (old, new) =
                (town.desk().metadata(&at("site/index.html")).unwrap(), town.desk().metadata(&index).unwrap());
            assert_eq!(new.mode, 0o755);
            assert!((old.modified.ms() / 1000 - new.modified.ms() / 1000).abs() <= 2, "{format:?}");
            town.check_count();
            town.check_swept();
        }
        let again = town.desk().unpack_later(&at("site.zip"), None).unwrap();
        assert_eq!(report(&town.works_off(again)).path, "site (2)", "the folder is there already");
        assert_eq!(
            refusal(town.desk().pack_later(&[at("site")], &at("site.zip"), Format::Zip, Clash::Refuse)),
            "already_exists"
        );
        assert_eq!(
            refusal(town.desk().pack_later(&[at("none")], &at("n.zip"), Format::Zip, Clash::Refuse)),
            "not_found"
        );
        assert_eq!(refusal(town.desk().unpack_later(&at("site/index.html"), None)), "archive_refused");
        let streamed = town.desk().download(&[at("site"), at("site.tar")], Format::Zip, Vec::new()).unwrap();
        town.puts("streamed.zip", &streamed);
        let out = town.works_off(town.desk().unpack_later(&at("streamed.zip"), None).unwrap());
        assert_eq!(report(&out).path, "streamed");
        assert_eq!(town.reads("streamed/site/index.html"), "<h1>hello</h1>");
        assert!(town.audit().iter().any(|row| row == "file.unpack /streamed.zip"));
    }
}

#[test]
fn an_account_sends_three_archives_at_once() {
    let town = town();
    let held: Vec<_> = (0..3).map(|_| town.desk().begin_sending().unwrap()).collect();
    assert_eq!(refusal(town.desk().begin_sending()), "busy");
    drop(held);
    assert!(town.desk().begin_sending().is_ok());
}

#[test]
fn other_peoples_programs_and_ours_read_each_others_archives() {
    let town = town();
    fill(&town);
    town.puts("site/nothing.txt", b"");
    #[allow(clippy::disallowed_methods, reason = "the test asks other programs")]
    let run = |program: &str, args: &[&str]| {
        let made = std::process::Command::new(program).args(args).current_dir(town.disk("")).output();
        made.is_ok_and(|made| made.status.success())
    };
    for (program, pack, list, format) in [
        ("tar", vec!["czf", "theirs.tar.gz", "site"], vec!["tzf", "ours.tar.gz"], Format::TarGz),
        ("tar", vec!["-c", "--format=pax", "-f", "theirs.tar", "site"], vec!["tf", "ours.tar"], Format::Tar),
        ("7zz", vec!["a", "-mx=9", "theirs.7z", "site"], vec![], Format::SevenZ),
    ] {
        std::fs::remove_file(town.disk("site/link")).ok();
        assert!(run(program, &pack), "{program} {pack:?}");
        let theirs = at(&format!("theirs.{}", format.name()));
        town.files.recount(town.account).unwrap();
        let into = Target::NewFolder(at("theirs"));
        let out = town.works_off(town.desk().unpack_later(&theirs, Some(&into)).unwrap());
        let folder = report(&out).path;
        assert_eq!(town.reads(&format!("{folder}/site/{}/deep.txt", "n".repeat(200))), "deep");
        assert_eq!(town.reads(&format!("{folder}/site/css/a.css")).len(), 38_000);
        assert_eq!(town.reads(&format!("{folder}/site/nothing.txt")), "");
        assert!(town.disk(&format!("{folder}/site/empty")).is_dir());
        let at_home = |path: &str| town.desk().metadata(&at(path)).unwrap();
        let (old, new) = (at_home("site/index.html"), at_home(&format!("{folder}/site/index.html")));
        assert_eq!((new.mode, new.modified.ms() / 1000), (0o755, old.modified.ms() / 1000), "{format:?}");
        if format == Format::SevenZ {
            let refused = town.desk().pack_later(&[at("site")], &at("ours.7z"), format, Clash::Refuse);
            assert_eq!(refusal(refused), "not_allowed");
            continue;
        }
        let ours = at(&format!("ours.{}", format.name()));
        let packing = town.desk().pack_later(&[at("site")], &ours, format, Clash::Refuse).unwrap();
        report(&town.works_off(packing));
        assert!(run(program, &list), "{program} cannot read {ours}");
    }
}

#[test]
fn an_archive_comes_out_beside_what_is_there_only_as_it_was_asked() {
    let town = town();
    fill(&town);
    report(&town.works_off(town.desk().pack_later(&[at("site")], &at("a.zip"), Format::Zip, Clash::Refuse).unwrap()));
    town.puts("site/index.html", b"newer");
    town.puts("site/own.txt", b"own");
    let into = |existing| Target::Into(at(""), existing);
    let before = town.check_count();
    let refused = town.works_off(town.desk().unpack_later(&at("a.zip"), Some(&into(Existing::Refuse))).unwrap());
    assert_eq!(refused.state, "failed", "{refused:?}");
    assert_eq!((town.reads("site/index.html"), town.check_count()), ("newer".into(), before));
    let done = town.works_off(town.desk().unpack_later(&at("a.zip"), Some(&into(Existing::Replace))).unwrap());
    report(&done);
    assert_eq!((town.reads("site/index.html"), town.reads("site/own.txt")), ("<h1>hello</h1>".into(), "own".into()));
    town.check_count();
    town.check_swept();
}

// row: H006
#[test]
fn h006_an_archive_that_meets_the_quota_leaves_nothing() {
    let town = town();
    fill(&town);
    for format in [Format::Zip, Format::TarGz] {
        let target = at(&format!("a.{}", format.name()));
        report(&town.works_off(town.desk().pack_later(&[at("site")], &target, format, Clash::Refuse).unwrap()));
    }
    let before = town.check_count();
    for (bytes, names) in [(before.0 + 20_000, before.1 + 100), (before.0 + 100_000, before.1 + 4)] {
        town.allows(bytes, names);
        for archive in ["a.zip", "a.tar.gz"] {
            let failed = town.works_off(town.desk().unpack_later(&at(archive), None).unwrap());
            assert_eq!(failed.state, "failed");
            assert!(failed.message.contains("space of this account"), "{}", failed.message);
            assert_eq!(town.check_count(), before);
            town.check_swept();
        }
        let name = if names > before.1 + 10 { "b.tar" } else { "c.tar" };
        let packing = town.desk().pack_later(&[at("site")], &at(name), Format::Tar, Clash::Refuse).unwrap();
        if bytes < before.0 + 40_000 {
            assert_eq!(town.works_off(packing).state, "failed");
            assert_eq!(town.check_count(), before);
            town.check_swept();
        }
    }
}

// rule: F3
#[test]
fn f03_an_unpacking_that_was_killed_is_finished_or_was_never_there() {
    let town = town();
    fill(&town);
    report(&town.works_off(town.desk().pack_later(&[at("site")], &at("a.zip"), Format::Zip, Clash::Refuse).unwrap()));
    let run = town.folder.path().join(format!("accounts/{}/run/jobs", town.account));
    // Killed while files came out: a job is done again from its beginning.
    let id = town.desk().unpack_later(&at("a.zip"), None).unwrap();
    std::fs::create_dir_all(run.join(format!("{id}/tree/site"))).unwrap();
    std::fs::write(run.join(format!("{id}/tree/site/half.txt")), "half").unwrap();
    let town = town.starts_again();
    assert_eq!(report(&town.works_off(id)).path, "a");
    assert!(!town.disk("a/site/half.txt").exists());
    assert_eq!(town.names("a/site").len(), 5);
    town.check_count();
    // Killed between two moves: the rest follows.
    let into = Target::Into(at("here"), Existing::Refuse);
    town.desk().new_folder(&at("here/done")).unwrap();
    let id = town.desk().unpack_later(&at("a.zip"), Some(&into)).unwrap();
    std::fs::create_dir_all(run.join(format!("{id}/tree/rest"))).unwrap();
    std::fs::write(run.join(format!("{id}/tree/rest/x")), "x").unwrap();
    std::fs::write(run.join(format!("{id}/whole")), "").unwrap();
    let town = town.starts_again();
    report(&town.works_off(id));
    assert_eq!((town.names("here"), town.reads("here/rest/x")), (vec!["done".into(), "rest".into()], "x".into()));
    // Killed after the move, before the job was ended.
    let id = town.desk().unpack_later(&at("a.zip"), None).unwrap();
    std::fs::create_dir_all(run.join(id.to_string())).unwrap();
    std::fs::write(run.join(format!("{id}/whole")), "").unwrap();
    let town = town.starts_again();
    report(&town.works_off(id));
    assert!(!town.disk("a (2)").exists());
    // Killed, and nobody wants it any more.
    std::fs::create_dir_all(run.join("4711/tree")).unwrap();
    town.files.recount(town.account).unwrap();
    town.files.tidy().unwrap();
    town.check_count();
    town.check_swept();
}
