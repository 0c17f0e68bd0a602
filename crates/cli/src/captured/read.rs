//! A file into events: SQLite by its header, else JSON, a list or a line an event.

use std::io::Read;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;

use super::Event;
use crate::plan::fault::Fault;

/// Reads every event of a file, oldest first.
///
/// # Errors
/// `events_unreadable`: not there, another program's database, or no events in JSON.
pub fn read(file: &Path) -> Result<Vec<Event>, Fault> {
    let name = file.display().to_string();
    let fault = |what: String| {
        let remedy =
            "name a collector's database, or what it exports: GET /all of its operator's address"
                .to_owned();
        Fault::new("events_unreadable", &name, "", what, remedy)
    };
    let mut head = [0; 16];
    let mut opened = std::fs::File::open(file).map_err(|cause| fault(cause.to_string()))?;
    let is_database = opened.read_exact(&mut head).is_ok() && &head == b"SQLite format 3\0";
    let mut events = if is_database {
        database(file).map_err(|cause| fault(cause.to_string()))?
    } else {
        let text = std::fs::read_to_string(file).map_err(|cause| fault(cause.to_string()))?;
        // Windows tools begin a file with that mark.
        json(text.trim_start_matches('\u{feff}')).map_err(fault)?
    };
    events.sort_by(|one, other| one.time.cmp(&other.time));
    Ok(events)
}

fn database(file: &Path) -> rusqlite::Result<Vec<Event>> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    let mut rows = connection.prepare("SELECT body, state, reasons FROM events ORDER BY seq")?;
    let mut rows = rows.query([])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        let body = row.get_ref(0)?.as_bytes().unwrap_or_default().to_vec();
        let reasons: String = row.get(2)?;
        let parse = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap_or_default();
        let state: String = row.get(1)?;
        events.extend(Event::new(
            &parse(&body),
            &state,
            &parse(reasons.as_bytes()),
        ));
    }
    Ok(events)
}

/// Rows of the operator's address (`{"event": …}`), or events themselves.
fn json(text: &str) -> Result<Vec<Event>, String> {
    let items: Vec<Value> = match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(items)) => items,
        Ok(Value::Object(one)) => match one.get("events") {
            Some(Value::Array(items)) => items.clone(),
            _ => vec![Value::Object(one)],
        },
        Ok(_) => return Err("it holds no list of events".to_owned()),
        Err(whole) => {
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            let items: Result<Vec<Value>, _> = lines.map(serde_json::from_str).collect();
            // What is wrong with the whole says more than what is wrong with its first line.
            items.map_err(|_| whole.to_string())?
        }
    };
    let count = items.len();
    let events: Vec<Event> = items
        .iter()
        .filter_map(|item| match item.get("event") {
            Some(event) => Event::new(
                event,
                item["state"].as_str().unwrap_or("good"),
                &item["reasons"],
            ),
            None => {
                let is_valid = item["data"]["validation"]["verdict"] != "invalid";
                Event::new(item, if is_valid { "good" } else { "bad" }, &Value::Null)
            }
        })
        .collect();
    if events.is_empty() && count > 0 {
        return Err("nothing in it is an event".to_owned());
    }
    Ok(events)
}
