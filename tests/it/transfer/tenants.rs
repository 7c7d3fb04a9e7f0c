//! Two accounts side by side (rule C2): whatever one asks for of the other looks as if it were not there.

use super::harbour::{Harbour, PASSWORD};

// rule: C2. rows: H082, H083
#[test]
fn c02_files_of_another_account_look_as_if_they_were_not_there() {
    for harbour in Harbour::all() {
        let (account, site) = harbour.other_account("Net loft", "loft.example");
        harbour.login("mara", &[]);
        harbour.login_on(&site, "ida", &[]);
        let secret = harbour.file("secret.txt", b"of ida");
        harbour.sftp("ida", PASSWORD, &format!("mkdir docs\nput {secret} docs/secret.txt\n")).good();
        assert!(harbour.home(&account).join("docs/secret.txt").exists());
        let taken = harbour.desk.path().join("taken").display().to_string();
        let plain = |text: String, path: &str| text.replace(path, "PATH");
        let missing = harbour.sftp("mara", PASSWORD, &format!("get /docs/none.txt {taken}\n"));
        for path in [
            "/docs/secret.txt".to_owned(),
            format!("/../{account}/home/docs/secret.txt"),
            format!("/../../{account}/home/docs/secret.txt"),
            "/Net loft/docs/secret.txt".to_owned(),
            format!("/{account}/docs/secret.txt"),
        ] {
            let said = harbour.sftp("mara", PASSWORD, &format!("get \"{path}\" {taken}\n"));
            assert_eq!(said.code, missing.code, "{path}");
            assert_eq!(plain(said.err, &path), plain(missing.err.clone(), "/docs/none.txt"), "{path}");
            assert!(!std::path::Path::new(&taken).exists(), "{path}");
        }
        let (status, words) = harbour.curl("mara", &[], "/docs/none.txt");
        for path in [
            "/docs/secret.txt".to_owned(),
            format!("/../{account}/home/docs/secret.txt"),
            format!("/..%2f{account}%2fhome%2fdocs%2fsecret.txt"),
            format!("/%2e%2e/{account}/home/docs/secret.txt"),
            "/Net%20loft/docs/secret.txt".to_owned(),
        ] {
            let (got, said) = harbour.curl("mara", &[], &path);
            assert!(got == status || got == 400 || got == 403, "{path}: {got}");
            assert!(!said.contains("of ida") && (got != status || said == words), "{path}: {said}");
        }
        // A login of the other account cannot be named by a site of this one.
        let other = harbour.node.command(&["login", "revoke", "ida", "--site", "1"], "");
        let none = harbour.node.command(&["login", "revoke", "nobody", "--site", "1"], "");
        assert_eq!((other.code, other.err), (none.code, none.err));
        harbour.sftp("ida", PASSWORD, "ls docs/secret.txt\n").good();
    }
}
