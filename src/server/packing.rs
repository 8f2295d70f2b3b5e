//! Answers packed as the client takes them (RFC 9110, section 12.5.3).
//!
//! Each thread keeps its packers, for to make one costs more than to pack an answer of a few kilobytes.

use std::cell::RefCell;

use actix_web::{
    HttpRequest, HttpResponse,
    body::MessageBody,
    http::header::{self, ContentEncoding, HeaderValue},
    web::{self, Bytes},
};
use flate2::{Compress, Compression, FlushCompress, Status};

/// Less than this is one packet on the wire, packed or not.
const WORTH_IT: usize = 1024;
/// More than this keeps a thread that serves others busy for too long.
const AT_ONCE: usize = 64 * 1024;
/// The quickest of each: what a higher level saves on the wire takes longer than the wire does.
const ZSTD_LEVEL: i32 = 1;
const BROTLI_QUALITY: i32 = 1;
/// 32 KiB, the most that gzip has.
const GZIP_WINDOW_BITS: u8 = 15;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Brotli,
    Gzip,
    Zstd,
}

impl Coding {
    /// The one that the client likes best, of those it likes alike the one that is quickest.
    fn accepted(http: &HttpRequest) -> Option<Self> {
        let lines = http.headers().get_all(header::ACCEPT_ENCODING).filter_map(|line| line.to_str().ok());
        let (mut named, mut others) = ([None; 3], 0.0_f32);
        for range in lines.flat_map(|line| line.split(',')) {
            let (name, quality) = match range.split_once(';') {
                Some((name, weight)) => {
                    let value = weight.trim().strip_prefix(['q', 'Q']).and_then(|rest| rest.trim().strip_prefix('='));
                    (name, value.and_then(|value| value.trim().parse().ok()).unwrap_or(0.0))
                }
                None => (range, 1.0),
            };
            let [brotli, gzip, zstd] = &mut named;
            match name.trim() {
                name if name.eq_ignore_ascii_case("br") => *brotli = Some(quality),
                name if name.eq_ignore_ascii_case("gzip") => *gzip = Some(quality),
                name if name.eq_ignore_ascii_case("zstd") => *zstd = Some(quality),
                "*" => others = quality,
                _ => {}
            }
        }
        let ours = [Self::Brotli, Self::Gzip, Self::Zstd].into_iter().zip(named);
        let liked = ours.map(|(coding, quality)| (coding, quality.unwrap_or(others)));
        let best = liked.filter(|(_, quality)| *quality > 0.0).max_by(|one, other| one.1.total_cmp(&other.1));
        best.map(|(coding, _)| coding)
    }

    /// None if it cannot be packed, which for lack of memory may be.
    fn pack(self, plain: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Brotli => brotli(plain),
            Self::Gzip => gzip(plain),
            Self::Zstd => zstd(plain),
        }
    }

    const fn content_encoding(self) -> ContentEncoding {
        match self {
            Self::Brotli => ContentEncoding::Brotli,
            Self::Gzip => ContentEncoding::Gzip,
            Self::Zstd => ContentEncoding::Zstd,
        }
    }
}

/// The answer, packed if the client takes that, it is worth it, and it is not a stream.
pub async fn packed(http: &HttpRequest, answer: HttpResponse) -> HttpResponse {
    let Some(coding) = Coding::accepted(http) else { return answer };
    let (head, body) = answer.into_parts();
    let plain = match body.try_into_bytes() {
        Ok(plain) if plain.len() >= WORTH_IT => plain,
        Ok(plain) => return head.set_body(plain).map_into_boxed_body(),
        Err(stream) => return head.set_body(stream),
    };
    let packed = if plain.len() > AT_ONCE {
        let plain = Bytes::clone(&plain);
        web::block(move || coding.pack(&plain)).await.ok().flatten()
    } else {
        coding.pack(&plain)
    };
    let Some(packed) = packed else { return head.set_body(plain).map_into_boxed_body() };
    let mut answer = head.set_body(packed).map_into_boxed_body();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.content_encoding().as_str()));
    if !headers.contains_key(header::VARY) {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    answer
}

