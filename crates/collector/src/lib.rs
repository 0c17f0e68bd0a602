//! The reference ingestion endpoint: takes events over HTTP, judges them, keeps them in SQLite.
//!
//! The way of a request: `patience` (connection) → `ingest` (route, body) → `body` (elements) →
//! `json` (values) → `judge` (by `schema`, `wire`; `reason` words the errors) → `writer` (groups)
//! → `store` (SQL). What is stored comes out through `operator`, `read` and `live`.
//!
//! Invariants:
//! - 202 means committed and on the disk.
//! - (`source`, `id`) is stored once; another payload under it is kept as bad.
//! - Nothing that was sent is thrown away: what is no event is kept in `rejected`.
//! - No message that is stored or returned repeats a value that somebody typed.

#![forbid(unsafe_code)]

mod body;
mod clock;
mod error;
#[doc(hidden)]
pub mod hostile;
mod ingest;
mod json;
mod judge;
mod live;
mod operator;
mod patience;
mod read;
mod reason;
mod schema;
mod store;
mod token;
mod wire;
mod writer;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use error::{StartError, StoreError};
pub use schema::BUILT_IN as SHARED_SCHEMA;
pub use store::Counts;

use ingest::Ingestion;
use operator::{Locks, Operator};
use patience::PatientListener;
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
        }
    }
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
        let schemas = Arc::new(Schemas::compile(&options.schemas)?);
        let (ingestion, ingestion_address) = bind(options.ingestion, "--listen").await?;
        let (operator, operator_address) = bind(options.operator, "--operator").await?;
        let connection = store::open(&options.database)?;
        let (writer, thread) = Writer::start(connection)?;
        let reader = Reader::open(&options.database).map_err(|cause| StartError::Database {
            path: options.database.clone(),
            cause: cause.to_string(),
        })?;
        let first = *writer.progress().borrow();
        let token = options.token.unwrap_or_else(token::random);
        let (stop, stopping) = watch::channel(false);
        let taking = ingest::routes(Ingestion {
            schemas,
            writer: writer.clone(),
        });
        let showing = operator::routes(Operator {
            reader,
            writer: writer.clone(),
            stopping: stopping.clone(),
            qa: options.qa,
            ingestion: ingestion_address,
            locks: Arc::new(Locks::new(operator_address, token.clone())),
        });
        let servers = vec![
            serve(ingestion, taking, stopping.clone()),
            serve(operator, showing, stopping),
        ];
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
        self.writer.close().await;
        let thread = self.thread;
        let last = tokio::task::spawn_blocking(move || thread.join()).await;
        let last = last.ok().and_then(Result::ok).unwrap_or(self.first);
        Summary {
            stored: last.stored,
            counts: last.counts,
        }
    }
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

fn serve(
    listener: TcpListener,
    routes: Router,
    mut stopping: watch::Receiver<bool>,
) -> tokio::task::JoinHandle<()> {
    let signal = async move {
        let _ = stopping.wait_for(|stopping| *stopping).await;
    };
    let server = axum::serve(PatientListener::new(listener), routes).with_graceful_shutdown(signal);
    tokio::spawn(async move {
        // axum's accept loop never ends by an error.
        let _ = server.await;
    })
}

/// How long requests under way have to finish when the collector stops.
const GRACE: Duration = Duration::from_secs(10);
