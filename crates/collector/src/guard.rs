//! The locks on the operator's door: Host, origin, token.
//!
//! Events are read behind it, so it listens on this machine only. The Host must say so, else a
//! hostile name could be pointed at it (DNS rebinding). A browser's word that another site asks
//! is believed (CSRF, and guessing through a visitor's browser). Wrong tokens are counted down.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::metrics::Metrics;
use crate::operator::refuse;

/// Who may come in.
pub struct Locks {
    hosts: Vec<String>,
    token: String,
    guesses: Mutex<Guesses>,
    metrics: Arc<Metrics>,
}

/// How many wrong tokens may still be tried.
struct Guesses {
    left: u32,
    at: Instant,
}

/// What a request brings of a token.
enum Token {
    Right,
    Wrong,
    None,
}

impl Locks {
    /// Opens for `token`, and for the names of this machine at `address`.
    pub fn new(address: SocketAddr, token: String, metrics: Arc<Metrics>) -> Self {
        let port = address.port();
        let mut hosts: Vec<_> = ["127.0.0.1", "localhost", "[::1]"]
            .map(|host| format!("{host}:{port}"))
            .into();
        hosts.push(address.to_string());
        let guesses = Mutex::new(Guesses {
            left: GUESSES,
            at: Instant::now(),
        });
        Self {
            hosts,
            token,
            guesses,
            metrics,
        }
    }

    fn is_host(&self, headers: &HeaderMap) -> bool {
        let host = word(headers, "host").unwrap_or("");
        self.hosts
            .iter()
            .any(|known| known.eq_ignore_ascii_case(host))
    }

    /// Whether a page of another origin asks. Somebody who follows a link to the page is welcome.
    fn is_foreign(&self, request: &Request) -> bool {
        let headers = request.headers();
        let origin = word(headers, "origin").is_some_and(|origin| {
            let host = origin.strip_prefix("http://").unwrap_or("");
            !self
                .hosts
                .iter()
                .any(|known| known.eq_ignore_ascii_case(host))
        });
        let site = word(headers, "sec-fetch-site");
        let asked = site.is_some_and(|site| !matches!(site, "same-origin" | "none"));
        let link = request.method() == Method::GET
            && request.uri().path() == "/"
            && word(headers, "sec-fetch-mode") == Some("navigate")
            && word(headers, "sec-fetch-dest") == Some("document");
        origin || asked && !link
    }

    fn token(&self, request: &Request) -> Token {
        let bearer = word(request.headers(), "authorization");
        let bearer = bearer.and_then(|text| text.split_once(' '));
        // The scheme's case is the client's. Source: RFC 9110 §11.1.
        let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let bearer = bearer.map(|(_, token)| token.trim());
        let query = request.uri().query().unwrap_or("").split('&');
        let query = query.filter_map(|pair| pair.strip_prefix("token="));
        let mut given = bearer
            .into_iter()
            .chain(query)
            .filter(|token| !token.is_empty())
            .peekable();
        if given.peek().is_none() {
            return Token::None;
        }
        if given.any(|token| equal(token, &self.token)) {
            Token::Right
        } else {
            Token::Wrong
        }
    }

    /// Whether tokens are looked at now. Too many wrong ones close the door for a moment, to
    /// right ones too: a guesser must not learn that one is right.
    fn is_open(&self) -> bool {
        let mut guesses = self.guesses.lock().unwrap_or_else(PoisonError::into_inner);
        let back = guesses.at.elapsed().as_secs() / GUESS_EVERY.as_secs();
        if back > 0 {
            let back = u32::try_from(back).unwrap_or(GUESSES);
            guesses.left = guesses.left.saturating_add(back).min(GUESSES);
            guesses.at = Instant::now();
        }
        guesses.left > 0
    }

    fn guessed(&self) {
        self.metrics.wrong_token();
        let mut guesses = self.guesses.lock().unwrap_or_else(PoisonError::into_inner);
        if guesses.left == GUESSES {
            guesses.at = Instant::now();
        }
        guesses.left = guesses.left.saturating_sub(1);
    }

    fn check(&self, request: &Request) -> Result<(), Box<Response>> {
        if !self.is_host(request.headers()) {
            let reason = "the Host is none of this machine's names with the operator's port";
            return Err(refuse(StatusCode::FORBIDDEN, reason).into());
        }
        if self.is_foreign(request) {
            let reason = "a page of another origin asks; only this listener's own page may";
            return Err(refuse(StatusCode::FORBIDDEN, reason).into());
        }
        if !self.is_open() {
            let reason = "too many wrong tokens; come back in a moment";
            let response = refuse(StatusCode::TOO_MANY_REQUESTS, reason);
            return Err(with(response, header::RETRY_AFTER, "1").into());
        }
        let token = self.token(request);
        if let Token::Wrong = token {
            self.guessed();
        }
        if let Token::Right = token {
            return Ok(());
        }
        let reason =
            "open the address that touchmark collect printed at its start: it carries the token";
        let response = refuse(StatusCode::UNAUTHORIZED, reason);
        Err(with(response, header::WWW_AUTHENTICATE, "Bearer").into())
    }
}

/// Lets in who has the key, and keeps what is answered out of caches and referrers.
pub async fn guard(State(locks): State<Arc<Locks>>, request: Request, next: Next) -> Response {
    let mut response = match locks.check(&request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => *refusal,
    };
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CROSS_ORIGIN_RESOURCE, "same-origin"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

fn with(mut response: Response, name: header::HeaderName, value: &'static str) -> Response {
    response
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
    response
}

fn word<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Compares in a time that says nothing about where the first difference is.
fn equal(one: &str, other: &str) -> bool {
    let differences = one
        .bytes()
        .zip(other.bytes())
        .fold(0, |sum, (a, b)| sum | (a ^ b));
    one.len() == other.len() && differences == 0
}

const CROSS_ORIGIN_RESOURCE: header::HeaderName =
    header::HeaderName::from_static("cross-origin-resource-policy");
/// Wrong tokens in a row before the door closes.
const GUESSES: u32 = 50;
/// How long until one more may be tried.
const GUESS_EVERY: Duration = Duration::from_secs(1);
