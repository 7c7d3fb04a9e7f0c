//! Every button of the panel has its twin in the API and on the command line, or a reason why it has none. A route that
//! changes something and has no line here fails the test: add it where you add the route.

use clap::CommandFactory as _;

use crate::panel::access::RouteLine;

/// Somebody shows who they are.
const SIGN_IN: &str = "- somebody shows who they are; a program has its token";
/// What no program makes.
const IN_PERSON: &str = "- what opens doors for a person is made by them, in person: no token makes it (rule C8)";
/// What only the editor needs.
const EDITOR: &str = "- the editor's own bookkeeping while somebody types; programs compare versions (If-Match)";
/// What one person sees.
const OWN_VIEW: &str = "- how one person sees the panel, nothing of a site";
/// What is only looked at.
const LOOK: &str = "- a look at what was typed; nothing is changed";
/// What the command line leaves to the panel and the API.
const SHOWN_FIRST: &str = "- one looks at it before one decides; the panel and the API show it";

/// A button: its route, the value of `do` where one route has several, and its twins. A twin that begins with `- ` is
/// the reason why there is none.
struct Row {
    route: &'static str,
    act: &'static str,
    /// `METHOD /path`, several with `; ` between.
    api: &'static str,
    /// The words after `freehold`.
    cli: &'static str,
}

/// The rows while they are written down.
#[derive(Default)]
struct Rows(Vec<Row>);

impl Rows {
    /// A route with one act.
    fn one(&mut self, route: &'static str, api: &'static str, cli: &'static str) {
        self.act(route, "", api, cli);
    }
    /// One of a route's acts.
    fn act(&mut self, route: &'static str, act: &'static str, api: &'static str, cli: &'static str) {
        self.0.push(Row { route, act, api, cli });
    }
    /// Routes without twins, for one reason.
    fn none(&mut self, why: &'static str, routes: &[&'static str]) {
        for route in routes {
            self.one(route, why, why);
        }
    }
}

/// The table.
fn rows() -> Vec<Row> {
    let mut r = Rows::default();
    of_people_in_person(&mut r);
    of_entries(&mut r);
    of_content(&mut r);
    of_hosting(&mut r);
    of_files(&mut r);
    of_server(&mut r);
    of_customers(&mut r);
    r.0
}

fn of_people_in_person(r: &mut Rows) {
    r.one("POST /admin/setup/{code}", "- before it there is nobody who could have a token", "setup");
    r.none(
        SIGN_IN,
        &[
            "POST /admin/login",
            "POST /admin/login/code",
            "POST /admin/login/passkey/start",
            "POST /admin/login/passkey",
            "POST /admin/login/code/passkey",
            "POST /admin/login/factor/passkey",
            "POST /admin/confirm",
            "POST /admin/confirm/passkey",
            "POST /admin/logout",
            "POST /admin/forgot",
            "POST /admin/invite/{code}",
        ],
    );
    r.one("POST /admin/reset/{code}", SIGN_IN, "user password");
    for act in ["begin", "confirm"] {
        r.act("POST /admin/login/factor", act, SIGN_IN, SIGN_IN);
    }
    r.none(OWN_VIEW, &["POST /admin/me/appearance"]);
    r.none(
        IN_PERSON,
        &[
            "POST /admin/me",
            "POST /admin/me/password",
            "POST /admin/me/sessions/{id}/end",
            "POST /admin/me/sessions/end-others",
            "POST /admin/me/passkeys/start",
            "POST /admin/me/passkeys",
            "POST /admin/me/keys/{id}/remove",
            "POST /admin/leave",
            "POST /admin/server/accounts/{id}/open",
        ],
    );
    for act in ["begin", "confirm", "codes", "off"] {
        r.act("POST /admin/me/factor", act, IN_PERSON, IN_PERSON);
    }
    for act in ["rename", "remove"] {
        r.act("POST /admin/me/passkeys/{id}", act, IN_PERSON, IN_PERSON);
    }
    for act in ["add-key", "make-key"] {
        r.act("POST /admin/me/keys", act, IN_PERSON, IN_PERSON);
    }
    r.one("POST /admin/me/tokens", IN_PERSON, "token create");
    r.one("POST /admin/me/tokens/{id}/revoke", IN_PERSON, "token revoke");
}

