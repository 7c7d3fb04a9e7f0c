//! FTP with TLS (row H084) with lftp.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use freehold_doors::ftp::{Ftp, self_signed};
use freehold_host::account_dir::{AccountDirs, Unmetered};
use freehold_host::files::Reserve;
use freehold_hosting::access::{Desk, Live};
use freehold_platform::accounts::{Accounts, Options};
use freehold_platform::secrets::{Hasher, Keyring, SteadyClock};

use super::harbour::{Harbour, run};
use crate::support::stores;

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

// row: H084. rule: F13
#[test]
fn h084_who_does_not_sign_in_in_time_is_hung_up_on_whatever_they_say() {
    for t in stores() {
        let folder = t._folder.path();
        let keys = Arc::new(Keyring::open_or_create(&folder.join("key")).unwrap());
        let hasher = Hasher::start(&keys, 4).unwrap();
        let options = Options { panel_url: "http://panel.example".into(), beyond_loopback: false };
        let accounts = Accounts::new(keys, hasher, SteadyClock::following(t.clock.clone()), options);
        let dirs = AccountDirs::new(&folder.join("accounts"), Reserve { percent: 0 }, Arc::new(Unmetered));
        let desk = Desk::new(t.store.clone(), accounts, dirs, Live::default(), Arc::default());
        let certificate = self_signed(&["localhost".to_owned()]).unwrap();
        let door = Ftp::new(desk, &certificate, 40_000..=40_010).unwrap().waiting(Duration::from_millis(500));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let serving = async move { door.serve(tokio::net::TcpListener::from_std(listener).unwrap(), stopped).await };
        let serving = runtime.spawn(serving);
        let mut line = TcpStream::connect(address).unwrap();
        line.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut speaking = line.try_clone().unwrap();
        // Somebody who says something all the time is not idle, and signs in no more than others.
        let speaker = std::thread::spawn(move || {
            while speaking.write_all(b"NOOP\r\n").is_ok() {
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        let mut heard = Vec::new();
        let ended = line.read_to_end(&mut heard);
        let heard = String::from_utf8_lossy(&heard);
        assert!(heard.starts_with("220 "), "{heard}");
        // A line that is hung up on while it is spoken to may also be reset.
        let kind = ended.as_ref().map_err(std::io::Error::kind);
        assert!(matches!(kind, Ok(_) | Err(std::io::ErrorKind::ConnectionReset)), "still there: {ended:?}");
        speaker.join().unwrap();
        stop.send(true).unwrap();
        runtime.block_on(serving).unwrap();
    }
}
