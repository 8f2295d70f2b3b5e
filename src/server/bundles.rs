//! Pages that are whole in the binary, and what they load: files that were packed beforehand, at URLs that never change their
//! content.

use std::io::Read;

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::header::{AcceptEncoding, ContentEncoding, Encoding},
    web::Bytes,
};
use flate2::read::GzDecoder;
use futures_util::stream::{self, Stream};
use sha2::{Digest, Sha256};

use super::pages::revalidated;

/// Workers and styles are files of this origin; Monaco sets styles inline, icons and fonts are
/// `data:` URLs within the style sheet. Never allow a script that is not a file of ours.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; \
     style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; \
     worker-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
     form-action 'none'";

/// Bytes of a bundle that are unpacked at once for a client that accepts no gzip.
pub const CHUNK: usize = 64 * 1024;

/// A file that a page loads.
pub struct Bundle {
    pub name: &'static str,
    pub content_type: &'static str,
    pub gzip: &'static [u8],
}

/// A file in the `dist` of a folder of `assets`.
macro_rules! bundle {
    ($folder:literal, $name:literal, $content_type:literal) => {
        $crate::server::bundles::Bundle {
            name: $name,
            content_type: $content_type,
            gzip: include_bytes!(concat!("../../assets/", $folder, "/dist/", $name, ".gz")),
        }
    };
}
pub(super) use bundle;

/// A page that names its files.
pub struct Page {
    html: String,
    etag: String,
}

impl Page {
    pub fn new(html: String) -> Self {
        let etag = format!("{:x}", Sha256::digest(&html));
        Self { html, etag }
    }

    /// The page, unless the client holds it already.
    pub fn answer(&'static self, request: &HttpRequest) -> HttpResponse {
        let html: &'static str = &self.html;
        revalidated(request, &self.etag, "no-cache", |response| {
            response.content_type("text/html; charset=utf-8").body(html)
        })
    }
}

/// One of a page's files, by the version of all of them and its name.
pub fn answer(
    request: &HttpRequest,
    bundles: &'static [Bundle],
    version: &str,
    (asked, name): &(String, String),
) -> HttpResponse {
    let Some(bundle) = bundles.iter().find(|bundle| asked == version && bundle.name == name) else {
        return HttpResponse::NotFound().finish();
    };
    let forever = "public, max-age=31536000, immutable";
    revalidated(request, version, forever, |response| {
        response.content_type(bundle.content_type);
        if accepts_gzip(request) {
            response.insert_header(ContentEncoding::Gzip).body(bundle.gzip)
        } else {
            response.streaming(unpacked(bundle.gzip))
        }
    })
}

fn accepts_gzip(request: &HttpRequest) -> bool {
    let ours = [Encoding::gzip(), Encoding::identity()];
    request.get_header::<AcceptEncoding>().and_then(|accepted| accepted.negotiate(ours.iter()))
        == Some(Encoding::gzip())
}

/// Unpacks as fast as the client reads, so that a request holds one chunk at most.
fn unpacked(gzip: &'static [u8]) -> impl Stream<Item = std::io::Result<Bytes>> {
    let mut reader = GzDecoder::new(gzip);
    stream::iter(std::iter::from_fn(move || {
        let mut chunk = vec![0; CHUNK];
        match reader.read(&mut chunk) {
            Ok(0) => None,
            Ok(length) => {
                chunk.truncate(length);
                Some(Ok(chunk.into()))
            }
            Err(error) => Some(Err(error)),
        }
    }))
}