fn of_entries(r: &mut Rows) {
    const MAKE: &str = "POST /api/v1/sites/{site}/entries";
    const CHANGE: &str = "PATCH /api/v1/sites/{site}/entries/{id}";
    const THROW: &str = "DELETE /api/v1/sites/{site}/entries/{id}";
    const BACK: &str = "POST /api/v1/sites/{site}/entries/{id}/restore";
    const WRITING: &str = "- writing is the panel's and the API's; the command line makes, publishes and throws away";
    for new in ["POST /admin/s/{site}/posts/new", "POST /admin/s/{site}/pages/new"] {
        r.one(new, MAKE, "content create");
    }
    for one in
        ["POST /admin/s/{site}/posts/{id}", "POST /admin/s/{site}/pages/{id}", "POST /admin/s/{site}/types/{type}/{id}"]
    {
        for act in ["save", "review", "share"] {
            r.act(one, act, CHANGE, WRITING);
        }
        r.act(one, "publish", CHANGE, "content publish");
        r.act(one, "unpublish", CHANGE, "content unpublish");
    }
    const BULK: &str = "POST /admin/s/{site}/entries/bulk";
    r.act(BULK, "publish", CHANGE, "content publish");
    r.act(BULK, "draft", CHANGE, "content unpublish");
    r.act(BULK, "archive", CHANGE, WRITING);
    r.act(BULK, "trash", THROW, "content delete");
    r.act(BULK, "restore", BACK, "content restore");
    r.act(BULK, "delete", THROW, "content delete");
    r.one("POST /admin/s/{site}/entries/empty", THROW, "content delete");
    r.one("POST /admin/s/{site}/entries/{id}/delete", THROW, "content delete");
    r.one("POST /admin/s/{site}/entries/{id}/trash", THROW, "content delete");
    r.one("POST /admin/s/{site}/entries/{id}/restore", BACK, "content restore");
    r.none(
        EDITOR,
        &[
            "PUT /admin/s/{site}/posts/new",
            "PUT /admin/s/{site}/pages/new",
            "PUT /admin/s/{site}/entries/{id}/autosave",
            "POST /admin/s/{site}/entries/{id}/discard",
            "POST /admin/s/{site}/entries/{id}/lock",
            "POST /admin/s/{site}/entries/{id}/check-in",
            "POST /admin/s/{site}/entries/{id}/take-over",
        ],
    );
    const VERSION: &str = "POST /api/v1/sites/{site}/entries/{id}/versions/{version}/restore";
    r.one("POST /admin/s/{site}/entries/{id}/versions/{version}/restore", VERSION, SHOWN_FIRST);
    r.one("POST /admin/s/{site}/entries/{id}/versions/{version}/block", CHANGE, SHOWN_FIRST);
}

fn of_designs(r: &mut Rows) {
    const DRAFT: &str = "PATCH /api/v1/sites/{site}/design";
    const PAGE: &str = "POST /admin/s/{site}/theme-customise";
    const STEPS: &str = "- steps of somebody who tries things out by hand; a program sets the values that it means";
    r.one("PUT /admin/s/{site}/theme-customise", DRAFT, "design set");
    r.act(PAGE, "save", DRAFT, "design set");
    r.act(PAGE, "undo", STEPS, STEPS);
    r.act(PAGE, "redo", STEPS, STEPS);
    r.act(PAGE, "discard", "DELETE /api/v1/sites/{site}/design", "design discard");
    for act in ["publish", "schedule"] {
        r.act(PAGE, act, "PUT /api/v1/sites/{site}/design/publication", "design publish");
    }
    r.act(PAGE, "unschedule", "DELETE /api/v1/sites/{site}/design/publication", "design unschedule");
    r.act(PAGE, "share", "PUT /api/v1/sites/{site}/design/link", "design share");
    r.act(PAGE, "unshare", "DELETE /api/v1/sites/{site}/design/link", "design unshare");
    r.one("POST /admin/s/{site}/theme-history-undo", "POST /api/v1/sites/{site}/designs/undo", "design undo");
    let back = "POST /api/v1/sites/{site}/designs/{id}/restore";
    r.one("POST /admin/s/{site}/theme-history/{id}", back, "design restore");
}

