//! Routes that are known by name: what serves them is also a list, which the OpenAPI file is held
//! against.

use axum::Router;
use axum::routing::MethodRouter;

/// A router and the list of what it serves.
pub struct Routes<S> {
    pub router: Router<S>,
    /// Method in lower case, and path.
    pub list: Vec<(&'static str, &'static str)>,
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self {
            router: Router::new(),
            list: Vec::new(),
        }
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// Serves a path, and lists it.
    pub fn add(mut self, method: &'static str, path: &'static str, serve: MethodRouter<S>) -> Self {
        self.router = self.router.route(path, serve);
        self.list.push((method, path));
        self
    }
}

/// What `GET /openapi.json` gives. Kept by hand; a test holds it against the lists.
pub const OPENAPI: &str = include_str!("../../../docs/openapi.json");
