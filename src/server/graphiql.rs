//! `GraphiQL` at `/graphiql`, whole from the binary.
//!
//! The page loads nothing from another host and runs no inline script, so its
//! Content-Security-Policy allows neither. `assets/graphiql` holds the sources, the script that
//! bundles them, and the bundles.

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse, http::header, middleware::DefaultHeaders, web};
use serde::Serialize;
use serde_json::json;

use super::bundles::{self, Bundle, CONTENT_SECURITY_POLICY, Page, bundle};

/// Names the folder of the bundles: a hash of all of them, so that a URL never changes its content.
const VERSION: &str = include_str!("../../assets/graphiql/dist/version");

static BUNDLES: [Bundle; 6] = [
    bundle!("graphiql", "graphiql.js", "text/javascript; charset=utf-8"),
    bundle!("graphiql", "graphiql.css", "text/css; charset=utf-8"),
    bundle!("graphiql", "editor.worker.js", "text/javascript; charset=utf-8"),
    bundle!("graphiql", "graphql.worker.js", "text/javascript; charset=utf-8"),
    bundle!("graphiql", "json.worker.js", "text/javascript; charset=utf-8"),
    bundle!("graphiql", "licenses.txt", "text/plain; charset=utf-8"),
];

/// An example that `GraphiQL` opens as a tab. The name of its first operation is the tab's title.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Tab {
    /// A GraphQL document, with comments for the reader.
    pub query: &'static str,
    /// The variables as JSON, for all operations of the document.
    pub variables: Option<&'static str>,
}

macro_rules! tab {
    ($name:literal) => {
        Tab { query: include_str!(concat!("../../assets/graphiql/tabs/", $name, ".graphql")), variables: None }
    };
    ($name:literal with variables) => {
        Tab {
            variables: Some(include_str!(concat!("../../assets/graphiql/tabs/", $name, ".variables.json"))),
            ..tab!($name)
        }
    };
}

/// The examples in the order of their tabs. They run as they are against the demo market.
pub static TABS: [Tab; 13] = [
    tab!("1-browse-products"),
    tab!("2-sign-in" with variables),
    tab!("3-viewer"),
    tab!("4-place-an-order-and-pay" with variables),
    tab!("5-write-to-a-shop" with variables),
    tab!("6-live-events"),
    tab!("7-categories-and-attributes"),
    tab!("8-search-and-facets"),
    tab!("9-prices-and-stock"),
    tab!("10-reviews-and-wish-lists" with variables),
    tab!("11-live-catalogue" with variables),
    tab!("12-cart" with variables),
    tab!("13-home"),
];

static PAGE: LazyLock<Page> = LazyLock::new(|| {
    // Within a script element only `<` could end it early.
    let tabs = json!(TABS).to_string().replace('<', "\\u003c");
    Page::new(include_str!("../../assets/graphiql/index.html").replace("{version}", VERSION).replace("{tabs}", &tabs))
});

/// Serves the page at `/graphiql` and its bundles below it. Queries, mutations and subscriptions
/// go to `/graphql` of the same origin.
pub fn configure(cfg: &mut web::ServiceConfig) {
    cfg.service(
        web::scope("/graphiql")
            .wrap(DefaultHeaders::new().add((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY)))
            .service(web::resource(["", "/"]).route(web::get().to(page)).route(web::head().to(page)))
            .service(web::resource("/{version}/{name}").route(web::get().to(bundle)).route(web::head().to(bundle))),
    );
}

async fn page(request: HttpRequest) -> HttpResponse {
    PAGE.answer(&request)
}

