//! How fast anybody may ask: buckets of tokens, one for each account and one for each address.
//!
//! **Invariants:** a bucket never holds more than a minute's worth, so a rate holds over any longer time. Time counts
//! forward only. Memory is bounded: a bucket that is full again is forgotten, and where too many are not, all newcomers
//! share one. Accounts are counted only after their signature or token was checked, so nobody can use up another's.
//!
//! Buckets belong to one process: behind a balancer with three nodes an account has three of them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use ipnet::IpNet;
use seshat_protocol::AccountId;

use crate::config::Rates;

/// Buckets of one kind at most (about 5 MB).
const BUCKETS: usize = 50_000;

/// Milliseconds of a minute: how long an empty bucket takes to fill.
const MINUTE: u64 = 60 * 1000;

/// How long to wait, in seconds, before asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait(pub(crate) u64);

/// See the module.
pub(crate) struct Limits {
    accounts: Buckets<AccountId>,
    addresses: Buckets<IpAddr>,
    sign_ins: Buckets<IpAddr>,
    trusted: Vec<IpNet>,
}

impl Limits {
    pub(crate) fn new(rates: Rates, trusted: Vec<IpNet>) -> Self {
        Self {
            accounts: Buckets::new(rates.account, BUCKETS),
            addresses: Buckets::new(rates.address, BUCKETS),
            sign_ins: Buckets::new(rates.sign_in, BUCKETS),
            trusted,
        }
    }

    /// A request of an account, which is known to be of it.
    pub(crate) fn account(&self, account: AccountId, now: u64) -> Result<(), Wait> {
        self.accounts.take(account, now)
    }

    /// Any request from an address.
    pub(crate) fn address(&self, address: IpAddr, now: u64) -> Result<(), Wait> {
        self.addresses.take(household(address), now)
    }

    /// A request from an address to begin an account, to sign in, or to be let in.
    pub(crate) fn sign_in(&self, address: IpAddr, now: u64) -> Result<(), Wait> {
        self.sign_ins.take(household(address), now)
    }

    /// Who asks: the `peer`, or, if that is a trusted proxy, the last one of `forwarded` (the values of
    /// `X-Forwarded-For`, in order) that is not one. `None` is a program of this machine, which is not counted.
    pub(crate) fn client<'a>(
        &self,
        peer: IpAddr,
        forwarded: impl DoubleEndedIterator<Item = &'a str>,
    ) -> Option<IpAddr> {
        let mut client = peer.to_canonical();
        let mut named = forwarded.rev().flat_map(|value| value.rsplit(','));
        while self.trusted.iter().any(|network| network.contains(&client)) {
            // What is no address was written by somebody behind the proxy that we trust: no reason to go on.
            let Some(next) = named.next().and_then(address) else { break };
            client = next;
        }
        (!client.is_loopback()).then_some(client)
    }
}

/// An address as proxies write it: alone, with a port, or in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let plain = text.parse::<IpAddr>().ok();
    let bare = text.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(inner, _)| inner);
    let bracketed = || bare.and_then(|inner| inner.parse().ok());
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    plain.or_else(bracketed).or_else(with_port).map(|address| address.to_canonical())
}

/// A connection gets 2^64 addresses of version 6: they are one.
fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Buckets of one rate.
struct Buckets<K> {
    /// Requests a minute, and the size of a bucket; 0 is no limit.
    rate: u64,
    most: usize,
    held: Mutex<Held<K>>,
}

struct Held<K> {
    /// The latest time seen, in milliseconds.
    latest: u64,
    buckets: HashMap<K, Bucket>,
    /// For those who came when there was no room.
    rest: Bucket,
}

#[derive(Clone, Copy)]
struct Bucket {
    /// In thousandths of a request, times 60: what fills in a millisecond is `rate`.
    level: u64,
    /// When that was so.
    at: u64,
}

/// One request, in the unit of [`Bucket::level`].
const REQUEST: u64 = MINUTE;

impl<K: Eq + Hash> Buckets<K> {
    fn new(rate: u32, most: usize) -> Self {
        let rate = u64::from(rate);
        let rest = Bucket { level: rate * REQUEST, at: 0 };
        Self { rate, most, held: Mutex::new(Held { latest: 0, buckets: HashMap::new(), rest }) }
    }

    fn take(&self, key: K, now: u64) -> Result<(), Wait> {
        if self.rate == 0 {
            return Ok(());
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.latest = held.latest.max(now);
        let latest = held.latest;
        if held.buckets.len() >= self.most && !held.buckets.contains_key(&key) {
            held.buckets.retain(|_, bucket| bucket.filled(self.rate, latest) < self.full());
            if held.buckets.len() >= self.most {
                return held.rest.take(self.rate, latest);
            }
        }
        match held.buckets.entry(key) {
            Entry::Occupied(mut there) => there.get_mut().take(self.rate, latest),
            Entry::Vacant(room) => {
                let bucket = Bucket { level: self.full(), at: latest };
                room.insert(bucket).take(self.rate, latest)
            }
        }
    }

    fn full(&self) -> u64 {
        self.rate * REQUEST
    }
}

impl Bucket {
    /// How full it is by now.
    fn filled(&self, rate: u64, now: u64) -> u64 {
        let since = now.saturating_sub(self.at).min(MINUTE);
        (self.level + since * rate).min(rate * REQUEST)
    }

