//! Who may name whom.

/// Domains in their order: each may name those before it.
const DOMAINS: &[&str] = &[
    "users",
    "media",
    "notifications",
    "shops",
    "products",
    "inventory",
    "porting",
    "wishlists",
    "searches",
    "messages",
    "payments",
    "taxes",
    "shipping",
    "promotions",
    "carts",
    "invoices",
    "orders",
    "payouts",
    "reviews",
    "recommendations",
    "moderation",
    "privacy",
    "checkup",
    "documents",
    "demo",
];

/// The files of a domain, and the files of the same domain that each may name.
const FILES: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("error", &["model"]),
    ("policy", &["model", "error"]),
    ("queries", &["model"]),
    ("service", &["queries", "policy", "model", "error"]),
    ("loaders", &["queries", "policy", "model"]),
    ("mail", &["model"]),
    ("jobs", &["service", "model", "mail"]),
    ("graphql", &["service", "loaders", "policy", "model", "error"]),
];

/// Where a module stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place<'a> {
    Kernel,
    Platform,
    Schema,
    /// A file of a domain; none for its `mod.rs`.
    Domain(usize, Option<&'a str>),
    UserErrors,
    Api,
    Server,
    /// `main.rs` with its commands, and `lib.rs`.
    Top,
}

impl<'a> Place<'a> {
    fn of(path: &'a [String]) -> Option<Self> {
        let mut path = path.iter().skip(1).map(String::as_str);
        Some(match path.next() {
            None | Some("catalogue" | "doctor" | "files" | "keys" | "mail" | "recommend" | "webhooks") => Self::Top,
            Some("kernel") => Self::Kernel,
            Some("platform") => Self::Platform,
            Some("schema") => Self::Schema,
            Some("user_errors") => Self::UserErrors,
            Some("api") => Self::Api,
            Some("server") => Self::Server,
            Some(name) => {
                let domain = DOMAINS.iter().position(|domain| *domain == name)?;
                Self::Domain(domain, path.next())
            }
        })
    }

    const fn layer(self) -> u8 {
        match self {
            Self::Kernel => 0,
            Self::Schema => 1,
            Self::Platform => 2,
            Self::Domain(..) | Self::UserErrors => 3,
            Self::Api => 4,
            Self::Server => 5,
            Self::Top => 6,
        }
    }
}

/// Which rule a name breaks, and why there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    pub rule: &'static str,
    pub reason: &'static str,
}

impl Broken {
    /// Whether every name in the file breaks it.
    pub fn is_about_the_file(self) -> bool {
        self == UNKNOWN || self == UNKNOWN_FILE
    }
}

const LAYERS: Broken = Broken {
    rule: "main → server → api → domains → platform → kernel: left may name right, never back",
    reason: "what lies below must be readable, testable and replaceable without what stands on it",
};
const UNKNOWN: Broken = Broken {
    rule: "every module under src has a place in tests/it/architecture/rules.rs",
    reason: "a folder that nobody placed has no rules",
};
const UNKNOWN_FILE: Broken = Broken {
    rule: "a domain consists of model, error, policy, queries, service, loaders, mail, jobs and graphql",
    reason: "who knows one domain finds their way in every other one",
};
const FILE: Broken = Broken {
    rule: "inside a domain: graphql → service, loaders, policy, model, error; service → queries, policy, model, error; \
           loaders → queries, policy, model; jobs → service, mail, model; policy → model, error; queries, mail, error → model",
    reason: "a face that sees no SQL cannot cause an N+1, and a rule that knows no face holds for all of them",
};
const TABLES: Broken =
    Broken { rule: "tables are named by platform, model and queries only", reason: "SQL has one place in each domain" };
const DOMAIN: Broken = Broken {
    rule: "between domains: graphql → any graphql, model, loaders, and user_errors; service, jobs → an earlier domain's \
           service, model, error; error → an earlier domain's error; everything else → an earlier domain's model",
    reason: "domains that know each other both ways are one domain with two names",
};
const FACES: Broken = Broken {
    rule: "above the domains, nobody names queries",
    reason: "rules stand in services; whoever goes around them breaks them",
};
const DIESEL: Broken = Broken {
    rule: "diesel only in kernel, platform, schema, model and queries",
    reason: "SQL has one place in each domain",
};
const GRAPHQL: Broken = Broken {
    rule: "async_graphql only in kernel, platform/gql, graphql, loaders, user_errors, api and server",
    reason: "a use case serves jobs, imports and every face alike",
};
const MODEL: Broken = Broken {
    rule: "of async_graphql, model.rs uses the derive of Enum and nothing else",
    reason: "a row on the wire makes every new column public by accident",
};
const ACTIX: Broken =
    Broken { rule: "actix only in server and main", reason: "what is not transport must not know about HTTP" };