async fn bundle(request: HttpRequest, path: web::Path<(String, String)>) -> HttpResponse {
    bundles::answer(&request, &BUNDLES, VERSION, &path)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, io::Read, path::Path};

    use actix_web::{
        App,
        body::MessageBody,
        dev::ServiceResponse,
        http::{Method, StatusCode, header},
        test::{TestRequest, call_service, init_service, read_body},
    };
    use flate2::read::GzDecoder;

    use super::*;
    use crate::server::bundles::CHUNK;

    async fn call(request: TestRequest) -> ServiceResponse<impl MessageBody> {
        let app = init_service(App::new().configure(configure)).await;
        call_service(&app, request.to_request()).await
    }

    fn get(path: &str) -> TestRequest {
        TestRequest::get().uri(path)
    }

    fn text(response: &ServiceResponse<impl MessageBody>, name: header::HeaderName) -> &str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What the page asks for, in the order of the page.
    fn urls(html: &str) -> Vec<&str> {
        html.split('"').filter(|part| part.starts_with("/graphiql/")).collect()
    }

    fn names(folder: &str, suffix: &str) -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/graphiql").join(folder);
        fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| {
                let name = entry.unwrap().file_name().into_string().unwrap();
                name.strip_suffix(suffix).map(str::to_owned)
            })
            .collect()
    }

    #[actix_web::test]
    async fn the_page_runs_nothing_inline_and_asks_no_other_host() {
        let response = call(get("/graphiql")).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(text(&response, header::CONTENT_SECURITY_POLICY), CONTENT_SECURITY_POLICY);
        assert_eq!(text(&response, header::CACHE_CONTROL), "no-cache");
        let html = read_body(response).await;
        let html = std::str::from_utf8(&html).unwrap();
        let (head, examples) = html.split_once("application/json\">").unwrap();
        let (examples, rest) = examples.split_once("</script>").unwrap();
        let markup = format!("{head}{rest}");
        assert!(!markup.contains("src=\"http") && !markup.contains("href=\"http"));
        assert_eq!(markup.matches("<script").count(), 2);
        assert_eq!(urls(&markup).len(), 2);
        let examples: serde_json::Value = serde_json::from_str(examples).unwrap();
        assert_eq!(examples, json!(TABS));
    }

    #[actix_web::test]
    async fn whatever_the_page_asks_for_may_be_kept_for_ever() {
        let page = read_body(call(get("/graphiql")).await).await;
        for url in urls(std::str::from_utf8(&page).unwrap()) {
            let response = call(get(url)).await;
            assert_eq!(response.status(), StatusCode::OK, "{url}");
            assert!(text(&response, header::CACHE_CONTROL).contains("immutable"), "{url}");
            let etag = text(&response, header::ETAG).to_owned();
            let again = call(get(url).insert_header((header::IF_NONE_MATCH, etag))).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{url}");
        }
    }

    #[actix_web::test]
    async fn a_client_gets_the_encoding_that_it_accepts() {
        let url = format!("/graphiql/{VERSION}/json.worker.js");
        let packed = call(get(&url).insert_header((header::ACCEPT_ENCODING, "gzip, br"))).await;
        assert_eq!(text(&packed, header::CONTENT_ENCODING), "gzip");
        let packed = read_body(packed).await;
        let mut expected = Vec::new();
        GzDecoder::new(&packed[..]).read_to_end(&mut expected).unwrap();
        for accepted in ["identity", "br", "gzip;q=0", ""] {
            let plain = call(get(&url).insert_header((header::ACCEPT_ENCODING, accepted))).await;
            assert_eq!(text(&plain, header::CONTENT_ENCODING), "", "{accepted}");
            assert!(read_body(plain).await == expected, "{accepted}");
        }
        assert!(expected.len() > CHUNK);
    }

    #[actix_web::test]
    async fn another_version_and_another_name_are_not_found() {
        for url in [
            "/graphiql/0000000000000000/graphiql.js".to_owned(),
            format!("/graphiql/{VERSION}/version"),
            format!("/graphiql/{VERSION}/..%2f..%2fCargo.toml"),
        ] {
            assert_eq!(call(get(&url)).await.status(), StatusCode::NOT_FOUND, "{url}");
        }
        let head = call(get("/graphiql").method(Method::HEAD)).await;
        assert_eq!(head.status(), StatusCode::OK);
    }

    #[test]
    fn every_bundle_and_every_example_is_embedded() {
        let bundles = BUNDLES.iter().map(|bundle| bundle.name.to_owned()).collect();
        assert_eq!(names("dist", ".gz"), bundles);
        let mut queries: Vec<_> = names("tabs", ".graphql").into_iter().collect();
        queries.sort_by_key(|name| name.split('-').next().unwrap().parse::<u32>().unwrap());
        assert_eq!(queries.len(), TABS.len());
        for (name, tab) in queries.iter().zip(TABS) {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/graphiql/tabs");
            let read = |suffix| fs::read_to_string(folder.join(format!("{name}{suffix}"))).ok();
            assert_eq!(read(".graphql").as_deref(), Some(tab.query));
            assert_eq!(read(".variables.json").as_deref(), tab.variables, "{name}");
        }
    }

    #[test]
    fn every_example_is_a_document_with_json_variables() {
        for tab in TABS {
            async_graphql::parser::parse_query(tab.query).unwrap();
            if let Some(variables) = tab.variables {
                serde_json::from_str::<serde_json::Map<_, _>>(variables).unwrap();
            }
        }
    }
}
