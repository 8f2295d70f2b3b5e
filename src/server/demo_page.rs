//! The page of the demo market at `/demo`, whole from the binary: two people in two windows find something, talk about it,
//! order it, pay and send it, and everybody sees what may be something for them, and why.
//!
//! It is there where the people of the demo market are, whose public password it knows, and nowhere else. `assets/demo` holds
//! the sources, the script that bundles them, and the bundles.

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse, http::header, middleware::DefaultHeaders, web};

use super::bundles::{self, Bundle, CONTENT_SECURITY_POLICY, Page, bundle};
use crate::{api::Api, users};

/// Names the folder of the bundles: a hash of all of them, so that a URL never changes its content.
const VERSION: &str = include_str!("../../assets/demo/dist/version");

static BUNDLES: [Bundle; 3] = [
    bundle!("demo", "demo.js", "text/javascript; charset=utf-8"),
    bundle!("demo", "demo.css", "text/css; charset=utf-8"),
    bundle!("demo", "licenses.txt", "text/plain; charset=utf-8"),
];

static PAGE: LazyLock<Page> =
    LazyLock::new(|| Page::new(include_str!("../../assets/demo/index.html").replace("{version}", VERSION)));

/// Serves the page at `/demo` and its bundles below it. Queries, mutations and subscriptions go to
/// `/graphql` of the same origin.
pub fn configure(service: &mut web::ServiceConfig) {
    service.service(
        web::scope("/demo")
            .wrap(DefaultHeaders::new().add((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY)))
            .service(web::resource(["", "/"]).route(web::get().to(page)).route(web::head().to(page)))
            .service(web::resource("/{version}/{name}").route(web::get().to(file)).route(web::head().to(file))),
    );
}

async fn page(request: HttpRequest, api: web::Data<Api>) -> HttpResponse {
    where_demo_people_are(&api, || PAGE.answer(&request)).await
}

async fn file(request: HttpRequest, api: web::Data<Api>, path: web::Path<(String, String)>) -> HttpResponse {
    where_demo_people_are(&api, || bundles::answer(&request, &BUNDLES, VERSION, &path)).await
}

/// Asked each time: a market may become a demo market while the process runs.
async fn where_demo_people_are(api: &Api, answer: impl FnOnce() -> HttpResponse) -> HttpResponse {
    match users::service::has_demo_people(api.app()).await {
        Ok(true) => answer(),
        Ok(false) => HttpResponse::NotFound().finish(),
        Err(failure) => {
            tracing::error!(%failure, "the demo market's page failed");
            HttpResponse::ServiceUnavailable().finish()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    #[test]
    fn every_bundle_is_embedded() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/dist");
        let made: BTreeSet<String> = fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| {
                let name = entry.unwrap().file_name().into_string().unwrap();
                name.strip_suffix(".gz").map(str::to_owned)
            })
            .collect();
        let embedded: BTreeSet<String> = BUNDLES.iter().map(|bundle| bundle.name.to_owned()).collect();
        assert_eq!(made, embedded);
    }
}
