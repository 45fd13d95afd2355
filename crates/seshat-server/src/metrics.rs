//! What the server counts, in Prometheus' text format.
//!
//! **Invariant:** nothing counted here belongs to an account, a device or an address: labels are methods, routes'
//! templates and statuses. So the number of lines is bounded whatever is asked.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use seshat_protocol::PushOutcome;

/// Upper bounds of the times counted, in milliseconds.
const TIMES: [u64; 7] = [1, 5, 25, 100, 500, 2_500, 10_000];

/// See the module.
#[derive(Default)]
pub(crate) struct Metrics {
    routes: Mutex<BTreeMap<Box<str>, Route>>,
    stored: AtomicU64,
    known: AtomicU64,
    rejected: AtomicU64,
    put_off: AtomicU64,
}

#[derive(Default)]
struct Route {
    answers: BTreeMap<(&'static str, u16), u64>,
    /// As many as took no longer than each of [`TIMES`].
    times: [u64; TIMES.len()],
    count: u64,
    micros: u64,
    bytes_in: u64,
    bytes_out: u64,
}

/// One request that was answered.
pub(crate) struct Answered<'a> {
    /// One of the known methods, or `OTHER`.
    pub(crate) method: &'static str,
    /// The route's template, or `unmatched`.
    pub(crate) route: &'a str,
    /// The HTTP status.
    pub(crate) status: u16,
    /// How long until the answer was ready.
    pub(crate) took: Duration,
    /// Bytes of the request's body, as announced.
    pub(crate) bytes_in: u64,
    /// Bytes of the answer's body, as far as that is known when it begins.
    pub(crate) bytes_out: u64,
}

/// What is so at one moment.
pub(crate) struct Now {
    /// Who listens for events.
    pub(crate) listeners: usize,
    /// Bytes of request bodies in memory.
    pub(crate) bodies: usize,
}

