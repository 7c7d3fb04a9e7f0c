//! A panic in a handler is a fault of one answer, not of the connection (security rule A4).

use std::future::{Ready, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_http::Request;
use actix_web::Error as ActixError;
use actix_web::body::BoxBody;
use actix_web::dev::{Response, Service, ServiceResponse, Transform};
use futures_util::future::LocalBoxFuture;

/// Makes the answer to a request of this method and path whose handler panicked.
pub type Fault = Rc<dyn Fn(&str, &str) -> Response<BoxBody>>;

/// Wraps the routes of each worker in a [`Catch`]; see [`actix_service::apply`].
pub struct Catching(pub Fault);

impl<S> Transform<S, Request> for Catching
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = ActixError>,
    S::Future: 'static,
{
    type Response = Response<BoxBody>;
    type Error = Response<BoxBody>;
    type Transform = Catch<S>;
    type InitError = ();
    type Future = Ready<Result<Catch<S>, ()>>;

    fn new_transform(&self, routes: S) -> Self::Future {
        ready(Ok(Catch { routes, fault: Rc::clone(&self.0) }))
    }
}

/// One worker's routes.
pub struct Catch<S> {
    routes: S,
    fault: Fault,
}

impl<S> Service<Request> for Catch<S>
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = ActixError>,
    S::Future: 'static,
{
    type Response = Response<BoxBody>;
    type Error = Response<BoxBody>;
    type Future = Caught;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.routes.poll_ready(cx).map_err(|error| error.error_response().into())
    }

    fn call(&self, request: Request) -> Caught {
        let (method, path) = (request.method().to_string(), request.path().to_owned());
        Caught { route: Box::pin(self.routes.call(request)), fault: Rc::clone(&self.fault), method, path }
    }
}

/// What a route is making.
pub type Route = LocalBoxFuture<'static, Result<ServiceResponse<BoxBody>, ActixError>>;

/// Goes on with an answer; `fault` makes it where the route panics.
pub fn poll(
    route: &mut Route,
    cx: &mut Context<'_>,
    fault: impl FnOnce() -> Response<BoxBody>,
) -> Poll<Response<BoxBody>> {
    match catch_unwind(AssertUnwindSafe(|| route.as_mut().poll(cx))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(Ok(answer))) => Poll::Ready(answer.into()),
        Ok(Poll::Ready(Err(error))) => Poll::Ready(error.error_response().into()),
        Err(_) => Poll::Ready(fault()),
    }
}

/// An answer of the routes below a [`Catch`].
pub struct Caught {
    route: Route,
    fault: Fault,
    method: String,
    path: String,
}

impl Future for Caught {
    type Output = Result<Response<BoxBody>, Response<BoxBody>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { route, fault, method, path } = &mut *self;
        poll(route, cx, || fault(method, path)).map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::dev::{AppConfig, ServiceFactory as _};
    use actix_web::http::StatusCode;
    use actix_web::test::TestRequest;
    use actix_web::{App, HttpResponse, web};

    use super::*;

    async fn planted() -> HttpResponse {
        panic!("a planted fault")
    }

    async fn fine() -> HttpResponse {
        HttpResponse::Ok().finish()
    }

    // rule: A4
    #[test]
    fn a4_a_panic_in_a_handler_is_one_answer_and_the_next_request_is_fine() {
        crate::runtime().block_on(async {
            let app = App::new().route("/planted", web::get().to(planted)).route("/fine", web::get().to(fine));
            let fault: Fault = Rc::new(|method, path| {
                assert_eq!((method, path), ("GET", "/planted"));
                HttpResponse::InternalServerError().finish().into()
            });
            let service = actix_service::apply(Catching(fault), app).new_service(AppConfig::default()).await.unwrap();
            for (path, status) in
                [("/fine", StatusCode::OK), ("/planted", StatusCode::INTERNAL_SERVER_ERROR), ("/fine", StatusCode::OK)]
            {
                let answer = service.call(TestRequest::with_uri(path).to_request()).await.unwrap();
                assert_eq!(answer.status(), status, "{path}");
            }
        });
    }
}
