//! When to announce which text: few words, never two at once.

use std::rc::Rc;

use yew::AttrValue;
use yew::prelude::*;

/// Shortest time between two polite announcements, in milliseconds.
const POLITE_EVERY_MS: u64 = 10_000;

/// Makes an equal sentence a different text, so that it is announced again: an invisible space.
const AGAIN: char = '\u{a0}';

/// The texts of the two regions, and the text that still waits.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Speech {
    /// In the polite region.
    pub(super) polite: AttrValue,
    /// In the assertive region.
    pub(super) urgent: AttrValue,
    last_polite_ms: Option<u64>,
    waiting: Option<AttrValue>,
}

/// An input of the announcements. Times are the engine's, which nobody sets.
#[derive(Clone, Debug)]
pub(super) enum SpeechAction {
    /// To be announced politely; replaces the waiting text, which is outdated by it.
    Say(AttrValue, u64),
    /// To be announced at once.
    Alert(AttrValue),
    /// The waiting text is outdated: nothing needs to be announced.
    Drop,
    /// Time has passed.
    Tick(u64),
}

impl Speech {
    /// Whether a text waits for its time.
    pub(super) const fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    fn say(&mut self, sentence: AttrValue, now_ms: u64) {
        self.polite = anew(&self.polite, sentence);
        self.last_polite_ms = Some(now_ms);
        self.waiting = None;
    }

    fn may_say(&self, now_ms: u64) -> bool {
        self.last_polite_ms
            .is_none_or(|last_ms| now_ms.saturating_sub(last_ms) >= POLITE_EVERY_MS)
    }
}

impl Reducible for Speech {
    type Action = SpeechAction;

    fn reduce(self: Rc<Self>, action: SpeechAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            SpeechAction::Say(sentence, now_ms) if next.may_say(now_ms) => {
                next.say(sentence, now_ms)
            }
            SpeechAction::Say(sentence, _) => next.waiting = Some(sentence),
            SpeechAction::Alert(sentence) => next.urgent = anew(&next.urgent, sentence),
            SpeechAction::Drop => next.waiting = None,
            SpeechAction::Tick(now_ms) => {
                if next.may_say(now_ms)
                    && let Some(sentence) = next.waiting.take()
                {
                    next.say(sentence, now_ms);
                }
            }
        }
        Rc::new(next)
    }
}

fn anew(former: &str, sentence: AttrValue) -> AttrValue {
    if former == sentence.as_str() {
        format!("{sentence}{AGAIN}").into()
    } else {
        sentence
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(actions: impl IntoIterator<Item = SpeechAction>) -> Speech {
        let speech = actions
            .into_iter()
            .fold(Rc::new(Speech::default()), |speech, action| {
                speech.reduce(action)
            });
        (*speech).clone()
    }

    fn say(sentence: &'static str, at_ms: u64) -> SpeechAction {
        SpeechAction::Say(AttrValue::Static(sentence), at_ms)
    }

    #[test]
    fn a_second_sentence_waits_for_ten_seconds_and_the_latest_wins() {
        let actions = || [say("a", 0), say("b", 1000), say("c", 2000)];
        assert_eq!(after(actions()).polite, "a");
        let early = after(actions().into_iter().chain([SpeechAction::Tick(9999)]));
        assert_eq!(early.polite, "a");
        let due = after(actions().into_iter().chain([SpeechAction::Tick(10_000)]));
        assert_eq!(due.polite, "c");
        assert!(!due.is_waiting());
    }

    #[test]
    fn an_outdated_announcement_is_never_made() {
        let speech = after([
            say("a", 0),
            say("b", 1000),
            SpeechAction::Drop,
            SpeechAction::Tick(20_000),
        ]);
        assert_eq!(speech.polite, "a");
    }

    #[test]
    fn an_equal_sentence_is_announced_again() {
        let speech = after([say("a", 0), say("a", 10_000)]);
        assert_eq!(speech.polite, "a\u{a0}");
        let speech = after([say("a", 0), say("a", 10_000), say("a", 20_000)]);
        assert_eq!(speech.polite, "a");
    }

    #[test]
    fn an_alert_is_announced_at_once() {
        let speech = after([say("a", 0), SpeechAction::Alert("lost".into())]);
        assert_eq!(
            (speech.polite.as_str(), speech.urgent.as_str()),
            ("a", "lost")
        );
    }
}