fn of_content(r: &mut Rows) {
    const MEDIA: &str = "DELETE /api/v1/sites/{site}/media/{id}";
    r.one("POST /admin/s/{site}/media", "POST /api/v1/sites/{site}/media", "media add");
    r.act("POST /admin/s/{site}/media/bulk", "delete", MEDIA, "media delete");
    r.one("POST /admin/s/{site}/media/{id}", "PATCH /api/v1/sites/{site}/media/{id}", "media describe");
    r.one("POST /admin/s/{site}/media/{id}/delete", MEDIA, "media delete");

    const DECIDE: &str = "PATCH /api/v1/sites/{site}/comments/{id}";
    for route in ["POST /admin/s/{site}/comments/bulk", "POST /admin/s/{site}/comments/{id}/decide"] {
        for act in ["approve", "hold", "spam", "trash"] {
            r.act(route, act, DECIDE, "comment decide");
        }
        r.act(route, "delete", "DELETE /api/v1/sites/{site}/comments/{id}", "comment delete");
    }
    let reply = "POST /api/v1/sites/{site}/comments/{id}/replies";
    let nobody = "- an answer is somebody's own, and the command line is nobody in particular";
    r.one("POST /admin/s/{site}/comments/{id}/reply", reply, nobody);
    r.one("POST /admin/s/{site}/comments/{id}/edit", DECIDE, "comment edit");

    const GONE: &str = "DELETE /api/v1/sites/{site}/terms/{id}";
    r.one("POST /admin/s/{site}/terms/{taxonomy}", "POST /api/v1/sites/{site}/terms", "term create");
    r.act("POST /admin/s/{site}/terms/{taxonomy}/bulk", "delete", GONE, "term delete");
    r.one("POST /admin/s/{site}/terms/{taxonomy}/{id}", "PATCH /api/v1/sites/{site}/terms/{id}", "term set");
    let merge = "POST /api/v1/sites/{site}/terms/{id}/merge";
    r.one("POST /admin/s/{site}/terms/{taxonomy}/{id}/merge", merge, "term merge");
    r.one("POST /admin/s/{site}/terms/{taxonomy}/{id}/delete", GONE, "term delete");

    const DRAWN: &str = "PUT /api/v1/sites/{site}/theme";
    r.one("POST /admin/s/{site}/theme-add", "POST /api/v1/sites/{site}/themes", "theme install");
    r.act("POST /admin/s/{site}/theme/{name}", "activate", DRAWN, "theme activate");
    r.act("POST /admin/s/{site}/theme/{name}", "remove", "DELETE /api/v1/sites/{site}/themes/{name}", "theme delete");
    r.one("POST /admin/s/{site}/theme-undo", DRAWN, "theme activate");
    r.act(
        "POST /admin/s/{site}/theme/{name}",
        "child",
        "POST /api/v1/sites/{site}/themes/{name}/children",
        "theme new",
    );
    const CODE: &str = "POST /admin/s/{site}/theme/{name}/code";
    const TEXT: &str = "PUT /api/v1/sites/{site}/themes/{name}/text";
    r.act(CODE, "save", TEXT, "theme write");
    r.act(CODE, "new", TEXT, "theme write");
    r.act(CODE, "again", LOOK, LOOK);
    r.act(CODE, "restore", TEXT, "theme restore");
    r.act(CODE, "delete", "DELETE /api/v1/sites/{site}/themes/{name}/text", "theme drop");
    r.one(
        "POST /admin/s/{site}/theme/{name}/parent",
        "POST /api/v1/sites/{site}/themes/{name}/parent-changes",
        "theme settle",
    );

    of_designs(r);

    const ORDER: &str = "PUT /api/v1/sites/{site}/menus/{menu}/order";
    r.one("POST /admin/s/{site}/menus", "POST /api/v1/sites/{site}/menus", "menu create");
    let theme = "- which places there are is said by the theme, which only a node loads";
    r.one("POST /admin/s/{site}/menus/places", "PUT /api/v1/sites/{site}/menu-places/{place}", theme);
    r.one("POST /admin/s/{site}/menus/{menu}", "PATCH /api/v1/sites/{site}/menus/{menu}", "menu rename");
    r.one("POST /admin/s/{site}/menus/{menu}/delete", "DELETE /api/v1/sites/{site}/menus/{menu}", "menu delete");
    for add in ["POST /admin/s/{site}/menus/{menu}/add", "POST /admin/s/{site}/menus/{menu}/link"] {
        r.one(add, "POST /api/v1/sites/{site}/menus/{menu}/lines", "menu add");
    }
    r.one("POST /admin/s/{site}/menus/{menu}/order", ORDER, "menu order");
    let edit = "PATCH /api/v1/sites/{site}/menus/{menu}/lines/{line}";
    r.one("POST /admin/s/{site}/menus/{menu}/lines/{line}", edit, "menu edit");
    for act in ["up", "down", "in", "out"] {
        r.act("POST /admin/s/{site}/menus/{menu}/lines/{line}/move", act, ORDER, "menu order");
    }
    let gone = "DELETE /api/v1/sites/{site}/menus/{menu}/lines/{line}";
    r.one("POST /admin/s/{site}/menus/{menu}/lines/{line}/remove", gone, "menu remove");

    const RUN: &str = "POST /api/v1/sites/{site}/imports/{job}/run";
    r.one("POST /admin/s/{site}/import", "POST /api/v1/sites/{site}/imports", "import wxr");
    for act in ["run", "partial"] {
        r.act("POST /admin/s/{site}/import/{id}", act, RUN, "import wxr");
    }
    r.act("POST /admin/s/{site}/import/{id}", "again", "POST /api/v1/sites/{site}/jobs/{id}/retry", "job retry");
    r.act("POST /admin/s/{site}/import/{id}", "stop", "POST /api/v1/sites/{site}/jobs/{id}/cancel", "job cancel");
    r.act("POST /admin/s/{site}/jobs/{id}", "retry", "POST /api/v1/sites/{site}/jobs/{id}/retry", "job retry");
    r.act("POST /admin/s/{site}/jobs/{id}", "cancel", "POST /api/v1/sites/{site}/jobs/{id}/cancel", "job cancel");
    r.act("POST /admin/s/{site}/jobs/{id}", "run", "POST /api/v1/sites/{site}/jobs/{id}/run", "job now");

    r.one("POST /admin/s/{site}/people", "POST /api/v1/sites/{site}/users", "user invite");
    r.one("POST /admin/s/{site}/people/{id}", "PUT /api/v1/sites/{site}/users/{id}/role", "user role");
    r.act("POST /admin/s/{site}/people/{id}", "remove", "DELETE /api/v1/sites/{site}/users/{id}/role", "user role");
    const SETTINGS: &str = "PATCH /api/v1/sites/{site}/settings";
    r.one("POST /admin/s/{site}/checklist/{name}", SETTINGS, "site set");
    r.one("POST /admin/s/{site}/settings/{page}", SETTINGS, "site set");
    r.one("POST /admin/s/{site}/settings/{page}/undo", SETTINGS, "site set");
    r.one("POST /admin/s/{site}/settings/delete", "DELETE /api/v1/sites/{site}", "site delete");
    r.one("POST /admin/sites/new", "POST /api/v1/sites", "site create");
}

