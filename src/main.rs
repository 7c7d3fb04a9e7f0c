//! The program: reads the command line and does what it says.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::exit)] // the one place that prints and exits

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;
use freehold::{
    Base, ask_node, build, hands, lock, migrate_back, open, open_for_command, open_library, outbound, setup, site_of,
    start_log,
};
use freehold_base::config::Config;
use freehold_base::{Clock, Error};
use freehold_doors::cli::commands::{self, Ask, Login, Plugin, Refusal, User};
use freehold_doors::cli::import::{self as wxr, Import, Media, Wxr};
use freehold_doors::cli::perform::perform;
use freehold_doors::cli::rules::{Redirect, Rules};
use freehold_doors::cli::{Cli, Command, Content, Setup, seed};
use freehold_host::machine::open_many_files;
use freehold_host::threads::small_memory_pages;
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
    if let Some(Command::CompilePlugin) = &cli.command {
        return compile_plugin();
    }
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

/// With fewer handles than this a busy node would soon refuse connections.
const FEW_FILES: u64 = 4096;

fn serve(config: Config) -> Result<()> {
    small_memory_pages();
    if let Some(files) = open_many_files().filter(|files| *files < FEW_FILES) {
        tracing::warn!("only {files} files and connections can be open at once; raise the limit (nofile, LimitNOFILE)");
    }
    let started = Clock::instant();
    let _lock = lock(&config.data)?;
    let kind = if config.database_url.is_empty() { "SQLite" } else { "PostgreSQL" };
    let node = build(open(config, Clock::system())?)?;
    eprintln!("freehold {}  ready in {:.2} s · {kind}", env!("CARGO_PKG_VERSION"), started.elapsed().as_secs_f32());
    eprintln!("  Sites on http://{}", node.addresses.0);
    println!("{}", node.greeting());
    if node.app.sandbox.is_root() {
        eprintln!(
            "  Runs as root, so nothing of accounts runs: no commands, no terminals. Better start it as a user of its own."
        );
    }
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
        Ask::Login(
            Login::Create { password_stdin: true, password, .. }
            | Login::Password { password_stdin: true, password, .. },
        ) => *password = read_password()?,
        Ask::Plugin(Plugin::Settings { secret_stdin: Some(_), secret, .. }) => *secret = Some(read_password()?),
        Ask::Content(commands::Content::Create(new)) => new.body = read_text()?,
        Ask::Redirect(Redirect::Import { text, .. }) => *text = read_text()?,
        Ask::Rules(Rules::LetIn { password, .. }) => *password = read_password()?,
        _ => {}
    }
    let done = match ask_node(&config, &ask)? {
        Some(Ok(done)) => done,
        Some(Err(refusal)) => return Err(Refused(refusal).into()),
        None => perform(&hands(&open_for_command(config, Clock::system())?)?, &ask)?,
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

/// The node's helper: a component in, its machine code out.
fn compile_plugin() -> Result<()> {
    let mut component = Vec::new();
    std::io::stdin().take(64 << 20).read_to_end(&mut component)?;
    let code = freehold_publishing::plugins::code::work(&component)?;
    Ok(std::io::stdout().write_all(&code)?)
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
    if seed_by_node(&config, posts, host)? {
        return say(cli, "Done.", &serde_json::json!({ "posts": posts }));
    }
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

/// Lets the running node make posts, some at a time; false where none runs.
fn seed_by_node(config: &Config, posts: u64, host: &str) -> Result<bool> {
    const AT_ONCE: u64 = 500;
    let mut ask = commands::Seed { site: host.to_owned(), posts, from: 0, until: 0, categories: Vec::new() };
    while ask.until < posts {
        ask.until = (ask.from + AT_ONCE).min(posts);
        let Some(done) = asked(config, &Ask::Seed(ask.clone()))? else {
            anyhow::ensure!(ask.from == 0, "the node stopped after {} posts", ask.from);
            return Ok(false);
        };
        ask.categories = serde_json::from_value(done["categories"].clone())?;
        ask.from = ask.until;
    }
    Ok(posts > 0)
}

fn import_wxr(cli: &Cli, config: Config, options: &Wxr) -> Result<()> {
    if let Some(report) = import_by_node(&config, options)? {
        return tell_report(cli, &report);
    }
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
    let mut tell = progress_on_terminal();
    let report = if options.dry_run {
        job.look()?
    } else {
        job.run(&mut |p| {
            tell(p.stage, p.done, p.total);
            true
        })?
    };
    eprintln!("{:.1} s", started.elapsed().as_secs_f32());
    tell_report(cli, &report)
}

fn tell_report(cli: &Cli, report: &import::Report) -> Result<()> {
    if cli.json {
        println!("{}", serde_json::to_string(report)?);
    } else {
        print!("{}", wxr::in_words(report));
    }
    Ok(())
}

/// Lets the running node import, so that its pages are new at once, and follows it; nothing where no node runs.
fn import_by_node(config: &Config, options: &Wxr) -> Result<Option<import::Report>> {
    let Ok(file) = options.file.canonicalize() else { return Ok(None) }; // the words of the import itself fit better
    let ask = Ask::Import(commands::Import {
        site: options.site.clone(),
        file,
        media: options.media.of_job()?,
        author_role: options.author_role.name().to_owned(),
        partial: options.partial,
        dry_run: options.dry_run,
    });
    let Some(queued) = asked(config, &ask)? else { return Ok(None) };
    let id = queued["job"].as_i64().unwrap_or(0);
    eprintln!(
        "The running node does it as job {id}. It goes on without this command; freehold job cancel {id} stops it."
    );
    let mut tell = progress_on_terminal();
    loop {
        let show = Ask::Job(commands::Job::Show { id });
        let Some(mut job) = asked(config, &show)? else {
            anyhow::bail!("the node stopped; it goes on with the import when it starts again");
        };
        let text = |name: &str| job[name].as_str().unwrap_or_default().to_owned();
        match text("state").as_str() {
            "done" => return Ok(Some(serde_json::from_value(job["result"].take())?)),
            "failed" => anyhow::bail!("{}", text("message")),
            "cancelled" => anyhow::bail!("the import was stopped; run it again to go on"),
            "running" => {
                tell(&text("message"), job["done"].as_u64().unwrap_or(0), job["total"].as_u64().unwrap_or(0));
            }
            _ => {}
        }
        std::thread::sleep(FOLLOW);
    }
}

/// Time between two looks at a job that is followed.
const FOLLOW: std::time::Duration = std::time::Duration::from_millis(300);

/// What the running node answers, as JSON; nothing where none runs.
fn asked(config: &Config, ask: &Ask) -> Result<Option<serde_json::Value>> {
    match ask_node(config, ask)? {
        Some(Ok(done)) => Ok(Some(done.json)),
        Some(Err(refusal)) => Err(Refused(refusal).into()),
        None => Ok(None),
    }
}

/// A line to standard error whenever the work changes or a percent is done.
fn progress_on_terminal() -> impl FnMut(&str, u64, u64) {
    let mut last = (String::new(), 0);
    move |stage, done, total| {
        let percent = (done * 100).checked_div(total).unwrap_or(0);
        if last.0 != stage || last.1 != percent {
            eprintln!("{percent:>3} %  {stage}  {done} of {total}");
            last = (stage.to_owned(), percent);
        }
    }
}
