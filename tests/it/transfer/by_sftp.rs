//! SFTP (rows H083, H086) with OpenSSH's own client.

use std::os::unix::fs::symlink;

use super::harbour::{Harbour, PASSWORD, run};
use crate::node::between;
use crate::people::code;

// row: H083
#[test]
fn h083_files_go_up_and_down_by_sftp() {
    for harbour in Harbour::all() {
        harbour.login("mara", &[]);
        let large: Vec<u8> = (0..3_000_000u32).flat_map(|n| n.to_le_bytes()).take(5_000_000).collect();
        let up = harbour.file("large.bin", &large);
        let back = harbour.desk.path().join("back.bin").display().to_string();
        let said = harbour
            .sftp(
                "mara",
                PASSWORD,
                &format!(
                    "mkdir docs\nput {up} docs/large.bin\nrename docs/large.bin docs/moved.bin\nls -l docs\n\
                     get docs/moved.bin {back}\nchmod 640 docs/moved.bin\nls -l docs\ndf docs\n"
                ),
            )
            .good();
        assert!(said.contains("moved.bin") && said.contains("-rw-r-----"), "{said}");
        assert_eq!(harbour.read("back.bin"), large, "what comes back is what went up");
        assert_eq!(std::fs::read(harbour.home("1").join("docs/moved.bin")).unwrap(), large);
        // Over a file that is there: OpenSSH asks for the rename of POSIX.
        let small = harbour.file("small.txt", b"bread");
        harbour.sftp("mara", PASSWORD, &format!("put {small} a\nput {up} b\nrename a b\nls -1\n")).good();
        assert_eq!(std::fs::read(harbour.home("1").join("b")).unwrap(), b"bread");
        let gone = harbour.sftp("mara", PASSWORD, "rm b\nrm docs/moved.bin\nrmdir docs\nls -1\n").good();
        assert!(!gone.lines().any(|l| l == "docs"), "{gone}");
        assert_ne!(harbour.sftp("mara", PASSWORD, "get nothing\n").code, 0);
    }
}

// row: H083
#[test]
fn h083_a_program_that_opens_a_connection_for_each_of_many_files_is_let_in() {
    let harbour = Harbour::open("");
    harbour.login("mara", &[]);
    let names: Vec<String> = (0..300).map(|n| format!("{}/{n}.txt", n % 20)).collect();
    for name in &names {
        let path = harbour.desk.path().join("tree").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, name).unwrap();
    }
    let (from, back) = (harbour.desk.path().join("tree"), harbour.desk.path().join("back"));
    let (from, back) = (from.to_str().unwrap(), back.to_str().unwrap());
    // It looks at forty files at once besides those that it writes.
    let many = ["--no-traverse", "--ignore-times", "--transfers", "8"];
    for _ in 0..2 {
        harbour.rclone("mara", &[&["copy", from, "sftp:tree"], &many[..]].concat()).good();
    }
    harbour.rclone("mara", &["copy", "sftp:tree", back]).good();
    for name in &names {
        assert_eq!(harbour.read(&format!("back/{name}")), name.as_bytes());
    }
}

// row: H083
#[test]
fn h083_an_upload_and_a_download_go_on_where_they_stopped() {
    let harbour = Harbour::open("");
    harbour.login("mara", &[]);
    let whole: Vec<u8> = (0..400_000u32).flat_map(u32::to_le_bytes).collect();
    let home = harbour.home("1");
    harbour.sftp("mara", PASSWORD, "ls\n").good();
    std::fs::write(home.join("half.bin"), &whole[..700_001]).unwrap();
    let up = harbour.file("half.bin", &whole);
    harbour.sftp("mara", PASSWORD, &format!("reput {up} half.bin\n")).good();
    assert_eq!(std::fs::read(home.join("half.bin")).unwrap(), whole);
    let down = harbour.file("down.bin", &whole[..900_000]);
    harbour.sftp("mara", PASSWORD, &format!("reget half.bin {down}\n")).good();
    assert_eq!(harbour.read("down.bin"), whole);
}

