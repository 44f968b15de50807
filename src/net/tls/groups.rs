//! Key exchange groups by the names of the standards (RFC 8446 section 4.2.7).

use rustls::NamedGroup;
use rustls::crypto::SupportedKxGroup;
use rustls::crypto::aws_lc_rs::{ALL_KX_GROUPS, kx_group};

/// The groups offered without `--tls-groups`: those that every server knows, without the post-quantum
/// hybrids, whose key shares of more than a kilobyte cost both sides CPU time.
pub fn default_groups() -> Vec<NamedGroup> {
    [kx_group::X25519, kx_group::SECP256R1, kx_group::SECP384R1]
        .iter()
        .map(|group| group.name())
        .collect()
}

/// The name of a group in lower case: `x25519`.
pub fn group_name(group: NamedGroup) -> String {
    format!("{group:?}").to_ascii_lowercase()
}

/// The names of all groups that can be offered.
pub fn group_names() -> Vec<String> {
    ALL_KX_GROUPS
        .iter()
        .map(|group| group_name(group.name()))
        .collect()
}

/// The group with that name, in any case; the names of NIST's curves are known too.
pub fn group_of(name: &str) -> Option<NamedGroup> {
    let name = match name.to_ascii_lowercase().as_str() {
        "p-256" | "prime256v1" => "secp256r1".to_owned(),
        "p-384" => "secp384r1".to_owned(),
        other => other.to_owned(),
    };
    ALL_KX_GROUPS
        .iter()
        .map(|group| group.name())
        .find(|group| group_name(*group) == name)
}

/// The provider's implementations, in the order of the names.
pub(super) fn implementations(groups: &[NamedGroup]) -> Vec<&'static dyn SupportedKxGroup> {
    groups
        .iter()
        .filter_map(|name| ALL_KX_GROUPS.iter().find(|group| group.name() == *name))
        .copied()
        .collect()
}