fn of_hosting(r: &mut Rows) {
    const CRON: &str = "PATCH /api/v1/sites/{site}/cron/{id}";
    r.one("POST /admin/s/{site}/cron/new", "POST /api/v1/sites/{site}/cron", "cron add");
    r.one("POST /admin/s/{site}/cron/{job}/edit", CRON, "cron set");
    for route in ["POST /admin/s/{site}/cron/new", "POST /admin/s/{site}/cron/{job}/edit"] {
        r.act(route, "preview", LOOK, "cron next");
    }
    r.act("POST /admin/s/{site}/cron/{job}", "run", "POST /api/v1/sites/{site}/cron/{id}/runs", "cron run");
    for act in ["on", "off"] {
        r.act("POST /admin/s/{site}/cron/{job}", act, CRON, "cron set");
    }
    r.act("POST /admin/s/{site}/cron/{job}", "remove", "DELETE /api/v1/sites/{site}/cron/{id}", "cron remove");
    let stop = "POST /api/v1/sites/{site}/cron/{id}/runs/{run}/stop";
    r.act("POST /admin/s/{site}/cron/{job}/runs/{run}", "stop", stop, "cron stop");
    let terminal = "- a terminal is for a person at a keyboard who showed just now that it is them";
    r.none(terminal, &["POST /admin/s/{site}/terminal"]);

    const NAME: &str = "PATCH /api/v1/sites/{site}/domains/{name}";
    const ONE: &str = "POST /admin/s/{site}/domains/{name}";
    r.one("POST /admin/s/{site}/domains", "POST /api/v1/sites/{site}/domains", "domain add");
    r.act(ONE, "main", NAME, "domain main");
    for act in ["redirect", "serve"] {
        r.act(ONE, act, NAME, "domain set");
    }
    r.act(ONE, "remove", "DELETE /api/v1/sites/{site}/domains/{name}", "domain remove");
    r.act(ONE, "look", "POST /api/v1/sites/{site}/domains/{name}/look", "domain check");
    r.act(ONE, "www", "POST /api/v1/sites/{site}/domains", "domain add");
    let health = "POST /api/v1/sites/{site}/domains/{name}/health";
    r.one("POST /admin/s/{site}/domains/{name}/health", health, "domain check");

    r.one("POST /admin/s/{site}/redirects", "POST /api/v1/sites/{site}/redirects", "redirect add");
    r.one("POST /admin/s/{site}/redirects/import", "POST /api/v1/sites/{site}/redirects-csv", "redirect import");
    r.one("POST /admin/s/{site}/redirects/{id}", "PUT /api/v1/sites/{site}/redirects/{id}", "redirect set");
    let gone = "DELETE /api/v1/sites/{site}/redirects/{id}";
    r.act("POST /admin/s/{site}/redirects/{id}", "remove", gone, "redirect remove");
    r.one("POST /admin/s/{site}/rules", "PATCH /api/v1/sites/{site}/settings", "rules set");
    r.one("POST /admin/s/{site}/rules/headers", "POST /api/v1/sites/{site}/headers", "rules header");
    let gone = "DELETE /api/v1/sites/{site}/headers/{id}";
    r.one("POST /admin/s/{site}/rules/headers/{id}", gone, "rules header-remove");
    r.one("POST /admin/s/{site}/rules/folders", "POST /api/v1/sites/{site}/private-folders", "rules private");
    const FOLDER: &str = "POST /admin/s/{site}/rules/folders/{id}";
    r.act(FOLDER, "let-in", "POST /api/v1/sites/{site}/private-folders/{id}/people", "rules let-in");
    let out = "DELETE /api/v1/sites/{site}/private-folders/{id}/people/{person}";
    r.act(FOLDER, "shut-out", out, "rules shut-out");
    r.act(FOLDER, "open", "DELETE /api/v1/sites/{site}/private-folders/{id}", "rules private-remove");

    const LOGIN: &str = "POST /admin/s/{site}/access/{id}";
    const KEYS: &str = "POST /api/v1/sites/{site}/logins/{id}/keys";
    const PASSWORD: &str = "PUT /api/v1/sites/{site}/logins/{id}/password";
    r.one("POST /admin/s/{site}/access", "POST /api/v1/sites/{site}/logins", "login create");
    r.act(LOGIN, "save", "PATCH /api/v1/sites/{site}/logins/{id}", "login change");
    for act in ["password", "no-password"] {
        r.act(LOGIN, act, PASSWORD, "login password");
    }
    // A program makes its pair of keys itself and sends the public one.
    for act in ["add-key", "make-key"] {
        r.act(LOGIN, act, KEYS, "login add-key");
    }
    r.act(LOGIN, "remove-key", "DELETE /api/v1/sites/{site}/logins/{id}/keys/{key}", "login remove-key");
    r.act(LOGIN, "revoke", "DELETE /api/v1/sites/{site}/logins/{id}", "login revoke");
}

