//! FTP with TLS (row H084) with lftp.

use super::harbour::{Harbour, run};

// row: H084
#[test]
fn h084_files_go_up_and_down_by_ftp_with_tls() {
    for harbour in Harbour::all() {
        harbour.login("mara", &[]);
        let whole: Vec<u8> = (0..400_000u32).flat_map(u32::to_le_bytes).collect();
        let up = harbour.file("whole.bin", &whole);
        let down = harbour.desk.path().join("down.bin").display().to_string();
        let said = harbour.lftp(
            "mara",
            &format!("mkdir docs; put {up} -o docs/whole.bin; cls -l docs; get docs/whole.bin -o {down}; mv docs/whole.bin docs/b"),
        );
        assert_eq!(said.code, 0, "{}", said.said());
        assert!(said.out.contains("whole.bin"), "{}", said.out);
        assert_eq!(harbour.read("down.bin"), whole);
        // What is there already is not sent again.
        let home = harbour.home("1");
        std::fs::write(home.join("docs/b"), &whole[..500_000]).unwrap();
        let again = harbour.lftp("mara", &format!("put -c {up} -o docs/b"));
        assert_eq!(again.code, 0, "{}", again.said());
        assert_eq!(std::fs::read(home.join("docs/b")).unwrap(), whole);
        let gone = harbour.lftp("mara", "rm docs/b; rmdir docs");
        assert_eq!(gone.code, 0, "{}", gone.said());
        assert!(!home.join("docs").exists());
    }
}

// row: H084
#[test]
fn h084_without_tls_no_password_and_no_file_goes() {
    let harbour = Harbour::open("");
    harbour.login("mara", &[]);
    let url = format!("ftp://127.0.0.1:{}/", harbour.ftp);
    let both = format!("mara:{}", super::harbour::PASSWORD);
    let plain = run("curl", &["-sS", "--noproxy", "*", "-u", &both, &url], &[], "");
    assert_ne!(plain.code, 0, "{}", plain.said());
    let safe = run("curl", &["-sS", "--noproxy", "*", "--ssl-reqd", "-k", "-u", &both, &url], &[], "");
    assert_eq!(safe.code, 0, "{}", safe.said());
}
