//! A server that answers as a test wants, and remembers what it was asked.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io::Read as _;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use flate2::read::GzDecoder;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Path and query.
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    /// Unpacked.
    pub(crate) body: String,
}

/// What to answer: status, header lines, body.
pub(crate) type Answer = (u16, Vec<(&'static str, String)>, String);

/// A running server.
pub(crate) struct Fake {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    _stop: oneshot::Sender<()>,
}

impl Fake {
    /// Starts it; `answer` is given the number of the request, from 0, and the request.
    pub(crate) fn start(answer: impl Fn(usize, &Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_with(None, answer)
    }

    /// The same over TLS.
    pub(crate) fn start_with(tls: Option<TlsAcceptor>, answer: impl Fn(usize, &Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (stop, stopped) = oneshot::channel();
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                tokio::select! { () = serve(listener, tls, Arc::new(answer), log) => {}, _ = stopped => {} }
            });
        });
        Self { address, asked, _stop: stop }
    }

    /// Every request so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    answer: Arc<impl Fn(usize, &Asked) -> Answer + Send + Sync + 'static>,
    log: Arc<Mutex<Vec<Asked>>>,
) {
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
        let service = service_fn(move |request| {
            let (answer, log) = (Arc::clone(&answer), Arc::clone(&log));
            async move { Ok::<_, Infallible>(respond(request, &*answer, &log).await) }
        });
        let http = hyper::server::conn::http1::Builder::new();
        match tls.clone() {
            None => _ = tokio::spawn(http.serve_connection(TokioIo::new(stream), service)),
            Some(tls) => {
                _ = tokio::spawn(async move {
                    if let Ok(stream) = tls.accept(stream).await {
                        let _ = http.serve_connection(TokioIo::new(stream), service).await;
                    }
                });
            }
        }
    }
}

async fn respond(
    request: Request<Incoming>,
    answer: &(impl Fn(usize, &Asked) -> Answer + Send + Sync),
    log: &Mutex<Vec<Asked>>,
) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let text = |value: &hyper::header::HeaderValue| value.to_str().unwrap().to_owned();
    let headers: HashMap<String, String> = head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let asked = Asked { path: head.uri.to_string(), body: unpacked(&body, headers.contains_key("content-encoding")), headers };
    let number = log.lock().unwrap().len();
    log.lock().unwrap().push(asked.clone());
    let (status, headers, body) = answer(number, &asked);
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Full::from(body)).unwrap()
}

fn unpacked(body: &[u8], is_packed: bool) -> String {
    let mut text = String::new();
    if is_packed {
        GzDecoder::new(body).read_to_string(&mut text).unwrap();
        text
    } else {
        String::from_utf8(body.to_vec()).unwrap()
    }
}