fn of_files(r: &mut Rows) {
    for at in ["POST /admin/s/{site}/files", "POST /admin/s/{site}/files/{path:.*}"] {
        const CONTENT: &str = "PUT /api/v1/sites/{site}/files/content";
        const MOVE: &str = "POST /api/v1/sites/{site}/files/move";
        const UNPACK: &str = "POST /api/v1/sites/{site}/files/unpack";
        for act in ["", "save", "again", "file"] {
            r.act(at, act, CONTENT, "file put");
        }
        r.act(at, "folder", "POST /api/v1/sites/{site}/files/folders", "file folder");
        for act in ["rename", "move"] {
            r.act(at, act, MOVE, "file move");
        }
        r.act(at, "copy", "POST /api/v1/sites/{site}/files/copy", "file copy");
        for act in ["extract", "extract-to"] {
            r.act(at, act, UNPACK, "file unpack");
        }
        r.act(at, "zip", "POST /api/v1/sites/{site}/files/pack", "file pack");
        r.act(at, "mode", "PUT /api/v1/sites/{site}/files/mode", "file mode");
        r.act(at, "trash", "POST /api/v1/sites/{site}/files/trash", "file trash");
        r.act(at, "restore", "POST /api/v1/sites/{site}/files/versions/{id}/restore", "file versions");
    }
    let several = "GET /api/v1/sites/{site}/files/content; POST /api/v1/sites/{site}/files/pack";
    r.act("POST /admin/s/{site}/files-download", "download", several, "file get");
    r.one("POST /admin/s/{site}/files-upload", "POST /api/v1/sites/{site}/files/uploads", "file put");
    let piece = "PUT /api/v1/sites/{site}/files/uploads/{id}; POST /api/v1/sites/{site}/files/uploads/{id}/finish";
    r.one("PUT /admin/s/{site}/files-upload/{id}", piece, "file put");
    r.one("DELETE /admin/s/{site}/files-upload/{id}", "DELETE /api/v1/sites/{site}/files/uploads/{id}", "file put");
    const JOB: &str = "POST /admin/s/{site}/files-jobs/{id}";
    r.act(JOB, "retry", "POST /api/v1/sites/{site}/files/jobs/{id}/retry", "job retry");
    r.act(JOB, "cancel", "POST /api/v1/sites/{site}/files/jobs/{id}/cancel", "job cancel");
    r.act(JOB, "run", "POST /api/v1/sites/{site}/files/jobs/{id}/run", "job now");
    const TRASH: &str = "POST /admin/s/{site}/files-trash";
    r.act(TRASH, "restore", "POST /api/v1/sites/{site}/files/trash/{id}/restore", "file restore");
    for act in ["delete", "empty"] {
        r.act(TRASH, act, "DELETE /api/v1/sites/{site}/files/trash/{id}", "file purge");
    }
    for act in ["repair", "repair-all"] {
        let repair = "POST /api/v1/sites/{site}/files/permissions/repair";
        r.act("POST /admin/s/{site}/files-check", act, repair, "file check");
    }
}