fn gzip(plain: &[u8]) -> Option<Vec<u8>> {
    thread_local! {
        static PACKER: RefCell<Compress> = RefCell::new(Compress::new_gzip(Compression::fast(), GZIP_WINDOW_BITS));
    }
    PACKER.with_borrow_mut(|packer| {
        packer.reset();
        let mut packed = Vec::with_capacity(plain.len() / 2);
        loop {
            let taken = usize::try_from(packer.total_in()).ok()?;
            match packer.compress_vec(plain.get(taken..)?, &mut packed, FlushCompress::Finish).ok()? {
                Status::StreamEnd => return Some(packed),
                Status::Ok | Status::BufError => packed.reserve(WORTH_IT),
            }
        }
    })
}

fn zstd(plain: &[u8]) -> Option<Vec<u8>> {
    thread_local! {
        static PACKER: RefCell<Option<zstd::bulk::Compressor<'static>>> =
            RefCell::new(zstd::bulk::Compressor::new(ZSTD_LEVEL).ok());
    }
    PACKER.with_borrow_mut(|packer| packer.as_mut()?.compress(plain).ok())
}

fn brotli(mut plain: &[u8]) -> Option<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: BROTLI_QUALITY, ..Default::default() };
    let mut packed = Vec::with_capacity(plain.len() / 2);
    brotli::BrotliCompress(&mut plain, &mut packed, &parameters).ok()?;
    Some(packed)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use actix_web::{body::to_bytes, test::TestRequest};

    use super::*;

    /// `|` stands between lines.
    fn request(accept: &str) -> HttpRequest {
        let lines = accept.split('|').map(|line| (header::ACCEPT_ENCODING, line));
        lines.fold(TestRequest::get(), TestRequest::append_header).to_http_request()
    }

    #[test]
    fn the_client_chooses_and_else_what_is_quickest() {
        let accepted = |accept| Coding::accepted(&request(accept));
        assert_eq!(accepted("gzip, deflate, br, zstd"), Some(Coding::Zstd));
        assert_eq!(accepted("br, GZIP"), Some(Coding::Gzip));
        assert_eq!(accepted("br|gzip;q=0.9"), Some(Coding::Brotli));
        assert_eq!(accepted("zstd;q=0, gzip; q=0.5 , br;q=0.4"), Some(Coding::Gzip));
        assert_eq!(accepted("*"), Some(Coding::Zstd));
        assert_eq!(accepted("*;q=0.1, zstd;q=0"), Some(Coding::Gzip));
        assert_eq!(accepted("gzip;q=x, br;level=1"), None);
        assert_eq!(accepted("identity, deflate"), None);
        assert_eq!(Coding::accepted(&TestRequest::get().to_http_request()), None);
    }

    #[test]
    fn whatever_is_packed_comes_out_the_same() {
        let unpacked = |coding: Coding, packed: &[u8]| {
            let mut reader: Box<dyn Read + '_> = match coding {
                Coding::Brotli => Box::new(brotli::Decompressor::new(packed, 4096)),
                Coding::Gzip => Box::new(flate2::read::GzDecoder::new(packed)),
                Coding::Zstd => Box::new(zstd::Decoder::new(packed).unwrap()),
            };
            let mut plain = Vec::new();
            reader.read_to_end(&mut plain).unwrap();
            plain
        };
        // Noise does not get shorter, so that there is more to write than there was room for.
        let noise: Vec<u8> = (0..300_000_u64).map(|n| (n * n).wrapping_mul(2_654_435_761).to_be_bytes()[4]).collect();
        for plain in [Vec::new(), b"{}".to_vec(), vec![b' '; 2_000_000], noise] {
            for coding in [Coding::Brotli, Coding::Gzip, Coding::Zstd] {
                // Each twice: the second must not remember the first.
                for _ in 0..2 {
                    let packed = coding.pack(&plain).unwrap();
                    assert!(unpacked(coding, &packed) == plain, "{coding:?}, {} bytes", plain.len());
                }
            }
        }
    }

    #[actix_web::test]
    async fn little_is_left_as_it_is_and_much_packed_elsewhere() {
        for (length, coding) in [(WORTH_IT - 1, None), (WORTH_IT, Some("gzip")), (AT_ONCE + 1, Some("gzip"))] {
            let answer = packed(&request("gzip"), HttpResponse::Ok().body(vec![b'x'; length])).await;
            let said = answer.headers().get(header::CONTENT_ENCODING).map(|said| said.to_str().unwrap());
            assert_eq!((said, answer.headers().contains_key(header::VARY)), (coding, coding.is_some()), "{length}");
            let body = to_bytes(answer.into_body()).await.unwrap();
            assert_eq!(body.len() < length, coding.is_some());
        }
    }
}
