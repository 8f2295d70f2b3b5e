//! Who asks, and in which surroundings.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use secrecy::SecretString;
use uuid::Uuid;

use super::trace::TraceParent;
use crate::kernel::{error::Failure, money::CurrencyCode, place::CountryCode, place::Locale};

/// Who asks. Made once per request by `server` from a token, never from anything else that a client sends.
#[derive(Debug, Clone)]
pub struct Caller {
    pub who: Who,
    pub request: Arc<Request>,
}

/// The kinds of callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Nobody signed in.
    Guest,
    /// Somebody signed in.
    Person(SignedIn),
    /// Somebody signed in who works for the market itself.
    Staff(SignedIn, StaffRole),
    /// Somebody who works for the market itself, in the name of a person.
    OnBehalf(OnBehalf),
    /// A machine with a key of its own.
    ApiKey(ApiKey),
    /// Agora itself: jobs and commands of the operator.
    System,
}

/// A person in one of their sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn {
    pub user: Uuid,
    pub session: Uuid,
}

/// A member of the staff who acts in the name of a person, for a while and with a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnBehalf {
    pub person: Uuid,
    pub staff: SignedIn,
    pub grant: Uuid,
}

/// A machine with a key of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiKey {
    pub key: Uuid,
    /// The hash under which the key is stored, by which it is looked up again.
    pub hash: [u8; 32],
    pub scopes: Scopes,
    /// The address of the buyer on whose behalf it asks.
    pub buyer: Option<IpAddr>,
}

crate::text_enum! {
    /// What a key of a machine may do.
    #[derive(clap::ValueEnum)]
    pub enum Scope {
        /// Does what a guest may do, and may name the address of the buyer for whom it asks
        Storefront = "STOREFRONT",
    }
}

/// Some scopes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scopes(u32);

impl Scopes {
    const fn bit(scope: Scope) -> u32 {
        match scope {
            Scope::Storefront => 1,
        }
    }

    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & Self::bit(scope) != 0
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | Self::bit(scope)))
    }
}

/// What a member of the market's staff is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffRole {
    Support,
    Admin,
}

crate::text_enum! {
    /// Something that members of the market's staff may do, by their role.
    pub enum StaffPermission {
        ViewOrders = "VIEW_ORDERS",
        ViewOperations = "VIEW_OPERATIONS",
        ActOnBehalf = "ACT_ON_BEHALF",
        EndSessions = "END_SESSIONS",
        ManageOperations = "MANAGE_OPERATIONS",
        ManageApiKeys = "MANAGE_API_KEYS",
        ManageCatalogue = "MANAGE_CATALOGUE",
        ModerateReviews = "MODERATE_REVIEWS",
        ModerateContent = "MODERATE_CONTENT",
        AnswerSupport = "ANSWER_SUPPORT",
        ManageShops = "MANAGE_SHOPS",
        RefundOrders = "REFUND_ORDERS",
        FulfillOrders = "FULFILL_ORDERS",
        ManageStaff = "MANAGE_STAFF",
    }
}

impl StaffPermission {
    pub const ALL: [Self; 14] = [
        Self::ViewOrders,
        Self::ViewOperations,
        Self::ActOnBehalf,
        Self::EndSessions,
        Self::ManageOperations,
        Self::ManageApiKeys,
        Self::ManageCatalogue,
        Self::ModerateReviews,
        Self::ModerateContent,
        Self::AnswerSupport,
        Self::ManageShops,
        Self::RefundOrders,
        Self::FulfillOrders,
        Self::ManageStaff,
    ];
}

impl StaffRole {
    /// Support sees, and helps people in their name; admins run the market.
    pub const fn may(self, permission: StaffPermission) -> bool {
        match self {
            Self::Admin => true,
            Self::Support => matches!(
                permission,
                StaffPermission::ViewOrders
                    | StaffPermission::ViewOperations
                    | StaffPermission::ActOnBehalf
                    | StaffPermission::EndSessions
                    | StaffPermission::ModerateReviews
                    | StaffPermission::ModerateContent
                    | StaffPermission::AnswerSupport
            ),
        }
    }
}

/// Which program asks, as it says itself by `apollographql-client-name` and `apollographql-client-version`; empty where it
/// says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Client {
    pub name: String,
    pub version: String,
}

impl Client {
    /// What is longer than this, or is not of visible ASCII characters, is not told apart.
    const MAXIMUM: usize = 64;

    /// A client with this name and version, each as far as it can be taken.
    #[must_use]
    pub fn of(name: Option<&str>, version: Option<&str>) -> Self {
        let word = |word: Option<&str>| {
            let word = word.unwrap_or_default();
            let is_fine = word.len() <= Self::MAXIMUM && word.bytes().all(|byte| matches!(byte, b' '..=b'~'));
            if is_fine { word.to_owned() } else { "(unreadable)".to_owned() }
        };
        Self { name: word(name), version: word(version) }
    }
}

/// What cookies are to a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Cookies {
    /// Its answer can set none: it goes over a socket or a stream, or among others.
    #[default]
    CannotBeSet,
    CanBeSet,
    /// Its session came in cookies, and they can be set.
    HoldTheSession,
}

