//! The proxy over real sockets of the loopback interface.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fault_proxy::{Counts, Fault, Order, Proxy, Reach};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

/// A first request; its echo looks like the reply to a handshake.
const UPGRADE: &[u8] = b"GET /s HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
const PLAIN: &[u8] = b"GET /p HTTP/1.1\r\nAccept: */*\r\n\r\n";
/// A frame of text.
const FRAME: &[u8] = b"\x81\x05hello";
/// How long nothing may come before it counts as silence.
const SILENCE: Duration = Duration::from_millis(150);
/// How long something may take that has to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server that says back whatever it hears, and the proxy before it.
struct World {
    proxy: Proxy,
    heard_bytes: Arc<AtomicUsize>,
}

impl World {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let server = listener.local_addr().expect("an address");
        let heard_bytes = Arc::new(AtomicUsize::new(0));
        tokio::spawn(echo(listener, Arc::clone(&heard_bytes)));
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let proxy = Proxy::start(any, server).await.expect("a free port");
        Self { proxy, heard_bytes }
    }

    /// A connection that has said this and heard it back.
    async fn open(&self, head: &[u8]) -> TcpStream {
        let mut client = self.dial().await;
        say_and_hear(&mut client, head).await;
        client
    }

    async fn dial(&self) -> TcpStream {
        TcpStream::connect(self.proxy.address())
            .await
            .expect("the proxy listens")
    }

    async fn set(&self, fault: Fault) {
        let order = Order {
            fault,
            ..Order::default()
        };
        self.proxy.set(order).await;
    }

    fn heard_bytes(&self) -> usize {
        self.heard_bytes.load(Ordering::SeqCst)
    }
}

async fn echo(listener: TcpListener, heard_bytes: Arc<AtomicUsize>) {
    while let Ok((mut client, _)) = listener.accept().await {
        let heard_bytes = Arc::clone(&heard_bytes);
        tokio::spawn(async move {
            let mut buffer = vec![0; 4096];
            while let Ok(count @ 1..) = client.read(&mut buffer).await {
                heard_bytes.fetch_add(count, Ordering::SeqCst);
                if client.write_all(&buffer[..count]).await.is_err() {
                    return;
                }
            }
        });
    }
}

async fn say_and_hear(client: &mut TcpStream, bytes: &[u8]) {
    client
        .write_all(bytes)
        .await
        .expect("the connection stands");
    let mut heard = vec![0; bytes.len()];
    timeout(PATIENCE, client.read_exact(&mut heard))
        .await
        .expect("an answer in time")
        .expect("an answer");
    assert_eq!(heard, bytes);
}

/// Everything that still comes, and how it ends: well (`None`) or with an error.
async fn hear_to_the_end(client: &mut TcpStream) -> (Vec<u8>, Option<ErrorKind>) {
    let mut heard = Vec::new();
    let ended = timeout(PATIENCE, client.read_to_end(&mut heard))
        .await
        .expect("an end in time");
    (heard, ended.err().map(|error| error.kind()))
}

async fn assert_reset(client: &mut TcpStream) {
    let (heard, error) = hear_to_the_end(client).await;
    assert_eq!((heard.len(), error), (0, Some(ErrorKind::ConnectionReset)));
}

async fn assert_silent(client: &mut TcpStream) {
    let heard = timeout(SILENCE, client.read_u8()).await;
    assert!(heard.is_err(), "it said {heard:?}");
}

#[tokio::test]
async fn without_a_fault_bytes_and_the_end_go_through() {
    let world = World::start().await;
    let mut client = world.open(PLAIN).await;
    say_and_hear(&mut client, &[b'x'; 100_000]).await;
    client.shutdown().await.expect("the connection stands");
    assert_eq!(hear_to_the_end(&mut client).await, (Vec::new(), None));
}

#[tokio::test]
async fn refusing_resets_what_exists_and_lets_nobody_in_until_it_ends() {
    let world = World::start().await;
    let mut client = world.open(PLAIN).await;
    for _ in 0..3 {
        world.set(Fault::Refuse).await;
        assert_reset(&mut client).await;
        let refused = TcpStream::connect(world.proxy.address()).await;
        assert_eq!(
            refused.expect_err("nobody listens").kind(),
            ErrorKind::ConnectionRefused
        );
        world.set(Fault::Pass).await;
        client = world.open(PLAIN).await;
    }
}

#[tokio::test]
async fn a_black_hole_swallows_and_what_lost_a_byte_in_it_stays_dead() {
    let world = World::start().await;
    let (mut lost, mut quiet) = (world.open(UPGRADE).await, world.open(UPGRADE).await);
    let before = world.heard_bytes();
    world.set(Fault::BlackHole).await;
    let mut new = world.dial().await;
    for client in [&mut lost, &mut new] {
        client.write_all(FRAME).await.expect("it stays open");
        assert_silent(client).await;
    }
    assert_eq!(world.heard_bytes(), before);

    world.set(Fault::Pass).await;
    for client in [&mut lost, &mut new] {
        client.write_all(FRAME).await.expect("it stays open");
        assert_silent(client).await;
    }
    assert_eq!(world.heard_bytes(), before);
    say_and_hear(&mut quiet, FRAME).await;
    world.open(PLAIN).await;

    world.set(Fault::Reset).await;
    assert_reset(&mut lost).await;
}

#[tokio::test]
async fn a_reset_ends_what_exists_at_once_and_what_is_new_when_it_speaks() {
    let world = World::start().await;
    let mut existing = world.open(UPGRADE).await;
    world.set(Fault::Reset).await;
    assert_reset(&mut existing).await;
    let mut new = world.dial().await;
    assert_silent(&mut new).await;
    new.write_all(PLAIN).await.expect("it was accepted");
    assert_reset(&mut new).await;
}

