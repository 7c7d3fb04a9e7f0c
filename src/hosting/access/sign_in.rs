//! Signing in to files: a password (with the code of a second factor where there is one), or an SSH key.
//!
//! Looks on a reader, checks on the hasher's threads, writes what came of it. An unknown name, a wrong password and a
//! name without a password get the same answer after the same work (rule C5), counted with the panel's failures.

use freehold_base::{Code, Error, KeyId, Result, Secret, UserId};
use freehold_platform::accounts::{Accounts, Attempt, Checked, Confirmed, Known, Outcome, attempts};
use freehold_platform::secrets::limiter::network_of;
use freehold_store::access_logins::{self, Login};
use freehold_store::tx::audit::Chain;
use freehold_store::{Actor, Store, Tx};

use super::pass::{Holder, Proof};
use super::rules::Service;

/// Somebody at a door.
#[derive(Clone, Debug)]
pub struct Knock {
    /// Which door.
    pub service: Service,
    /// The user name as typed.
    pub name: String,
    /// Network address.
    pub address: String,
    /// Whether a code may stand behind the password: the door has no other way to ask for it.
    pub code_behind: bool,
}

impl Knock {
    fn actor(&self) -> Actor {
        Actor::visitor(&self.address)
    }
    /// The name as it is compared.
    fn form(&self) -> String {
        self.name.trim().to_lowercase().chars().take(320).collect()
    }
}

/// What a right password opens.
#[derive(Debug)]
pub enum Step<T> {
    /// The files.
    In(T),
    /// A question: the code of the second factor.
    CodeWanted(CodeWanted),
}

/// A person whose password was right, and whose code is wanted.
#[derive(Clone, Debug)]
pub struct CodeWanted {
    user: UserId,
    hash: String,
}

/// Who was let in, and by what.
#[derive(Clone, Debug)]
pub(super) struct LetIn {
    pub(super) holder: Holder,
    pub(super) proof: Proof,
    key: Option<KeyId>,
}

/// Who a name belongs to.
#[derive(Clone, Debug)]
enum Whose {
    Login(Box<Login>),
    Person { has_factor: bool, hash: String },
}

/// Digits of a code behind a password.
const CODE_DIGITS: usize = 6;

/// Checks a password.
pub(super) async fn password(
    (store, accounts): (&Store, &Accounts),
    knock: &Knock,
    given: Secret,
) -> Result<Step<LetIn>> {
    let (look, with) = (knock.clone(), accounts.clone());
    let (attempt, whose) = store.read_async(&knock.actor(), move |tx| prepare(&with, tx, &look)).await?;
    let (given, code) = match whose {
        Whose::Person { has_factor: true, .. } if knock.code_behind => split_code(given),
        _ => (given, None),
    };
    let checked = accounts.check_async(attempt, given).await?;
    let (accounts, finish_for) = (accounts.clone(), knock.clone());
    let finish = move |tx: &mut Tx<'_>| finish(&accounts, tx, &finish_for, &whose, &checked, code.as_deref());
    store.write_async(&knock.actor(), finish).await?.into_result()
}

/// Checks the code that [`Step::CodeWanted`] asks for.
pub(super) async fn code(
    (store, accounts): (&Store, &Accounts),
    knock: &Knock,
    wanted: CodeWanted,
    code: &str,
) -> Result<LetIn> {
    let (accounts, code, user) = (accounts.clone(), code.trim().to_owned(), wanted.user);
    let confirm = move |tx: &mut Tx<'_>| accounts.confirm_code(tx, user, &code);
    store.write_async(&knock.actor(), confirm).await?.into_result()?;
    Ok(LetIn { holder: Holder::Person(wanted.user), proof: Proof::Password(wanted.hash), key: None })
}

/// Whose key this is, if the name's owner put it there. The signature was or will be checked by the caller.
pub(super) async fn key(
    (store, accounts): (&Store, &Accounts),
    knock: &Knock,
    fingerprint: &str,
) -> Result<Option<LetIn>> {
    let (look, accounts, fingerprint) = (knock.clone(), accounts.clone(), fingerprint.to_owned());
    let find = move |tx: &mut Tx<'_>| {
        attempts::check_network(&accounts, tx, &look.address)?;
        key_owner(&accounts, tx, &look.form(), &fingerprint)
    };
    store.read_async(&knock.actor(), find).await
}

fn prepare(accounts: &Accounts, tx: &mut Tx<'_>, knock: &Knock) -> Result<(Attempt, Whose)> {
    let name = knock.form();
    if let Some(login) = access_logins::find_by_name(tx, &name)? {
        let from_here = same_network(&login.used_from, &knock.address);
        let password = Some((login.password_hash.clone(), login.password_scheme.clone()));
        let attempt = accounts.prepare_name(tx, &name, Known { password, from_here })?;
        return Ok((attempt, Whose::Login(Box::new(login))));
    }
    let attempt = accounts.prepare(tx, &name)?;
    let person = accounts.person_by_email(tx, &name)?;
    let (has_factor, hash) = person.map_or((false, String::new()), |p| (p.has_totp(), p.password_hash));
    Ok((attempt, Whose::Person { has_factor, hash }))
}

fn same_network(known: &str, now: &str) -> bool {
    match (known.parse(), now.parse()) {
        (Ok(known), Ok(now)) => network_of(known) == network_of(now),
        _ => false,
    }
}