// row: H083. rule: E1
#[test]
fn h083_nothing_above_or_beside_the_folder_can_be_reached() {
    let harbour = Harbour::open("");
    harbour.login("mara", &["--folder", "harbour/public"]);
    harbour.sftp("mara", PASSWORD, "ls\n").good();
    let home = harbour.home("1");
    std::fs::write(home.join("secret.txt"), "above").unwrap();
    let public = home.join("harbour/public");
    std::fs::write(public.join("open.txt"), "inside").unwrap();
    symlink("/etc/passwd", public.join("out")).unwrap();
    symlink("../../secret.txt", public.join("up")).unwrap();
    symlink("/", public.join("root")).unwrap();
    symlink("open.txt", public.join("inside")).unwrap();
    let taken = harbour.desk.path().join("taken").display().to_string();
    let outside = [
        "../secret.txt",
        "../../secret.txt",
        "/secret.txt",
        "/harbour/public/../../secret.txt",
        "/etc/passwd",
        "out",
        "up",
        "root/etc/passwd",
        "inside",
    ];
    for path in outside {
        let said = harbour.sftp("mara", PASSWORD, &format!("get {path} {taken}\n"));
        assert!(said.code != 0 && !std::path::Path::new(&taken).exists(), "{path}: {}", said.said());
    }
    let put = harbour.file("planted", b"planted");
    for path in outside {
        harbour.sftp("mara", PASSWORD, &format!("put {put} {path}\n"));
    }
    assert_eq!(std::fs::read_to_string(home.join("secret.txt")).unwrap(), "above", "nothing was written above");
    assert!(!std::fs::read_to_string("/etc/passwd").unwrap().contains("planted"));
    assert_eq!(std::fs::read_to_string(public.join("open.txt")).unwrap(), "inside", "nor through a link");
    let pwd = harbour.sftp("mara", PASSWORD, "cd ../../..\npwd\nls -1\n").good();
    assert!(pwd.contains("Remote working directory: /\n") && !pwd.contains("harbour"), "{pwd}");
    for wrong in ["ln -s /etc/passwd here", "ln open.txt twin"] {
        assert_ne!(harbour.sftp("mara", PASSWORD, &format!("{wrong}\n")).code, 0, "{wrong}");
    }
    assert!(!public.join("here").is_symlink() && !public.join("twin").exists());
}

// row: H083
#[test]
fn h083_there_is_no_shell_no_command_and_no_forwarding() {
    let harbour = Harbour::open("");
    harbour.login("mara", &[]);
    let port = harbour.sftp.to_string();
    let base = ["-e", "ssh", "-p", &port, "-F", "/dev/null", "-o", "StrictHostKeyChecking=no", "-o"];
    let more = ["UserKnownHostsFile=/dev/null", "-o", "PreferredAuthentications=password"];
    let ssh = |rest: &[&str]| {
        let args: Vec<&str> = base.iter().chain(&more).chain(rest).copied().collect();
        run("sshpass", &args, &[("SSHPASS", PASSWORD)], "")
    };
    let exec = ssh(&["mara@127.0.0.1", "id"]);
    assert!(exec.code != 0 && !exec.out.contains("uid="), "{}", exec.said());
    let shell = ssh(&["-T", "mara@127.0.0.1"]);
    assert!(shell.code != 0, "{}", shell.said());
    // A connection through the server to the panel.
    let panel = harbour.node.panel.rsplit(':').next().unwrap().to_owned();
    let through = ssh(&["-W", &format!("127.0.0.1:{panel}"), "mara@127.0.0.1"]);
    assert!(through.code != 0 && !through.out.contains("HTTP"), "{}", through.said());
}

// row: H083
#[test]
fn h083_names_of_255_bytes_and_names_that_are_not_utf8_are_seen_fetched_and_removed() {
    use std::os::unix::ffi::OsStrExt as _;
    let harbour = Harbour::open("");
    harbour.login("mara", &[]);
    harbour.sftp("mara", PASSWORD, "ls\n").good();
    let home = harbour.home("1");
    let long = "é".repeat(127) + "x";
    let small = harbour.file("small.txt", b"bread");
    harbour.sftp("mara", PASSWORD, &format!("put {small} {long}\nls -1\n")).good();
    assert_eq!(std::fs::read(home.join(&long)).unwrap(), b"bread");
    assert_ne!(harbour.sftp("mara", PASSWORD, &format!("put {small} {long}y\n")).code, 0, "256 bytes");
    std::fs::write(home.join(std::ffi::OsStr::from_bytes(b"caf\xe9.txt")), "old").unwrap();
    let back = harbour.desk.path().join("cafe.txt").display().to_string();
    harbour.sftp("mara", PASSWORD, &format!("get caf?.txt {back}\nrm caf?.txt\n")).good();
    assert_eq!(harbour.read("cafe.txt"), b"old");
    assert_eq!(std::fs::read_dir(home).unwrap().count(), 1, "only the long name is left");
}

