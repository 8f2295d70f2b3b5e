//! Tokens about a row: its id and a keyed hash of 256 bits, so that nothing of them is stored, and whoever asks again gets the
//! same one. What makes one good once, and for a while, is the row that it names.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::MasterKey;
use crate::kernel::id::{Entity, Id};

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
}
