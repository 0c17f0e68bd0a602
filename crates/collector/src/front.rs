//! The ingestion listener's door: posted events, which are nearly all that comes, go straight to
//! `ingest`; what else there is goes through its router.
//!
//! A router looks up the path, clones what its routes share and boxes a future for each layer; for
//! one small event that is a tenth of all the work. Not here: what the routes do.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;
use tower_service::Service;

use crate::ingest::{self, EVENTS, Ingestion};

/// Serves the ingestion listener.
#[derive(Clone)]
pub struct Front {
    ingestion: Arc<Ingestion>,
    rest: Router,
}

impl Front {
    pub fn new(ingestion: Ingestion) -> Self {
        Self {
            ingestion: Arc::new(ingestion.clone()),
            rest: ingest::routes(ingestion),
        }
    }
}

impl Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if request.method() == Method::POST && request.uri().path() == EVENTS {
            let ingestion = Arc::clone(&self.ingestion);
            return Box::pin(async move {
                let response = ingest::events(&ingestion, request).await;
                ingestion.metrics.answered(response.status());
                Ok(response)
            });
        }
        Box::pin(self.rest.call(request))
    }
}