#[tokio::test]
async fn latency_delays_both_directions_and_nothing_overtakes() {
    let world = World::start().await;
    let mut client = world.open(UPGRADE).await;
    let delay = Duration::from_millis(100);
    world.set(Fault::Latency(delay)).await;
    let began = Instant::now();
    client.write_all(b"first ").await.expect("it stands");
    say_after(&mut client, b"second", b"first second").await;
    assert!(began.elapsed() >= 2 * delay, "{:?}", began.elapsed());
    // What is said after the fault comes after what was said in it.
    client.write_all(b"slow ").await.expect("it stands");
    world.set(Fault::Pass).await;
    say_after(&mut client, b"fast", b"slow fast").await;
}

async fn say_after(client: &mut TcpStream, last: &[u8], all: &[u8]) {
    client.write_all(last).await.expect("it stands");
    let mut heard = vec![0; all.len()];
    timeout(PATIENCE, client.read_exact(&mut heard))
        .await
        .expect("in time")
        .expect("it stands");
    assert_eq!(heard, all);
}

#[tokio::test]
async fn a_slow_link_passes_no_more_than_its_rate() {
    let world = World::start().await;
    let mut client = world.open(PLAIN).await;
    world
        .set(Fault::Slow {
            bytes_per_s: 10_000,
        })
        .await;
    let began = Instant::now();
    say_and_hear(&mut client, &[b'x'; 5000]).await;
    // Ten shares of 500 bytes wait for each other in the first direction alone.
    assert!(began.elapsed() >= Duration::from_millis(450));
    world.set(Fault::Pass).await;
    let began = Instant::now();
    say_and_hear(&mut client, &[b'x'; 100_000]).await;
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_cut_lets_some_bytes_of_the_next_frame_through_and_ends_the_connection() {
    let world = World::start().await;
    let mut client = world.open(UPGRADE).await;
    say_and_hear(&mut client, FRAME).await;
    world.set(Fault::Cut { bytes: 4 }).await;
    let mut plain = world.open(PLAIN).await;
    say_and_hear(&mut plain, FRAME).await;
    client.write_all(FRAME).await.expect("it stands");
    assert_eq!(
        hear_to_the_end(&mut client).await,
        (FRAME[..4].to_vec(), None)
    );
}

#[tokio::test]
async fn a_fault_of_websockets_leaves_everything_else_alone() {
    let world = World::start().await;
    let (mut socket, mut plain) = (world.open(UPGRADE).await, world.open(PLAIN).await);
    for fault in [Fault::Refuse, Fault::Reset, Fault::BlackHole] {
        let order = Order {
            fault,
            websockets_only: true,
            ..Order::default()
        };
        world.proxy.set(order).await;
        say_and_hear(&mut plain, b"still there").await;
        plain = world.open(PLAIN).await;
        let mut new = world.dial().await;
        new.write_all(UPGRADE).await.expect("it was accepted");
        if fault == Fault::BlackHole {
            socket.write_all(FRAME).await.expect("it stays open");
            assert_silent(&mut socket).await;
            assert_silent(&mut new).await;
        } else {
            assert_reset(&mut socket).await;
            assert_reset(&mut new).await;
            world.set(Fault::Pass).await;
            socket = world.open(UPGRADE).await;
        }
    }
}

#[tokio::test]
async fn a_fault_of_existing_or_of_new_connections_spares_the_others() {
    let world = World::start().await;
    let order = |fault, reach| Order {
        fault,
        reach,
        websockets_only: false,
    };
    let mut existing = world.open(PLAIN).await;
    world.proxy.set(order(Fault::Refuse, Reach::New)).await;
    say_and_hear(&mut existing, b"still there").await;
    assert!(TcpStream::connect(world.proxy.address()).await.is_err());
    world.proxy.set(order(Fault::Refuse, Reach::Existing)).await;
    assert_reset(&mut existing).await;
    world.open(PLAIN).await;
}

#[tokio::test]
async fn connections_are_counted_and_end_with_the_proxy() {
    let world = World::start().await;
    let mut socket = world.open(UPGRADE).await;
    let plain = world.open(PLAIN).await;
    let counts = |accepted, open, websockets| Counts {
        accepted,
        open,
        websockets,
    };
    assert_eq!(world.proxy.counts(), counts(2, 2, 1));
    drop(plain);
    let gone = async {
        while world.proxy.counts() != counts(2, 1, 1) {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, gone).await.expect("its end is noticed");
    drop(world);
    assert_eq!(hear_to_the_end(&mut socket).await.0, b"");
}

#[test]
fn the_program_answers_each_line_and_ends_with_its_input() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_fault-proxy"))
        .args(["--to", "127.0.0.1:9"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("piped");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut next = || lines.next().expect("a line").expect("text");
    let listening = next();
    let address: SocketAddr = listening
        .strip_prefix("listening ")
        .and_then(|address| address.parse().ok())
        .expect("an address");
    let mut ask = |line: &str| {
        writeln!(input, "{line}").expect("it reads");
        next()
    };
    let client = std::net::TcpStream::connect(address);
    assert!(client.is_ok());
    while ask("counts") != "accepted 1 open 1 websockets 0" {}
    assert_eq!(ask("refuse"), "ok");
    while ask("counts") != "accepted 1 open 0 websockets 0" {}
    assert_eq!(ask("dance"), "error: a fault was expected, found \"dance\"");
    assert_eq!(ask("black-hole for 20 every 40 2"), "ok");
    assert!(std::net::TcpStream::connect(address).is_ok());
    drop(input);
    assert!(child.wait().expect("it ends").success());
}
