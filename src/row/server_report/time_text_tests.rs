use super::TimeText;

#[test]
fn texts_of_all_lengths_stay_as_they_are() {
    let long = "2015-01-03T00:33:40.520812+00:00[UTC], äöü".repeat(8);
    let boundaries = (0..=long.len()).filter(|at| long.is_char_boundary(*at));
    for text in boundaries.map(|at| &long[..at]) {
        let of_box = TimeText::from(Box::<str>::from(text));
        assert_eq!(&*TimeText::from(text), text);
        assert_eq!(of_box, TimeText::from(text));
        assert_eq!(format!("{of_box:?}"), format!("{text:?}"));
    }
    assert_ne!(TimeText::from("a"), TimeText::from("b"));
}
