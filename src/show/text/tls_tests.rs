//! Tests of tls.
