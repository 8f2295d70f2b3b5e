//! Pages that are no GraphQL: health, the schema, and the mailbox of development.

use std::{
    fmt::Write,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{self, ContentType, ETag, EntityTag},
    },
    web,
};
use sha2::{Digest, Sha256};
use tokio::{sync::Mutex, time::Instant};

use super::{caching::is_held, packing::packed};
use crate::{
    api::{Api, sdl},
    kernel::{place::Language, text::escape_html},
    platform::{app::App, events::log_state, mail::Mailer, migrations, texts::html_lang},
};

/// For how long it is believed that the process is ready, or that it is not: anybody may ask, as often as they like.
const BELIEVED: Duration = Duration::from_secs(1);

/// What `readyz` has to know besides the app.
pub struct Readiness {
    url: String,
    pub is_stopping: AtomicBool,
    is_migrated: AtomicBool,
    /// What was found, and when. Whoever finds it out keeps the others waiting, and asks for all of them.
    found: Mutex<Option<(Instant, Result<(), &'static str>)>>,
}

impl Readiness {
    /// Of a process on the database at this URL.
    pub fn new(url: String) -> Self {
        Self { url, is_stopping: AtomicBool::new(false), is_migrated: AtomicBool::new(false), found: Mutex::default() }
    }

    /// Whether the process can serve, or why it cannot.
    async fn look(&self, app: &App) -> Result<(), &'static str> {
        let mut found = self.found.lock().await;
        if let Some((_, known)) = found.filter(|(when, _)| when.elapsed() < BELIEVED) {
            return known;
        }
        let known = self.look_anew(app).await;
        *found = Some((Instant::now(), known));
        known
    }

    async fn look_anew(&self, app: &App) -> Result<(), &'static str> {
        if !self.is_migrated.load(Ordering::Relaxed) {
            let url = self.url.clone();
            let known = tokio::task::spawn_blocking(move || migrations::status(&url)).await;
            match known {
                Ok(Ok(known)) if known.iter().all(|migration| migration.is_applied) => {
                    self.is_migrated.store(true, Ordering::Relaxed);
                }
                Ok(Ok(_)) => return Err("migrations are missing: run `agora migrate`\n"),
                _ => return Err(NO_DATABASE),
            }
        }
        match app.db.read(log_state).await {
            Ok(_) if !app.keyring.is_loaded() => Err("the signing keys are not loaded\n"),
            Ok(_) => Ok(()),
            Err(_) => Err(NO_DATABASE),
        }
    }
}

const NO_DATABASE: &str = "the database does not answer\n";

/// A line of text.
pub fn plain(status: StatusCode, line: &'static str) -> HttpResponse {
    HttpResponse::build(status).content_type(ContentType::plaintext()).body(line)
}

/// The process is alive.
pub async fn healthz() -> &'static str {
    "alive\n"
}

/// The process is not stopping, and the database answered a moment ago, with every migration that this program knows.
pub async fn readyz(api: web::Data<Api>, readiness: web::Data<Readiness>) -> HttpResponse {
    let unready = |reason| plain(StatusCode::SERVICE_UNAVAILABLE, reason);
    if readiness.is_stopping.load(Ordering::Relaxed) {
        return unready("stopping\n");
    }
    match readiness.look(api.app()).await {
        Ok(()) => plain(StatusCode::OK, "ready\n"),
        Err(reason) => unready(reason),
    }
}

/// Answers 304 to a client that already holds the body named by `etag`, else what `answer` makes.
pub fn revalidated(
    request: &HttpRequest,
    etag: &str,
    cache_control: &'static str,
    answer: impl FnOnce(&mut HttpResponseBuilder) -> HttpResponse,
) -> HttpResponse {
    // Weak, because the same content goes out in several encodings.
    let etag = EntityTag::new_weak(etag.to_owned());
    let is_held = is_held(request, &etag);
    let mut response = if is_held { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header(ETag(etag))
        .insert_header((header::CACHE_CONTROL, cache_control))
        .insert_header((header::VARY, "accept-encoding"));
    if is_held { response.finish() } else { answer(&mut response) }
}

/// The schema definition language, as `agora schema` prints it.
pub struct SchemaText {
    sdl: String,
    etag: String,
}

impl SchemaText {
    /// The schema of this program.
    pub fn new() -> Self {
        let sdl = sdl();
        let etag = format!("{:x}", Sha256::digest(&sdl));
        Self { sdl, etag }
    }
}

/// `GET /schema.graphql`, where the schema may be asked for.
pub async fn schema(request: HttpRequest, schema: web::Data<SchemaText>) -> HttpResponse {
    let answer = revalidated(&request, &schema.etag, "no-cache", |response| {
        response.content_type("text/plain; charset=utf-8").body(schema.sdl.clone())
    });
    packed(&request, answer).await
}

/// `GET /.well-known/jwks.json`: the keys by which access tokens are verified.
pub async fn jwks(api: web::Data<Api>) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=60")).json(api.app().keyring.jwks())
}

