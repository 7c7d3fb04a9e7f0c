//! Does what a command asks, through the same services as the panel. The actor is the installation itself: whoever
//! may read the data folder may do all of it.

use freehold_base::{Code, Error, Result};

use super::commands::{Ask, Done, Refusal};
use super::hands::Hands;
use super::{
    do_access, do_content, do_content_parts, do_cron, do_customers, do_designs, do_domains, do_files, do_guard,
    do_people, do_rules, do_sites, do_themes, do_work,
};

/// Does it.
///
/// # Errors
/// What the services give.
pub fn perform(hands: &Hands, ask: &Ask) -> Result<Done> {
    match ask {
        Ask::User(user) => do_people::user(hands, user),
        Ask::Token(token) => do_people::token(hands, token),
        Ask::Login(login) => do_access::login(hands, login),
        Ask::Site(site) => do_sites::site(hands, site),
        Ask::Account(account) => do_customers::account(hands, account),
        Ask::Plan(plan) => do_customers::plan(hands, plan),
        Ask::Reseller(reseller) => do_customers::reseller(hands, reseller),
        Ask::Content(content) => do_content::content(hands, content),
        Ask::Comment(comment) => do_content_parts::comment(hands, comment),
        Ask::Term(term) => do_content_parts::term(hands, term),
        Ask::Menu(menu) => do_content_parts::menu(hands, menu),
        Ask::Theme(theme) => do_themes::theme(hands, theme),
        Ask::Design(design) => do_designs::design(hands, design),
        Ask::Media(media) => do_content_parts::media(hands, media),
        Ask::File(file) => do_files::file(hands, file),
        Ask::Domain(domain) => do_domains::domain(hands, domain),
        Ask::Job(job) => do_work::job(hands, job),
        Ask::Cron(command) => do_cron::cron(hands, command),
        Ask::Cache(cache) => do_work::cache(hands, cache),
        Ask::Audit(_) => do_work::verify(hands),
        Ask::Security(security) => do_guard::security(hands, security),
        Ask::Doctor => do_work::doctor(hands),
        Ask::Import(import) => do_work::import(hands, import),
        Ask::Seed(seed) => do_work::seed(hands, seed),
        Ask::Redirect(redirect) => do_rules::redirect(hands, redirect),
        Ask::Rules(rules) => do_rules::rules(hands, rules),
    }
}

/// What goes back through the socket.
pub type Answer = std::result::Result<Done, Refusal>;

/// Answers a line of the socket: an [`Ask`] in, an [`Answer`] out, both as JSON.
pub fn answer(hands: &Hands, line: &str) -> String {
    let asked: Result<Ask> =
        serde_json::from_str(line).map_err(|_| Error::refused(Code::BadRequest, "the node is of another release"));
    let done: Answer = asked.and_then(|ask| perform(hands, &ask)).map_err(|e| {
        if let Error::Internal { .. } = e {
            tracing::error!("command: {e}");
        }
        Refusal::of(&e)
    });
    serde_json::to_string(&done).unwrap_or_default()
}
