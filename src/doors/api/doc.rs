//! The API's table: each route with what it needs and what the OpenAPI document says of it. One line makes both, so
//! that no route can be missing in the document.

use actix_web::http::Method;
use actix_web::{Handler, Responder};
use utoipa::openapi::path::{HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Paths, Ref, RefOr, Required, ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use crate::panel::access::{Access, Routes};

/// What the document says of a route.
pub struct Doc {
    tag: &'static str,
    summary: &'static str,
    query: &'static [&'static str],
    body: Option<RefOr<Schema>>,
    gives: Option<RefOr<Schema>>,
    status: &'static str,
    schemas: Vec<(String, RefOr<Schema>)>,
}

/// A line of the document: its group and one sentence.
pub fn doc(tag: &'static str, summary: &'static str) -> Doc {
    Doc { tag, summary, query: &[], body: None, gives: None, status: "200", schemas: Vec::new() }
}

impl Doc {
    /// Parameters of the query.
    pub fn query(mut self, names: &'static [&'static str]) -> Self {
        self.query = names;
        self
    }
    /// What is sent.
    pub fn takes<T: ToSchema>(mut self) -> Self {
        self.body = Some(self.named::<T>());
        self
    }
    /// What is answered with 200.
    pub fn gives<T: ToSchema>(mut self) -> Self {
        self.gives = Some(self.named::<T>());
        self
    }
    /// What is answered with 201.
    pub fn makes<T: ToSchema>(mut self) -> Self {
        self.status = "201";
        self.gives::<T>()
    }
    /// A page of rows.
    pub fn lists<T: ToSchema>(mut self) -> Self {
        let items = ArrayBuilder::new().items(self.named::<T>()).build();
        let next = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some("What `after` takes for the next page; null on the last one."));
        let list = ObjectBuilder::new().property("items", items).property("next", next);
        self.gives = Some(RefOr::T(Schema::Object(list.required("items").required("next").build())));
        self
    }
    /// Nothing is answered (204).
    pub fn silent(mut self) -> Self {
        self.status = "204";
        self
    }

    fn named<T: ToSchema>(&mut self) -> RefOr<Schema> {
        let name = T::name().into_owned();
        self.schemas.push((name.clone(), <T as PartialSchema>::schema()));
        T::schemas(&mut self.schemas);
        RefOr::Ref(Ref::from_schema_name(name))
    }
}

/// The table while it is being made.
pub struct Table {
    /// The routes, as the panel's.
    pub routes: Routes,
    paths: Paths,
    components: Components,
}

impl Default for Table {
    fn default() -> Self {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("fh_…").build();
        let mut components = Components::new();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        components.schemas.insert("Problem".into(), problem());
        Self { routes: Routes::default(), paths: Paths::new(), components }
    }
}

impl Table {
    /// Adds a route with its line of the document.
    pub fn on<F, Args>(&mut self, method: Method, path: &'static str, access: Access, handler: F, doc: Doc)
    where
        F: Handler<Args>,
        Args: actix_web::FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let operation = self.operation(path, access, doc);
        let verb = match method {
            Method::POST => HttpMethod::Post,
            Method::PUT => HttpMethod::Put,
            Method::PATCH => HttpMethod::Patch,
            Method::DELETE => HttpMethod::Delete,
            _ => HttpMethod::Get,
        };
        self.paths.add_path_operation(path, vec![verb], operation);
        self.routes.on(method, path, access, handler);
    }

    fn operation(&mut self, path: &'static str, access: Access, doc: Doc) -> OperationBuilder {
        for (name, schema) in doc.schemas {
            self.components.schemas.insert(name, schema);
        }
        let mut answer = ResponseBuilder::new().description(if doc.status == "204" { "Done." } else { "As asked." });
        if let Some(schema) = doc.gives {
            answer = answer.content("application/json", ContentBuilder::new().schema(Some(schema)).build());
        }
        let refusal = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let refusal = ResponseBuilder::new()
            .description("Refused: `code` says why, `fields` name what was wrong.")
            .content("application/problem+json", refusal);
        let mut operation = OperationBuilder::new()
            .tag(doc.tag)
            .summary(Some(doc.summary))
            .description(needs(access))
            .response(doc.status, answer.build())
            .response("default", refusal.build());
        if access != Access::Open {
            operation = operation.security(SecurityRequirement::new("token", Vec::<String>::new()));
        }
        for name in path.split('{').skip(1).filter_map(|part| part.split('}').next()) {
            operation = operation.parameter(parameter(name, ParameterIn::Path));
        }
        for name in doc.query {
            operation = operation.parameter(parameter(name, ParameterIn::Query));
        }
        if let Some(schema) = doc.body {
            let body = ContentBuilder::new().schema(Some(schema)).build();
            let body = RequestBodyBuilder::new().content("application/json", body).required(Some(Required::True));
            operation = operation.request_body(Some(body.build()));
        }
        operation
    }

    /// The document.
    pub fn document(self) -> (Routes, OpenApi) {
        let info = InfoBuilder::new().title("Freehold").version("1").description(Some(
            "Send a token as `Authorization: Bearer fh_…`. Lists give `next`; send it as `after`. An entry's ETag goes \
             into `If-Match`. A POST with an `Idempotency-Key` makes its thing once, however often it is sent.",
        ));
        let document =
            OpenApiBuilder::new().info(info.build()).paths(self.paths).components(Some(self.components)).build();
        (self.routes, document)
    }
}

fn needs(access: Access) -> Option<String> {
    match access {
        Access::Site(c) => Some(format!("Needs `{}` on the site.", c.name())),
        Access::Server(c) | Access::Customers(c) => Some(format!("Needs `{}`.", c.name())),
        Access::Account(c) => Some(format!("Needs `{}` on the account.", c.name())),
        Access::Signed | Access::Half => Some("Needs a token.".to_owned()),
        Access::Open => None,
    }
}

fn parameter(name: &str, place: ParameterIn) -> Parameter {
    let in_path = matches!(place, ParameterIn::Path);
    let is_text = matches!(name, "name" | "place");
    let kind = if (in_path && !is_text) || name == "limit" { Type::Integer } else { Type::String };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(if in_path { Required::True } else { Required::False })
        .schema(Some(ObjectBuilder::new().schema_type(SchemaType::new(kind)).build()))
        .build()
}

/// RFC 9457, with `code` for programs.
fn problem() -> RefOr<Schema> {
    let text = || ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).build();
    let field = ObjectBuilder::new().property("field", text()).property("code", text()).property("detail", text());
    let problem = ObjectBuilder::new()
        .property("type", text())
        .property("title", text())
        .property("status", ObjectBuilder::new().schema_type(SchemaType::new(Type::Integer)).build())
        .property("code", text())
        .property("fields", ArrayBuilder::new().items(field.build()).build())
        .property("reference", text());
    RefOr::T(Schema::Object(problem.build()))
}
