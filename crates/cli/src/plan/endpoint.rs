//! Where a plan's events would go: hosts that only its author can reach, and networks in the clear.
//!
//! Part of the stage `refer`. Visitors' browsers post to the endpoint, so an address of the
//! author's own machine or network loses every event, or hands it to whatever answers there in
//! the visitor's network. Not here: the endpoint's shape (spec/plan.schema.json).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::fault::{Fault, Faults};
use super::source::Source;

/// Checks the plan's endpoint; `"development": true` allows private addresses.
pub fn check(plan: &Source, faults: &mut Faults) {
    let endpoint = plan.value["endpoint"].as_str().unwrap_or_default();
    // A path is the page's own host; what is neither, `shape` has told.
    if !endpoint.starts_with("http://") && !endpoint.starts_with("https://") {
        return;
    }
    let Ok(url) = Url::parse(endpoint) else {
        let what = "no browser could reach it".to_owned();
        let remedy = "write it as https://host/path".to_owned();
        faults.add(Fault::new(
            "plan_endpoint_unreadable",
            &plan.name,
            "/endpoint",
            what,
            remedy,
        ));
        return;
    };
    let is_private = url.host().is_some_and(|host| is_private(&host));
    let is_development = plan.value["development"] == true;
    if is_private && !is_development {
        let host = url.host_str().unwrap_or_default();
        let what = format!("{host} is an address that visitors can't reach");
        let remedy = "name the collector's public host; for a plan that stays on your own machine or network, add \"development\": true".to_owned();
        faults.add(Fault::new(
            "plan_endpoint_private",
            &plan.name,
            "/endpoint",
            what,
            remedy,
        ));
    } else if url.scheme() == "http" && !is_private {
        // Contact data, even hashed, should not cross a network in clear text.
        let what = "events would travel unencrypted".to_owned();
        let remedy = "use https outside of your own machine".to_owned();
        faults.warn(Fault::new(
            "plan_endpoint_clear",
            &plan.name,
            "/endpoint",
            what,
            remedy,
        ));
    }
}

/// As browsers read a host: `0x7f.1` and `[::ffff:10.0.0.1]` are addresses.
fn is_private(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_private_name(name),
        Host::Ipv4(address) => is_private_v4(*address),
        Host::Ipv6(address) => is_private_v6(*address),
    }
}

/// Names that no public resolver answers, by RFC 6761, 6762, 8375 and 9476, and names without a dot.
fn is_private_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let last = name.rsplit('.').next().unwrap_or(name);
    !name.contains('.')
        || name.ends_with(".home.arpa")
        || matches!(
            last,
            "localhost"
                | "local"
                | "internal"
                | "test"
                | "invalid"
                | "lan"
                | "home"
                | "corp"
                | "alt"
        )
}

/// Ranges that RFC 6890 keeps from the public internet.
fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        // Shared by carriers; benchmarks.
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (b == 18 || b == 19))
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    if let IpAddr::V4(mapped) = address.to_canonical() {
        return is_private_v4(mapped);
    }
    let [first, second, third, ..] = address.segments();
    // 6to4 carries one of the older addresses.
    let [a, b] = second.to_be_bytes();
    let [c, d] = third.to_be_bytes();
    if first == 0x2002 {
        return is_private_v4(Ipv4Addr::new(a, b, c, d));
    }
    // Only 2000::/3 is given out, and of it one range is for examples.
    first >> 13 != 1 || (first == 0x2001 && second == 0xdb8)
}

#[cfg(test)]
mod tests {
    use super::is_private;
    use url::Url;

    fn is_kept(host: &str) -> bool {
        let url = Url::parse(&format!("https://{host}/v1")).expect("test hosts are hosts");
        is_private(&url.host().expect("a host"))
    }

    #[test]
    fn addresses_of_ones_own_are_known_however_they_are_written() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "collector",
            "a.localhost",
            "printer.local",
            "db.internal",
            "nas.home.arpa",
            "[2002:7f00:1::1]",
            "[2002:c0a8:101::]",
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "192.0.2.1",
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[fd00::1]",
            "[::ffff:10.0.0.1]",
            "[::ffff:7f00:1]",
            "[2001:db8::1]",
        ] {
            assert!(is_kept(host), "{host}");
        }
    }

    #[test]
    fn public_hosts_are_no_private_ones() {
        for host in [
            "events.example.org",
            "localhost.example.org",
            "8.8.8.8",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "[2606:4700::1111]",
            "xn--bcher-kva.example",
        ] {
            assert!(!is_kept(host), "{host}");
        }
    }
}