fn of_server(r: &mut Rows) {
    let approve = "POST /api/v1/sites/{site}/domains/{name}/approve";
    r.act("POST /admin/server/domains/{id}", "approve", approve, "domain approve");
    r.one("POST /admin/server/people", "POST /api/v1/users", "user invite");
    const PERSON: &str = "POST /admin/server/people/{id}";
    r.act(PERSON, "link", IN_PERSON, "user password");
    r.act(PERSON, "disable", "PUT /api/v1/users/{id}/disabled", "user disable");
    r.act(PERSON, "enable", "DELETE /api/v1/users/{id}/disabled", "user enable");
    r.act(PERSON, "end-sessions", "DELETE /api/v1/users/{id}/sessions", "user sessions");
    r.act(PERSON, "factor-off", "DELETE /api/v1/users/{id}/factor", "user factor-off");
    r.act(PERSON, "passkey-off", "DELETE /api/v1/users/{id}/passkeys/{passkey}", "user passkeys");
    r.act(PERSON, "role", "PUT /api/v1/users/{id}/roles/{place}", "user role");
    r.act(PERSON, "take-role", "DELETE /api/v1/users/{id}/roles/{place}", "user role");
    r.act(PERSON, "delete", "DELETE /api/v1/users/{id}", "user delete");
    const SECURITY: &str = "POST /admin/server/security";
    r.act(SECURITY, "rule", "PUT /api/v1/server/second-factor", "security second-factor");
    r.act(SECURITY, "end-old", "DELETE /api/v1/server/old-sessions", "security end-old-sessions");
    const NETWORKS: &str = "POST /admin/server/security/networks";
    r.act(NETWORKS, "block", "POST /api/v1/server/networks", "security block");
    r.act(NETWORKS, "let-in", "POST /api/v1/server/networks/let-in", "security let-in");
    let mail = "- the mail server is the running node's; its page and the API try it";
    r.one("POST /admin/server/settings/mail", "POST /api/v1/server/trial-mail", mail);
    const JOB: &str = "POST /admin/server/jobs/{id}";
    r.act(JOB, "retry", "POST /api/v1/jobs/{id}/retry", "job retry");
    r.act(JOB, "cancel", "POST /api/v1/jobs/{id}/cancel", "job cancel");
    r.act(JOB, "run", "POST /api/v1/jobs/{id}/run", "job now");
    r.act(JOB, "pause", "POST /api/v1/jobs/{id}/pause", "job pause");
    r.act(JOB, "resume", "POST /api/v1/jobs/{id}/resume", "job resume");
    r.one("POST /admin/server/audit/check", "POST /api/v1/server/audit/check", "audit verify");
}