/// A page of ours: no script, nothing from elsewhere.
pub fn html(body: &str) -> HttpResponse {
    html_leading_to(Language::English, body, None)
}

/// A page of ours in a language.
pub fn html_in(language: Language, body: &str) -> HttpResponse {
    html_leading_to(language, body, None)
}

/// A page whose form may lead away, to one of the market's return URLs: browsers hold `form-action` against redirects too.
pub fn html_leading_to(language: Language, body: &str, url: Option<&str>) -> HttpResponse {
    let lang = html_lang(language);
    let origin = url.and_then(origin).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self' {origin}"
    );
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .body(format!(
            "<!doctype html><html lang={lang}><meta charset=utf-8><meta name=viewport content='width=device-width'>\
             <title>Agora</title><style>body{{font:16px/1.5 system-ui;max-width:46rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}}\
             article{{border:1px solid #8886;border-radius:.5rem;padding:0 1rem;margin:1rem 0}}pre{{white-space:pre-wrap}}</style>{body}"
        ))
}

/// Where a URL leads, as a policy names it: scheme and host, or the scheme alone of an application's own. None if it would
/// not stay one word of the policy.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once(':')?;
    let origin = match rest.strip_prefix("//") {
        Some(rest) if matches!(scheme, "http" | "https") => {
            format!("{scheme}://{}", rest.split(['/', '?', '#']).next()?)
        }
        _ => format!("{scheme}:"),
    };
    origin.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b';' | b',')).then_some(origin)
}

/// A line of a mail; one that is nothing but a link can be followed.
fn line_with_link(line: &str) -> String {
    let shown = escape_html(line);
    if line.starts_with("http://") || line.starts_with("https://") {
        format!("<a href=\"{shown}\">{shown}</a>\n")
    } else {
        format!("{shown}\n")
    }
}

/// The mails of this process, newest first. Only where mail does not leave.
pub async fn mailbox(api: web::Data<Api>) -> HttpResponse {
    let Mailer::Mailbox(mailbox) = &api.app().mailer else { return HttpResponse::NotFound().finish() };
    let mut body = String::from("<h1>Mail</h1><p>What would have been sent, newest first. Reload for more.</p>");
    for mail in mailbox.mails().iter().rev() {
        let (to, subject) = (escape_html(&mail.to), escape_html(&mail.subject));
        let text: String = mail.text.lines().map(line_with_link).collect();
        let _ = write!(body, "<article><h2>{subject}</h2><p>To {to}</p><pre>{text}</pre></article>");
    }
    html(&body)
}

#[cfg(test)]
mod tests {
    use clap::{Args, Command, FromArgMatches};

    use super::*;
    use crate::{
        api::{ApiOptions, gate::Limits},
        platform::{
            config::{DocumentSettings, Options, Switch},
            startup,
        },
    };

    #[actix_web::test]
    async fn who_stops_or_has_no_database_is_not_ready() {
        let arguments = [
            "agora",
            "--mode=development",
            "--migrations=check",
            "--database-url=postgres://a@127.0.0.1:1/a",
            "--master-key=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        ];
        let matches = Options::augment_args(Command::new("agora")).get_matches_from(arguments);
        let settings = Options::from_arg_matches(&matches).unwrap().settings().unwrap();
        let opened = startup::open(&settings).unwrap();
        let options = ApiOptions {
            limits: Limits::default(),
            introspection: Switch::On,
            suggestions: Switch::Off,
            documents: DocumentSettings::default(),
            deadline: settings.deadline,
        };
        let api = web::Data::new(Api::new(opened.app, &options).unwrap());
        for (is_stopping, reason) in [(true, "stopping\n"), (false, "the database does not answer\n")] {
            let readiness = web::Data::new(Readiness::new(opened.url.clone()));
            readiness.is_stopping.store(is_stopping, Ordering::Relaxed);
            let answer = readyz(api.clone(), readiness).await;
            assert_eq!(answer.status().as_u16(), 503);
            assert_eq!(actix_web::body::to_bytes(answer.into_body()).await.unwrap(), reason);
        }
    }

    #[test]
    fn a_policy_names_where_a_form_leads() {
        assert_eq!(origin("https://shop.example:8443/back?order=1;x"), Some("https://shop.example:8443".into()));
        assert_eq!(origin("http://shop.example"), Some("http://shop.example".into()));
        assert_eq!(origin("myapp://paid?order=1"), Some("myapp:".into()));
        assert_eq!(origin("https://shop.example;script-src/"), None);
        assert_eq!(origin("nothing"), None);
    }
}