/// Password and code, where the last six characters are digits; the whole otherwise.
fn split_code(given: Secret) -> (Secret, Option<String>) {
    let text = given.reveal_text();
    let at = text.len().saturating_sub(CODE_DIGITS);
    match text.get(at..) {
        Some(code) if at > 0 && code.bytes().all(|b| b.is_ascii_digit()) => {
            (Secret::text(&text[..at]), Some(code.to_owned()))
        }
        _ => (given, None),
    }
}

fn finish(
    accounts: &Accounts,
    tx: &mut Tx<'_>,
    knock: &Knock,
    whose: &Whose,
    checked: &Checked,
    code: Option<&str>,
) -> Result<Outcome<Step<LetIn>>> {
    match whose {
        Whose::Login(login) => {
            let now = access_logins::find_by_name(tx, &login.name)?.filter(|l| l.id == login.id);
            let who = format!("login {}", login.name);
            let hash = now.as_ref().map(|l| l.password_hash.as_str());
            Ok(match accounts.confirm_name(tx, checked, &who, hash)? {
                Outcome::Refused(e) => Outcome::Refused(e),
                Outcome::Done(()) => Outcome::Done(Step::In(LetIn {
                    holder: Holder::Login { account: login.account_id, login: login.id },
                    proof: Proof::Password(login.password_hash.clone()),
                    key: None,
                })),
            })
        }
        Whose::Person { hash, .. } => finish_person(accounts, tx, knock, (checked, hash), code),
    }
}

fn finish_person(
    accounts: &Accounts,
    tx: &mut Tx<'_>,
    knock: &Knock,
    (checked, hash): (&Checked, &str),
    code: Option<&str>,
) -> Result<Outcome<Step<LetIn>>> {
    let let_in = |user| LetIn { holder: Holder::Person(user), proof: Proof::Password(hash.to_owned()), key: None };
    Ok(match accounts.confirm_person(tx, checked)? {
        Outcome::Refused(e) => Outcome::Refused(e),
        Outcome::Done(Confirmed::Whole(user)) => {
            // An old hash was replaced on the way: the proof is what the row holds now.
            let proof = Proof::Password(freehold_store::users::find(tx, user.id)?.password_hash);
            Outcome::Done(Step::In(LetIn { holder: Holder::Person(user.id), proof, key: None }))
        }
        Outcome::Done(Confirmed::CodeWanted(_)) if knock.service != Service::Sftp => {
            Outcome::Refused(Error::code(Code::OwnLoginNeeded))
        }
        Outcome::Done(Confirmed::CodeWanted(user)) => match code {
            None => Outcome::Done(Step::CodeWanted(CodeWanted { user, hash: hash.to_owned() })),
            Some(code) => match accounts.confirm_code(tx, user, code)? {
                Outcome::Done(user) => Outcome::Done(Step::In(let_in(user.id))),
                Outcome::Refused(e) => Outcome::Refused(e),
            },
        },
    })
}

fn key_owner(accounts: &Accounts, tx: &mut Tx<'_>, name: &str, fingerprint: &str) -> Result<Option<LetIn>> {
    if let Some(login) = access_logins::find_by_name(tx, name)? {
        let key = access_logins::login_key(tx, &login, fingerprint)?;
        return Ok(key.map(|key| LetIn {
            holder: Holder::Login { account: login.account_id, login: login.id },
            proof: Proof::Key(key.fingerprint),
            key: Some(key.id),
        }));
    }
    let Some(person) = accounts.person_by_email(tx, name)? else { return Ok(None) };
    let Some(key) = access_logins::user_key(tx, person.id, fingerprint)? else { return Ok(None) };
    if accounts.must_enrol(tx, &person)? && !person.has_totp() {
        return Ok(None);
    }
    let (holder, proof) = (Holder::Person(person.id), Proof::Key(key.fingerprint));
    Ok(Some(LetIn { holder, proof, key: Some(key.id) }))
}

/// Writes a sign-in down: who, by what, and when the login or key was last used.
pub(super) fn note(tx: &mut Tx<'_>, let_in: &LetIn, name: &str, service: Service) -> Result<()> {
    let address = tx.actor().address.clone();
    let how = match &let_in.proof {
        Proof::Password(_) => "password".to_owned(),
        Proof::Key(fingerprint) => format!("key {fingerprint}"),
    };
    let detail = format!("{}, {how}", service.label());
    match &let_in.holder {
        Holder::Login { account, login } => {
            access_logins::touch(tx, *account, *login, &address)?;
            if let Some(key) = let_in.key {
                access_logins::touch_login_key(tx, *account, key, &address)?;
            }
            let chain = Chain::Account(*account, freehold_base::SiteId(0));
            tx.audit(chain, "access.sign_in", format!("login {name}"), detail);
        }
        Holder::Person(user) => {
            if let Some(key) = let_in.key {
                access_logins::touch_user_key(tx, *user, key, &address)?;
            }
            tx.audit(Chain::Server, "access.sign_in", format!("person {user} {name}"), detail);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_last_six_digits_behind_a_password() {
        let split = |text: &str| {
            let (password, code) = split_code(Secret::text(text));
            (password.reveal_text().to_owned(), code)
        };
        assert_eq!(split("two herons123456"), ("two herons".into(), Some("123456".into())));
        assert_eq!(split("123456"), ("123456".into(), None), "a code alone is a password");
        assert_eq!(split("two herons"), ("two herons".into(), None));
        assert_eq!(split("é23456"), ("é23456".into(), None));
    }
}
