//! The hooks: where Freehold asks or tells a plugin. One table says for each what kind it is, how long it may take and
//! what happens where it fails. Which of them a node fires is the node's knowledge, not this table's.

use std::time::Duration;

/// What a hook is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Told after the commit, at least once; cannot hold anything up.
    Event,
    /// Asked in the middle of the work: the answer changes what goes on.
    Filter,
    /// Asked for a yes, a no or a verdict.
    Decision,
    /// Does the work in place of Freehold; one plugin has it.
    Provider,
}

impl Kind {
    /// As the guide says it: `event`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Filter => "filter",
            Self::Decision => "decision",
            Self::Provider => "provider",
        }
    }
}

/// What a plugin may do with the host while the hook runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Only look: it may run twice, or for a change that is then refused.
    Read,
    /// Also store, send and fetch.
    Act,
}

macro_rules! hooks {
    ($($name:ident, $text:literal, $kind:ident, $reach:ident, $ms:literal, $fails:literal, $asks:expr;)*) => {
        /// A place where Freehold asks or tells a plugin.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Hook { $(#[doc = $fails] $name),* }

        impl Hook {
            /// All, in the table's order.
            pub const ALL: &[Hook] = &[$(Hook::$name),*];
            /// As manifests and scripts write it: `entry.render`.
            pub const fn name(self) -> &'static str {
                match self { $(Hook::$name => $text),* }
            }
            /// What it is for.
            pub const fn kind(self) -> Kind {
                match self { $(Hook::$name => Kind::$kind),* }
            }
            /// What the host does for a plugin meanwhile.
            pub const fn reach(self) -> Reach {
                match self { $(Hook::$name => Reach::$reach),* }
            }
            /// The computing time of one call.
            pub const fn deadline(self) -> Duration {
                Duration::from_millis(match self { $(Hook::$name => $ms),* })
            }
            /// What happens where the plugin fails, for people.
            pub const fn fails_how(self) -> &'static str {
                match self { $(Hook::$name => $fails),* }
            }
            /// What it lets the plugin see or change, for the consent screen; none where nobody needs to be asked.
            pub const fn asks(self) -> Option<&'static str> {
                match self { $(Hook::$name => $asks),* }
            }
        }
    };
}

