//! The channels that reports show, where they are others than the page's.
//!
//! Part of `judge`. A page knows the sources that visitors come from every day; here every row of the
//! same tables is known (`touchmark::channel`). The event stays as it was sent.
//! Not here: the rules.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use touchmark::channel::Channel;
use touchmark::generated::tables::VERSION;

use crate::tree::Node;

/// By touch, in the order of [`TOUCHES`]; `None` is the page's own channel, for one of them or all.
pub type Channels = Option<Box<[Option<&'static str>; 3]>>;

/// The members of `data.attribution`.
pub const TOUCHES: [&str; 3] = ["first", "last", "last_paid"];

/// Decides anew for each touch of an event.
///
/// Where the rule is the same the channel keeps its name, which may be the team's own. A page with newer
/// tables than these knows better.
pub fn reported(data: Node<'_>) -> Channels {
    let tables = data.path(&["tracker", "tables"]).text();
    let attribution = data.member("attribution");
    if tables.is_none_or(|tables| tables > VERSION) || !attribution.is_object() {
        return None;
    }
    let told = TOUCHES.map(|name| {
        let touch = attribution.member(name);
        let rule = touch.member("rule").text()?;
        let told = decided([
            touch.member("source").text().unwrap_or_default(),
            touch.member("medium").text().unwrap_or_default(),
            touch.member("campaign").text().unwrap_or_default(),
            touch.member("referrer").text().unwrap_or_default(),
        ]);
        // Of a direct visit no page makes a touch.
        (told.rule != rule && told.rule != "direct").then_some(told.name)
    });
    (told != [None; 3]).then(|| Box::new(told))
}

/// Asks the tables, once for each that comes again and again.
fn decided(touch: [&str; 4]) -> Channel {
    if touch.iter().any(|text| text.len() > MAX_TEXT_BYTES) {
        let [source, medium, campaign, referrer] = touch;
        return Channel::reported(source, medium, campaign, referrer);
    }
    let key = touch.join("\n");
    // A panic here would leave whole entries behind.
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(channel) = known.get(&key) {
        return *channel;
    }
    let [source, medium, campaign, referrer] = touch;
    let channel = Channel::reported(source, medium, campaign, referrer);
    if known.len() >= MAX_KNOWN {
        known.clear();
    }
    known.insert(key, channel);
    channel
}

static KNOWN: LazyLock<Mutex<HashMap<String, Channel>>> = LazyLock::new(Mutex::default);
const MAX_KNOWN: usize = 4096;
/// What the shared schema lets a touch's texts have; others are bad, and not kept here.
const MAX_TEXT_BYTES: usize = 512;
