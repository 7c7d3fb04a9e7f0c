//! What a plugin may ask for: one word in the manifest, one sentence for people.

macro_rules! capabilities {
    ($($name:ident, $text:literal, $sentence:literal;)*) => {
        /// A right that a manifest asks for and a person gives.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Capability { $(#[doc = $sentence] $name),* }

        impl Capability {
            /// All, in the table's order.
            pub const ALL: &[Capability] = &[$(Capability::$name),*];
            /// As manifests write it: `entries:read`.
            pub const fn name(self) -> &'static str {
                match self { $(Capability::$name => $text),* }
            }
            /// What it lets the plugin do, for the consent screen.
            pub const fn sentence(self) -> &'static str {
                match self { $(Capability::$name => $sentence),* }
            }
        }
    };
}

capabilities! {
    Kv, "kv", "Keeps notes of its own for this site; other plugins and sites cannot read them";
    Secrets, "secrets", "Reads the secrets that you type into its own settings";
    EntriesRead, "entries:read", "Reads posts and pages of this site, drafts as well";
    HttpFetch, "http:fetch", "Sends to and asks servers elsewhere, only those named here";
    MailSend, "mail:send", "Sends mail in the name of this site";
    Notify, "notify", "Puts notices into the inbox of the people who run this site";
}

impl Capability {
    /// The capability of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|capability| capability.name() == name)
    }
}
