//! Tests of connection.

use super::*;

#[test]
fn the_id_of_a_closed_connection_does_not_match_the_next_one() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    let connection = || Connection::new(TcpStream::connect(address).expect("a socket"));
    let mut connections = Connections::default();
    let first = connections.reserve();
    connections.put(first, connection());
    let other = connections.reserve();
    connections.put(other, connection());
    assert_ne!(first, other);
    assert!(connections.take(first).is_some());
    assert!(connections.take(first).is_none(), "it is out");
    connections.free(first);
    let second = connections.reserve();
    connections.put(second, connection());
    assert_eq!(second.place, first.place);
    assert!(connections.take(first).is_none(), "an earlier one");
    assert!(
        connections
            .take(Id::from(mio::Token::from(second)))
            .is_some()
    );
    assert!(
        connections
            .take(Id {
                place: 9,
                generation: 0
            })
            .is_none()
    );
}
