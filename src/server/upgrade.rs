//! Requests that would have their connection be something else, which here is a WebSocket.
//!
//! They go through the routes like any other. If the answer holds an [`Opening`], the connection is the socket's from then
//! on, and all that HTTP held for it is gone, 16 KiB of buffers among it: most sockets say nothing most of the time.

use std::{convert::Infallible, fmt::Debug, rc::Rc};

use actix_codec::{Framed, FramedParts};
use actix_http::{
    ConnectionType, Request, Response,
    body::{BoxBody, MessageBody, to_bytes_limited},
    h1::{Codec, SendResponse},
};
use actix_service::{Service, ServiceFactory, fn_factory, fn_service};
use actix_web::{dev::ServiceResponse, web::Bytes};

use super::{
    connection::Connection,
    websocket::{Opening, Socket},
};

/// Bytes of an answer that is no socket; of a longer one only the head is told.
const LONGEST_REFUSAL: usize = 1024 * 1024;

type Asked = (Request, Framed<Connection, Codec>);

/// Answers such requests by the routes of an app.
pub fn service<A, B>(
    app: A,
) -> impl ServiceFactory<Asked, Config = (), Response = (), Error = Infallible, InitError = A::InitError>
where
    A: ServiceFactory<Request, Config = (), Response = ServiceResponse<B>, InitError: Debug>,
    A::Error: Into<Response<BoxBody>>,
    A::Service: 'static,
    B: MessageBody + 'static,
{
    fn_factory(move || {
        let app = app.new_service(());
        async move {
            let app = Rc::new(app.await?);
            // Boxed apart, so that no connection has room for a socket before it is one, and no socket for what came before.
            Ok(fn_service(move |(request, framed): Asked| {
                let answered = Box::pin(answer(Rc::clone(&app), request, framed));
                Box::pin(async move {
                    let Some(socket) = answered.await else { return Ok(()) };
                    socket.run().await;
                    Ok(())
                })
            }))
        }
    })
}

/// Answers a request; with the socket that it is from now on, if it was let in.
async fn answer<A, B>(app: Rc<A>, request: Request, framed: Framed<Connection, Codec>) -> Option<Socket>
where
    A: Service<Request, Response = ServiceResponse<B>>,
    A::Error: Into<Response<BoxBody>>,
    B: MessageBody + 'static,
{
    let response = match app.call(request).await {
        Ok(answered) => Response::from(answered).map_into_boxed_body(),
        Err(error) => error.into(),
    };
    let (mut head, body) = response.into_parts();
    let opening = head.extensions_mut().remove::<Opening>();
    if opening.is_none() {
        head.head_mut().set_connection_type(ConnectionType::Close);
    }
    let body = match to_bytes_limited(body, LONGEST_REFUSAL).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) | Err(_) => Bytes::new(),
    };
    let framed = SendResponse::new(framed, head.set_body(body)).await.ok()?;
    let FramedParts { io, read_buf, .. } = framed.into_parts();
    Some(opening?.open(io, read_buf.into()).await)
}
