//! Services of others, played beside the market: each keeps what came, and in the end says what came as it must never.

use std::{
    net::TcpListener,
    sync::{Arc, Mutex, MutexGuard},
};

use actix_web::{App, HttpServer, dev::ServerHandle, web};

/// What a double keeps.
pub trait Kept: Default + Send + 'static {
    /// What was asked as it must never be.
    fn violations(&self) -> &[String] {
        &[]
    }
}

/// The same as its routes have it.
pub type Shared<S> = web::Data<Mutex<S>>;

/// A service that runs.
pub struct Double<S: Kept> {
    pub url: String,
    pub server: ServerHandle,
    state: Arc<Mutex<S>>,
}

impl<S: Kept> Double<S> {
    /// Its routes find what is kept, and its URL.
    pub fn start(routes: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(S::default()));
        let (shared, own) = (web::Data::from(Arc::clone(&state)), web::Data::new(url.clone()));
        let server = HttpServer::new(move || {
            App::new().app_data(shared.clone()).app_data(own.clone()).configure(routes.clone())
        });
        let server = server.workers(1).disable_signals().shutdown_timeout(0).listen(listener).unwrap().run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { url, server: handle, state }
    }

    pub fn state(&self) -> MutexGuard<'_, S> {
        self.state.lock().unwrap()
    }
}

impl<S: Kept> Drop for Double<S> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.state().violations(), [""; 0]);
        }
    }
}
