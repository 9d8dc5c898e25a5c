//! The calls of one connection: each is checked, counted and answered.

use std::io;
use std::sync::Arc;

use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::Incoming;

use crate::addresses::CountedPlace;
use crate::answer_body::AnswerBody;
use crate::application::{Application, RequestRefusal};
use crate::connection::{IncomingConnection, Instruction};
use crate::host;
use crate::places::{ConnectionPlaces, Peer};
use crate::request_body::RequestBody;

/// Answers the calls of one connection.
pub(crate) struct Calls<A> {
    pub(crate) application: Arc<A>,
    pub(crate) connection: Arc<IncomingConnection>,
    pub(crate) places: Arc<ConnectionPlaces>,
}

/// A call in flight, until this is dropped.
pub(crate) struct CallInFlight {
    pub(crate) connection: Arc<IncomingConnection>,
    /// The count of the caller behind a proxy.
    _taken: Option<CountedPlace>,
}

impl CallInFlight {
    fn begin(connection: Arc<IncomingConnection>, taken: Option<CountedPlace>) -> Self {
        connection.begin_call();
        Self { connection, _taken: taken }
    }
}

impl Drop for CallInFlight {
    fn drop(&mut self) {
        self.connection.end_call();
    }
}

impl<A: Application> Calls<A> {
    /// Answers a request, itself or through the application. After an error HTTP closes the connection.
    pub(crate) fn answer(
        &self,
        request: Request<Incoming>,
    ) -> impl Future<Output = io::Result<Response<AnswerBody<A::Body>>>> + Send + use<A> {
        let application = self.application.clone();
        let version = request.version();
        let request = RequestBody::wrap(request, &self.connection);
        let is_late = request.body().is_late();
        let (call, answer) = match self.admit(&request) {
            Ok(taken) => {
                let call = CallInFlight::begin(self.connection.clone(), taken);
                (call, Ok(application.answer(request, self.connection.address)))
            }
            Err(refusal) => {
                tracing::debug!(peer = %self.connection.address, ?refusal, "refusing a request");
                (CallInFlight::begin(self.connection.clone(), None), Err(refusal))
            }
        };
        async move {
            let is_host_wrong = matches!(answer, Err(RequestRefusal::BadHost(_)));
            let mut response = match answer {
                Ok(answer) => answer.await?,
                Err(refusal) => application.refuse(refusal),
            };
            if is_late.get() && response.status() != StatusCode::REQUEST_TIMEOUT {
                response = application.refuse(RequestRefusal::SlowBody);
            }
            let is_rejected = call.connection.place.is_rejected;
            // HTTP closes the connection if the rest of a body has not arrived yet. Unless the answer says so, a caller
            // can send the next request on it and lose it.
            let has_abandoned = call.connection.has_abandoned_body();
            if is_host_wrong || is_late.get() || is_rejected || has_abandoned || application.is_draining() {
                end(&call.connection, version, &mut response);
            }
            Ok(response.map(|body| AnswerBody::new(body, call)))
        }
    }

    /// Whether the application is to answer a request.
    fn admit(&self, request: &Request<RequestBody>) -> Result<Option<CountedPlace>, RequestRefusal> {
        if let Some(complaint) = host::complaint(request) {
            return Err(RequestRefusal::BadHost(complaint));
        }
        if self.application.is_probe(request) {
            return Ok(None);
        }
        if self.connection.place.is_rejected {
            return Err(RequestRefusal::NoPlace);
        }
        let other_end = self.connection.address.ip().to_canonical();
        let caller = match self.connection.peer {
            Peer::Proxy => self.application.caller(other_end, request.headers()),
            Peer::Caller if request.version() == Version::HTTP_2 => other_end,
            // Over HTTP/1.1 a connection has one call at a time, and the connection counts already.
            Peer::Caller => return Ok(None),
        };
        self.places.take_call(caller).map(Some).ok_or(RequestRefusal::TooManyCalls)
    }
}

/// Makes an answer the last one of its connection.
fn end<B>(connection: &IncomingConnection, version: Version, response: &mut Response<B>) {
    if version <= Version::HTTP_11 {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    } else if connection.place.is_rejected {
        connection.instruct(Instruction::Finish);
    }
}
