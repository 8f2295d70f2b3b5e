//! Bodies: how large, how packed, in both directions.

use std::io::{Read, Write};

use serde_json::{Value, json};

use crate::harness::TestApp;

const MEBIBYTE: usize = 1024 * 1024;

type Pack = fn(&[u8]) -> Vec<u8>;

/// Whatever bodies may be packed with.
const PACKERS: [(&str, Pack); 4] = [("gzip", gzip), ("deflate", deflate), ("br", brotli), ("zstd", zstd)];

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(plain).unwrap();
    packer.finish().unwrap()
}

fn deflate(plain: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(plain).unwrap();
    packer.finish().unwrap()
}

fn brotli(plain: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    brotli::CompressorWriter::new(&mut packed, 4096, 5, 22).write_all(plain).unwrap();
    packed
}

fn zstd(plain: &[u8]) -> Vec<u8> {
    zstd::encode_all(plain, 3).unwrap()
}

/// A request of so many bytes.
fn request(length: usize) -> Vec<u8> {
    let mut body = br#"{"query": "{ __typename }"}"#.to_vec();
    body.resize(length, b' ');
    body
}

async fn post(app: &TestApp, body: Vec<u8>, encoding: &str) -> u16 {
    let request = reqwest::Client::new().post(app.url("/graphql")).header("content-type", "application/json");
    request.header("content-encoding", encoding).body(body).send().await.unwrap().status().as_u16()
}

#[actix_web::test]
async fn a_body_has_a_mebibyte_however_it_is_packed() {
    let app = TestApp::start().await;
    let plain: (&str, Pack) = ("identity", |plain| plain.to_vec());
    for (encoding, pack) in PACKERS.into_iter().chain([plain]) {
        assert_eq!(post(&app, pack(&request(100)), encoding).await, 200, "{encoding}");
        assert_eq!(post(&app, pack(&request(MEBIBYTE)), encoding).await, 200, "{encoding}");
        assert_eq!(post(&app, pack(&request(MEBIBYTE + 1)), encoding).await, 413, "{encoding}");
    }
    app.guest().query("{ __typename }").await.ok();
}

#[actix_web::test]
async fn a_bomb_is_unpacked_to_the_limit_and_no_further() {
    let app = TestApp::start().await;
    for (encoding, pack) in PACKERS {
        let bomb = pack(&request(64 * MEBIBYTE));
        assert!(bomb.len() < MEBIBYTE / 4, "{encoding}: it is no bomb");
        assert_eq!(post(&app, bomb, encoding).await, 413, "{encoding}");
        app.guest().query("{ __typename }").await.ok();
    }
}

#[actix_web::test]
async fn what_is_not_packed_as_it_says_is_refused() {
    let app = TestApp::start().await;
    for (encoding, _) in PACKERS {
        assert_eq!(post(&app, b"nonsense".to_vec(), encoding).await, 415, "{encoding}");
    }
    assert_eq!(post(&app, b"{}".to_vec(), "rot13").await, 415);
}

#[actix_web::test]
async fn an_answer_is_packed_as_the_client_likes() {
    let app = TestApp::start().await;
    let ask = async |encoding: &str| {
        let body = json!({"query": "{ __schema { types { name description } } }"});
        let answer = app.guest().post(&body).header("accept-encoding", encoding).send().await.unwrap();
        let said = answer.headers().get("content-encoding").map(|said| said.to_str().unwrap().to_owned());
        (said, answer.bytes().await.unwrap())
    };
    let (said, plain) = ask("identity").await;
    assert_eq!(said, None);
    let expected: Value = serde_json::from_slice(&plain).unwrap();
    for encoding in ["gzip", "br", "zstd"] {
        let (said, packed) = ask(encoding).await;
        assert_eq!(said.as_deref(), Some(encoding));
        assert!(packed.len() < plain.len() / 2, "{encoding}: {} of {}", packed.len(), plain.len());
        let reader: Box<dyn Read> = match encoding {
            "gzip" => Box::new(flate2::read::GzDecoder::new(&packed[..])),
            "br" => Box::new(brotli::Decompressor::new(&packed[..], 4096)),
            _ => Box::new(zstd::Decoder::new(&packed[..]).unwrap()),
        };
        let unpacked: Value = serde_json::from_reader(reader).unwrap();
        assert_eq!(unpacked, expected, "{encoding}");
    }
}
