//! What people of the demo market say of what they bought, and wish for.

/// A review of the demo market, by somebody who bought it there and paid.
pub struct DemoReview {
    pub author: &'static str,
    /// The SKU of what it is about.
    pub about: &'static str,
    pub rating: i32,
    pub title: &'static str,
    pub text: &'static str,
    /// Who answers for the shop, and what.
    pub reply: Option<(&'static str, &'static str)>,
}

/// All reviews, oldest first.
pub static REVIEWS: [DemoReview; 5] = [
    DemoReview {
        author: "chloe",
        about: "22834",
        rating: 5,
        title: "Warm hands all winter",
        text: "Small enough for a coat pocket, and they stay warm for the whole walk.",
        reply: None,
    },
    DemoReview {
        author: "ada",
        about: "85123A",
        rating: 5,
        title: "Lovely light",
        text: "Six of them hang in the window now. A tall candle does fit, as Nora said.",
        reply: Some(("nora", "Thank you, Ada! We are glad that all six came whole.")),
    },
    DemoReview {
        author: "ben",
        about: "22423",
        rating: 4,
        title: "Good looking, a little wobbly",
        text: "Looks like the real thing. The rod wants to be screwed in tightly.",
        reply: Some(("sam", "True: a quarter turn more, and it stands like a rock.")),
    },
    DemoReview { author: "ben", about: "22699", rating: 5, title: "", text: "", reply: None },
    DemoReview {
        author: "ada",
        about: "22726",
        rating: 3,
        title: "Loud",
        text: "Pretty and very green. It wakes the neighbours, too.",
        reply: None,
    },
];

/// A wish list that everybody sees: whose it is, its name, and SKUs with notes.
pub struct DemoWishList {
    pub owner: &'static str,
    pub name: &'static str,
    pub wishes: &'static [(&'static str, &'static str)],
}

pub static WISH_LIST: DemoWishList = DemoWishList {
    owner: "ada",
    name: "For the new kitchen",
    wishes: &[("22423", "For Sundays"), ("22960", ""), ("22699", "Two, if you like")],
};
