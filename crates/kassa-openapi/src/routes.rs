//! Routes that are described where they are declared. So the document has every route of an API, and no other.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::response::Response;
use axum::routing::{self, MethodRouter};
use futures_util::future::BoxFuture;
use http::Method;

use crate::operation::ApiOperation;

/// A group of operations, which the document and the page show together.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// The name.
    pub name: &'static str,
    /// The purpose, in whole sentences.
    pub about: &'static str,
    /// The wire that the operations belong to.
    pub wire: Wire,
}

/// The wire that an operation belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// The vendor's. These calls can have rate limits.
    Vendor,
    /// The vendor's, with the headers of Order Management.
    OrderManagement,
    /// Kassa's own.
    Kassa,
}

/// One operation at its path.
#[derive(Clone, Debug)]
pub struct Described {
    /// The group.
    pub group: &'static Group,
    /// The method.
    pub method: Method,
    /// The path, as a pattern.
    pub path: String,
    /// The description.
    pub operation: &'static ApiOperation,
}

/// A handler that gets its state with each request.
type StatelessHandler<S> = Arc<dyn Fn(Request, S) -> BoxFuture<'static, Response> + Send + Sync>;

/// A handler that has its state.
type StatefulHandler = Arc<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>;

/// An operation that callers use often.
struct FrequentOperation<S> {
    method: Method,
    /// The path, as a pattern.
    path: String,
    answer: StatelessHandler<S>,
}

impl<S: Clone + Send + Sync + 'static> FrequentOperation<S> {
    /// Gives the handler its state.
    fn with_state<T>(self, state: S) -> FrequentOperation<T> {
        let Self { method, path, answer } = self;
        FrequentOperation { method, path, answer: Arc::new(move |request, _| answer(request, state.clone())) }
    }
}

/// Routes of an API, with the description of each.
pub struct ApiRoutes<S> {
    router: Router<S>,
    operations: Vec<Described>,
    frequent: Vec<FrequentOperation<S>>,
}

impl<S: Clone + Send + Sync + 'static> Default for ApiRoutes<S> {
    fn default() -> Self {
        Self { router: Router::new(), operations: Vec::new(), frequent: Vec::new() }
    }
}

impl<S: Clone + Send + Sync + 'static> ApiRoutes<S> {
    /// No routes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the operations of a path.
    #[must_use]
    pub fn route(mut self, group: &'static Group, path: &str, methods: Methods<S>) -> Self {
        self.router = self.router.route(path, methods.router);
        let described = methods.operations.into_iter().map(|(method, operation)| Described {
            group,
            method,
            path: path.to_string(),
            operation,
        });
        self.operations.extend(described);
        self
    }

    /// Adds the operations of a path that callers use often.
    #[must_use]
    pub fn frequent(mut self, group: &'static Group, path: &str, mut methods: Methods<S>) -> Self {
        let handlers = std::mem::take(&mut methods.handlers);
        self.frequent.extend(handlers.into_iter().map(|(method, answer)| FrequentOperation {
            method,
            path: path.to_string(),
            answer,
        }));
        self.route(group, path, methods)
    }

    /// Adds the routes of another API.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.operations.extend(other.operations);
        self.frequent.extend(other.frequent);
        self
    }

    /// Adds a route without a description, which is no part of the API.
    #[must_use]
    pub fn undocumented(mut self, path: &str, methods: MethodRouter<S>) -> Self {
        self.router = self.router.route(path, methods);
        self
    }

    /// Adds routes without a description, which are no part of the API.
    #[must_use]
    pub fn merge_undocumented(mut self, router: Router<S>) -> Self {
        self.router = self.router.merge(router);
        self
    }

    /// Returns the routes. They include the frequent operations.
    pub fn into_router(self) -> Router<S> {
        self.router
    }

    /// The operations that callers use often ([`Self::frequent`]): method, path and handler, which gets this state.
    pub fn frequent_with_state(self, state: S) -> impl Iterator<Item = (Method, String, StatefulHandler)> {
        let with_state = move |operation: FrequentOperation<S>| {
            let (state, answer) = (state.clone(), operation.answer);
            let handler: StatefulHandler = Arc::new(move |request| answer(request, state.clone()));
            (operation.method, operation.path, handler)
        };
        self.frequent.into_iter().map(with_state)
    }

    /// Returns the descriptions.
    #[must_use]
    pub fn operations(&self) -> &[Described] {
        &self.operations
    }

    /// Gives the handlers their state.
    #[must_use]
    pub fn with_state<T: Clone + Send + Sync + 'static>(self, state: S) -> ApiRoutes<T> {
        let frequent = self.frequent.into_iter().map(|operation| operation.with_state(state.clone()));
        ApiRoutes {
            frequent: frequent.collect(),
            router: self.router.with_state(state),
            operations: self.operations,
        }
    }
}

/// The operations of one path.
pub struct Methods<S> {
    router: MethodRouter<S>,
    operations: Vec<(Method, &'static ApiOperation)>,
    handlers: Vec<(Method, StatelessHandler<S>)>,
}

/// A handler whose type is not known any more.
fn erased<H, T, S>(handler: H) -> StatelessHandler<S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    Arc::new(move |request, state| Box::pin(handler.clone().call(request, state)))
}

/// Defines the methods of HTTP, once as a function and once to be chained.
macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident $method:ident)*) => {
        $($(#[$doc])*
        pub fn $name<H, T, S>(handler: H, operation: &'static ApiOperation) -> Methods<S>
        where
            H: Handler<T, S>,
            T: 'static,
            S: Clone + Send + Sync + 'static,
        {
            Methods {
                router: routing::$name(handler.clone()),
                operations: vec![(Method::$method, operation)],
                handlers: vec![(Method::$method, erased(handler))],
            }
        })*

        impl<S: Clone + Send + Sync + 'static> Methods<S> {
            $($(#[$doc])*
            #[must_use]
            pub fn $name<H, T>(mut self, handler: H, operation: &'static ApiOperation) -> Self
            where
                H: Handler<T, S>,
                T: 'static,
            {
                self.router = self.router.$name(handler.clone());
                self.handlers.push((Method::$method, erased(handler)));
                self.operations.push((Method::$method, operation));
                self
            })*
        }
    };
}

methods! {
    /// Adds a read.
    get GET
    /// Adds a `POST`.
    post POST
    /// Adds a `PUT`.
    put PUT
    /// Adds a `PATCH`.
    patch PATCH
    /// Adds a `DELETE`.
    delete DELETE
}

impl<S: Clone + Send + Sync + 'static> Methods<S> {
    /// Changes the routes of the path, such as by a layer. They can then not be [frequent](ApiRoutes::frequent).
    #[must_use]
    pub fn layered(self, change: impl FnOnce(MethodRouter<S>) -> MethodRouter<S, Infallible>) -> Self {
        Self { router: change(self.router), operations: self.operations, handlers: Vec::new() }
    }
}
