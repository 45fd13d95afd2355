//! Who owns a name on a bus at the moment: so that a signal is believed only from the service it claims to be from.
//!
//! **Invariant:** changes are read from the same stream as the signals, in the bus's own order, so a service that
//! starts anew is known by its new owner before its first word. Any program may send any signal straight to us;
//! only the bus itself says who owns what.

use std::collections::BTreeMap;

use zbus::blocking::Connection;
use zbus::blocking::fdo::DBusProxy;
use zbus::message::Header;
use zbus::names::BusName;
use zbus::{MatchRule, Message};

const BUS: &str = "org.freedesktop.DBus";

/// The names that are followed, and their owners.
pub(super) struct Owners {
    of: BTreeMap<&'static str, Option<String>>,
}

impl Owners {
    /// Follows `names`; whoever reads the bus's messages must have begun to.
    pub(super) fn follow(bus: &Connection, names: &[&'static str]) -> zbus::Result<Self> {
        let proxy = DBusProxy::new(bus)?;
        let mut of = BTreeMap::new();
        for name in names {
            let rule = MatchRule::builder()
                .msg_type(zbus::message::Type::Signal)
                .sender(BUS)?
                .interface(BUS)?
                .member("NameOwnerChanged")?
                .add_arg(*name)?
                .build();
            proxy.add_match_rule(rule)?;
            let owner = proxy.get_name_owner(BusName::try_from(*name)?).ok();
            of.insert(*name, owner.map(|owner| owner.to_string()));
        }
        Ok(Self { of })
    }

    /// Takes note if this is word of another owner, and says so.
    pub(super) fn heard(&mut self, message: &Message) -> bool {
        let header = message.header();
        let from_bus = header.sender().is_some_and(|sender| sender.as_str() == BUS);
        if !from_bus || member(&header) != Some("NameOwnerChanged") {
            return false;
        }
        let body = message.body();
        let Ok((name, _, new)) = body.deserialize::<(&str, &str, &str)>() else { return false };
        let Some(owner) = self.of.get_mut(name) else { return false };
        *owner = Some(new.to_owned()).filter(|new| !new.is_empty());
        true
    }

    /// Whether it comes from the owner of `name`.
    pub(super) fn sent(&self, name: &str, header: &Header<'_>) -> bool {
        let owner = self.of.get(name).and_then(Option::as_deref);
        owner.is_some() && owner == header.sender().map(|sender| sender.as_str())
    }

    /// Whether any of the names has an owner.
    pub(super) fn any(&self) -> bool {
        self.of.values().any(Option::is_some)
    }
}

/// The signal's name.
pub(super) fn member<'m>(header: &'m Header<'_>) -> Option<&'m str> {
    if header.message_type() != zbus::message::Type::Signal {
        return None;
    }
    header.member().map(|member| member.as_str())
}
