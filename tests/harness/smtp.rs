//! A mail server on a port of its own, which can be down for a while.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use actix_web::rt;
use mail_parser::MessageParser;
use mailin::{AuthMechanism, Handler, Response, SessionBuilder, response};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufStream},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A mail as its receiver reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub to: Vec<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// `List-Unsubscribe` and `List-Unsubscribe-Post`, as they came.
    pub unsubscribe: Option<(String, String)>,
    /// The user name and password with which it was handed over.
    pub login: Option<(String, String)>,
}

#[derive(Default)]
struct State {
    received: Mutex<Vec<Received>>,
    is_down: AtomicBool,
}

pub struct SmtpServer {
    pub address: SocketAddr,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

impl SmtpServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let accepting = rt::spawn(async move {
            loop {
                let (stream, peer) = listener.accept().await.unwrap();
                // It keeps its port while it is down, so that nobody else takes it.
                if !shared.is_down.load(Ordering::Relaxed) {
                    rt::spawn(talk(stream, peer, Arc::clone(&shared)));
                }
            }
        });
        Self { address, state, accepting }
    }

    pub fn go_down(&self) {
        self.state.is_down.store(true, Ordering::Relaxed);
    }

    pub fn come_back(&self) {
        self.state.is_down.store(false, Ordering::Relaxed);
    }

    /// All mails so far to an address, oldest first.
    pub fn mails(&self, to: &str) -> Vec<Received> {
        self.state.received.lock().unwrap().iter().filter(|mail| mail.to == [to]).cloned().collect()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// One connection, until the client has had enough.
async fn talk(stream: TcpStream, peer: SocketAddr, state: Arc<State>) -> io::Result<()> {
    let mut builder = SessionBuilder::new("mail.example");
    builder.enable_auth(AuthMechanism::Plain).insecure_enable_plaintext_auth();
    let mut session = builder.build(peer.ip(), Receiver { state, to: Vec::new(), data: Vec::new(), login: None });
    let mut stream = BufStream::new(stream);
    let mut response = session.greeting();
    loop {
        let mut answer = Vec::new();
        if response.action != mailin::Action::NoReply {
            response.write_to(&mut answer)?;
        }
        stream.write_all(&answer).await?;
        stream.flush().await?;
        let mut line = Vec::new();
        if response.action == mailin::Action::Close || stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        response = session.process(&line);
    }
}

struct Receiver {
    state: Arc<State>,
    to: Vec<String>,
    data: Vec<u8>,
    login: Option<(String, String)>,
}

impl Handler for Receiver {
    fn auth_plain(&mut self, _: &str, user: &str, password: &str) -> Response {
        self.login = Some((user.to_owned(), password.to_owned()));
        response::AUTH_OK
    }

    fn rcpt(&mut self, to: &str) -> Response {
        let unknown = || Response::custom(550, "5.1.1 no such mailbox".into());
        if to.starts_with("gone@") { unknown() } else { response::OK }
    }

    fn data_start(&mut self, _: &str, _: &str, _: bool, to: &[String]) -> Response {
        self.to = to.to_vec();
        self.data.clear();
        response::OK
    }

    fn data(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.data.extend_from_slice(bytes);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        let message = MessageParser::default().parse(&self.data).unwrap();
        let text = message.body_text(0).unwrap_or_default().replace("\r\n", "\n");
        let html = message.body_html(0).unwrap_or_default().into_owned();
        let subject = message.subject().unwrap_or_default().to_owned();
        let header = |name: &str| message.header_raw(name).map(|value| value.trim().to_owned());
        let unsubscribe = header("List-Unsubscribe").zip(header("List-Unsubscribe-Post"));
        let mail = Received { to: self.to.clone(), subject, text, html, unsubscribe, login: self.login.clone() };
        self.state.received.lock().unwrap().push(mail);
        response::OK
    }
}
