//! Where providers send people back to. It changes nothing and believes nothing: it hands on what came, to the page or the
//! app that the flow began in. Only who shows the secret of that flow can go on from there.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::{account::no_page, caller, http::Endpoint, session::enter};
use crate::{platform::links::CALLBACK_PAGE, users::service};

/// The points that it costs.
const COST: u64 = 100;
/// Bytes of a form. Codes are long, and Apple sends a token along.
const FORM_BYTES: usize = 16 * 1024;

/// Serves the place.
pub fn configure(service: &mut web::ServiceConfig) {
    let place = web::resource(format!("{CALLBACK_PAGE}/{{provider}}"));
    let place = place.app_data(web::FormConfig::default().limit(FORM_BYTES));
    service.service(place.route(web::get().to(by_url)).route(web::post().to(by_form)));
}

/// What a provider says (RFC 6749, sections 4.1.2 and 4.1.2.1; RFC 9207).
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

async fn by_url(
    http: HttpRequest,
    endpoint: web::Data<Endpoint>,
    provider: web::Path<String>,
    said: web::Query<Said>,
) -> HttpResponse {
    hand_on(&http, &endpoint, &provider, &said).await
}

async fn by_form(
    http: HttpRequest,
    endpoint: web::Data<Endpoint>,
    provider: web::Path<String>,
    said: web::Form<Said>,
) -> HttpResponse {
    hand_on(&http, &endpoint, &provider, &said).await
}

async fn hand_on(http: &HttpRequest, endpoint: &Endpoint, provider: &str, said: &Said) -> HttpResponse {
    let language = caller::locale(http).unwrap_or_default().language();
    let return_to = match enter(http, endpoint, COST).await {
        Ok((_, _admitted)) => service::returned_to(endpoint.api.app(), provider, &said.state).await,
        Err(failure) => Err(failure.into()),
    };
    match return_to {
        Ok(return_to) => HttpResponse::SeeOther().insert_header((header::LOCATION, said.added_to(&return_to))).finish(),
        Err(error) => no_page(language, &error),
    }
}

impl Said {
    /// The URL with what was said in its query.
    fn added_to(&self, url: &str) -> String {
        let (url, fragment) = url.split_once('#').map_or((url, ""), |(url, fragment)| (url, fragment));
        let mut query = Serializer::new(String::new());
        let said = [("code", &self.code), ("iss", &self.iss), ("error", &self.error)];
        query.append_pair("state", &self.state);
        for (name, value) in said {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        let between = if url.contains('?') { '&' } else { '?' };
        let end = if fragment.is_empty() { String::new() } else { format!("#{fragment}") };
        format!("{url}{between}{}{end}", query.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_provider_says_is_added_to_any_url() {
        let said = Said { state: "a-b".into(), code: Some("c d&e=\r\n".into()), iss: None, error: None };
        let added = "state=a-b&code=c+d%26e%3D%0D%0A";
        for (url, expected) in [
            ("https://shop.example/in", format!("https://shop.example/in?{added}")),
            ("https://shop.example/?x=y", format!("https://shop.example/?x=y&{added}")),
            ("https://shop.example/#/in", format!("https://shop.example/?{added}#/in")),
            ("myapp://in", format!("myapp://in?{added}")),
        ] {
            assert_eq!(said.added_to(url), expected);
        }
    }
}
