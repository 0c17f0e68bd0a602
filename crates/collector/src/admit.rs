//! Who may send what: pages by their origin, other systems by their key.
//!
//! Asked by `judge` once an element has an identity. A browser's events are unauthenticated input:
//! what is checked here keeps other sites' pages and mistaken set-ups out, not a determined liar.
//! A refused event takes no identity, so nobody can occupy another system's.
//! Not here: reading keys (`keys`), how many may come (`rate`).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode, header};

use crate::keys::Grant;

/// Sites that pages may send for, each with its origins; none means every site from anywhere.
pub type Sites = BTreeMap<String, Vec<String>>;

/// What a request says of its sender.
#[derive(Default)]
pub struct Sender {
    /// `Origin`, as browsers send it with every POST.
    origin: Option<String>,
    /// Whether the browser says that no script's `fetch` sent this: a form, a link, an image.
    by_markup: bool,
    /// What the bearer key allows.
    grant: Option<Arc<Grant>>,
}

/// Why an event is not taken; its words name remedies, never values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    pub status: StatusCode,
    /// `code: text`.
    pub reason: &'static str,
}

impl Sender {
    /// Reads what the browser says. Source: Fetch Metadata Request Headers; Fetch §3.1.
    pub fn of(headers: &HeaderMap, grant: Option<Arc<Grant>>) -> Self {
        let word = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let mode = word("sec-fetch-mode");
        let target = word("sec-fetch-dest");
        let origin = headers.get(header::ORIGIN);
        Self {
            origin: origin.map(|origin| String::from_utf8_lossy(origin.as_bytes()).into_owned()),
            by_markup: mode.is_some_and(|mode| !matches!(mode, "cors" | "no-cors" | "same-origin"))
                || target.is_some_and(|target| target != "empty"),
            grant,
        }
    }

    /// Whether this sender may send such an event.
    ///
    /// A key opens for the source and types that it is bound to. Without one only pages may speak:
    /// their source names a site, their type is none that the schema gives to other systems.
    ///
    /// # Errors
    /// [`Refusal`], with the status that answers a request of nothing else.
    pub fn may_send(
        &self,
        sites: &Sites,
        source: &str,
        kind: &str,
        is_lifecycle: bool,
    ) -> Result<(), Refusal> {
        if self
            .grant
            .as_ref()
            .is_some_and(|grant| grant.covers(source, kind))
        {
            return Ok(());
        }
        let site = source.strip_prefix(PAGES).filter(|_| !is_lifecycle);
        let Some(site) = site else {
            return Err(if self.grant.is_some() {
                KEY_NOT_BOUND
            } else {
                KEY_MISSING
            });
        };
        if self.by_markup {
            return Err(NOT_BY_SCRIPT);
        }
        if sites.is_empty() {
            return Ok(());
        }
        let origins = sites.get(site).ok_or(UNKNOWN_SITE)?;
        if origins.is_empty() {
            return Ok(());
        }
        let origin = self.origin.as_deref().ok_or(ORIGIN_MISSING)?;
        let known = |known: &String| known.eq_ignore_ascii_case(origin);
        origins
            .iter()
            .any(known)
            .then_some(())
            .ok_or(ORIGIN_UNKNOWN)
    }
}

/// What the sources of pages begin with; the site follows.
pub const PAGES: &str = "urn:touchmark:";

const KEY_MISSING: Refusal = Refusal {
    status: StatusCode::UNAUTHORIZED,
    reason: "key_missing: only pages send without a key; make one with `touchmark key new`, and \
             send it as Authorization: Bearer",
};
const KEY_NOT_BOUND: Refusal = Refusal {
    status: StatusCode::FORBIDDEN,
    reason: "key_not_bound: the key is bound to another source or to other types; `touchmark key \
             list` shows which",
};
const NOT_BY_SCRIPT: Refusal = Refusal {
    status: StatusCode::FORBIDDEN,
    reason: "not_by_script: the browser says that a form, a link or an image sent this, and no \
             script",
};
const UNKNOWN_SITE: Refusal = Refusal {
    status: StatusCode::FORBIDDEN,
    reason: "unknown_site: this collector takes other sites only; add it with --site",
};
const ORIGIN_MISSING: Refusal = Refusal {
    status: StatusCode::FORBIDDEN,
    reason: "origin_missing: pages of this site send an Origin; a server needs a key",
};
const ORIGIN_UNKNOWN: Refusal = Refusal {
    status: StatusCode::FORBIDDEN,
    reason: "origin_unknown: this is no origin of the site; add it with --site",
};
