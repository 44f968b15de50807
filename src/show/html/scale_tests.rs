use super::*;

fn texts(scale: Scale) -> Vec<String> {
    scale.ticks().into_iter().map(|(_, text)| text).collect()
}

#[test]
fn linear_scales_end_at_a_tick() {
    let scale = Scale::up_to(0.93, Unit::Span);
    assert_eq!(
        texts(scale),
        ["0 s", "200 ms", "400 ms", "600 ms", "800 ms", "1 s"]
    );
    assert_eq!(scale.place(0.5), 0.5);
    assert_eq!((scale.place(-1.0), scale.place(9.0)), (0.0, 1.0));
    assert_eq!(texts(Scale::up_to(0.0, Unit::Number)).len(), 6);
}

#[test]
fn logarithmic_scales_have_ticks_however_narrow_they_are() {
    let wide = Scale::log(1e-6, 1.0, Unit::Span);
    assert_eq!(
        texts(wide),
        ["1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s"]
    );
    assert!((wide.place(1e-3) - 0.5).abs() < 1e-9);
    let narrow = Scale::log(0.05, 0.05, Unit::Span);
    assert!(!narrow.ticks().is_empty());
    assert!((narrow.place(0.05) - 0.5).abs() < 1e-9);
    assert_eq!(Scale::log(0.0, f64::NAN, Unit::Span).place(1.0), 1.0);
}

#[test]
fn every_nine_takes_the_same_room() {
    let scale = Scale::Nines { to: 3.0 };
    assert_eq!(texts(scale), ["50 %", "90 %", "99 %", "99.9 %"]);
    let places = [0.0, 0.9, 0.99, 0.999].map(|of| (scale.place(of) * 3.0).round());
    assert_eq!(places, [0.0, 1.0, 2.0, 3.0]);
}