impl Metrics {
    /// Counts a request.
    pub(crate) fn answered(&self, answered: &Answered<'_>) {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        match routes.get_mut(answered.route) {
            Some(route) => route.count(answered),
            None => routes.entry(answered.route.into()).or_default().count(answered),
        }
    }

    /// Counts what became of records.
    pub(crate) fn pushed<'a>(&self, outcomes: impl Iterator<Item = &'a PushOutcome>) {
        for outcome in outcomes {
            let counter = match outcome {
                PushOutcome::Stored => &self.stored,
                PushOutcome::Known => &self.known,
                PushOutcome::Rejected { .. } => &self.rejected,
                PushOutcome::NoRoom { .. } | PushOutcome::Waits { .. } => &self.put_off,
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Everything, as it is read.
    pub(crate) fn text(&self, now: &Now) -> String {
        let mut text = String::with_capacity(16 * 1024);
        let version = env!("CARGO_PKG_VERSION");
        head(&mut text, "seshat_build_info", "gauge", "The server's release.");
        line(&mut text, "seshat_build_info", &format!("version=\"{version}\""), 1);
        head(&mut text, "seshat_listeners", "gauge", "Open questions for events.");
        line(&mut text, "seshat_listeners", "", now.listeners as u64);
        head(&mut text, "seshat_bodies_bytes", "gauge", "Request bodies in memory.");
        line(&mut text, "seshat_bodies_bytes", "", now.bodies as u64);
        self.records(&mut text);
        self.requests(&mut text);
        text
    }

    fn records(&self, text: &mut String) {
        head(text, "seshat_records_total", "counter", "Records sent, by what became of them.");
        let counters = [
            ("stored", &self.stored),
            ("known", &self.known),
            ("rejected", &self.rejected),
            ("put_off", &self.put_off),
        ];
        for (outcome, counter) in counters {
            let label = format!("outcome=\"{outcome}\"");
            line(text, "seshat_records_total", &label, counter.load(Ordering::Relaxed));
        }
    }

    fn requests(&self, text: &mut String) {
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        head(text, "seshat_requests_total", "counter", "Requests answered.");
        for (name, route) in routes.iter() {
            for ((method, status), count) in &route.answers {
                let labels = format!("method=\"{method}\",route=\"{name}\",status=\"{status}\"");
                line(text, "seshat_requests_total", &labels, *count);
            }
        }
        let name = "seshat_request_bytes_total";
        head(text, name, "counter", "Bytes of request bodies, as announced.");
        for (route, counted) in routes.iter() {
            line(text, name, &format!("route=\"{route}\""), counted.bytes_in);
        }
        let name = "seshat_response_bytes_total";
        head(text, name, "counter", "Bytes of answers of known length.");
        for (route, counted) in routes.iter() {
            line(text, name, &format!("route=\"{route}\""), counted.bytes_out);
        }
        head(text, "seshat_request_seconds", "histogram", "Time until the answer was ready.");
        for (name, route) in routes.iter() {
            for (count, bound) in route.times.iter().zip(TIMES) {
                let label = format!("route=\"{name}\",le=\"{}\"", seconds(bound * 1000));
                line(text, "seshat_request_seconds_bucket", &label, *count);
            }
            let label = format!("route=\"{name}\"");
            let every = format!("{label},le=\"+Inf\"");
            line(text, "seshat_request_seconds_bucket", &every, route.count);
            let sum = seconds(route.micros);
            // Writing to a string cannot fail.
            let _never = writeln!(text, "seshat_request_seconds_sum{{{label}}} {sum}");
            line(text, "seshat_request_seconds_count", &label, route.count);
        }
    }
}

impl Route {
    fn count(&mut self, answered: &Answered<'_>) {
        let micros = u64::try_from(answered.took.as_micros()).unwrap_or(u64::MAX);
        *self.answers.entry((answered.method, answered.status)).or_default() += 1;
        for (count, bound) in self.times.iter_mut().zip(TIMES) {
            *count += u64::from(micros <= bound * 1000);
        }
        self.count += 1;
        self.micros = self.micros.wrapping_add(micros);
        self.bytes_in = self.bytes_in.wrapping_add(answered.bytes_in);
        self.bytes_out = self.bytes_out.wrapping_add(answered.bytes_out);
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _never = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
}

fn line(text: &mut String, name: &str, labels: &str, value: u64) {
    let _never = match labels {
        "" => writeln!(text, "{name} {value}"),
        _ => writeln!(text, "{name}{{{labels}}} {value}"),
    };
}

/// Microseconds as a decimal number of seconds.
fn seconds(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(metrics: &Metrics, status: u16, millis: u64) {
        metrics.answered(&Answered {
            method: "GET",
            route: "/v1/changes",
            status,
            took: Duration::from_millis(millis),
            bytes_in: 1,
            bytes_out: 10,
        });
    }

    #[test]
    fn every_line_is_one_that_prometheus_reads_and_the_counts_add_up() {
        let metrics = Metrics::default();
        for millis in [0, 3, 30, 700, 20_000] {
            answered(&metrics, 200, millis);
        }
        answered(&metrics, 401, 1);
        metrics.pushed([PushOutcome::Stored, PushOutcome::Stored, PushOutcome::Known].iter());
        let text = metrics.text(&Now { listeners: 3, bodies: 4 });
        for expected in [
            "seshat_listeners 3",
            "seshat_bodies_bytes 4",
            "seshat_records_total{outcome=\"stored\"} 2",
            "seshat_requests_total{method=\"GET\",route=\"/v1/changes\",status=\"200\"} 5",
            "seshat_requests_total{method=\"GET\",route=\"/v1/changes\",status=\"401\"} 1",
            "seshat_request_bytes_total{route=\"/v1/changes\"} 6",
            "seshat_response_bytes_total{route=\"/v1/changes\"} 60",
            "seshat_request_seconds_bucket{route=\"/v1/changes\",le=\"0.001\"} 2",
            "seshat_request_seconds_bucket{route=\"/v1/changes\",le=\"2.5\"} 5",
            "seshat_request_seconds_bucket{route=\"/v1/changes\",le=\"10\"} 5",
            "seshat_request_seconds_bucket{route=\"/v1/changes\",le=\"+Inf\"} 6",
            "seshat_request_seconds_sum{route=\"/v1/changes\"} 20.734",
            "seshat_request_seconds_count{route=\"/v1/changes\"} 6",
        ] {
            assert!(text.lines().any(|line| line == expected), "{expected} is not in\n{text}");
        }
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
            assert!(name.starts_with("seshat_"), "{line}");
        }
    }
}
