//! Commands that name a site of ours beside a thing of theirs. The command line itself is the installation's (see
//! `mod.rs`): what is shown here is that the site that is named bounds what a command touches.

use super::two::{MARKER, MISSING, NOBODY, Two};

/// Commands with a number or name in them: `SITE` is a site of ours, the rest what is asked about.
const COMMANDS: &[&[&str]] = &[
    &["content", "publish", "$post$", "--site", "SITE"],
    &["content", "unpublish", "$post$", "--site", "SITE"],
    &["content", "delete", "$post$", "--site", "SITE"],
    &["content", "restore", "$post$", "--site", "SITE"],
    &["cron", "show", "$cron$", "--site", "SITE"],
    &["cron", "set", "$cron$", "--site", "SITE", "--name", "ours"],
    &["cron", "run", "$cron$", "--site", "SITE"],
    &["cron", "log", "$cron$", "--site", "SITE"],
    &["cron", "log", "$cron$", "--site", "SITE", "--run", "$run$"],
    &["cron", "stop", "$cron$", "$run$", "--site", "SITE"],
    &["cron", "remove", "$cron$", "--site", "SITE"],
    &["login", "change", "$word$", "--site", "SITE", "--folder", "x"],
    &["login", "password", "$word$", "--site", "SITE"],
    &["login", "remove-key", "$word$", "--site", "SITE", "$login key$"],
    &["login", "revoke", "$word$", "--site", "SITE"],
    &["login", "remove-key", "OURS", "--site", "SITE", "$login key$"],
    &["token", "revoke", "$token$", "--user", "OWNER"],
    &["user", "passkeys", "OWNER", "--remove", "$passkey$"],
    &["file", "list", "SITE", "$word$"],
    &["file", "get", "SITE", "$path$", "DESK/taken"],
    &["file", "move", "SITE", "$path$", "mine.txt"],
    &["file", "copy", "SITE", "../../$account$/home/$path$", "mine.txt"],
    &["file", "put", "SITE", "DESK/ours.txt", "../../$account$/home/$path$"],
    &["file", "trash", "SITE", "$path$"],
    &["file", "restore", "SITE", "$trash$"],
    &["file", "pack", "SITE", "mine.zip", "$path$"],
    &["file", "unpack", "SITE", "../../$account$/home/$path$"],
];

// rule: C2
#[test]
fn c02_a_command_on_one_site_reaches_nothing_of_another_account() {
    Two::walk(|two| {
        let (site, owner) = (two.ours.id("site"), two.ours.id("user"));
        let desk = two.harbour.desk.path().display().to_string();
        two.harbour.file("ours.txt", b"ours");
        let said = |words: &[&str], nobodys: bool| {
            let of = |noun: &str| match (noun, nobodys) {
                ("word", true) => NOBODY.to_owned(),
                ("word", false) => MARKER.to_owned(),
                ("path", true) => format!("{NOBODY}/kept.txt"),
                (_, true) => MISSING.to_owned(),
                (noun, false) => two.theirs.id(noun).to_owned(),
            };
            let mut asked = Vec::new();
            let mut fill = |word: &&str| {
                let word = word.replace("DESK", &desk);
                let word = match word.as_str() {
                    "SITE" => site.to_owned(),
                    "OWNER" => owner.to_owned(),
                    "OURS" => two.ours.word.to_owned(),
                    _ => word,
                };
                let parts = word.split('$').enumerate().map(|(n, part)| {
                    if n % 2 == 0 {
                        return part.to_owned();
                    }
                    asked.push(of(part));
                    of(part)
                });
                parts.collect::<String>()
            };
            let words: Vec<String> = words.iter().map(&mut fill).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let said = two.harbour.node.command(&words, "");
            let plain = |text: String| asked.iter().fold(text, |text, name| text.replace(name.as_str(), "\u{b7}"));
            (said.code, plain(said.out), plain(said.err))
        };
        two.unchanged("commands", || {
            let mut wrong = Vec::new();
            for words in COMMANDS {
                let (theirs, nobodys) = (said(words, false), said(words, true));
                if theirs != nobodys || theirs.0 == 0 {
                    wrong.push(format!("{words:?}: {theirs:?}\n  for nothing: {nobodys:?}"));
                }
            }
            assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        });
        // Beside a site of theirs the same commands find it.
        let theirs = two.theirs.id("site");
        for words in [
            &["cron", "show", two.theirs.id("cron"), "--site", theirs][..],
            &["login", "list", "--site", theirs],
            &["file", "list", theirs],
        ] {
            let said = two.harbour.node.command(words, "");
            assert!(said.code == 0 && said.out.contains(MARKER), "{words:?}: {} {}", said.out, said.err);
        }
    });
}
