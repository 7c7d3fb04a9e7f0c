//! What a login may be called, what it may open. Pure.

use freehold_base::{Code, Error, Feature, JailPath, Result};

/// Fewest characters of a login's name.
const NAME_MIN: usize = 2;
/// Most characters of a login's name.
const NAME_MAX: usize = 100;
/// Logins of one account, whatever its plan says.
pub const MOST_LOGINS: i64 = 200;
/// SSH keys of one login or person.
pub const MOST_KEYS: i64 = 50;

/// A way to the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// SSH file transfer.
    Sftp,
    /// WebDAV.
    WebDav,
    /// FTP with TLS.
    Ftp,
}

impl Service {
    /// All of them.
    pub const ALL: [Service; 3] = [Self::Sftp, Self::WebDav, Self::Ftp];

    /// The name in tables, forms and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sftp => "sftp",
            Self::WebDav => "webdav",
            Self::Ftp => "ftp",
        }
    }
    /// The name on the screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Sftp => "SFTP",
            Self::WebDav => "WebDAV",
            Self::Ftp => "FTP",
        }
    }
    /// What a plan calls it.
    pub const fn feature(self) -> Feature {
        match self {
            Self::Sftp => Feature::Sftp,
            Self::WebDav => Feature::WebDav,
            Self::Ftp => Feature::Ftp,
        }
    }
    const fn bit(self) -> u8 {
        match self {
            Self::Sftp => 1,
            Self::WebDav => 2,
            Self::Ftp => 4,
        }
    }
}

/// A set of services.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Services(u8);

impl Services {
    /// From a list.
    pub fn of(list: &[Service]) -> Self {
        Self(list.iter().fold(0, |bits, s| bits | s.bit()))
    }
    /// Reads names with spaces or commas between.
    ///
    /// # Errors
    /// `Invalid("services")`: a name that is none, or none at all.
    pub fn parse(text: &str) -> Result<Self> {
        let mut bits = 0;
        for word in text.split([' ', ',']).filter(|w| !w.is_empty()) {
            let found = Service::ALL.into_iter().find(|s| s.name() == word);
            let service = found.ok_or_else(|| Error::invalid("services", Code::NotAllowed, "sftp, webdav, ftp"))?;
            bits |= service.bit();
        }
        if bits == 0 { Err(Error::invalid("services", Code::Required, "")) } else { Ok(Self(bits)) }
    }
    /// As a row holds it; a name that this release does not know opens nothing.
    pub fn stored(text: &str) -> Self {
        let known: Vec<Service> =
            text.split(' ').filter_map(|w| Service::ALL.into_iter().find(|s| s.name() == w)).collect();
        Self::of(&known)
    }
    /// Whether `service` is in it.
    pub fn has(self, service: Service) -> bool {
        self.0 & service.bit() != 0
    }
    /// Its members.
    pub fn iter(self) -> impl Iterator<Item = Service> {
        Service::ALL.into_iter().filter(move |s| self.has(*s))
    }
    /// Names with spaces between: as a row holds it.
    pub fn names(self) -> String {
        self.iter().map(Service::name).collect::<Vec<_>>().join(" ")
    }
}

/// The form of a name that is stored and compared: lower case, letters, digits, `.`, `-`, `_`, and one `@` with a host
/// behind it.
///
/// # Errors
/// `Invalid("name")`.
pub fn login_name(text: &str) -> Result<String> {
    let name = text.trim().to_lowercase();
    let refuse = |code, detail: String| Err(Error::invalid("name", code, detail));
    if name.is_empty() {
        return refuse(Code::Required, String::new());
    }
    if name.len() < NAME_MIN {
        return refuse(Code::TooShort, NAME_MIN.to_string());
    }
    if name.len() > NAME_MAX {
        return refuse(Code::TooLong, NAME_MAX.to_string());
    }
    let (local, host) = name.split_once('@').unwrap_or((&name, "x"));
    let plain = |part: &str| {
        let signs = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
        let ends = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        part.bytes().all(signs) && ends(part.bytes().next()) && ends(part.bytes().next_back())
    };
    if !plain(local) || !plain(host) {
        return refuse(Code::Malformed, "small letters, digits, “.”, “-” and “_”, such as mara@harbour.blog".into());
    }
    Ok(name)
}

/// A folder below an account's home, as people type it. The empty path is the home itself.
///
/// # Errors
/// `Invalid("home")`.
pub fn home(text: &str) -> Result<JailPath> {
    JailPath::parse_absolute(text.trim()).map_err(|e| match e {
        Error::Invalid(fields) => {
            let (code, detail) = fields.first().map_or((Code::Malformed, ""), |f| (f.code, f.detail.as_str()));
            Error::invalid("home", code, detail)
        }
        other => other,
    })
}

/// The folder an account has at the top of a person's tree: its name without what no file name has.
pub fn folder_name(account: &str, id: freehold_base::AccountId) -> String {
    let clean: String = account.chars().map(|c| if c == '/' || c.is_control() { '-' } else { c }).take(60).collect();
    match clean.trim() {
        "" | "." | ".." => format!("account {id}"),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_logins_are_small_and_plain() {
        for (typed, name) in [("Mara", "mara"), (" mara@harbour.blog ", "mara@harbour.blog"), ("m.k-2_x", "m.k-2_x")] {
            assert_eq!(login_name(typed).ok().as_deref(), Some(name), "{typed}");
        }
        for wrong in ["", "m", "-mara", "mara-", "ma ra", "mara@", "@host.org", "a@b@c", "ma\u{0}ra", "mära", "../up"]
        {
            assert!(login_name(wrong).is_err(), "{wrong:?}");
        }
        assert!(login_name(&"m".repeat(101)).is_err());
    }

    #[test]
    fn a_folder_of_a_login_stays_below_the_home() {
        for (typed, path) in [("", ""), ("/", ""), ("harbour.blog/public", "harbour.blog/public"), ("/docs/", "docs")] {
            assert_eq!(home(typed).map(|p| p.to_string()).ok().as_deref(), Some(path), "{typed}");
        }
        for wrong in ["..", "../other", "docs/../..", "a//b", "./a", "a\u{0}b"] {
            assert!(home(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn services_are_read_as_they_are_written() {
        let two = Services::parse("webdav, sftp").unwrap();
        assert_eq!(two.names(), "sftp webdav");
        assert_eq!(Services::stored(&two.names()), two);
        assert!(Services::parse("").is_err() && Services::parse("telnet").is_err());
        assert!(!two.has(Service::Ftp));
    }

    #[test]
    fn an_account_has_a_folder_name_whatever_it_is_called() {
        let id = freehold_base::AccountId(7);
        assert_eq!(folder_name("Kvarnby/Bageri", id), "Kvarnby-Bageri");
        assert_eq!(folder_name("..", id), "account 7");
    }
}
