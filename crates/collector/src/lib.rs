//! The reference ingestion endpoint: takes events over HTTP, judges them, keeps them in SQLite.
//!
//! The way of a request: `patience` (connection) → `front` → `ingest` (route) → `budget`, `keys`, `receive`
//! (body) → `body` (elements) → `json` (into a `tree`) → `judge` (by `admit`, `schema`, `wire`, `channel`; `reason`
//! words the errors) → `rate` → `writer` (groups) → `store` (SQL, in the `file`) → `disk` (sync, answers);
//! `checkpoint` tidies the log. What is stored comes out behind `guard`, through `operator`, `read`, `live`, `assert` and
//! `export`, and goes on to other receivers by `forward`.
//!
//! Invariants:
//! - 202 means committed and on the disk.
//! - (`source`, `id`) is stored once; another payload under it is kept as bad.
//! - Nothing that was answered 202 or 400 is thrown away: what is no event is kept in `rejected`.
//! - Another system's event needs a key, and takes no identity without it.
//! - No message that is stored or returned repeats a value that somebody typed.

#![forbid(unsafe_code)]

mod admit;
mod answer;
mod assert;
mod body;
mod budget;
mod channel;
mod checkpoint;
pub mod clock;
mod disk;
mod error;
mod export;
mod file;
mod forward;
mod front;
mod guard;
#[doc(hidden)]
pub mod hostile;
mod ingest;
mod json;
mod judge;
pub mod keys;
mod live;
mod log;
mod metrics;
mod operator;
#[cfg(test)]
mod parity;
mod patience;
mod rate;
mod read;
mod reason;
mod receive;
mod routes;
mod schema;
mod session;
mod store;
mod thread;
mod token;
mod tree;
mod wire;
mod writer;

use std::convert::Infallible;
use std::fmt::Display;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::ServiceExt;
use axum::extract::Request;
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_service::Service;

pub use admit::Sites;
pub use error::{StartError, StoreError};
pub use log::plain;
pub use schema::BUILT_IN as SHARED_SCHEMA;
pub use store::Counts;

use budget::Budget;
use forward::{FileReceiver, HttpReceiver, Receiver};
use front::Front;
use guard::Locks;
use ingest::Ingestion;
use judge::Rules;
use keys::Keyring;
use metrics::Metrics;
use operator::Operator;
use patience::PatientListener;
use rate::Rates;
use read::Reader;
use schema::Schemas;
use writer::{Progress, Writer};

/// How a collector is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// The SQLite file; made when missing. Default: `touchmark.db` in the current folder.
    pub database: PathBuf,
    /// Where pages send to. Default: 127.0.0.1:4318; port 0 takes a free one.
    pub ingestion: SocketAddr,
    /// Where the operator reads. Default: 127.0.0.1:4319; port 0 takes a free one.
    pub operator: SocketAddr,
    /// Schema files beside the shared schema. Default: none.
    pub schemas: Vec<PathBuf>,
    /// Whether `POST /reset` may delete everything. Default: no.
    pub qa: bool,
    /// The operator's token. Default: random.
    pub token: Option<String>,
    /// The keys of other systems, made by `touchmark key new`. Default: none, so that only pages
    /// may send.
    pub keys: Option<PathBuf>,
    /// Sites that pages may send for, each with its origins. Default: every site from anywhere.
    pub sites: Sites,
    /// Events a second that one source may send. Default: as many as can be stored.
    pub site_rate: Option<u32>,
    /// Bytes that waiting requests may hold; past it they are answered 429. Default: 64 MiB.
    pub max_waiting_bytes: usize,
    /// Bytes that the database may have; past it requests are answered 503. Default: the disk's.
    pub max_bytes: Option<u64>,
    /// CloudEvents receivers that good events are handed on to. Default: none.
    pub forward: Vec<String>,
    /// The `Authorization` header for those receivers. Default: none.
    pub forward_authorization: Option<String>,
    /// Files that good events are appended to, one a line. Default: none.
    pub forward_files: Vec<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            database: "touchmark.db".into(),
            ingestion: SocketAddr::from(([127, 0, 0, 1], 4318)),
            operator: SocketAddr::from(([127, 0, 0, 1], 4319)),
            schemas: Vec::new(),
            qa: false,
            token: None,
            keys: None,
            sites: Sites::new(),
            site_rate: None,
            max_waiting_bytes: 64 << 20,
            max_bytes: None,
            forward: Vec::new(),
            forward_authorization: None,
            forward_files: Vec::new(),
        }
    }
}

