//! One connection: the head that tells its kind, the dial, the two directions, and how it ends.

use std::net::SocketAddr;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::head::kind_of;
use crate::order::{Kind, Rules};
use crate::pipe::{End, Gate, Pipe};
use crate::tally::Open;

/// How a connection began.
enum Opening {
    /// With this, and it is of this kind.
    Said(Vec<u8>, Kind),
    /// Its first bytes were swallowed.
    Swallowed,
    /// It has to be reset.
    Reset,
    /// The client has gone again.
    Gone,
}

/// Carries a connection from its accept to its end.
pub(crate) async fn serve(
    mut client: TcpStream,
    to: SocketAddr,
    rules: watch::Receiver<Rules>,
    open: Open,
) {
    // Small frames are not to wait for each other; a socket that cannot be told so does no harm.
    let _ = client.set_nodelay(true);
    let born = rules.borrow().number;
    let silent = Gate::new(rules.clone(), born, Kind::Unknown);
    let opening = tokio::select! {
        () = silent.until_reset() => Opening::Reset,
        opening = listen(&mut client, &silent) => opening,
    };
    let (head, kind) = match opening {
        Opening::Said(head, kind) => (head, kind),
        Opening::Swallowed => return starve(client, &silent).await,
        Opening::Reset => return reset(&client),
        Opening::Gone => return,
    };
    if kind == Kind::Websocket {
        open.is_websocket();
    }
    let gate = Gate::new(rules, born, kind);
    if gate.resets() {
        reset(&client);
    } else if gate.swallows() {
        starve(client, &gate).await;
    } else if let Ok(server) = TcpStream::connect(to).await {
        carry(client, server, &head, kind, &gate).await;
    } else {
        reset(&client);
    }
}

/// Waits until the client has said what it wants.
async fn listen(client: &mut TcpStream, gate: &Gate) -> Opening {
    let mut head = Vec::new();
    loop {
        if !matches!(client.read_buf(&mut head).await, Ok(1..)) {
            return Opening::Gone;
        }
        if gate.resets() {
            return Opening::Reset;
        }
        if gate.swallows() {
            return Opening::Swallowed;
        }
        match kind_of(&head) {
            Kind::Unknown => {}
            kind => return Opening::Said(head, kind),
        }
    }
}

/// Keeps a connection open whose bytes go nowhere.
async fn starve(mut client: TcpStream, gate: &Gate) {
    let mut waste = vec![0; 16 * 1024];
    let is_reset = tokio::select! {
        () = gate.until_reset() => true,
        () = async { while matches!(client.read(&mut waste).await, Ok(1..)) {} } => false,
    };
    if is_reset {
        reset(&client);
    }
}

/// Carries bytes both ways until both ends have closed, or something ends the connection.
async fn carry(mut client: TcpStream, mut server: TcpStream, head: &[u8], kind: Kind, gate: &Gate) {
    // As above.
    let _ = server.set_nodelay(true);
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let mut up = Pipe::new(gate, from_client, to_server);
    let mut down = Pipe::new(gate, from_server, to_client);
    if kind == Kind::Websocket {
        down = down.with_frames();
    }
    up.take(head);
    let ended = tokio::select! {
        () = gate.until_reset() => Err(End::Reset),
        ended = async { tokio::try_join!(up.run(), down.run()) } => ended.map(drop),
    };
    match ended {
        Ok(()) => {}
        // What has passed to the client is still to be read; a reset would take it back.
        Err(End::Cut) => reset(&server),
        Err(End::Reset) => {
            reset(&client);
            reset(&server);
        }
    }
}

/// Makes the drop of a connection a reset.
fn reset(connection: &TcpStream) {
    // Fails only for a connection that has ended already.
    let _ = connection.set_zero_linger();
}