/// The surroundings of a request.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Names the request in logs, events and `INTERNAL` errors.
    pub id: String,
    /// The trace that it is part of, if the client says so.
    pub trace: Option<TraceParent>,
    pub address: Option<IpAddr>,
    pub user_agent: String,
    pub client: Client,
    pub cookies: Cookies,
    /// By what its browser shows that it has begun a sign-in elsewhere.
    pub binding: Option<SecretString>,
    /// What the request asks for by its headers; absent where it says nothing.
    pub locale: Option<Locale>,
    pub currency: Option<CurrencyCode>,
    pub country: Option<CountryCode>,
}

impl Request {
    /// The same one, in an answer to which no cookies can be set.
    #[must_use]
    pub fn without_cookies(&self) -> Self {
        Self { cookies: Cookies::CannotBeSet, ..self.clone() }
    }

    /// The id of its trace.
    pub fn trace_id(&self) -> Option<&str> {
        self.trace.as_ref().map(TraceParent::trace_id)
    }
}

/// The line behind an address. One line has as many addresses as it likes in an IPv6 network of 64 bits, which stands for
/// all of them.
pub fn line(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
    }
}

/// The network of 48 bits that a line of IPv6 is in: one customer of a provider may have all of it. None of IPv4.
pub fn network(line: IpAddr) -> Option<IpAddr> {
    match line.to_canonical() {
        IpAddr::V6(address) => Some(Ipv6Addr::from_bits(address.to_bits() >> 80 << 80).into()),
        IpAddr::V4(_) => None,
    }
}

/// Where somebody asks from, as far as it is known. Its text tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Line(IpAddr),
    /// A machine that does not name its buyer, and with it everybody for whom it asks.
    Machine(Uuid),
    /// Nothing is known: all of these are one, else nothing would bound what they do.
    Unknown,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "{line}"),
            Self::Machine(key) => write!(f, "{key}"),
            Self::Unknown => Ok(()),
        }
    }
}

impl Caller {
    /// Agora itself.
    pub fn system() -> Self {
        Self { who: Who::System, request: Arc::new(Request { id: "system".into(), ..Request::default() }) }
    }

    /// The person who asks, or in whose name it is asked.
    pub const fn signed_in(&self) -> Option<SignedIn> {
        match self.who {
            Who::Person(signed_in) | Who::Staff(signed_in, _) => Some(signed_in),
            Who::OnBehalf(OnBehalf { person, staff, .. }) => Some(SignedIn { user: person, session: staff.session }),
            Who::Guest | Who::ApiKey(_) | Who::System => None,
        }
    }

    /// The person who sits there, in whose name ever they ask.
    pub const fn in_person(&self) -> Option<SignedIn> {
        match self.who {
            Who::OnBehalf(OnBehalf { staff, .. }) => Some(staff),
            _ => self.signed_in(),
        }
    }

    /// In whose name one of the staff asks, if they do.
    pub const fn on_behalf(&self) -> Option<OnBehalf> {
        match self.who {
            Who::OnBehalf(on_behalf) => Some(on_behalf),
            _ => None,
        }
    }

    /// The machine that asks, if it is one.
    pub const fn api_key(&self) -> Option<ApiKey> {
        match self.who {
            Who::ApiKey(key) => Some(key),
            _ => None,
        }
    }

    /// The line that they are on, if it is known. A machine that does not name its buyer speaks for many.
    pub fn line(&self) -> Option<IpAddr> {
        let address = match self.who {
            Who::ApiKey(api_key) => api_key.buyer,
            _ => self.request.address,
        };
        address.map(line)
    }

    /// Their line, or what stands for it where it is not known.
    pub fn origin(&self) -> Origin {
        match (self.line(), self.who) {
            (Some(line), _) => Origin::Line(line),
            (None, Who::ApiKey(machine)) => Origin::Machine(machine.key),
            (None, _) => Origin::Unknown,
        }
    }

    /// What is wrong with this caller where somebody must be signed in, and there themself: machines cannot be.
    pub const fn not_signed_in(&self) -> Failure {
        match self.who {
            Who::ApiKey(_) | Who::OnBehalf(_) => Failure::Forbidden,
            _ => Failure::Unauthenticated(None),
        }
    }

    /// The caller's role in the market's staff.
    pub const fn staff_role(&self) -> Option<StaffRole> {
        match self.who {
            Who::Staff(_, role) => Some(role),
            Who::System => Some(StaffRole::Admin),
            Who::Guest | Who::Person(_) | Who::OnBehalf(_) | Who::ApiKey(_) => None,
        }
    }

    /// Whether the caller is of the staff and may do this.
    pub fn may(&self, permission: StaffPermission) -> bool {
        self.staff_role().is_some_and(|role| role.may(permission))
    }
}

#[cfg(test)]
mod tests {
    use super::{line, network};

    #[test]
    fn a_line_has_one_address_of_ipv4_and_a_network_of_ipv6() {
        for (address, expected) in [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::"),
            ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ] {
            assert_eq!(line(address.parse().unwrap()).to_string(), expected, "{address}");
        }
    }

    #[test]
    fn lines_of_ipv6_are_in_networks_of_48_bits() {
        for (address, expected) in [
            ("2001:db8:1:2::1", Some("2001:db8:1::")),
            ("2001:db8:1:ffff::1", Some("2001:db8:1::")),
            ("2001:db8:2:2::1", Some("2001:db8:2::")),
            ("203.0.113.7", None),
            ("::ffff:203.0.113.7", None),
        ] {
            let found = network(address.parse().unwrap()).map(|network| network.to_string());
            assert_eq!(found.as_deref(), expected, "{address}");
        }
    }
}
