//! Routes that are described where they are declared. So the document has every route of an API, and no other.

use std::convert::Infallible;

use axum::Router;
use axum::handler::Handler;
use axum::routing::{self, MethodRouter};
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

/// Routes of an API, with the description of each.
pub struct ApiRoutes<S> {
    router: Router<S>,
    operations: Vec<Described>,
}

impl<S: Clone + Send + Sync + 'static> Default for ApiRoutes<S> {
    fn default() -> Self {
        Self { router: Router::new(), operations: Vec::new() }
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

    /// Adds the routes of another API.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.operations.extend(other.operations);
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

    /// Returns the routes.
    pub fn into_router(self) -> Router<S> {
        self.router
    }

    /// Returns the descriptions.
    #[must_use]
    pub fn operations(&self) -> &[Described] {
        &self.operations
    }

    /// Gives the handlers their state.
    #[must_use]
    pub fn with_state<T: Clone + Send + Sync + 'static>(self, state: S) -> ApiRoutes<T> {
        ApiRoutes { router: self.router.with_state(state), operations: self.operations }
    }
}

/// The operations of one path.
pub struct Methods<S> {
    router: MethodRouter<S>,
    operations: Vec<(Method, &'static ApiOperation)>,
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
            Methods { router: routing::$name(handler), operations: vec![(Method::$method, operation)] }
        })*

        impl<S: Clone + Send + Sync + 'static> Methods<S> {
            $($(#[$doc])*
            #[must_use]
            pub fn $name<H, T>(mut self, handler: H, operation: &'static ApiOperation) -> Self
            where
                H: Handler<T, S>,
                T: 'static,
            {
                self.router = self.router.$name(handler);
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
    /// Changes the routes of the path, such as by a layer.
    #[must_use]
    pub fn layered(self, change: impl FnOnce(MethodRouter<S>) -> MethodRouter<S, Infallible>) -> Self {
        Self { router: change(self.router), operations: self.operations }
    }
}
