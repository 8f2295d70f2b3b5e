//! Questions with judged answers.

use std::collections::HashMap;

use super::AnyError;

/// A question, and how well goods answer it.
pub struct Question {
    pub kind: String,
    pub words: String,
    /// From 1 to 3, by SKU in upper case.
    pub grades: HashMap<String, u32>,
}

/// All of them, as `judgements.tsv` has them.
pub fn questions() -> Result<Vec<Question>, AnyError> {
    let lines = include_str!("judgements.tsv").lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let mut fields = line.split('\t');
            let (kind, words) = (fields.next().ok_or("a kind")?.into(), fields.next().ok_or("words")?.into());
            let mut grades = HashMap::new();
            for field in fields {
                let (grade, skus) = field.split_once('=').ok_or("a grade")?;
                let grade: u32 = grade.parse()?;
                grades.extend(skus.split_whitespace().map(|sku| (sku.to_owned(), grade)));
            }
            Ok(Question { kind, words, grades })
        })
        .collect()
}

impl Question {
    /// Normalised discounted cumulative gain of the first ten answers (Järvelin and Kekäläinen, 2002), the gain of a grade g
    /// being 2^g − 1.
    pub fn ndcg(&self, answers: &[String]) -> f64 {
        let grade = |sku: &String| self.grades.get(&sku.to_uppercase()).copied().unwrap_or_default();
        let mut ideal: Vec<u32> = self.grades.values().copied().collect();
        ideal.sort_unstable_by(|one, other| other.cmp(one));
        let gain = |grades: &mut dyn Iterator<Item = u32>| -> f64 {
            grades
                .take(10)
                .enumerate()
                .map(|(place, grade)| (f64::from(grade).exp2() - 1.0) / (place as f64 + 2.0).log2())
                .sum()
        };
        let best = gain(&mut ideal.into_iter());
        if best == 0.0 { 0.0 } else { gain(&mut answers.iter().map(grade)) / best }
    }

    /// One divided by the place of the first answer that is meant, or nearly; 0 if none of the first ten is.
    pub fn reciprocal_rank(&self, answers: &[String]) -> f64 {
        let is_meant = |sku: &String| self.grades.get(&sku.to_uppercase()).is_some_and(|grade| *grade >= 2);
        answers.iter().take(10).position(is_meant).map_or(0.0, |place| 1.0 / (place as f64 + 1.0))
    }
}
