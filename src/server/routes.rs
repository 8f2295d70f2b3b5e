//! What is served where.

use actix_web::{
    HttpResponse, guard,
    http::header,
    middleware::{Condition, DefaultHeaders, from_fn},
    web::{self, ServiceConfig},
};
use tokio::sync::watch;

use super::{
    account,
    admission::Admission,
    attachments,
    body::Room,
    callback, demo_page, exports, graphiql, headers,
    hosts::Hosts,
    http::{self, Endpoint},
    images, invoices,
    live::Places,
    order_files,
    origins::{self, Origins},
    pages::{self, Readiness, SchemaText},
    payments, payouts,
    run::offers_mailbox,
    session, uploads, webhooks, websocket,
};
use crate::{
    api::Api,
    platform::{
        app::PaymentSetup,
        config::{Mode, Settings, Switch, TrustedDocuments},
    },
};

/// All routes, with what they work with. Cheap to clone: each of the server's threads has them.
#[derive(Clone)]
pub struct Routes {
    api: web::Data<Api>,
    endpoint: web::Data<Endpoint>,
    readiness: web::Data<Readiness>,
    hosts: web::Data<Hosts>,
    public_url: Option<String>,
    uploads: web::Data<uploads::Places>,
    origins: web::Data<Origins>,
    /// None where the schema may not be asked for.
    schema: Option<web::Data<SchemaText>>,
    graphiql: Switch,
    /// Whether it may be a demo market, whose page is there once its people are.
    demo: Switch,
    payments: PaymentSetup,
    mailbox: Switch,
}

impl Routes {
    pub fn new(
        settings: &Settings,
        api: Api,
        readiness: web::Data<Readiness>,
        hosts: web::Data<Hosts>,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        let endpoint = Endpoint {
            api: api.clone(),
            admission: Admission::new(settings.capacity.requests, settings.capacity.requests_per_address),
            room: Room::new(settings.capacity.body_bytes),
            places: Places::new(settings.capacity.streams_per_caller),
            subscriptions: Places::new(settings.capacity.subscriptions_per_caller),
            order_files: order_files::Places::new(),
            patience: settings.patience,
            batch: settings.capacity.batch,
            stopping,
        };
        Self {
            api: web::Data::new(api),
            endpoint: web::Data::new(endpoint),
            readiness,
            hosts,
            public_url: settings.public_url.clone(),
            uploads: web::Data::new(uploads::Places::new()),
            origins: web::Data::new(Origins::new(settings.public_url.as_deref(), settings.allowed_origins.clone())),
            schema: offers_schema(settings).then(|| web::Data::new(SchemaText::new())),
            graphiql: settings.graphiql,
            demo: if settings.mode == Mode::Development { Switch::On } else { Switch::Off },
            payments: settings.payments,
            mailbox: if offers_mailbox(settings) { Switch::On } else { Switch::Off },
        }
    }

    /// What every answer says to browsers.
    pub fn headers(&self) -> DefaultHeaders {
        headers::of_every_answer(self.public_url.as_deref())
    }

    pub fn configure(&self, service: &mut ServiceConfig) {
        let is_upgrade = guard::Header("upgrade", "websocket");
        service
            .app_data(self.api.clone())
            .app_data(self.endpoint.clone())
            .app_data(self.readiness.clone())
            .app_data(self.hosts.clone())
            .app_data(self.origins.clone())
            .app_data(self.uploads.clone())
            .route("/healthz", web::get().to(pages::healthz))
            .route("/readyz", web::get().to(pages::readyz))
            .route("/.well-known/jwks.json", web::get().to(pages::jwks))
            .service(
                web::resource("/graphql")
                    .wrap(from_fn(origins::guard))
                    .wrap(Condition::new(self.origins.is_shared(), self.origins.cors()))
                    .route(web::get().guard(is_upgrade).to(websocket::upgrade))
                    .route(web::get().to(http::get))
                    .route(web::post().to(http::post))
                    .default_service(web::to(|| async {
                        HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET, POST")).finish()
                    })),
            );
        account::configure(service);
        callback::configure(service);
        invoices::configure(service);
        service
            .service(
                web::resource("/uploads/{token}")
                    .wrap(Condition::new(self.origins.is_shared(), self.origins.cors()))
                    .route(web::put().to(uploads::put)),
            )
            .service(web::resource("/exports/{until}/{token}").route(web::get().to(exports::export)))
            .service(web::resource("/order-files/{link}").route(web::get().to(order_files::orders)))
            .service(
                web::resource("/attachments/{until}/{shape}/{token}")
                    .route(web::get().to(attachments::attachment))
                    .route(web::head().to(attachments::attachment)),
            )
            .service(
                web::resource("/images/{id}/{tag}/{shape}")
                    .route(web::get().to(images::image))
                    .route(web::head().to(images::image)),
            );
        service.service(
            web::resource("/session/refresh")
                .wrap(from_fn(origins::guard))
                .wrap(Condition::new(self.origins.is_shared(), self.origins.cors()))
                .route(web::post().to(session::refresh)),
        );
        if let Some(schema) = &self.schema {
            let resource = web::resource("/schema.graphql").app_data(schema.clone());
            service.service(resource.route(web::get().to(pages::schema)).route(web::head().to(pages::schema)));
        }
        if self.graphiql == Switch::On {
            graphiql::configure(service);
            let to_graphiql =
                || async { HttpResponse::TemporaryRedirect().insert_header((header::LOCATION, "/graphiql")).finish() };
            service.route("/", web::get().to(to_graphiql));
        }
        if self.demo == Switch::On {
            demo_page::configure(service);
        }
        if self.payments == PaymentSetup::Test {
            payments::configure(service);
            payouts::configure(service);
        }
        webhooks::configure(service, self.payments);
        if self.mailbox == Switch::On {
            service.route("/dev/mail", web::get().to(pages::mailbox));
        }
    }
}

/// Whether the schema has a page: not where it may not be asked for, be it at all or by documents that nobody has trusted.
fn offers_schema(settings: &Settings) -> bool {
    settings.introspection == Switch::On && settings.documents.trusted != TrustedDocuments::Only
}
