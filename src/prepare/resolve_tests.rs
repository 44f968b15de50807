//! Tests of resolve.

use super::*;

fn signals() -> Signals {
    Signals::install().expect("handlers")
}

#[test]
fn a_silent_resolver_is_not_waited_for() {
    let (release, waits) = mpsc::channel::<()>();
    let mute = move || {
        let _ = waits.recv();
        Ok(Vec::new())
    };
    let answer = await_thread(mute, Duration::from_millis(30), &mut signals());
    assert!(matches!(answer, Ok(Answer::TimedOut)), "{answer:?}");
    drop(release);
}

#[test]
fn answers_and_errors_are_returned() {
    let address: SocketAddr = "127.0.0.1:80".parse().expect("an address");
    let patience = Duration::from_secs(60);
    let found = await_thread(move || Ok(vec![address]), patience, &mut signals());
    assert!(matches!(found, Ok(Answer::Addresses(list)) if list == [address]));
    let refuse = || Err(io::ErrorKind::NotFound.into());
    let found = await_thread(refuse, patience, &mut signals());
    assert!(matches!(found, Ok(Answer::Error(error)) if error.kind() == io::ErrorKind::NotFound));
    let dies = || -> io::Result<Vec<SocketAddr>> { std::panic::resume_unwind(Box::new(())) };
    let found = await_thread(dies, patience, &mut signals());
    assert!(matches!(found, Ok(Answer::Error(_))), "{found:?}");
}