    fn take(&mut self, rate: u64, now: u64) -> Result<(), Wait> {
        *self = Self { level: self.filled(rate, now), at: now };
        match self.level.checked_sub(REQUEST) {
            Some(rest) => {
                self.level = rest;
                Ok(())
            }
            None => Err(Wait((REQUEST - self.level).div_ceil(rate).div_ceil(1000))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn buckets(rate: u32) -> Buckets<u32> {
        Buckets::new(rate, 4)
    }

    #[test]
    fn a_minutes_worth_goes_at_once_and_then_one_after_the_other() {
        let buckets = buckets(60);
        for _ in 0..60 {
            assert_eq!(buckets.take(1, 0), Ok(()));
        }
        assert_eq!(buckets.take(1, 0), Err(Wait(1)));
        assert_eq!(buckets.take(1, 999), Err(Wait(1)));
        assert_eq!(buckets.take(1, 1000), Ok(()), "the wait that was asked for did not do");
        assert_eq!(buckets.take(1, 1000), Err(Wait(1)));
        assert_eq!(buckets.take(2, 1000), Ok(()), "another one paid for it");
    }

    #[test]
    fn a_clock_set_back_fills_nothing_and_no_rate_is_no_limit() {
        let slow = buckets(1);
        assert_eq!(slow.take(1, MINUTE), Ok(()));
        assert_eq!(slow.take(1, 0), Err(Wait(60)));
        assert_eq!(slow.take(1, MINUTE), Err(Wait(60)), "the minute was counted twice");
        let free = buckets(0);
        assert!((0..1000).all(|_| free.take(1, 0).is_ok()));
        assert!(free.held.lock().unwrap().buckets.is_empty());
    }

    #[test]
    fn newcomers_share_a_bucket_where_there_is_no_room_until_others_are_full_again() {
        let buckets = buckets(2);
        for key in 0..4 {
            assert_eq!(buckets.take(key, 0), Ok(()));
        }
        assert_eq!([8, 9, 10].map(|key| buckets.take(key, 0).is_ok()), [true, true, false]);
        assert_eq!(buckets.held.lock().unwrap().buckets.len(), 4, "memory grows");
        assert_eq!(buckets.take(9, MINUTE), Ok(()));
        assert_eq!(buckets.held.lock().unwrap().buckets.len(), 1, "full buckets are kept");
    }

    proptest! {
        #[test]
        fn no_more_than_the_rate_and_one_bucket_ever_pass(
            rate in 1_u32..200,
            steps in prop::collection::vec(0_u64..3000, 1..400),
        ) {
            let buckets = buckets(rate);
            let (mut now, mut passed) = (0, 0_u64);
            for step in steps {
                now += step;
                match buckets.take(1, now) {
                    Ok(()) => passed += 1,
                    Err(Wait(seconds)) => {
                        prop_assert!((1..=60).contains(&seconds));
                        now += seconds * 1000;
                        prop_assert_eq!(buckets.take(1, now), Ok(()), "waited in vain");
                        passed += 1;
                    }
                }
            }
            let rate = u64::from(rate);
            prop_assert!(passed <= rate + now * rate / MINUTE);
        }
    }

    fn limits(trusted: &[&str]) -> Limits {
        let rates = Rates { account: 1, address: 1, sign_in: 1 };
        Limits::new(rates, trusted.iter().map(|network| network.parse().unwrap()).collect())
    }

    fn client(limits: &Limits, peer: &str, forwarded: &[&str]) -> String {
        let client = limits.client(peer.parse().unwrap(), forwarded.iter().copied());
        client.map_or_else(|| "here".to_owned(), |address| address.to_string())
    }

    #[test]
    fn only_a_trusted_proxy_says_who_asks() {
        let open = limits(&[]);
        assert_eq!(client(&open, "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client(&open, "127.0.0.1", &["198.51.100.1"]), "here");
        assert_eq!(client(&open, "::ffff:127.0.0.1", &[]), "here");
        let behind = limits(&["127.0.0.1/32", "10.0.0.0/8"]);
        assert_eq!(client(&behind, "127.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client(&behind, "127.0.0.1", &["1.1.1.1, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(client(&behind, "127.0.0.1", &["198.51.100.1,10.2.3.4"]), "198.51.100.1");
        assert_eq!(client(&behind, "127.0.0.1", &["198.51.100.1", "10.2.3.4"]), "198.51.100.1");
        assert_eq!(client(&behind, "10.2.3.4", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(client(&behind, "10.2.3.4", &["198.51.100.1:99"]), "198.51.100.1");
        assert_eq!(client(&behind, "10.2.3.4", &["198.51.100.1, nonsense"]), "10.2.3.4");
        assert_eq!(client(&behind, "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn the_addresses_of_one_connection_are_one() {
        let limits = limits(&[]);
        assert_eq!(limits.address("2001:db8:1:2::1".parse().unwrap(), 0), Ok(()));
        assert!(limits.address("2001:db8:1:2:ffff::2".parse().unwrap(), 0).is_err());
        assert_eq!(limits.address("2001:db8:1:3::1".parse().unwrap(), 0), Ok(()));
    }
}