hooks! {
    PluginLifecycle, "plugin.lifecycle", Event, Act, 5_000, "The plugin stays as it was", None;
    SettingsChanged, "settings.changed", Event, Act, 1_000, "The log says so", None;
    EntryBeforeSave, "entry.before_save", Filter, Read, 50,
        "The save is refused and names the plugin; skipped where the manifest says optional",
        Some("Reads entries before they are saved, and may change or refuse them");
    EntryAfterSave, "entry.after_save", Event, Act, 5_000, "Tried again later",
        Some("Reads every entry that is saved, drafts as well");
    EntryStatusChanged, "entry.status_changed", Event, Act, 5_000, "Tried again later",
        Some("Is told when entries are published or taken back");
    EntryBeforeDelete, "entry.before_delete", Decision, Read, 20, "The entry is deleted",
        Some("May refuse that an entry is deleted");
    EntryAfterDelete, "entry.after_delete", Event, Act, 5_000, "Tried again later",
        Some("Is told when entries are deleted");
    EntryRender, "entry.render", Filter, Read, 20, "The entry is shown as it is",
        Some("Changes how entries look to visitors");
    BlockRender, "block.render", Filter, Read, 10, "The block shows a note in its place", None;
    QueryList, "query.list", Filter, Read, 5, "The list is shown as it is", Some("Changes which entries lists show");
    RequestRoute, "request.route", Decision, Read, 5, "The request goes on",
        Some("Sees the addresses that visitors ask for, and may lead them elsewhere or refuse them");
    PageContext, "page.context", Filter, Read, 20, "The page goes without", None;
    PageHead, "page.head", Filter, Read, 10, "The page goes without", Some("Adds to the head of pages");
    PageSlot, "page.slot", Filter, Read, 20, "The place stays empty", Some("Adds text to pages");
    PageTemplate, "page.template", Filter, Read, 5, "The usual template draws", None;
    FeedItem, "feed.item", Filter, Read, 10, "The item stays as it is", Some("Changes what feeds say");
    SitemapUrls, "sitemap.urls", Filter, Read, 10, "The list stays as it is", None;
    MediaBeforeUpload, "media.before_upload", Decision, Read, 50, "The upload is refused and names the plugin",
        Some("Sees files before they are stored, and may refuse them");
    MediaAfterUpload, "media.after_upload", Event, Act, 30_000, "Tried again later",
        Some("Is told when files are uploaded");
    TermChanged, "term.changed", Event, Act, 5_000, "Tried again later", None;
    MenuItems, "menu.items", Filter, Read, 5, "The menu stays as it is", Some("Changes the menus of the site");
    CommentBeforeCreate, "comment.before_create", Decision, Read, 50, "The comment waits for a person",
        Some("Reads comments before they appear, and may hold them back");
    CommentChanged, "comment.changed", Event, Act, 5_000, "Tried again later", Some("Reads comments and their writers");
    FormBeforeStore, "form.before_store", Decision, Read, 50, "The form is stored",
        Some("Reads what visitors send with forms, and may refuse it");
    FormSubmitted, "form.submitted", Event, Act, 5_000, "Tried again later", Some("Reads what visitors send with forms");
    AuthBeforeLogin, "auth.before_login", Decision, Read, 50, "The person may go on, and the hosting admin is told",
        Some("Is asked before people sign in, and may refuse them");
    AuthEvent, "auth.event", Event, Act, 5_000, "Tried again later", Some("Is told who signs in and out");
    UserChanged, "user.changed", Event, Act, 5_000, "Tried again later",
        Some("Is told when people of this site are added, changed or removed");
    MemberChanged, "member.changed", Event, Act, 5_000, "Tried again later",
        Some("Is told when readers sign up or leave");
    MailBeforeSend, "mail.before_send", Filter, Read, 50, "The mail goes as it is",
        Some("Reads mails before they go out, and may change them");
    MailDeliver, "mail.deliver", Provider, Act, 30_000, "The built-in way is taken",
        Some("Delivers the mails of this site itself, and so reads all of them");
    CronTick, "cron.tick", Event, Act, 60_000, "The next run comes at its time", None;
    HttpRoute, "http.route", Filter, Act, 1_000, "The address answers 502",
        Some("Answers addresses of its own on the site");
    AdminView, "admin.view", Filter, Act, 500, "A card shows the error", None;
    PriceCompute, "price.compute", Filter, Read, 20, "The built-in price counts", Some("Changes prices");
    ShippingRates, "shipping.rates", Filter, Act, 20, "The built-in rates count", Some("Changes what shipping costs");
    PaymentProvider, "payment.provider", Provider, Act, 30_000, "The payment is not taken", Some("Takes payments");
    OrderBeforeCreate, "order.before_create", Decision, Read, 20, "The order is taken",
        Some("Reads orders before they are taken, and may refuse them");
    OrderStatusChanged, "order.status_changed", Event, Act, 5_000, "Tried again later", Some("Reads orders");
    StockMoved, "stock.moved", Event, Act, 5_000, "Tried again later", None;
    AbilityRun, "ability.run", Filter, Act, 5_000, "The action fails and names the plugin", None;
}

impl Hook {
    /// The hook of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|hook| hook.name() == name)
    }
}

impl std::fmt::Display for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_none_is_used_twice() {
        for hook in Hook::ALL {
            assert_eq!(Hook::parse(hook.name()), Some(*hook));
            assert!(hook.deadline() >= Duration::from_millis(5), "{hook}");
        }
        assert_eq!(Hook::parse("entry.rendr"), None);
    }

    #[test]
    fn what_stands_before_a_commit_only_reads() {
        for hook in Hook::ALL.iter().filter(|hook| hook.name().contains("before_")) {
            assert_eq!(hook.reach(), Reach::Read, "{hook}");
        }
        assert!(Hook::ALL.iter().filter(|h| h.kind() == Kind::Event).all(|h| h.reach() == Reach::Act));
    }
}
