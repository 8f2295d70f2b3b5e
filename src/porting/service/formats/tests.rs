//! What is written is read again, whatever the format.

mod stretches;

use proptest::prelude::*;

use super::*;
use crate::{
    porting::model::{ImageRecord, VariantRecord},
    products::model::ProductStatus,
};

const CURRENCY: CurrencyCode = CurrencyCode::GBP;

/// Everything that stands in a file of this text.
fn read(format: Format, text: &[u8]) -> Vec<Read> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, text).unwrap();
    let input = Input::open(&path, 1).unwrap();
    let mut records = Records::open(&input, format, CURRENCY).unwrap();
    std::iter::from_fn(|| records.read().unwrap()).collect()
}

fn written(format: Format, records: &[ProductRecord]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(format, CURRENCY, &mut bytes).unwrap();
    for record in records {
        writer.write(record).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

fn faults(reads: &[Read]) -> Vec<&Said> {
    reads
        .iter()
        .flat_map(|read| &read.rows)
        .map(|row| &row.said)
        .filter(|said| matches!(said, Said::Fault(_)))
        .collect()
}

/// A text of one line without white space at its ends.
fn line() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9äß☕,;\"'\\\\=<>&|-]([a-zA-Z0-9äß☕ ,;\"'\\\\=<>&|-]{0,18}[a-zA-Z0-9äß☕,;\"'\\\\=<>&|-])?"
}

fn path() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-z&]{1,8}( [a-z]{1,8})?", 0..4)
}

fn distinct(least: usize, most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set("[a-z0-9]{1,8}", least..=most).prop_map(|set| set.into_iter().collect())
}

fn variant(sku: String, values: Vec<String>, is_titled: bool) -> impl Strategy<Value = VariantRecord> {
    let barcode = prop::option::of("[0-9]{8}");
    let weight = prop::option::of(1..100_000_i32);
    let price = (0..10_000_000_i64, prop::option::of(1..1_000_i64));
    (line(), price, 0..1_000_i32, barcode, weight).prop_map(move |(title, (price, saved), quantity, barcode, grams)| {
        VariantRecord {
            sku: sku.clone(),
            title: Some(if is_titled { title } else { String::new() }),
            price: Some(price),
            compare_at: Some(saved.map(|saved| price + saved)),
            quantity: Some(quantity),
            barcode: Some(barcode),
            weight_grams: Some(grams),
            values: values.clone(),
            image: None,
        }
    })
}

/// A product of which everything is said, with options or with titles of its variants.
fn record() -> impl Strategy<Value = ProductRecord> {
    let variants = (distinct(0, 3), distinct(1, 5), prop::collection::vec("[a-z]{1,6}", 15)).prop_flat_map(
        |(names, skus, values)| {
            let of_variant = |place: usize| -> Vec<String> {
                let value = |number| format!("{}{place}{number}", values[(place * 3 + number) % values.len()]);
                (0..names.len()).map(value).collect()
            };
            let rows: Vec<_> = skus
                .iter()
                .enumerate()
                .map(|(place, sku)| variant(sku.clone(), of_variant(place), names.is_empty()))
                .collect();
            (Just(names), rows)
        },
    );
    let image = ("https://[a-z]{1,9}\\.example/[a-z0-9]{1,9}\\.jpg", prop_oneof![Just(String::new()), line()])
        .prop_map(|(url, alternative_text)| ImageRecord { url, alternative_text });
    let images = prop::collection::vec(image, 0..7);
    let description = prop::collection::vec(line(), 0..4).prop_map(|lines| lines.join("\n"));
    let attributes = prop::collection::btree_map("[a-z]{1,8}", line(), 0..3);
    let face = (
        line(),
        description,
        prop_oneof![Just(String::new()), line()],
        prop::collection::btree_set("[a-z,\\\\]{0,4}[a-z]", 0..4),
    );
    let rest = (
        path(),
        prop::sample::select(vec![ProductStatus::Draft, ProductStatus::Active, ProductStatus::Archived]),
        attributes,
    );
    ("[a-z]{1,9}", face, rest, images, variants).prop_map(
        |(
            handle,
            (title, description, brand, tags),
            (category, status, attributes),
            mut images,
            (options, variants),
        )| {
            images.sort_by(|one, other| one.url.cmp(&other.url));
            images.dedup_by(|one, other| one.url == other.url);
            ProductRecord {
                handle: Some(handle),
                title: Some(title),
                description: Some(description),
                brand: Some(brand),
                tags: Some(tags.into_iter().collect()),
                category: Some(category),
                status: Some(status),
                kind: Some("thing".into()),
                attributes: Some(attributes.into_iter().collect()),
                options: Some(options),
                images,
                variants,
            }
        },
    )
}

