//! Generates a tune from a beat's data: drums at its tempo, chords and a bass line in its key. Four bars are rendered
//! once and then repeated, with parts that start and stop.

use std::f32::consts::TAU;

use dashboard_model::Beat;

use super::{SAMPLE_RATE, samples_of};

/// The number of bars to render.
const BARS: usize = 4;

/// The steps of a bar, which are sixteenth notes.
const STEPS: usize = 16;

/// The number of bars at the beginning that have only chords.
const INTRO_BARS: u64 = 4;

/// The drums pause in the last two of sixteen bars.
const BREAK_EVERY: u64 = 16;
const BREAK_BARS: u64 = 2;

/// The length of the fade at the end.
const FADE_SAMPLES: u64 = SAMPLE_RATE as u64 * 2;

/// The loudness of the drums and the harmony in the mix.
const DRUMS: f32 = 0.5;
const HARMONY: f32 = 0.4;

/// The names of the notes in semitones, with both spellings.
const NOTES: [(&str, u32); 17] = [
    ("C", 0),
    ("C#", 1),
    ("Db", 1),
    ("D", 2),
    ("D#", 3),
    ("Eb", 3),
    ("E", 4),
    ("F", 5),
    ("F#", 6),
    ("Gb", 6),
    ("G", 7),
    ("G#", 8),
    ("Ab", 8),
    ("A", 9),
    ("A#", 10),
    ("Bb", 10),
    ("B", 11),
];

/// The roots of the four chords, in semitones above the tonic, and whether each chord is minor: i VI III VII and
/// I V vi IV.
const MINOR: [(u32, bool); BARS] = [(0, true), (8, false), (3, false), (10, false)];
const MAJOR: [(u32, bool); BARS] = [(0, false), (7, false), (9, true), (5, false)];

/// A tune. It can be read from any position.
#[derive(Clone, Debug)]
pub struct Tune {
    drums: Vec<f32>,
    harmony: Vec<f32>,
    bar: u64,
    total: u64,
}

impl Tune {
    /// The tune of a beat.
    #[must_use]
    pub fn of(beat: &Beat) -> Self {
        let bpm = u64::from(beat.bpm.clamp(20, 400));
        // A bar has four quarter notes.
        let bar = u64::from(SAMPLE_RATE) * 240 / bpm;
        let length = usize::try_from(bar).unwrap_or(usize::MAX);
        let mut tune = Self {
            drums: vec![0.0; length * BARS],
            harmony: vec![0.0; length * BARS],
            bar,
            total: samples_of(beat),
        };
        tune.play_drums(length, bpm > 125);
        tune.play_harmony(length, &beat.key);
        tune
    }

    /// Writes the samples that start at `from`.
    pub fn fill(&self, from: u64, to: &mut [i16]) {
        let cycle = self.drums.len() as u64;
        for (at, sample) in (from..).zip(to) {
            let index = usize::try_from(at % cycle).unwrap_or_default();
            let bar = at / self.bar;
            let drums_play = bar >= INTRO_BARS && bar % BREAK_EVERY < BREAK_EVERY - BREAK_BARS;
            let drums = if drums_play { self.drums[index] } else { 0.0 };
            let mix = drums * DRUMS + self.harmony[index] * HARMONY;
            *sample = to_i16(mix * self.fade(at));
        }
    }

    fn fade(&self, at: u64) -> f32 {
        let left = self.total.saturating_sub(at);
        if left >= FADE_SAMPLES {
            return 1.0;
        }
        ratio(left, FADE_SAMPLES)
    }

    fn play_drums(&mut self, bar: usize, broken: bool) {
        let kicks: &[usize] = if broken { &[0, 7, 10] } else { &[0, 4, 8, 12] };
        for step in 0..STEPS * BARS {
            let at = bar * step / STEPS;
            let in_bar = step % STEPS;
            if kicks.contains(&in_bar) {
                self.kick(at);
            }
            if in_bar % 8 == 4 {
                self.noise(at, 0.5, 18.0);
            }
            if in_bar.is_multiple_of(2) {
                self.noise(at, if in_bar % 4 == 2 { 0.25 } else { 0.12 }, 90.0);
            }
        }
    }

