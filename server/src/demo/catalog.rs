//! The catalog of the demonstration, generated from word lists.

use dashboard_model::{Beat, Money, Prices};

use super::rng::Rng;

/// The number of beats in the catalog.
const BEATS: usize = 240;

const FIRST: [&str; 24] = [
    "Amber", "Copper", "Crystal", "Distant", "Electric", "Faded", "Golden", "Hollow", "Indigo",
    "Liquid", "Lunar", "Midnight", "Neon", "Northern", "Paper", "Quiet", "Scarlet", "Silver",
    "Static", "Summer", "Tidal", "Velvet", "Violet", "Winter",
];

const SECOND: [&str; 24] = [
    "Avenue",
    "Balcony",
    "Cascade",
    "Circuit",
    "Coastline",
    "Drift",
    "Echoes",
    "Engine",
    "Fireflies",
    "Garden",
    "Harbour",
    "Horizon",
    "Letters",
    "Meridian",
    "Mirage",
    "Motel",
    "Orbit",
    "Parade",
    "Rooftop",
    "Signal",
    "Skyline",
    "Thunder",
    "Tramline",
    "Voyage",
];

const ARTISTS: [&str; 18] = [
    "Juno Reyes",
    "Kofi Mensah",
    "Lowlight",
    "Mara Voss",
    "Night Ferry",
    "Otis Grey",
    "Palma Sound",
    "Quartz & Co",
    "Rika Tanaka",
    "Sable Fox",
    "The Understudy",
    "Tomas Novak",
    "Umi",
    "Vera Lund",
    "Wavelength",
    "Yara Haddad",
    "Zephyr Club",
    "404 Choir",
];

/// The genres, each with its slowest and its fastest tempo.
const GENRES: [(&str, i64, i64); 10] = [
    ("Hip-Hop", 82, 98),
    ("Trap", 132, 150),
    ("Lo-fi", 68, 86),
    ("House", 118, 126),
    ("Drum & Bass", 168, 176),
    ("R&B", 64, 94),
    ("Afrobeat", 100, 116),
    ("Synthwave", 84, 112),
    ("Reggaeton", 88, 98),
    ("Ambient", 60, 78),
];

const NOTES: [&str; 12] = [
    "C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B",
];

/// The basic prices, in cents.
const PRICES: [i64; 6] = [1499, 1999, 2499, 2999, 3499, 3999];

/// Generates the beats. Every call returns the same ones.
#[must_use]
pub fn all() -> Vec<Beat> {
    let mut rng = Rng::new(7);
    (0..BEATS).map(|index| beat(index, &mut rng)).collect()
}

fn beat(index: usize, rng: &mut Rng) -> Beat {
    let (genre, slow, fast) = *rng.pick(&GENRES);
    // Five and 24 have no common divisor, so that every title is unique.
    let first = FIRST[index % FIRST.len()];
    let second = SECOND[(index * 5 + index / FIRST.len()) % SECOND.len()];
    let minor = rng.chance(65);
    let mode = if minor { "minor" } else { "major" };
    let basic = *rng.pick(&PRICES);
    let price = |amount: i64| Money {
        amount,
        currency: "USD".to_owned(),
    };
    let prices = Prices {
        basic: price(basic),
        premium: price(basic * 2 + 1001),
        unlimited: price(basic * 6 + 5005),
    };
    Beat {
        id: format!("beat-{:04}", index + 1),
        title: format!("{first} {second}"),
        artist: (*rng.pick(&ARTISTS)).to_owned(),
        genre: genre.to_owned(),
        bpm: u32::try_from(rng.between(slow, fast)).unwrap_or(120),
        key: format!("{} {mode}", rng.pick(&NOTES)),
        duration_ms: u64::try_from(rng.between(95, 215) * 1000).unwrap_or(180_000),
        price: prices.basic.clone(),
        prices,
        plays: 200 + rng.below(600) * rng.below(400),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_catalog_is_always_the_same_and_its_titles_are_unique() {
        let beats = all();
        assert_eq!(beats, all());
        let titles: HashSet<_> = beats.iter().map(|beat| &beat.title).collect();
        assert_eq!(titles.len(), BEATS);
    }
}