/// What Shopify's format can hold of a record.
fn as_shopify_holds(mut record: ProductRecord) -> ProductRecord {
    record.kind = None;
    record.attributes = None;
    let text = html::to_text(&html::from_text(&record.description.unwrap_or_default()));
    record.description = Some(text);
    let tags = write::joined_tags(&record.tags.unwrap_or_default());
    record.tags = Some(tags.split(", ").filter(|tag| !tag.is_empty()).map(Into::into).collect());
    for variant in &mut record.variants {
        variant.title = None;
    }
    record
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn our_formats_hold_everything(record in record()) {
        for format in [Format::Csv, Format::Jsonl] {
            let text = written(format, std::slice::from_ref(&record));
            let reads = read(format, &text);
            prop_assert_eq!(faults(&reads), Vec::<&Said>::new());
            let records: Vec<ProductRecord> = reads.into_iter().map(|read| read.record).collect();
            prop_assert_eq!(&records, std::slice::from_ref(&record), "{}", String::from_utf8_lossy(&text));
            prop_assert_eq!(written(format, &records), text);
        }
    }

    #[test]
    fn shopifys_format_holds_what_it_can(record in record()) {
        let text = written(Format::ShopifyCsv, std::slice::from_ref(&record));
        let reads = read(Format::ShopifyCsv, &text);
        prop_assert_eq!(faults(&reads), Vec::<&Said>::new());
        let records: Vec<ProductRecord> = reads.into_iter().map(|read| read.record).collect();
        prop_assert_eq!(written(Format::ShopifyCsv, &records), text.clone());
        if !record.options.as_deref().unwrap_or_default().is_empty() {
            prop_assert_eq!(records, [as_shopify_holds(record)], "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn whatever_stands_in_a_file_ends_the_reading(text in "(sku,title,product,tags\n)?[\\PC\n\",]{0,200}") {
        for format in [Format::Csv, Format::Jsonl] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("file");
            std::fs::write(&path, &text).unwrap();
            let input = Input::open(&path, 1).unwrap();
            if let Ok(mut records) = Records::open(&input, format, CURRENCY) {
                while let Ok(Some(_)) = records.read() {}
            }
        }
    }
}

fn fixture(name: &str) -> Vec<Read> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    read(Format::Csv, &std::fs::read(path).unwrap())
}

#[test]
fn an_export_of_shopify_reads_as_its_shop_means_it() {
    let reads = fixture("shopify-products.csv");
    let handles: Vec<_> = reads.iter().map(|read| read.record.handle.clone().unwrap()).collect();
    assert_eq!(
        handles,
        [
            "classic-tee",
            "enamel-mug",
            "beeswax-candle",
            "winter-scarf",
            "old-cap",
            "next-season",
            "no-price",
            "twins",
            "gift-card"
        ]
    );
    let tee = &reads[0].record;
    assert_eq!(tee.title.as_deref(), Some("Classic \"Harbour\" Tee 👕"));
    assert_eq!(
        tee.description.as_deref(),
        Some(
            "Soft organic cotton, made in Portugal.\n\n- 180 g/m²\n- Fits true to size & shrinks < 3 %\n\nWash at 30°. Care"
        )
    );
    assert_eq!(tee.tags.as_deref().unwrap(), ["organic", "summer", "unisex"]);
    assert_eq!(tee.category.as_deref().unwrap(), ["Apparel & Accessories", "Clothing", "Shirts & Tops"]);
    assert_eq!(tee.options.as_deref().unwrap(), ["Size", "Colour"]);
    assert_eq!((tee.variants.len(), tee.images.len()), (6, 3));
    let last = &tee.variants[5];
    assert_eq!((last.sku.as_str(), last.price, last.quantity), ("TEE-L-WH", Some(2_490), Some(12)));
    assert_eq!(last.compare_at, Some(Some(2_990)));
    assert_eq!((&last.barcode, last.weight_grams), (&Some(Some("401234500005".into())), Some(Some(180))));
    assert_eq!(last.values, ["L", "White"]);
    assert!(last.image.as_ref().unwrap().ends_with("tee-white.jpg?v=1612345679"));
    let mug = &reads[1].record;
    let texts: Vec<_> = mug.images.iter().map(|image| image.alternative_text.as_str()).collect();
    assert_eq!(texts, ["Mug", "From above ☕", "From the side"], "by their positions");
    assert_eq!((mug.options.as_deref(), mug.category.as_deref().unwrap()), (Some(&[][..]), &["Mugs".to_owned()][..]));
    assert_eq!((mug.variants[0].weight_grams, mug.variants[0].quantity), (Some(Some(213)), Some(0)));
    assert_eq!((mug.variants[0].price, mug.variants[0].compare_at), (Some(1_400), Some(None)), "compared with itself");
    let candle = &reads[2].record;
    let skus: Vec<_> = candle.variants.iter().map(|variant| variant.sku.as_str()).collect();
    assert_eq!(skus, ["beeswax-candle/10 cm", "beeswax-candle/20 cm"]);
    assert_eq!(candle.description.as_deref(), Some("Burns for 40 hours.\n\nHand-poured.\nEach one differs."));
    let status = |place: usize| reads[place].record.status.unwrap();
    assert_eq!(
        [status(3), status(4), status(5)],
        [ProductStatus::Draft, ProductStatus::Archived, ProductStatus::Draft]
    );
    assert_eq!(reads[5].record.variants[0].sku, "0042");
    let faults: Vec<String> = faults(&reads).into_iter().map(|said| format!("{said:?}")).collect();
    assert_eq!(
        faults,
        [
            "Fault(\"the SKU stands in an earlier row of the product\")",
            "Fault(\"gift cards are money and no goods\")",
            "Fault(\"gift cards are money and no goods\")",
        ]
    );
}

#[test]
fn a_newer_export_is_read_by_its_other_names() {
    let reads = fixture("shopify-products-2025.csv");
    let towel = &reads[0].record;
    assert_eq!(
        (reads.len(), towel.handle.as_deref(), towel.title.as_deref()),
        (1, Some("tea-towel"), Some("Tea towel"))
    );
    assert_eq!((towel.options.as_deref().unwrap(), towel.variants.len()), (&["Pattern".to_owned()][..], 2));
    let compared: Vec<_> = towel.variants.iter().map(|variant| variant.compare_at).collect();
    assert_eq!(compared, [Some(Some(1_300)), Some(None)]);
    assert_eq!((towel.variants[1].price, towel.variants[1].weight_grams), (Some(1_100), Some(Some(95))));
    assert_eq!(towel.status, Some(ProductStatus::Active));
}

/// The rows' titles, or why they were not taken.
fn told(reads: &[Read]) -> Vec<String> {
    let row = |row: &Row| match &row.said {
        Said::Fault(reason) => format!("{}: {reason}", row.number),
        said => format!("{}: {said:?}", row.number),
    };
    reads.iter().flat_map(|read| &read.rows).map(row).collect()
}

#[test]
fn later_rows_of_a_product_have_what_the_first_one_says() {
    let text = "sku,title,price,quantity,product,status\nA-1,Mug,2.5,,mug,draft\nA-2,,3,7,mug,\nA-3,Cup,3,7,mug,\n\
                A-1,,3,7,mug,\nB,,3,7,,\n";
    let reads = read(Format::Csv, text.as_bytes());
    assert_eq!(
        told(&reads),
        [
            "2: Variant",
            "3: Variant",
            "4: the product's first row says otherwise",
            "5: the SKU stands in an earlier row of the product",
            "6: Variant"
        ]
    );
    let mug = &reads[0].record;
    assert_eq!((mug.title.as_deref(), mug.status, mug.variants.len()), (Some("Mug"), Some(ProductStatus::Draft), 2));
    assert_eq!((mug.variants[0].price, mug.variants[1].quantity), (Some(250), Some(7)));
    assert_eq!((&mug.description, &mug.options, &mug.tags), (&None, &None, &None), "what has no column is not said");
    assert_eq!((&reads[1].record.handle, &reads[1].record.title), (&None, &None));
}

#[test]
fn what_cannot_be_taken_has_a_reason() {
    for (columns, row, reason) in [
        ("sku,price", ",1", "sku: a text is missing"),
        ("sku,price", "A,1.234", "price: no amount in GBP from zero on"),
        ("sku,price", "A,-1", "price: no amount in GBP from zero on"),
        ("sku,compare_at_price", "A,x", "compare_at_price: no amount in GBP from zero on"),
        ("sku,price,compare_at_price", "A,2,2.00", "compare_at_price: not more than the price"),
        ("sku,quantity", "A,-1", "quantity: no whole number from 0 to 1000000"),
        ("sku,status", "A,gone", "status: none of DRAFT, ACTIVE and ARCHIVED"),
        ("sku,currency", "A,EUR", "currency: not the shop's"),
        ("sku,weight_grams", "A,1.5", "weight_grams: no whole number of grams up to a tonne"),
        ("sku,attributes", "A,cloth", "attributes: each line is HANDLE=VALUE"),
        ("sku,images", "A,ftp://a.example/1.jpg", "images: no URL of an image"),
        ("sku,option1_name,option2_name", "A,Size,size", "options.1: another one has this name already"),
        ("sku,price", "A", "not as many cells as columns"),
    ] {
        assert_eq!(told(&read(Format::Csv, format!("{columns}\n{row}\n").as_bytes())), [format!("2: {reason}")]);
    }
}

#[test]
fn a_product_of_very_many_rows_is_several_records_of_one_handle() {
    let mut text = String::from("sku,title,product\n");
    for number in 0..=MAXIMUM_ROWS {
        text.push_str(&format!("S{number},{},many\n", if number == 0 { "Many" } else { "" }));
    }
    let reads = read(Format::Csv, text.as_bytes());
    assert_eq!(reads.iter().map(|read| read.rows.len()).collect::<Vec<_>>(), [MAXIMUM_ROWS, 1]);
    assert!(reads.iter().all(|read| read.record.title.as_deref() == Some("Many")));
}

#[test]
fn a_csv_without_the_columns_of_any_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.csv");
    for (header, format) in [
        ("title,price", Format::Csv),
        ("sku,sku", Format::Csv),
        ("sku,colour", Format::Csv),
        ("sku,title", Format::ShopifyCsv),
        ("", Format::Csv),
    ] {
        std::fs::write(&path, header).unwrap();
        let input = Input::open(&path, 1).unwrap();
        let opened = Records::open(&input, format, CURRENCY).map(|_| ());
        assert!(matches!(opened, Err(FileError::Columns { .. })), "{header}");
    }
}