fn of_customers(r: &mut Rows) {
    const MAKE: &str = "POST /api/v1/accounts";
    const CHANGE: &str = "PATCH /api/v1/accounts/{id}";
    const STOP: &str = "PUT /api/v1/accounts/{id}/suspension";
    const GO_ON: &str = "DELETE /api/v1/accounts/{id}/suspension";
    const CLOSE: &str = "DELETE /api/v1/accounts/{id}";
    r.one("POST /admin/server/accounts/new", MAKE, "account create");
    r.one("POST /admin/server/accounts/import", LOOK, LOOK);
    let table = "POST /api/v1/accounts; PATCH /api/v1/accounts/{id}";
    r.one("POST /admin/server/accounts/import/run", table, "account create");
    r.act("POST /admin/server/accounts/bulk/suspend", "suspend", STOP, "account suspend");
    r.act("POST /admin/server/accounts/bulk/suspend", "unsuspend", GO_ON, "account unsuspend");
    r.act("POST /admin/server/accounts/bulk/plan", "plan", CHANGE, "account plan");
    const ONE: &str = "POST /admin/server/accounts/{id}";
    r.act(ONE, "rename", CHANGE, "account rename");
    r.act(ONE, "plan", CHANGE, "account plan");
    r.act(ONE, "move", "POST /api/v1/accounts/{id}/sites", "account move-site");
    for team in ["POST /admin/server/accounts/{id}/people", "POST /admin/account/{id}/people"] {
        r.act(team, "invite", "POST /api/v1/accounts/{id}/people", "user invite");
        r.one(team, "PUT /api/v1/accounts/{id}/people/{user}", "user role");
        r.act(team, "remove", "DELETE /api/v1/accounts/{id}/people/{user}", "user role");
    }
    r.act("POST /admin/server/accounts/{id}/suspend", "suspend", STOP, "account suspend");
    r.act("POST /admin/server/accounts/{id}/suspend", "end", GO_ON, "account unsuspend");
    for act in ["close", "end"] {
        r.act("POST /admin/server/accounts/{id}/close", act, CLOSE, "account delete");
    }
    let back = "POST /api/v1/accounts/{id}/restore";
    r.act("POST /admin/server/accounts/{id}/close", "restore", back, "account restore");
    for new in ["POST /admin/server/plans/ready", "POST /admin/server/plans/new"] {
        r.one(new, "POST /api/v1/plans", "plan create");
    }
    r.act("POST /admin/server/plans/{id}", "save", "PUT /api/v1/plans/{id}", "plan edit");
    r.act("POST /admin/server/plans/{id}", "delete", "DELETE /api/v1/plans/{id}", "plan delete");
    const RESELLER: &str = "POST /admin/server/resellers/{id}";
    r.one("POST /admin/server/resellers/new", "POST /api/v1/resellers", "reseller create");
    r.act(RESELLER, "save", "PUT /api/v1/resellers/{id}", "reseller set");
    r.act(RESELLER, "suspend", "PUT /api/v1/resellers/{id}/suspension", "reseller suspend");
    r.act(RESELLER, "unsuspend", "DELETE /api/v1/resellers/{id}/suspension", "reseller unsuspend");
    r.act(RESELLER, "delete", "DELETE /api/v1/resellers/{id}", "reseller delete");
    r.one("POST /admin/server/resellers/{id}/brand", "PUT /api/v1/resellers/{id}/brand", "reseller brand");
    const PEOPLE: &str = "POST /admin/server/resellers/{id}/people";
    r.act(PEOPLE, "invite", "POST /api/v1/resellers/{id}/people", "user invite");
    r.act(PEOPLE, "remove", "DELETE /api/v1/resellers/{id}/people/{user}", "user role");
}

/// Where the buttons of each folder of templates lead: beginnings of routes.
const FOLDERS: &[(&str, &[&str])] = &[
    ("auth", &["/admin/login/factor"]),
    ("comments", &["/admin/s/{site}/comments"]),
    ("cron", &["/admin/s/{site}/cron"]),
    (
        "customers",
        &["/admin/server/accounts", "/admin/server/plans", "/admin/server/resellers", "/admin/account/{id}/people"],
    ),
    ("domains", &["/admin/s/{site}/domains"]),
    ("entries", &["/admin/s/{site}/entries", "/admin/s/{site}/posts", "/admin/s/{site}/pages"]),
    ("files", &["/admin/s/{site}/files"]),
    ("home", &["/admin/s/{site}/comments"]),
    ("import", &["/admin/s/{site}/import"]),
    ("jobs", &["/admin/server/jobs", "/admin/s/{site}/jobs"]),
    ("logins", &["/admin/s/{site}/access"]),
    ("me", &["/admin/me/"]),
    ("media", &["/admin/s/{site}/media"]),
    ("menus", &["/admin/s/{site}/menus"]),
    ("people", &["/admin/s/{site}/people"]),
    ("rules", &["/admin/s/{site}/redirects", "/admin/s/{site}/rules"]),
    ("server", &["/admin/server/domains", "/admin/server/people", "/admin/server/security", "/admin/server/settings"]),
    ("terms", &["/admin/s/{site}/terms"]),
    ("themes", &["/admin/s/{site}/theme"]),
];

fn named(line: &RouteLine) -> String {
    format!("{} {}", line.method, line.path)
}

/// The reason of a twin that there is not.
fn reason(twin: &str) -> Option<&str> {
    twin.strip_prefix("- ")
}

