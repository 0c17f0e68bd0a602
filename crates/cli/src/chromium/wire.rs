//! The DevTools protocol over its WebSocket: calls with answers, and events in between.

use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use super::BrowserError;

/// Something that the browser told unasked.
#[derive(Clone, Debug)]
pub struct Event {
    pub method: String,
    pub params: Value,
    pub session: String,
}

pub struct Wire {
    socket: WebSocket<TcpStream>,
    next: u64,
    pub events: Vec<Event>,
}

impl Wire {
    /// Connects to `ws://127.0.0.1:PORT/…`.
    ///
    /// # Errors
    /// In words, what went wrong.
    pub fn connect(address: &str) -> Result<Self, String> {
        let host = address
            .strip_prefix("ws://")
            .and_then(|rest| rest.split('/').next());
        let host =
            host.ok_or_else(|| format!("it listens at {address}, which is no ws:// address"))?;
        let stream = TcpStream::connect(host).map_err(|cause| cause.to_string())?;
        let (socket, _) =
            tungstenite::client(address, stream).map_err(|cause| cause.to_string())?;
        Ok(Self {
            socket,
            next: 0,
            events: Vec::new(),
        })
    }

    /// Calls a method and waits for its answer.
    ///
    /// # Errors
    /// `browser_protocol`: refused, gone, or silent for too long.
    pub fn call(
        &mut self,
        session: Option<&str>,
        method: &str,
        params: Value,
    ) -> Result<Value, BrowserError> {
        self.next += 1;
        let id = self.next;
        let mut message = json!({"id": id, "method": method, "params": params});
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        let fault = |what: String| BrowserError::Protocol(format!("{method}: {what}"));
        self.socket
            .send(Message::text(message.to_string()))
            .map_err(|cause| fault(cause.to_string()))?;
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(fault("no answer".to_owned()));
            }
            let Some(mut answer) = self.read(left).map_err(fault)? else {
                continue;
            };
            if answer["id"] == json!(id) {
                return match answer["error"]["message"].as_str() {
                    Some(error) => Err(fault(error.to_owned())),
                    None => Ok(answer["result"].take()),
                };
            }
            self.keep(answer);
        }
    }

    /// Takes in what the browser tells, for a while.
    pub fn wait(&mut self, during: Duration) {
        let end = Instant::now() + during;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            match self.read(left) {
                Ok(Some(event)) => self.keep(event),
                Ok(None) => {}
                // The next call says that it is gone.
                Err(_) => return,
            }
        }
    }

    fn keep(&mut self, mut event: Value) {
        let Some(method) = event["method"].as_str().map(str::to_owned) else {
            return;
        };
        self.events.push(Event {
            method,
            session: event["sessionId"].as_str().unwrap_or_default().to_owned(),
            params: event["params"].take(),
        });
    }

    /// One message; `None` when none came in time.
    fn read(&mut self, limit: Duration) -> Result<Option<Value>, String> {
        let set = self
            .socket
            .get_ref()
            .set_read_timeout(Some(limit.max(Duration::from_millis(1))));
        set.map_err(|cause| cause.to_string())?;
        match self.socket.read() {
            Ok(Message::Text(text)) => serde_json::from_str(&text)
                .map(Some)
                .map_err(|cause| cause.to_string()),
            Ok(_) => Ok(None),
            Err(tungstenite::Error::Io(cause))
                if matches!(cause.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
            {
                Ok(None)
            }
            Err(cause) => Err(cause.to_string()),
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(30);
