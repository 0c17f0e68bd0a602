//! Sends events over many connections from few threads, and times each answer.
//!
//! A thread writes one request to each of its connections, then reads one answer from each. So the
//! sender takes little of the machine that it shares with what it measures; the times of answers
//! that were there before their turn are a little too long.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

/// Sends the events; returns how long it took in all, and each request's time.
pub fn send(address: &str, events: usize, connections: usize) -> Result<(Duration, Vec<Duration>)> {
    let next = AtomicUsize::new(0);
    let threads = THREADS.min(connections);
    let begin = Instant::now();
    let latencies = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..threads)
            .map(|thread| {
                let own = connections / threads + usize::from(thread < connections % threads);
                let next = &next;
                scope.spawn(move || rounds(address, next, events, own))
            })
            .collect();
        let mut all = Vec::with_capacity(events);
        for sender in senders {
            let latencies = sender
                .join()
                .map_err(|_| anyhow::anyhow!("a sender panicked"))?;
            all.extend(latencies?);
        }
        anyhow::Ok(all)
    })?;
    Ok((begin.elapsed(), latencies))
}

fn rounds(
    address: &str,
    next: &AtomicUsize,
    events: usize,
    connections: usize,
) -> Result<Vec<Duration>> {
    let connect = || -> Result<TcpStream> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(stream)
    };
    let streams: Result<Vec<_>> = (0..connections).map(|_| connect()).collect();
    let mut streams = streams?;
    let mut latencies = Vec::new();
    let mut sent = Vec::with_capacity(connections);
    let mut request = String::new();
    let mut bytes = Vec::with_capacity(4096);
    loop {
        sent.clear();
        for stream in &mut streams {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= events {
                break;
            }
            write_request(&mut request, address, n)?;
            let begin = Instant::now();
            stream.write_all(request.as_bytes())?;
            sent.push(begin);
        }
        if sent.is_empty() {
            return Ok(latencies);
        }
        for (stream, begin) in streams.iter_mut().zip(&sent) {
            let status = read_response(stream, &mut bytes)?;
            latencies.push(begin.elapsed());
            let clean = status == 202 && contains(&bytes, STORED);
            ensure!(
                clean,
                "the collector answered {status}: {}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }
}

/// Reads one response that has a content length: its status and body.
pub fn response(stream: &mut TcpStream) -> Result<(u16, String)> {
    let mut bytes = Vec::new();
    let status = read_response(stream, &mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let (_, body) = text.split_once("\r\n\r\n").context("no HTTP")?;
    Ok((status, body.to_owned()))
}

fn read_response(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Result<u16> {
    bytes.clear();
    let mut chunk = [0; 16 << 10];
    let mut end = None;
    loop {
        let read = stream.read(&mut chunk)?;
        ensure!(read > 0, "the collector closed a connection");
        bytes.extend_from_slice(&chunk[..read]);
        if end.is_none() {
            let found = bytes.windows(4).position(|four| four == b"\r\n\r\n");
            let Some(head) = found else { continue };
            let text = std::str::from_utf8(&bytes[..head])?;
            let mut lines = text.lines();
            let length = lines.find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then_some(value)
            });
            let length: usize = length.context("no content length")?.trim().parse()?;
            end = Some(head + 4 + length);
        }
        if end.is_some_and(|end| bytes.len() >= end) {
            let status = bytes.get(9..12).context("no status")?;
            return Ok(std::str::from_utf8(status)?.parse()?);
        }
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn write_request(request: &mut String, address: &str, n: usize) -> Result<()> {
    let [before, after] = BODY;
    let (id, intent) = (id(n), n % 900 + 100);
    let length = before.len() + id.len() + MIDDLE.len() + 3 + after.len();
    request.clear();
    write!(
        request,
        "POST /v1/events HTTP/1.1\r\nHost: {address}\r\nContent-Type: text/plain\r\n\
         Content-Length: {length}\r\n\r\n{before}{id}{MIDDLE}{intent}{after}"
    )?;
    Ok(())
}

/// The n-th id: as far from its neighbours as the ones that pages make.
pub fn id(n: usize) -> String {
    let (high, low) = (mix(n as u64), mix(!(n as u64)));
    let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0xfff);
    let (d, e) = (low >> 48 & 0xfff, low & 0xffff_ffff_ffff);
    format!("{a:08x}-{b:04x}-5{c:03x}-8{d:03x}-{e:012x}")
}

/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", SplitMix64.
fn mix(n: u64) -> u64 {
    let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

const THREADS: usize = 2;
const STORED: &[u8] = br#"{"stored":1,"duplicate":0,"bad":0,"#;

/// A valid submission as a page sends it, around its id and the number of its intent.
const BODY: [&str; 2] = [
    r#"{"specversion":"1.0","id":""#,
    concat!(
        r#","outcome":"accepted","fields":{"email":""#,
        hash!(),
        r#"","phone":""#,
        hash!(),
        r#"","service_line":"cardiology","preferred_time":"morning"}},"validation":{"verdict":"valid"},"consent":{"store":"granted","attribute":"granted","identify":"granted","send":"granted","source":"api"},"device":"mobile","tracker":{"name":"touchmark","version":"0.1.0","nonce":"0123456789abcdef0123456789abcdef","plan":"0123456789abcdef","tables":"2026-11-22"}}}"#
    ),
];
const MIDDLE: &str = concat!(
    r#"","source":"urn:touchmark:load","type":"org.touchmark.form_submit","subject":"appointment","time":"2026-11-22T17:40:45.123Z","datacontenttype":"application/json","dataschema":"https://touchmark.dev/schema/event/1-0-0#form_submit","data":{"page":{"id":"cardiology"},"attribution":{"first":"#,
    touch!(),
    r#","last":"#,
    touch!(),
    r#","last_paid":"#,
    touch!(),
    r#"},"form":{"id":"appointment","contract":"appointment_request","intent":"#
);

macro_rules! hash {
    () => {
        "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b"
    };
}
macro_rules! touch {
    () => {
        r#"{"at":"2026-11-22T17:38:02.000Z","page":"cardiology","source":"google","medium":"cpc","campaign":"cardiology-q4","click_id":{"param":"gclid","platform":"google_ads","value":"Cj0KCQiA-example-click-id-of-usual-length"},"referrer":"www.google.com","channel":"Paid Search","rule":"paid_search"}"#
    };
}
use {hash, touch};

#[cfg(test)]
mod tests {
    use super::{BODY, MIDDLE, id};
    use std::collections::HashSet;

    #[test]
    fn ids_are_distinct_and_requests_are_whole() {
        let ids: HashSet<_> = (0..100_000).map(id).collect();
        assert_eq!(ids.len(), 100_000);
        assert!(ids.iter().all(|id| id.len() == 36));
        let text = format!("{}{}{MIDDLE}100{}", BODY[0], id(1), BODY[1]);
        let event: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(event["data"]["form"]["intent"], 100);
    }
}