/// Every route: method in lower case, path, and whether it is the operator's.
pub fn routes() -> Vec<(&'static str, &'static str, bool)> {
    let list = |list: Vec<(&'static str, &'static str)>, operator| {
        let of = move |(method, path)| (method, path, operator);
        list.into_iter().map(of)
    };
    let taking = list(ingest::listed().list, false);
    taking.chain(list(operator::listed().list, true)).collect()
}

/// Whether a collector would take this document as a schema (`--schema`).
///
/// # Errors
/// What is wrong with it, and where.
pub fn check_schema(document: &serde_json::Value) -> Result<(), String> {
    schema::compile_document(document).map(|_| ())
}

/// The types of the shared schema, in full.
pub fn types() -> Vec<String> {
    let schemas = Schemas::compile(&[]);
    // The shared schema compiles: a test holds it.
    schemas.map_or_else(
        |_| Vec::new(),
        |schemas| schemas.types().map(str::to_owned).collect(),
    )
}

/// A running collector.
pub struct Collector {
    ingestion: SocketAddr,
    operator: SocketAddr,
    token: String,
    first: Progress,
    stop: watch::Sender<bool>,
    servers: Vec<tokio::task::JoinHandle<()>>,
    writer: Writer,
    thread: JoinHandle<Progress>,
}

/// What a collector leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Events stored since the start.
    pub stored: u64,
    /// Everything in the database.
    pub counts: Counts,
}

impl Collector {
    /// Binds both listeners, opens the database and begins to serve.
    ///
    /// # Errors
    /// [`StartError`]: a taken port, an unusable database file, a broken schema. Ports come first, so
    /// that a second collector started by mistake touches no file.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let begin = Instant::now();
        let rules = Arc::new(Rules {
            schemas: Schemas::compile(&options.schemas)?,
            sites: options.sites.clone(),
        });
        let keys = Keyring::open(options.keys.clone()).map_err(StartError::Keys)?;
        let (ingestion, ingestion_address) = bind(options.ingestion, "--listen").await?;
        let (operator, operator_address) = bind(options.operator, "--operator").await?;
        let receivers = receivers(&options)?;
        let connection = file::open(&options.database, options.max_bytes)?;
        let metrics = Arc::new(Metrics::default());
        let (writer, thread) = Writer::start(connection, Arc::clone(&metrics))?;
        let reader = Reader::open(&options.database).map_err(|cause| StartError::Database {
            path: options.database.clone(),
            cause: cause.to_string(),
        })?;
        let first = *writer.progress().borrow();
        let token = options.token.unwrap_or_else(token::random);
        let (stop, stopping) = watch::channel(false);
        let (receivers, mut servers) = forward::start(receivers, &reader, &writer, &stopping);
        let budget = Budget::new(options.max_waiting_bytes);
        let taking = Front::new(Ingestion {
            rules,
            keys: Arc::new(keys),
            rates: options
                .site_rate
                .map(|rate| Arc::new(Rates::new(rate, begin))),
            budget: budget.clone(),
            metrics: Arc::clone(&metrics),
            writer: writer.clone(),
        });
        let locks = Locks::new(operator_address, token.clone(), Arc::clone(&metrics));
        let showing = operator::routes(Operator {
            reader,
            writer: writer.clone(),
            stopping: stopping.clone(),
            qa: options.qa,
            ingestion: ingestion_address,
            metrics,
            budget,
            receivers,
            locks: Arc::new(locks),
        });
        servers.push(serve(ingestion, taking, stopping.clone()));
        servers.push(serve(operator, showing, stopping));
        let (ingestion, operator) = (ingestion_address, operator_address);
        Ok(Self {
            ingestion,
            operator,
            token,
            first,
            stop,
            servers,
            writer,
            thread,
        })
    }

    /// The address of the ingestion listener.
    pub fn ingestion(&self) -> SocketAddr {
        self.ingestion
    }

    /// The address of the operator listener.
    pub fn operator(&self) -> SocketAddr {
        self.operator
    }

    /// The operator's token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// What the database held at the start.
    pub fn found(&self) -> Counts {
        self.first.counts
    }

    /// Takes no more, answers what is under way, commits, tidies the database and ends.
    ///
    /// Connections that are not done after [`GRACE`] are dropped; they were not answered.
    pub async fn stop(self) -> Summary {
        self.stop.send_replace(true);
        let deadline = tokio::time::Instant::now() + GRACE;
        for mut server in self.servers {
            if tokio::time::timeout_at(deadline, &mut server)
                .await
                .is_err()
            {
                server.abort();
                let _ = server.await;
            }
        }
        self.writer.close();
        let thread = self.thread;
        let last = tokio::task::spawn_blocking(move || thread.join()).await;
        let last = last.ok().and_then(Result::ok).unwrap_or(self.first);
        Summary {
            stored: last.stored,
            counts: last.counts,
        }
    }
}