const TOKENS: Broken =
    Broken { rule: "jsonwebtoken only in platform/crypto", reason: "there is one place where a token is believed" };
const HTTP: Broken = Broken {
    rule: "reqwest only in platform/http",
    reason: "whatever leaves by HTTP has its bounds, and reaches no address that it must not",
};
const WIRE: Broken = Broken {
    rule: "resolvers return WireResult, never async_graphql's Result or Error",
    reason: "an error without a code of the closed list, or with internal text, would reach clients",
};

/// The rule that the module at `here` breaks by naming `name`.
pub fn judge(here: &[String], name: &[String]) -> Option<Broken> {
    let Some(place) = Place::of(here) else { return Some(UNKNOWN) };
    if let Place::Domain(_, Some(file)) = place
        && !is_file(file)
    {
        return Some(UNKNOWN_FILE);
    }
    match name.first().map(String::as_str) {
        Some("crate" | "agora") => inside(place, name),
        Some(krate) => outside(place, here, krate, &name[1..]),
        None => None,
    }
}

fn is_file(name: &str) -> bool {
    FILES.iter().any(|(file, _)| *file == name)
}

fn inside(here: Place<'_>, name: &[String]) -> Option<Broken> {
    // What is no module of ours at the top is an item of the crate's root: a macro.
    let there = Place::of(name).filter(|there| *there != Place::Top)?;
    let broken = |is_fine: bool, rule| (!is_fine).then_some(rule);
    match (here, there) {
        (Place::Domain(own, own_file), Place::Domain(other, file)) if own == other => match (own_file, file) {
            (Some(own_file), Some(file)) if own_file == file => None,
            (Some(own_file), Some(file)) => {
                let allowed = FILES.iter().find(|(name, _)| *name == own_file).map(|(_, allowed)| *allowed);
                broken(allowed.is_some_and(|allowed| allowed.contains(&file)), FILE)
            }
            _ => None,
        },
        (Place::Domain(own, own_file), Place::Domain(other, file)) => {
            let is_earlier = other < own;
            broken(
                match (own_file, file) {
                    // The domain itself, on the way to one of its files.
                    (Some(_), None) => name.len() == 2,
                    (Some("graphql"), Some("graphql" | "model" | "loaders")) => true,
                    (Some("service" | "jobs"), Some("service" | "model" | "error"))
                    | (Some("error"), Some("error"))
                    | (Some(_), Some("model")) => is_earlier,
                    _ => false,
                },
                DOMAIN,
            )
        }
        (Place::Domain(_, file), Place::UserErrors) => broken(file == Some("graphql"), DOMAIN),
        (Place::Domain(_, file), Place::Schema) => broken(matches!(file, Some("model" | "queries")), TABLES),
        (Place::Platform | Place::Schema, Place::Schema) => None,
        (_, Place::Schema) => Some(TABLES),
        (Place::UserErrors | Place::Api | Place::Server | Place::Top, Place::Domain(_, Some("queries"))) => Some(FACES),
        _ => broken(here.layer() >= there.layer(), LAYERS),
    }
}

fn outside(here: Place<'_>, path: &[String], krate: &str, rest: &[String]) -> Option<Broken> {
    let broken = |is_fine: bool, rule| (!is_fine).then_some(rule);
    let file = match here {
        Place::Domain(_, file) => file,
        _ => None,
    };
    match krate {
        "diesel" | "diesel_migrations" => {
            let is_fine = matches!(here, Place::Kernel | Place::Platform | Place::Schema);
            broken(is_fine || matches!(file, Some("model" | "queries")), DIESEL)
        }
        "async_graphql" | "async_graphql_value" => match (here, file) {
            (_, Some("model")) => broken(rest.first().is_some_and(|item| item == "Enum"), MODEL),
            (_, Some("graphql")) => {
                let is_raw = matches!(
                    rest.first().map(String::as_str),
                    Some("Result" | "Error" | "FieldResult" | "FieldError" | "ServerError" | "ServerResult")
                );
                broken(!is_raw, WIRE)
            }
            (_, Some("loaders")) | (Place::Kernel | Place::UserErrors | Place::Api | Place::Server, _) => None,
            (Place::Platform, _) => broken(path.get(2).is_some_and(|file| file == "gql"), GRAPHQL),
            _ => Some(GRAPHQL),
        },
        "actix" | "actix_web" | "actix_codec" | "actix_rt" | "actix_http" | "actix_service" | "actix_cors" => {
            broken(matches!(here, Place::Server | Place::Top), ACTIX)
        }
        "jsonwebtoken" => broken(here == Place::Platform && path.get(2).is_some_and(|file| file == "crypto"), TOKENS),
        "reqwest" => broken(here == Place::Platform && path.get(2).is_some_and(|file| file == "http"), HTTP),
        _ => None,
    }
}
