//! `GET /export`: everything, or one test run, as a file: JSON, a line for each event, or HAR.
//!
//! Written as it is read, a page of rows at a time. A HAR viewer shows one request for each event:
//! batches are taken apart, since the collector keeps events and not requests.
//! Source: HAR 1.2.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::operator::{Operator, Pairs, refuse, session};
use crate::read::{Range, Shelf};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    /// An array of rows as in `/all`.
    Json,
    /// The events alone, one a line.
    Lines,
    Har,
}

/// `?format=json`, `ndjson` or `har`; `?session=` for one test run.
pub async fn export(State(operator): State<Operator>, Query(query): Query<Pairs>) -> Response {
    let named = query.iter().find(|(key, _)| key == "format");
    let (format, kind, end) = match named.map_or("json", |(_, format)| format.as_str()) {
        "json" => (Format::Json, "application/json", "json"),
        "ndjson" => (Format::Lines, "application/x-ndjson", "ndjson"),
        "har" => (Format::Har, "application/json", "har"),
        _ => return refuse(StatusCode::BAD_REQUEST, "format is json, ndjson or har"),
    };
    let session = match session(&query) {
        Ok(session) => session,
        Err(reason) => return refuse(StatusCode::BAD_REQUEST, &reason),
    };
    let (out, pages) = mpsc::channel(4);
    // Ends by itself: at the last row, or when nobody reads any more.
    tokio::spawn(write(operator, format, session, out));
    let name = format!("attachment; filename=\"touchmark.{end}\"");
    let name = HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, name),
    ];
    (headers, Body::from_stream(ReceiverStream::new(pages))).into_response()
}

type Out = mpsc::Sender<Result<Bytes, Infallible>>;

async fn write(
    operator: Operator,
    format: Format,
    session: Option<String>,
    out: Out,
) -> Option<()> {
    let endpoint = format!("http://{}/v1/events", operator.ingestion);
    let (head, tail) = match format {
        Format::Json => ("[\n".to_owned(), "\n]\n"),
        Format::Lines => (String::new(), ""),
        Format::Har => (
            format!(
                r#"{{"log":{{"version":"1.2","creator":{{"name":"touchmark","version":"{}"}},"entries":["#,
                env!("CARGO_PKG_VERSION")
            ) + "\n",
            "\n]}}\n",
        ),
    };
    say(&out, head).await?;
    let (mut after, mut first) = (0, true);
    loop {
        let range = Range {
            after,
            limit: PAGE_ROWS,
            session: session.clone(),
        };
        let rows = operator.reader.rows(Shelf::All, range).await.ok()?;
        let Some((last, _)) = rows.last() else { break };
        after = *last;
        let mut page = String::new();
        for (_, line) in &rows {
            if !first {
                page.push_str(if format == Format::Lines { "\n" } else { ",\n" });
            }
            first = false;
            match format {
                Format::Json => page.push_str(line),
                Format::Lines => page.push_str(event(line)),
                Format::Har => page.push_str(&entry(line, &endpoint)?.to_string()),
            }
        }
        say(&out, page).await?;
    }
    if format == Format::Lines && !first {
        say(&out, "\n".to_owned()).await?;
    }
    say(&out, tail.to_owned()).await
}

/// `None` when nobody reads any more.
async fn say(out: &Out, text: String) -> Option<()> {
    if text.is_empty() {
        return Some(());
    }
    out.send(Ok(text.into())).await.ok()
}

/// The event within a row's line: its last member, as it was received.
fn event(line: &str) -> &str {
    // Before it stand strings that may say anything, but no unescaped quote.
    let start = line.find(",\"event\":").map_or(0, |at| at + 9);
    &line[start..line.len() - 1]
}

fn entry(line: &str, endpoint: &str) -> Option<Value> {
    let row: Value = serde_json::from_str(line).ok()?;
    let body = event(line);
    let query: Vec<Value> = row["session"]
        .as_str()
        .map(|word| json!({"name": "session", "value": word}))
        .into_iter()
        .collect();
    let answer = json!({"stored": 1, "duplicate": 0, "bad": u8::from(row["state"] == "bad"), "rejected": []});
    let answer = answer.to_string();
    Some(json!({
        "startedDateTime": row["received_at"],
        "time": 0,
        "request": {
            "method": "POST", "url": endpoint, "httpVersion": "HTTP/1.1", "cookies": [],
            "headers": [{"name": "Content-Type", "value": "application/cloudevents+json"}],
            "queryString": query,
            "postData": {"mimeType": "application/cloudevents+json", "text": body},
            "headersSize": -1, "bodySize": body.len(),
        },
        "response": {
            "status": 202, "statusText": "Accepted", "httpVersion": "HTTP/1.1", "cookies": [],
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "content": {"size": answer.len(), "mimeType": "application/json", "text": answer},
            "redirectURL": "", "headersSize": -1, "bodySize": answer.len(),
        },
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "comment": format!("event {}, {}", row["seq"], row["state"].as_str().unwrap_or_default()),
        "_touchmark": {"seq": row["seq"], "state": row["state"], "verdict": row["verdict"], "reasons": row["reasons"]},
    }))
}

const PAGE_ROWS: u32 = 500;
