//! What an answer's body is made of.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};

use super::live::Stream;
use tokio::sync::mpsc::Receiver;

/// A whole answer, or a live stream.
pub(super) enum Body {
    /// All there is; `None` once sent.
    Whole(Option<Bytes>),
    /// Server-sent events, until either side ends it.
    Live(Box<Stream>),
    /// Pieces, until their sender ends.
    Stream(Receiver<Bytes>),
}

impl Body {
    /// A whole answer.
    pub(super) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self::Whole(Some(bytes.into()))
    }
}

/// Why a request's body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// The connection ended before it.
    BrokeOff,
    /// It is longer than was asked for.
    TooLong,
}

/// The whole body of a request, of at most so many bytes.
pub(super) async fn whole(mut body: Incoming, max: usize) -> Result<BytesMut, Unread> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Unread::BrokeOff)?.into_data() else { continue };
        if bytes.len() + data.len() > max {
            return Err(Unread::TooLong);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().filter(|bytes| !bytes.is_empty()).map(|bytes| Ok(Frame::data(bytes)))),
            Self::Stream(pieces) => pieces.poll_recv(context).map(|next| next.map(|bytes| Ok(Frame::data(bytes)))),
            Self::Live(stream) => stream.poll_next(context).map(|next| next.map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(bytes) if bytes.as_ref().is_none_or(Bytes::is_empty))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Live(_) | Self::Stream(_) => SizeHint::default(),
        }
    }
}