/// The receivers that the options name.
fn receivers(options: &Options) -> Result<Vec<Box<dyn Receiver>>, StartError> {
    let mut receivers: Vec<Box<dyn Receiver>> = Vec::new();
    for url in &options.forward {
        let receiver = HttpReceiver::new(url, options.forward_authorization.clone());
        receivers.push(Box::new(receiver.map_err(|cause| StartError::Forward {
            flag: "--forward",
            cause,
        })?));
    }
    for path in &options.forward_files {
        let refuse = |cause: &dyn Display| StartError::Forward {
            flag: "--forward-file",
            cause: format!("{}: {cause}", path.display()),
        };
        // What stands in the file is cut after its last whole line: no file of the collector's own.
        let own = options.schemas.iter().chain(&options.keys);
        if own.chain([&options.database]).any(|own| is_same(own, path)) {
            return Err(refuse(
                &"the collector keeps this file itself; name another",
            ));
        }
        let receiver = FileReceiver::new(path);
        receivers.push(Box::new(receiver.map_err(|cause| refuse(&cause))?));
    }
    Ok(receivers)
}

/// Whether two paths lead to one file, links followed; also where it is not there yet.
fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| {
        path.canonicalize()
            .or_else(|_| std::path::absolute(path))
            .ok()
    };
    real(one).is_some_and(|one| Some(one) == real(other))
}

async fn bind(
    address: SocketAddr,
    flag: &'static str,
) -> Result<(TcpListener, SocketAddr), StartError> {
    let refuse = |cause| StartError::Listen {
        address,
        flag,
        cause,
    };
    let listener = TcpListener::bind(address).await.map_err(refuse)?;
    let bound = listener.local_addr().map_err(refuse)?;
    Ok((listener, bound))
}

fn serve<S>(
    listener: TcpListener,
    service: S,
    mut stopping: watch::Receiver<bool>,
) -> tokio::task::JoinHandle<()>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let signal = async move {
        let _ = stopping.wait_for(|stopping| *stopping).await;
    };
    let service = ServiceExt::<Request>::into_make_service(service);
    let server =
        axum::serve(PatientListener::new(listener), service).with_graceful_shutdown(signal);
    tokio::spawn(async move {
        // axum's accept loop never ends by an error.
        let _ = server.await;
    })
}

/// How long requests under way have to finish when the collector stops.
const GRACE: Duration = Duration::from_secs(10);
