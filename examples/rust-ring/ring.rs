//! A market-data feed: one thread writes ticks into a ring, another takes them out and must not wait.
//!
//!     ring [TICKS]

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

const CAPACITY: usize = 4096;
const SYMBOLS: [&str; 8] = ["ALFA", "BETA", "GAMMA", "DELTA", "KAPPA", "OMEGA", "SIGMA", "ZETA"];

/// How often each price was seen, in cents from 100.00: two pages that are empty until the first tick.
static SEEN: [AtomicU64; 1000] = [NEVER; 1000];
const NEVER: AtomicU64 = AtomicU64::new(0);
/// A price that was seen as often is no opportunity any more.
const RARE: u64 = 15;

/// One cache line, so that a full ring is 64 pages.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Tick {
    symbol: usize,
    price: f64,
    size: u32,
}

/// A ring for one writer and one reader.
struct Ring {
    slots: Box<[std::cell::UnsafeCell<Tick>]>,
    written: AtomicUsize,
    taken: AtomicUsize,
}

// One thread only ever writes a slot before `written` passes it, the other only reads after.
unsafe impl Sync for Ring {}

impl Ring {
    fn new() -> Self {
        let slots = (0..CAPACITY).map(|_| Default::default()).collect();
        Ring { slots, written: AtomicUsize::new(0), taken: AtomicUsize::new(0) }
    }

    fn push(&self, tick: Tick) -> bool {
        let at = self.written.load(Ordering::Relaxed);
        if at - self.taken.load(Ordering::Acquire) == CAPACITY {
            return false;
        }
        unsafe { *self.slots[at % CAPACITY].get() = tick };
        self.written.store(at + 1, Ordering::Release);
        true
    }

    fn pop(&self) -> Option<Tick> {
        let at = self.taken.load(Ordering::Relaxed);
        if at == self.written.load(Ordering::Acquire) {
            return None;
        }
        let tick = unsafe { *self.slots[at % CAPACITY].get() };
        self.taken.store(at + 1, Ordering::Release);
        Some(tick)
    }
}

#[derive(Default)]
struct Book {
    history: Vec<f64>,
    volume: u64,
}

/// What the strategy knows: a map that grows and a log line that is formatted, both on the hot path.
#[derive(Default)]
struct Strategy {
    books: HashMap<&'static str, Book>,
    log: String,
    orders: usize,
}

impl Strategy {
    #[inline(never)]
    fn on_tick(&mut self, tick: &Tick) {
        let book = self.books.entry(SYMBOLS[tick.symbol]).or_default();
        book.volume += u64::from(tick.size);
        book.history.push(tick.price);
        let cents = ((tick.price - 100.0) * 100.0) as usize;
        let seen = SEEN[cents % SEEN.len()].fetch_add(1, Ordering::Relaxed);
        if seen < RARE && deviates(&book.history, tick.price) {
            self.orders += 1;
            let _ = writeln!(self.log, "order {} {} at {:.2}", self.orders, SYMBOLS[tick.symbol], tick.price);
        }
    }
}

fn mean(prices: &[f64]) -> f64 {
    prices.iter().sum::<f64>() / prices.len() as f64
}

fn deviates(history: &[f64], price: f64) -> bool {
    let recent = &history[history.len().saturating_sub(32)..];
    (price - mean(recent)).abs() > 4.0
}

fn feed(ring: &Ring, ticks: usize) {
    let mut state = 2007_u64;
    for _ in 0..ticks {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let random = (state >> 33) as usize;
        let tick = Tick { symbol: random % 8, price: 100.0 + (random % 1000) as f64 / 100.0, size: 1 + random as u32 % 9 };
        while !ring.push(tick) {
            thread::yield_now();
        }
    }
}

fn main() {
    let ticks = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let ring = Ring::new();
    let mut strategy = Strategy::default();
    thread::scope(|scope| {
        thread::Builder::new().name("feed".into()).spawn_scoped(scope, || feed(&ring, ticks)).expect("a thread");
        for _ in 0..ticks {
            let tick = loop {
                match ring.pop() {
                    Some(tick) => break tick,
                    None => thread::yield_now(),
                }
            };
            strategy.on_tick(&tick);
        }
    });
    let volume: u64 = strategy.books.values().map(|book| book.volume).sum();
    println!("{ticks} ticks, {} orders, volume {volume}, {} bytes of log", strategy.orders, strategy.log.len());
}
