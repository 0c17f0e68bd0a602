//! A listener whose connections may not dawdle.
//!
//! One deadline serves all slow clients: a connection that has gone [`PATIENCE`] without an
//! answer being written is closed, whether it is idle, drips its headers or body, or does not
//! read. A long answer, such as the live feed, renews it with each write.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, Sleep};

/// A TCP listener for `axum::serve`.
pub struct PatientListener {
    listener: TcpListener,
    patience: Duration,
}

impl PatientListener {
    /// Takes over a bound listener.
    pub fn new(listener: TcpListener) -> Self {
        Self {
            listener,
            patience: PATIENCE,
        }
    }
}

impl Listener for PatientListener {
    type Io = PatientStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (PatientStream, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // Answers are small and awaited: Nagle's algorithm would only delay them.
        let _ = stream.set_nodelay(true);
        let (patience, deadline) = (self.patience, Box::pin(tokio::time::sleep(self.patience)));
        (
            PatientStream {
                stream,
                patience,
                deadline,
            },
            address,
        )
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection with a deadline.
pub struct PatientStream {
    stream: TcpStream,
    patience: Duration,
    deadline: Pin<Box<Sleep>>,
}

impl PatientStream {
    /// Passes on what is ready; what is not fails once the deadline is over.
    fn before_deadline<T>(
        &mut self,
        context: &mut Context<'_>,
        poll: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if poll.is_pending() {
            ready!(self.deadline.as_mut().poll(context));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        poll
    }

    fn written(
        &mut self,
        context: &mut Context<'_>,
        poll: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if matches!(poll, Poll::Ready(Ok(_))) {
            self.deadline.as_mut().reset(Instant::now() + self.patience);
        }
        self.before_deadline(context, poll)
    }
}

impl AsyncRead for PatientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.before_deadline(context, poll)
    }
}

impl AsyncWrite for PatientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(context, poll)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.written(context, poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

const PATIENCE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::{Duration, PatientListener, TcpListener};
    use axum::serve::Listener;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    #[tokio::test]
    async fn a_silent_connection_is_closed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let mut patient = PatientListener {
            listener,
            patience: Duration::from_millis(20),
        };
        let address = patient.local_addr().expect("address");
        let _client = TcpStream::connect(address).await.expect("connected");
        let (mut stream, _) = patient.accept().await;
        let error = stream.read(&mut [0; 8]).await.expect_err("closed");
        assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_connection_that_drips_is_closed_too() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let mut patient = PatientListener {
            listener,
            patience: Duration::from_millis(50),
        };
        let address = patient.local_addr().expect("address");
        let mut client = TcpStream::connect(address).await.expect("connected");
        let (mut stream, _) = patient.accept().await;
        let drip = async {
            let mut pause = tokio::time::interval(Duration::from_millis(5));
            loop {
                pause.tick().await;
                if client.write_all(b"x").await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        let read = async {
            let mut bytes = 0;
            loop {
                match stream.read(&mut [0; 8]).await {
                    Ok(more) => bytes += more,
                    Err(error) => return (bytes, error.kind()),
                }
            }
        };
        let (bytes, kind) = tokio::select! {
            end = read => end,
            () = drip => unreachable!("it drips for ever"),
        };
        assert!(bytes > 1, "{bytes} bytes came");
        assert_eq!(kind, std::io::ErrorKind::TimedOut);
    }
}
