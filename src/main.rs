//! The program: reads the command line and does what it says.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::exit)] // the one place that prints and exits

use std::io::Read as _;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;
use freehold::{
    Base, ask_node, build, hands, lock, migrate_back, open, open_beside, open_library, outbound, setup, site_of,
    start_log,
};
use freehold_base::config::Config;
use freehold_base::{Clock, Error};
use freehold_doors::cli::commands::{Ask, Content, Refusal, User};
use freehold_doors::cli::import::{self as wxr, Import, Media, Wxr};
use freehold_doors::cli::perform::perform;
use freehold_doors::cli::{Cli, Command, Setup, seed};
use freehold_publishing::import::{self, OnDisk, Options, Origin};
use freehold_publishing::starts::Start;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse(); // wrong usage ends here with 2
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("freehold: {e:#}");
            let status = match (e.downcast_ref::<Error>(), e.downcast_ref::<Refused>()) {
                (Some(e), _) => e.status(),
                (_, Some(Refused(refusal))) => refusal.status,
                _ => 500,
            };
            ExitCode::from(if status == 409 { 3 } else { 1 })
        }
    }
}

fn run(cli: &Cli) -> Result<()> {
    let config = Config::load(&cli.node.overrides())?;
    start_log(&config.log);
    match &cli.command {
        None | Some(Command::Serve) => serve(config),
        Some(Command::Setup(options)) => set_up(cli, config, options),
        Some(Command::Check) => check(cli, config),
        Some(Command::Migrate { to }) => migrate(cli, config, to.as_deref()),
        Some(Command::Content { command: Content::Seed { posts, site } }) => seed_posts(cli, config, *posts, site),
        Some(Command::Import { command: Import::Wxr(options) }) => import_wxr(cli, config, options),
        Some(command) => match command.ask() {
            Some(ask) => carry_out(cli, config, ask),
            None => Ok(()),
        },
    }
}

fn say(cli: &Cli, words: &str, json: &serde_json::Value) -> Result<()> {
    if cli.json {
        println!("{json}");
    } else {
        eprintln!("{words}");
    }
    Ok(())
}

fn serve(config: Config) -> Result<()> {
    let started = Clock::instant();
    let _lock = lock(&config.data)?;
    let kind = if config.database_url.is_empty() { "SQLite" } else { "PostgreSQL" };
    let node = build(open(config, Clock::system())?)?;
    eprintln!("freehold {}  ready in {:.2} s · {kind}", env!("CARGO_PKG_VERSION"), started.elapsed().as_secs_f32());
    eprintln!("  Sites on http://{}", node.addresses.0);
    println!("{}", node.greeting());
    if node.setup_code.is_some() {
        eprintln!("  (works once, for 30 minutes; restart for a new one)");
    }
    node.run()
}

fn set_up(cli: &Cli, config: Config, options: &Setup) -> Result<()> {
    let _lock = lock(&config.data)?;
    let base: Base = open(config, Clock::system())?;
    let (password, made) = if options.password_stdin {
        (read_password()?, false)
    } else {
        (freehold_base::secret::random_token()?.chars().take(20).collect(), true)
    };
    let site =
        setup(&base, (&options.email, &password), &options.site_title, &options.host, Start::by_name(&options.start))?;
    let mut json = serde_json::json!({ "site": site, "host": options.host, "email": options.email });
    let mut words = format!(
        "The site \u{201c}{}\u{201d} is ready. Start Freehold and sign in as {}.",
        options.site_title, options.email
    );
    if made {
        json["password"] = password.clone().into();
        words.push_str(&format!(" Password: {password}"));
    }
    say(cli, &words, &json)
}

/// Forward by opening; back by taking migrations back, newest first.
fn migrate(cli: &Cli, config: Config, to: Option<&str>) -> Result<()> {
    let _lock = lock(&config.data)?;
    let Some(to) = to else {
        open(config, Clock::system())?;
        return say(cli, "The database is at this release.", &serde_json::json!({ "ok": true }));
    };
    let undone = migrate_back(&config, to)?;
    let words =
        format!("{} migrations are taken back; the newest is {to}. Start the release it belongs to.", undone.len());
    say(cli, &words, &serde_json::json!({ "ok": true, "undone": undone }))
}