    /// A drum with a falling pitch.
    fn kick(&mut self, at: usize) {
        let mut phase = 0.0_f32;
        for (sample, time) in strike(&mut self.drums, at, 0.25) {
            phase += (50.0 + 110.0 * (-30.0 * time).exp()) / RATE;
            *sample += (phase * TAU).sin() * (-12.0 * time).exp();
        }
    }

    /// A snare or a hat: noise that decays.
    fn noise(&mut self, at: usize, loudness: f32, decay: f32) {
        let mut state: u32 = 0x9e37_79b9;
        for (sample, time) in strike(&mut self.drums, at, 0.2) {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            #[expect(clippy::cast_precision_loss, reason = "noise")]
            let noise = (state >> 8) as f32 / 8_388_608.0 - 1.0;
            *sample += noise * loudness * (-decay * time).exp();
        }
    }

    fn play_harmony(&mut self, bar: usize, key: &str) {
        let (name, mode) = key.split_once(' ').unwrap_or((key, ""));
        let tonic = NOTES
            .iter()
            .find(|(note, _)| *note == name)
            .map_or(9, |(_, semitone)| *semitone);
        let chords = if mode == "minor" { MINOR } else { MAJOR };
        for (index, (root, minor)) in chords.into_iter().enumerate() {
            let root = tonic + root;
            let third = root + if minor { 3 } else { 4 };
            for note in [root, third, root + 7] {
                // The octave of middle C.
                self.pad(bar * index, bar, frequency(note % 12 + 60));
            }
            for step in [0, 3, 6, 8, 11, 14] {
                let at = bar * index + bar * step / STEPS;
                self.bass(at, frequency(root % 12 + 36));
            }
        }
    }

    /// A held note with one overtone, which fades in and out.
    fn pad(&mut self, at: usize, length: usize, frequency: f32) {
        let step = frequency / RATE;
        let mut phase = 0.0_f32;
        let end = (at + length).min(self.harmony.len());
        for (index, sample) in self.harmony[at..end].iter_mut().enumerate() {
            phase = (phase + step).fract();
            let share = ratio(index as u64, length as u64);
            let swell = (share * 12.0).min((1.0 - share) * 12.0).min(1.0);
            let tone = (phase * TAU).sin() + 0.3 * (phase * 2.0 * TAU).sin();
            *sample += tone * swell * 0.16;
        }
    }

    fn bass(&mut self, at: usize, frequency: f32) {
        let step = frequency / RATE;
        let mut phase = 0.0_f32;
        for (sample, time) in strike(&mut self.harmony, at, 0.3) {
            phase = (phase + step).fract();
            let tone = (phase * TAU).sin() + 0.4 * (phase * 3.0 * TAU).sin();
            let attack = (time * 200.0).min(1.0);
            *sample += tone * attack * (-7.0 * time).exp() * 0.5;
        }
    }
}

/// The sample rate as a float.
#[expect(clippy::cast_precision_loss, reason = "exact")]
const RATE: f32 = SAMPLE_RATE as f32;

/// The samples of a sound, each with its time since the start of the sound.
fn strike(track: &mut [f32], at: usize, seconds: f32) -> impl Iterator<Item = (&mut f32, f32)> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a fraction of a second"
    )]
    let length = (seconds * RATE) as usize;
    let end = (at + length).min(track.len());
    track[at..end]
        .iter_mut()
        .enumerate()
        .map(|(index, sample)| (sample, ratio(index as u64, u64::from(SAMPLE_RATE))))
}

/// The frequency of a MIDI note.
fn frequency(note: u32) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let octaves = (note as f32 - 69.0) / 12.0;
    440.0 * octaves.exp2()
}

#[expect(clippy::cast_precision_loss, reason = "a share needs no more")]
fn ratio(part: u64, whole: u64) -> f32 {
    part as f32 / whole as f32
}

/// A sample with soft clipping, so that a loud mix does not crackle.
fn to_i16(mix: f32) -> i16 {
    #[expect(clippy::cast_possible_truncation, reason = "tanh is within -1 and 1")]
    let sample = (mix.tanh() * 32_000.0) as i16;
    sample
}