/// What is wrong with a table of twins.
fn faults(panel: &[RouteLine], api: &[RouteLine], rows: &[Row]) -> Vec<String> {
    let mut faults = Vec::new();
    let (buttons, twins): (Vec<String>, Vec<String>) =
        (panel.iter().filter(|l| l.method != "GET").map(named).collect(), api.iter().map(named).collect());
    for button in &buttons {
        if !rows.iter().any(|row| row.route == button) {
            faults.push(format!("{button} has neither a twin nor a reason: add its line to doors/twins_tests.rs"));
        }
    }
    for row in rows {
        let here = format!("{} do={}", row.route, row.act);
        if !buttons.iter().any(|button| button == row.route) {
            faults.push(format!("{here}: the panel has no such route"));
        }
        for twin in [row.api, row.cli] {
            if reason(twin).is_some_and(|why| why.len() < 25) {
                faults.push(format!("{here}: “{twin}” is no reason"));
            }
        }
        if reason(row.api).is_none() {
            let missing = row.api.split("; ").filter(|twin| !twins.iter().any(|known| known == twin));
            faults.extend(missing.map(|twin| format!("{here}: the API has no {twin}")));
        }
        if reason(row.cli).is_none() && !is_command(row.cli) {
            faults.push(format!("{here}: there is no command freehold {}", row.cli));
        }
    }
    faults
}

fn is_command(words: &str) -> bool {
    let mut at = crate::cli::Cli::command();
    words.split(' ').all(|word| match at.find_subcommand(word).cloned() {
        Some(next) => {
            at = next;
            true
        }
        None => false,
    })
}

/// Values of `do` that a template sends; parts that are filled in are left out.
fn acts(template: &str) -> Vec<&str> {
    let said = template.split("name=\"do\" value=\"").skip(1).filter_map(|rest| rest.split('"').next());
    said.filter_map(|act| act.split([':', '{']).next()).filter(|act| !act.is_empty()).collect()
}

#[test]
fn every_button_of_the_panel_has_its_twin_or_a_reason() {
    let found = faults(crate::panel::routes::table().lines(), &crate::api::routes::lines(), &rows());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn each_value_of_a_button_has_its_line() {
    let (rows, mut missing, mut seen) = (rows(), Vec::new(), 0);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../admin-ui/templates");
    for of in std::fs::read_dir(folder).unwrap() {
        let of = of.unwrap();
        let name = of.file_name().into_string().unwrap();
        let routes = FOLDERS.iter().find(|(folder, _)| *folder == name).map_or(&[][..], |(_, routes)| routes);
        for template in std::fs::read_dir(of.path()).unwrap() {
            let path = template.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            for act in acts(&text) {
                seen += 1;
                let leads = |row: &Row| {
                    row.act == act && routes.iter().any(|to| row.route.split(' ').nth(1).unwrap().starts_with(to))
                };
                if !rows.iter().any(leads) {
                    missing.push(format!("{}: do={act}", path.display()));
                }
            }
        }
    }
    assert!(seen > 100, "the buttons are found: {seen}");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn what_is_missing_or_misspelt_is_found() {
    let line = |method, path| RouteLine { method, path, access: crate::panel::access::Access::Signed };
    let panel = [line(actix_web::http::Method::POST, "/admin/new"), line(actix_web::http::Method::GET, "/admin/x")];
    let api = [line(actix_web::http::Method::POST, "/api/v1/sites")];
    let row = |route, api, cli| Row { route, act: "", api, cli };
    let of = |rows: &[Row]| faults(&panel, &api, rows).len();
    assert_eq!(of(&[]), 1, "a button without a line");
    assert_eq!(of(&[row("POST /admin/new", "POST /api/v1/sites", "site create")]), 0);
    assert_eq!(of(&[row("POST /admin/new", "POST /api/v1/site", "site create")]), 1, "no such path");
    assert_eq!(of(&[row("POST /admin/new", "GET /api/v1/sites", "site create")]), 1, "no such method");
    assert_eq!(of(&[row("POST /admin/new", "POST /api/v1/sites", "site burn")]), 1, "no such command");
    assert_eq!(of(&[row("POST /admin/new", "- no", "site create")]), 1, "no reason");
    let gone = row("POST /admin/old", "POST /api/v1/sites", "site create");
    assert_eq!(of(&[row("POST /admin/new", LOOK, LOOK), gone]), 1, "a line of a route that is gone");
    assert_eq!(acts("<button name=\"do\" value=\"zip:{{ r.value }}\"> name=\"do\" value=\"{{ x }}\""), ["zip"]);
}
