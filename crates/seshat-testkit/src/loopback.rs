//! A listener on loopback, as all that stands between laptops and servers needs one.

use std::net::{TcpListener, TcpStream};
use std::thread;

/// Serves every connection on a thread of its own until the test ends; gives the port.
pub(crate) fn listen(serve: impl Fn(&TcpStream) + Clone + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it has an address").port();
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let serve = serve.clone();
            thread::spawn(move || serve(&connection));
        }
    });
    port
}