// row: H086
#[test]
fn h086_a_key_opens_a_login_until_it_is_taken_away() {
    for harbour in Harbour::all() {
        let made = harbour.node.command(&["login", "create", "mara", "--site", "1", "--no-password"], "");
        assert_eq!(made.code, 0, "{}", made.err);
        let key = harbour.desk.path().join("key");
        run(
            "ssh-keygen",
            &["-q", "-t", "ed25519", "-N", "", "-C", "mara@laptop", "-f", key.to_str().unwrap()],
            &[],
            "",
        )
        .good();
        let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
        assert_ne!(harbour.sftp_by_key("mara", &key, "ls\n").code, 0, "nobody knows it yet");
        let add = ["--json", "login", "add-key", "mara", "--site", "1", "--key", public.trim()];
        let id = harbour.node.command(&add, "").json()["id"].to_string();
        harbour.sftp_by_key("mara", &key, "ls\n").good();
        assert_ne!(harbour.sftp("mara", PASSWORD, "ls\n").code, 0, "it has no password");
        let list = harbour.node.command(&["--json", "login", "list", "--site", "1"], "").json();
        assert!(list[0]["used_at"].as_i64().unwrap() > 0 && list[0]["keys"][0]["name"] == "mara@laptop", "{list}");
        harbour.execute("INSERT INTO blocked_networks (network, blocked_by, blocked_at) VALUES ('127.0.0.1/32', 0, 0)");
        assert_ne!(harbour.sftp_by_key("mara", &key, "ls\n").code, 0, "a blocked network has no keys");
        harbour.execute("DELETE FROM blocked_networks");
        harbour.sftp_by_key("mara", &key, "ls\n").good();
        assert_eq!(harbour.node.command(&["login", "remove-key", "mara", "--site", "1", &id], "").code, 0);
        assert_ne!(harbour.sftp_by_key("mara", &key, "ls\n").code, 0);
    }
}

// row: H086
#[test]
fn h086_rsa_opens_with_3072_bits_and_not_with_2048() {
    let harbour = Harbour::open("");
    harbour.login("mara", &[]);
    for (bits, opens) in [("2048", false), ("3072", true)] {
        let key = harbour.desk.path().join(format!("rsa{bits}"));
        run("ssh-keygen", &["-q", "-t", "rsa", "-b", bits, "-N", "", "-f", key.to_str().unwrap()], &[], "").good();
        let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
        let added = harbour.node.command(&["login", "add-key", "mara", "--site", "1", "--key", public.trim()], "");
        assert_eq!(added.code == 0, opens, "{bits}: {}", added.err);
        assert_eq!(harbour.sftp_by_key("mara", &key, "ls\n").code == 0, opens, "{bits}");
    }
}

// row: H083 (people with a second factor). rule: C5
#[test]
fn h083_a_person_signs_in_with_password_and_code() {
    let harbour = Harbour::open("");
    let (email, password) = ("mara@example.org", "grey-gull-over-the-quay");
    harbour.sftp(email, password, "ls\n").good();
    harbour.admin.post("/admin/me/factor", &[("do", "begin")]);
    let page = harbour.admin.get("/admin/me/factor").text().unwrap();
    let key = between(&page, "data-copy=\"", "\"").to_owned();
    assert_eq!(harbour.admin.post("/admin/me/factor", &[("do", "confirm"), ("code", &code(&key, -1))]).status(), 200);
    assert_ne!(harbour.sftp(email, password, "ls\n").code, 0, "the password alone");
    let used = code(&key, 0);
    let other = if used == "000000" { "000001" } else { "000000" };
    assert_ne!(harbour.sftp_asked(email, password, other, "ls\n").code, 0, "other digits");
    harbour.sftp_asked(email, password, &used, "ls\n").good();
    assert_ne!(harbour.sftp_asked(email, password, &used, "ls\n").code, 0, "a code counts once");
    harbour.sftp(email, &format!("{password}{}", code(&key, 1)), "ls\n").good();
    // WebDAV cannot ask: it says what to do.
    let both = format!("{email}:{password}");
    let said = run("curl", &["-sS", "-u", &both, &harbour.dav("/")], &[], "").good();
    assert!(said.contains("Make a login of its own"), "{said}");
}

// row: H083
#[test]
fn h083_a_person_of_several_accounts_sees_a_folder_for_each() {
    let harbour = Harbour::open("");
    harbour.other_account("Net loft", "loft.example");
    let top = harbour.sftp("mara@example.org", "grey-gull-over-the-quay", "ls -1\n").good();
    assert!(top.contains("Net loft"), "{top}");
    let small = harbour.file("small.txt", b"bread");
    let batch = format!("put {small} \"Net loft/small.txt\"\n");
    harbour.sftp("mara@example.org", "grey-gull-over-the-quay", &batch).good();
    assert_eq!(std::fs::read(harbour.home("2").join("small.txt")).unwrap(), b"bread");
    let batch = format!("put {small} small.txt\n");
    assert_ne!(harbour.sftp("mara@example.org", "grey-gull-over-the-quay", &batch).code, 0, "the top is not a folder");
    // The same path means the same file while one of them is suspended.
    let done = harbour.node.command(&["account", "suspend", "1", "--reason", "unpaid"], "");
    assert_eq!(done.code, 0, "{}", done.err);
    assert_ne!(harbour.sftp("mara@example.org", "grey-gull-over-the-quay", &batch).code, 0, "still not");
    let top = harbour.sftp("mara@example.org", "grey-gull-over-the-quay", "ls -1\n").good();
    assert_eq!(top.lines().filter(|l| !l.starts_with("sftp>")).collect::<Vec<_>>(), ["Net loft"]);
}
