use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

fn http() -> Http {
    let timeouts = Timeouts { connect: Duration::from_secs(2), total: Duration::from_millis(600) };
    Http::new(timeouts, Arc::new(Metrics::new().unwrap())).unwrap()
}

/// Says the same to whoever connects, and yields what each said first. Keeps the line open after it.
async fn serve(answer: &'static [u8]) -> (SocketAddr, tokio::sync::mpsc::UnboundedReceiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, hear) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut first = vec![0; 4_096];
            let length = stream.read(&mut first).await.unwrap_or_default();
            first.truncate(length);
            let _ = heard.send(first);
            let _ = stream.write_all(answer).await;
            open.push(stream);
        }
    });
    (address, hear)
}

fn local(address: SocketAddr) -> Target {
    Target::of_operator(&format!("http://{address}/token")).unwrap()
}

#[test]
fn addresses_of_ones_own_network_are_not_public() {
    for address in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.31.255.255",
        "192.0.0.8",
        "192.168.1.1",
        "198.19.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::a00:1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "2002:a00:1::1",
        "2001:0:a00:1::1",
    ] {
        assert!(!is_public(address.parse().unwrap()), "{address}");
    }
    for address in ["1.1.1.1", "100.63.0.1", "172.32.0.1", "::ffff:8.8.8.8", "2606:4700::1111", "2a00:1450::1"] {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn what_leaves_the_machine_is_encrypted() {
    for fine in [
        "https://id.example/",
        "https://10.0.0.1:8443/x?y=z",
        "http://127.0.0.1:1/",
        "http://[::1]/",
        "http://localhost/",
    ] {
        assert!(Target::of_operator(fine).is_ok(), "{fine}");
    }
    for (text, fault) in [
        ("http://id.example/", UrlFault::Unencrypted),
        ("http://10.0.0.1/", UrlFault::Unencrypted),
        ("http://localhost.example/", UrlFault::Unencrypted),
        ("ftp://127.0.0.1/", UrlFault::Unencrypted),
        ("file:///etc/passwd", UrlFault::Form),
        ("https://user@id.example/", UrlFault::Form),
        ("https://id.example/#x", UrlFault::Form),
        ("id.example", UrlFault::Form),
        ("", UrlFault::Form),
    ] {
        assert_eq!(Target::of_operator(text), Err(fault), "{text}");
    }
    assert_eq!(Target::of_others("http://127.0.0.1/"), Err(UrlFault::Unencrypted));
}

#[test]
fn what_an_answer_names_elsewhere_is_somebody_elses() {
    let own = Target::of_operator("https://id.internal:8443/realm").unwrap();
    assert_eq!(own.named_here("https://id.internal/keys").unwrap().reach, Reach::Anywhere);
    assert_eq!(own.named_here("https://id.example/keys").unwrap().reach, Reach::Public);
    assert_eq!(own.named_here("http://id.internal/keys"), Err(UrlFault::Unencrypted));
    let local = Target::of_operator("http://127.0.0.1:1/").unwrap();
    assert_eq!(local.named_here("http://127.0.0.1:2/keys").unwrap().reach, Reach::Anywhere);
    assert_eq!(local.named_here("http://127.0.0.2:2/keys"), Err(UrlFault::Unencrypted));
}

#[tokio::test]
async fn somebody_elses_url_reaches_no_address_of_this_machine() {
    let (address, mut heard) = serve(b"").await;
    for url in [format!("https://{address}/"), format!("https://localhost:{}/", address.port())] {
        let target = Target::of_others(&url).unwrap();
        let refused = http().send(Request::get("test", &target)).await.unwrap_err();
        assert!(matches!(refused, HttpError::NotPublic), "{url}: {refused:?}");
    }
    assert!(heard.try_recv().is_err(), "something connected");
}

#[tokio::test]
async fn https_speaks_tls_and_nothing_else() {
    let (address, mut heard) = serve(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let target = Target::of_operator(&format!("https://{address}/secret")).unwrap();
    let failed = http().send(Request::get("test", &target)).await.unwrap_err();
    assert!(matches!(failed, HttpError::Failed(_)), "{failed:?}");
    assert!(!failed.to_string().contains("secret"), "{failed}");
    // The first byte of a handshake (RFC 8446, section 5.1).
    assert_eq!(heard.recv().await.unwrap()[0], 22);
}

#[tokio::test]
async fn an_answer_comes_in_time_and_whole_or_not_at_all() {
    let (address, mut heard) = serve(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await;
    let target = local(address);
    let request =
        Request::post("test", &target, "application/json", b"[1]".to_vec()).header("authorization", "Bearer x");
    let answer = http().send(request.unwrap()).await.unwrap();
    assert_eq!(answer, Answer { status: 200, body: b"{}".to_vec() });
    let said = String::from_utf8(heard.recv().await.unwrap()).unwrap();
    for line in
        ["POST /token HTTP/1.1", "authorization: Bearer x", "content-type: application/json", "user-agent: agora/"]
    {
        assert!(said.contains(line), "{said}");
    }

    let (address, _heard) = serve(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}").await;
    assert!(matches!(http().send(Request::get("test", &local(address))).await, Err(HttpError::TimedOut)));
    let (address, _heard) = serve(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123456789").await;
    let target = local(address);
    let too_long = http().send(Request::get("test", &target).answered_within(8)).await;
    assert!(matches!(too_long, Err(HttpError::TooLong(8))), "{too_long:?}");
    assert!(http().send(Request::get("test", &target).answered_within(9)).await.is_ok());
    assert!(matches!(Request::get("test", &target).header("authorization", "a\nb"), Err(HttpError::Request)));
}

#[tokio::test]
async fn a_redirect_is_an_answer_that_nobody_follows() {
    let (elsewhere, mut heard) = serve(b"").await;
    let redirect = format!("HTTP/1.1 307 x\r\nlocation: http://{elsewhere}/\r\ncontent-length: 0\r\n\r\n");
    let (address, _heard) = serve(redirect.leak().as_bytes()).await;
    let answer = http().send(Request::get("test", &local(address))).await.unwrap();
    assert_eq!((answer.status, answer.is_success()), (307, false));
    assert!(heard.try_recv().is_err(), "somebody followed");
}
