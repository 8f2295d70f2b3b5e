//! Tokens about a row: its id and a keyed hash of 256 bits, so that nothing of them is stored, and whoever asks again gets the
//! same one. What makes one good once, and for a while, is the row that it names.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use uuid::Uuid;

use super::MasterKey;
use crate::{
    kernel::id::{Entity, Id},
    platform::clock::Time,
};

/// Until when a link is good that is made now, in seconds since 1970: for its lifetime at the least, and the same for as long, so that caches
/// of clients stay as they are.
pub fn good_until(now: Time, lifetime: TimeDelta) -> i64 {
    let lifetime = lifetime.num_seconds().max(1);
    (now.timestamp() / lifetime + 2) * lifetime
}

/// For what a token is that is good until a time.
fn lasting(use_for: &str, until: i64) -> String {
    format!("{use_for} until {until}")
}

impl MasterKey {
    /// The token of a row, of letters, digits, `-` and `_`. `use_for` keeps the tokens of different uses apart.
    pub fn row_token<T: Entity>(&self, use_for: &str, id: Id<T>) -> String {
        let id = id.uuid();
        let tag = self.mac(T::PREFIX, &[use_for.as_bytes(), id.as_bytes()]);
        URL_SAFE_NO_PAD.encode([&id.as_bytes()[..], &tag].concat())
    }

    /// The row that a token is about. None if it is about another kind of row, for another use, or was not made here.
    pub fn row_of<T: Entity>(&self, use_for: &str, token: &str) -> Option<Id<T>> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (id, tag) = bytes.split_first_chunk::<16>()?;
        let is_ours = self.verifies(T::PREFIX, &[use_for.as_bytes(), id], tag);
        is_ours.then(|| Id::from_uuid(Uuid::from_bytes(*id)))
    }

    /// As [`MasterKey::row_token`], good until a time in seconds since 1970, which is to be handed back with it.
    pub fn lasting_token<T: Entity>(&self, use_for: &str, id: Id<T>, until: i64) -> String {
        self.row_token(&lasting(use_for, until), id)
    }

    /// As [`MasterKey::row_of`], of what [`MasterKey::lasting_token`] made. None, too, once its time is over.
    pub fn row_of_lasting<T: Entity>(&self, use_for: &str, (until, token): (i64, &str), now: Time) -> Option<Id<T>> {
        self.row_of(&lasting(use_for, until), token).filter(|_| now.timestamp() < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::clock::Generator;

    struct Thing;
    impl Entity for Thing {
        const PREFIX: &'static str = "thing";
    }

    struct Other;
    impl Entity for Other {
        const PREFIX: &'static str = "other";
    }

    #[test]
    fn a_token_is_good_for_one_row_and_one_use() {
        let generator = Generator::from_seed(1);
        let master = MasterKey::generate(&generator);
        let id = Id::<Thing>::from_uuid(Uuid::from_u128(7));
        let token = master.row_token("link", id);
        assert_eq!(master.row_of("link", &token), Some(id));
        assert_eq!(master.row_of::<Thing>("put", &token), None);
        assert_eq!(master.row_of::<Other>("link", &token), None);
        assert_eq!(MasterKey::generate(&generator).row_of::<Thing>("link", &token), None);
        for wrong in ["", "nonsense", &token[1..], &format!("{token}AAAA")] {
            assert_eq!(master.row_of::<Thing>("link", wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_lasts_is_good_until_its_time_and_for_no_other() {
        let master = MasterKey::generate(&Generator::from_seed(1));
        let id = Id::<Thing>::from_uuid(Uuid::from_u128(7));
        let at = |seconds| Time::from_timestamp(seconds, 0).unwrap();
        let hour = TimeDelta::hours(1);
        let until = good_until(at(7_200), hour);
        assert_eq!((until, good_until(at(10_799), hour), good_until(at(10_800), hour)), (14_400, 14_400, 18_000));
        let token = master.lasting_token("page", id, until);
        assert_eq!(token, master.row_token("page until 14400", id), "links that are out stay good");
        let found =
            |use_for: &str, until, now| master.row_of_lasting::<Thing>(use_for, (until, token.as_str()), at(now));
        assert_eq!(found("page", until, 14_399), Some(id));
        assert_eq!(found("page", until, 14_400), None);
        assert_eq!(found("page", until + 1, 14_399), None);
        assert_eq!(found("file", until, 14_399), None);
    }
}