fn check(cli: &Cli, config: Config) -> Result<()> {
    let _lock = lock(&config.data)?;
    let base = open(config, Clock::system())?;
    let sites = base.store.read(&freehold_store::Actor::system(), freehold_platform::sites::list_visible)?.len();
    say(
        cli,
        &format!("Configuration and database are fine: {sites} sites."),
        &serde_json::json!({ "ok": true, "sites": sites }),
    )
}

/// A command on the installation: the running node does it where there is one, so that its pages are new at once.
fn carry_out(cli: &Cli, config: Config, mut ask: Ask) -> Result<()> {
    match &mut ask {
        Ask::User(User::Create { password_stdin: true, password, .. }) => *password = read_password()?,
        Ask::Content(Content::Create(new)) => new.body = read_text()?,
        _ => {}
    }
    let done = match ask_node(&config, &ask)? {
        Some(Ok(done)) => done,
        Some(Err(refusal)) => return Err(Refused(refusal).into()),
        None => perform(&hands(&open_beside(config, Clock::system())?)?, &ask)?,
    };
    if cli.json {
        println!("{}", done.json);
    } else {
        if !done.words.is_empty() {
            eprintln!("{}", done.words);
        }
        if !done.out.is_empty() {
            println!("{}", done.out);
        }
    }
    if done.good { Ok(()) } else { Err(anyhow::anyhow!("something was found; see above")) }
}

/// What the running node refused.
#[derive(Debug)]
struct Refused(Refusal);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.sentence)
    }
}

impl std::error::Error for Refused {}

/// The text of an entry. What is longer is refused by the rules of content, not cut.
fn read_text() -> Result<String> {
    let mut text = String::new();
    std::io::stdin().take(16 << 20).read_to_string(&mut text)?;
    Ok(text)
}

fn read_password() -> Result<String> {
    let mut text = String::new();
    std::io::stdin().take(1024).read_to_string(&mut text)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn seed_posts(cli: &Cli, config: Config, posts: u64, host: &str) -> Result<()> {
    let _lock = lock(&config.data)?;
    let base = open(config, Clock::system())?;
    let site = site_of(&base.store, host)?;
    let quiet = cli.json;
    seed::seed(&base.store, site, posts, &mut |done| {
        if !quiet && (done.is_multiple_of(1000) || done == posts) {
            eprintln!("{done} of {posts}");
        }
    })?;
    say(cli, "Done.", &serde_json::json!({ "posts": posts }))
}

fn import_wxr(cli: &Cli, config: Config, options: &Wxr) -> Result<()> {
    let _lock = lock(&config.data)?;
    let base = open(config, Clock::system())?;
    let origin = match &options.media {
        Media::Download => Some(Origin::Web(Box::new(outbound(&base.config)?), base.config.data.join("cache"))),
        Media::Folder(folder) => Some(Origin::Folder(folder.clone())),
        Media::Link | Media::Skip => None,
    };
    let library = origin.as_ref().map(|_| open_library(&base.config)).transpose()?;
    let job = import::Import {
        store: &base.store,
        keys: &base.keys,
        site: site_of(&base.store, &options.site)?,
        source: &OnDisk(options.file.clone()),
        options: Options {
            media: options.media.mode(),
            author_role: options.author_role,
            importer: None,
            partial: options.partial,
        },
        files: origin.as_ref().zip(library.as_ref()),
    };
    let started = Clock::instant();
    let report = if options.dry_run { job.look()? } else { job.run(&mut progress_on_terminal())? };
    eprintln!("{:.1} s", started.elapsed().as_secs_f32());
    if cli.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print!("{}", wxr::in_words(&report));
    }
    Ok(())
}

/// A line to standard error whenever the work changes or a percent is done.
fn progress_on_terminal() -> impl FnMut(import::Progress) -> bool {
    let mut last = ("", 0);
    move |p| {
        let percent = (p.done * 100).checked_div(p.total).unwrap_or(0);
        if last != (p.stage, percent) {
            eprintln!("{percent:>3} %  {}  {} of {}", p.stage, p.done, p.total);
            last = (p.stage, percent);
        }
        true
    }
}
